import os
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import date
from itertools import takewhile
from pathlib import Path

import pytest

from demo import site
from demo.__main__ import main
from demo.ports import answers, free_port
from demo.provider import fingerprint
from tests.scale import needs_evidence

ROOT = Path(__file__).resolve().parents[2]

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    directory = tmp_path_factory.mktemp("demo") / "made"
    site.prepare(directory, TODAY)
    return directory


def test_second_start_of_a_day_makes_nothing_anew(made):
    before = fingerprint(made)

    made_anew = site.prepare(made, TODAY)

    assert not made_anew
    assert fingerprint(made) == before


def test_next_day_tells_the_story_anew(tmp_path):
    site.prepare(tmp_path / "made", TODAY)

    made_anew = site.prepare(tmp_path / "made", date(2026, 11, 23))

    assert made_anew
    assert (tmp_path / "made/provider/mail/.snapshot/nightly.2026-11-23_0000").is_dir()


def test_secret_key_is_for_its_owner_only(made):
    assert (made / "secret-key").stat().st_mode & 0o777 == 0o600
    assert len((made / "secret-key").read_text()) >= 50


def test_site_is_told_where_everything_is(made):
    settings = site.environment(made, imap_url="imap://127.0.0.1:20143")

    assert settings["MTM_SNAPSHOT_PATH"].startswith(f"{made}/provider/mail/.snapshot/")
    assert settings["MTM_IMAP_URL"] == "imap://127.0.0.1:20143"
    assert settings["MTM_SECRET_KEY_FILE"] == f"{made}/secret-key"


def test_taken_port_is_told_before_anything_starts(tmp_path, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr(sys, "argv", ["demo", "--port", str(port), "--directory", str(tmp_path)])

        status = main()

    assert status == 1
    assert f"port {port} is taken" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=needs_evidence)])
def test_demo_says_how_to_come_in_and_ends_when_told(tmp_path, number):
    port = free_port()
    command = [sys.executable, "-m", "demo", "--port", str(port), "--directory", str(tmp_path)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MTM_", "DJANGO_"))}

    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        said = list(takewhile(lambda line: line != "Password: lotto-tre\n", demo.stdout or ()))
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/login/").read()
        demo.send_signal(number)
        demo.communicate(timeout=30)

    assert f"Address:  http://127.0.0.1:{port}/\n" in said
    assert "Email:    giulia@studiorossi.example\n" in said
    assert b"password" in page
    assert demo.returncode == 0
    assert not answers(port)
