import socket
import sys
from datetime import date

import pytest

from demo import __main__ as demo
from demo import site
from demo.provider import fingerprint

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
    monkeypatch.setattr(demo, "DIRECTORY", tmp_path / ".demo")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr(sys, "argv", ["demo", "--port", str(port)])

        status = demo.main()

    assert status == 1
    assert f"port {port} is taken" in capsys.readouterr().err
    assert not (tmp_path / ".demo" / "made").exists()
