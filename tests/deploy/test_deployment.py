"""deploy/ as it is shipped: its services as plain processes, read from outside through nginx with TLS."""

import re
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from demo.ports import LOOPBACK
from tests.deploy.composed import CONTAINER
from tests.dovecot import PASSWORD
from tests.house_rules import ROOT
from tests.running_site import real_today
from tests.scale import needs_evidence

pytestmark = needs_evidence

PATIENCE_SECONDS = 60
YESTERDAY = (real_today() - timedelta(days=1)).isoformat()
MESSAGE = re.compile(r'name="message" value="([^"]+)"')
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
REFERENCE = re.compile(r"R-\d{4}-\d+")
LOG_LINE = re.compile(
    r"[0-9T:+-]+ 127\.0\.0\.1 (GET|POST|HEAD) HTTP/[0-9.]+ \d{3} \d+ [0-9.]+s upstream=[0-9.-]+s id=([0-9A-F]{8}|-)"
)


@pytest.fixture
def reader(deployment):
    """A browser in which Anna has logged in, through nginx."""
    visitor = deployment.visitor()
    answer = visitor.log_in(deployment.mailbox.address, PASSWORD)
    assert answer.status == 200, answer.content.decode()
    return visitor


def workers(process):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True)
    return set(listed.stdout.split())


def eventually(asked):
    """Wait until what is asked is true."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not asked():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.1)


def test_a_message_is_read_and_taken_home(deployment, reader):
    page = reader.get(f"/{YESTERDAY}/inbox/").content.decode()
    [message] = set(MESSAGE.findall(page))

    source = reader.get(f"/{YESTERDAY}/messages/{message}/message.eml")

    assert "Segretissimo" in page
    assert "Segretissimo" in reader.get(f"/{YESTERDAY}/inbox/{message}/").content.decode()
    assert source.status == 200
    [lost] = (deployment.mailbox.night(YESTERDAY).path / "cur").iterdir()
    assert source.content.replace(b"\r\n", b"\n") == lost.read_bytes().replace(b"\r\n", b"\n")


def test_a_download_comes_through_nginx_whole(reader):
    [message] = set(MESSAGE.findall(reader.get(f"/{YESTERDAY}/inbox/").content.decode()))

    archive = reader.send(f"/{YESTERDAY}/download/", f"/{YESTERDAY}/inbox/", message=message, format="maildir")

    assert archive.status == 200
    assert archive.content.startswith(b"PK")


def test_a_restore_is_asked_for_and_run_by_the_worker_alone(deployment, reader):
    [message] = set(MESSAGE.findall(reader.get(f"/{YESTERDAY}/inbox/").content.decode()))
    chosen = reader.send(f"/restores/new/messages/?day={YESTERDAY}", f"/{YESTERDAY}/inbox/", message=message)
    confirm = f"/restores/new/?day={YESTERDAY}&what=messages&step=confirm"
    fields = dict(FIELD.findall(reader.get(confirm).content.decode()))

    asked = reader.send("/restores/new/request/", confirm, **fields).content.decode()
    [reference] = set(REFERENCE.findall(asked))
    # The worker has planned it when its plan can be shown, and nobody is at work on it.
    eventually(lambda: "1 to add" in deployment.manage("restore", "show", reference))
    said = deployment.manage("restore", "run", reference, service="worker")

    assert chosen.status == 200
    assert f"{reference}: done, 1 added" in said
    [restored] = (deployment.live_maildir / "cur").iterdir()
    assert b"Segretissimo" in restored.read_bytes()


def test_logs_hold_no_address_no_path_and_no_search(deployment, reader):
    reader.get("/search/?q=Segretissimo")
    [message] = set(MESSAGE.findall(reader.get(f"/{YESTERDAY}/inbox/").content.decode()))

    logs = deployment.nginx.access_log + deployment.nginx.error_log + deployment.log("web")

    assert all(LOG_LINE.fullmatch(line) for line in deployment.nginx.access_log.splitlines())
    for secret in (deployment.mailbox.address, "anna", "Segretissimo", message, PASSWORD, "/inbox/", "?q=", YESTERDAY):
        assert secret not in logs


def test_an_id_leads_from_nginx_to_the_application(deployment, reader):
    ids = {line.rpartition("id=")[2] for line in deployment.nginx.access_log.splitlines()} - {"-"}

    assert ids
    assert all(f'"id": "{each}"' in deployment.log("web") for each in ids)


def test_a_reload_takes_new_processes_and_ends_no_request(deployment, reader):
    web = deployment.processes["web"]
    before = workers(web)

    web.send_signal(signal.SIGHUP)

    statuses = []

    def others_answer():
        statuses.append(reader.get(f"/{YESTERDAY}/").status)
        return not workers(web) & before

    eventually(others_answer)
    assert set(statuses) == {200}


def test_the_container_counts_as_healthy(deployment):
    command = [sys.executable, str(CONTAINER / "healthy.py")]
    environment = deployment.here.environment("web")

    there = subprocess.run([*command, deployment.here.here("/run/mtm/web.sock")], env=environment)
    gone = subprocess.run([*command, str(deployment.directory / "none")], env=environment, capture_output=True)

    assert there.returncode == 0
    assert gone.returncode != 0


def test_the_web_server_refuses_the_master_of_the_live_server(deployment):
    environment = deployment.here.environment("web") | {"MTM_IMAP_MASTER": "somebody:secret"}
    command = [sys.executable, "-c", "import mtm.wsgi"]

    started = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)

    assert started.returncode != 0
    assert "give it to `manage.py worker`" in started.stderr


def test_only_the_socket_leads_to_the_web_server(deployment):
    listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True).stdout

    assert f"pid={deployment.processes['web'].pid}," not in listening
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(deployment.here.here("/run/mtm/web.sock"))


def test_configuration_is_clean_for_deployment(deployment):
    assert "no issues" in deployment.manage("check", "--deploy", "--fail-level", "WARNING", service="web")


def test_plain_http_is_sent_to_tls(deployment):
    with socket.create_connection((LOOPBACK, deployment.nginx.plain_port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(b"GET /2026-11-20/ HTTP/1.0\r\nHost: nights.example.com\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 308")
    assert b"Location: https://nights.example.com/2026-11-20/" in answer
