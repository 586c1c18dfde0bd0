"""No log holds anything of the mail, nor of what was asked for: routes, ids and kinds of errors alone."""

import json
import logging
import socket
import sys
from urllib.parse import quote

import pytest
from django.db import OperationalError

from mtm.logs import JsonFormatter, RouteFilter
from snapshots.errors import SourceDamaged
from snapshots.types import Folder, message_id
from tests.faults.stage import ANNA, Person, standing

CANARY = "canarino"
SUBJECT, FOLDER, FILE, WORD = (f"{CANARY}-{word}" for word in ("oggetto", "cartella", "allegato.pdf", "cercato"))


@pytest.fixture
def record():
    """Give a function that formats as our handler does."""

    def formatted(error, text="Error handling request %s %s", name="gunicorn.error", args=("GET", f"/{CANARY}?q=1")):
        try:
            raise error
        except type(error):
            made = logging.LogRecord(name, logging.ERROR, __file__, 1, text, args, sys.exc_info())
        RouteFilter().filter(made)
        return JsonFormatter().format(made)

    return formatted


@pytest.mark.parametrize(
    "error",
    [
        SourceDamaged(account=f"{CANARY}@example.com", folder=CANARY, guid=CANARY),
        FileNotFoundError(2, "No such file or directory", f".{CANARY}"),
        ValueError(CANARY),
    ],
)
def test_error_is_told_by_its_kind_and_place_alone(record, error):
    line = record(error)

    assert CANARY not in line
    assert type(error).__name__ in line
    assert "test_logs.py" in json.loads(line)["traceback"]


def test_what_the_database_lacks_is_told(record):
    assert "database or disk is full" in record(OperationalError("database or disk is full"))


def test_cause_of_an_error_is_told_too(record):
    error = SourceDamaged(folder=CANARY)
    error.__cause__ = OSError(5, "Input/output error", CANARY)

    line = record(error)

    assert "OSError: EIO" in line
    assert CANARY not in line


def test_line_that_is_no_request_is_not_repeated(record):
    line = record(ValueError(), "Invalid request from ip=127.0.0.1: Invalid HTTP request line: '%s'", args=(CANARY,))

    assert json.loads(line)["text"] == "Invalid request"


def test_site_that_is_used_and_misused_logs_nothing_of_the_mail(tmp_path, capfd):
    with standing(tmp_path, before=mail_with_canaries) as stage:
        use(stage.anna)
        misuse(stage)

    lines = [line for stream in capfd.readouterr() for line in stream.splitlines()]
    assert [line for line in lines if CANARY in line or ANNA.split("@")[0] in line or "/messages/" in line] == []
    assert [line for line in lines if not is_json(line)] == []
    assert {json.loads(line).get("route") for line in lines} >= {"webmail:eml", "webmail:search", "webmail:login"}


def mail_with_canaries(mailbox):
    night = mailbox.night(max(mailbox.by_day))
    night.message(SUBJECT, folder=FOLDER, text=WORD, attachments=[(FILE, "application/pdf", b"%PDF-1.4")])


def use(anna: Person) -> None:
    """Open everything there is of the message with canaries, and search for it."""
    folder = anna.night.folders[FOLDER]
    message = message_id(folder.placements[-1].message.guid, 0)
    one = f"/{anna.day}/messages/{message}/"
    views = ("body/", "text/", "headers/", "source/", "message.eml", f"parts/2/{FILE}", f"parts/9/{FILE}")
    for path in (f"/{anna.day}/{Folder(FOLDER).id}/{message}/", *(one + view for view in views)):
        anna.get(path)
    anna.get(f"/search/?q={WORD}")
    anna.get(f"/{anna.day}/inbox/?q={WORD}&next={quote(one)}")
    anna.visitor.send(f"/{anna.day}/download/", f"/{anna.day}/", message=[message, CANARY], format="eml")
    anna.visitor.log_in(f"{CANARY}@example.com", CANARY)


def misuse(stage):
    """Ask for what is not there, in ways that are not HTTP."""
    stage.carla.get(f"/{CANARY}/?{CANARY}={CANARY}")
    stage.carla.get(f"/login/?next=/{CANARY}/")
    port = int(stage.url.rpartition(":")[2])
    for request in (
        f"GET /{CANARY} HTTP/9.9\r\n\r\n",
        f"{CANARY}\r\n\r\n",
        f"GET /login/ HTTP/1.1\r\nHost: {CANARY}\r\n\r\n",
        f"GET /login/ HTTP/1.1\r\n{CANARY} : x\r\n\r\n",
        f"GET /{CANARY * 2000} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        f"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(request.encode())
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1 << 16)


def is_json(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
