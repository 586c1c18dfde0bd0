"""Want of room, descriptors or memory is a pause: said so, with a time to come back, and no fault of ours."""

import errno

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError

from access.sessions import SEEN
from snapshots.types import message_id
from tests.served import ALICE

NIGHT = "2026-11-20"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_want_is_told_as_a_pause(stranger, db, monkeypatch, number):
    monkeypatch.setattr("webmail.views.login.platform_days", failing(OSError(number, "want")))

    answer = stranger.get("/login/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Riprova tra poco" in answer.content.decode()


def test_want_of_memory_is_told_as_a_pause(stranger, db, monkeypatch):
    monkeypatch.setattr("webmail.views.login.platform_days", failing(MemoryError()))

    assert stranger.get("/login/").status_code == 503


def test_reader_reads_on_while_it_cannot_be_noted_that_they_are_there(reader, provider, site, monkeypatch):
    provider.mailbox(ALICE).night(NIGHT).message("Preventivo")
    site(provider)
    session = reader.session
    session[SEEN] -= 120_000
    session.save()
    monkeypatch.setattr(Session, "save", failing(OperationalError("database or disk is full")))

    answer = reader.get(f"/{NIGHT}/inbox/")

    assert answer.status_code == 200
    assert "Preventivo" in answer.content.decode()


def test_choice_that_cannot_be_kept_is_told_as_a_pause(reader, provider, site, settings, monkeypatch):
    settings.MTM_RESTORE = "request"
    night = provider.mailbox(ALICE).night(NIGHT)
    chosen = message_id(night.message("Preventivo").guid, 0)
    site(provider)
    monkeypatch.setattr(Session, "save", failing(OperationalError("database or disk is full")))

    answer = reader.post(f"/restores/new/messages/?day={NIGHT}", {"message": chosen})

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_any_other_error_of_a_file_is_a_fault(stranger, db, monkeypatch):
    monkeypatch.setattr("webmail.views.login.platform_days", failing(OSError(errno.EPERM, "no")))

    assert stranger.get("/login/").status_code == 500


@pytest.mark.parametrize("error", [RuntimeError("no"), MemoryError()])
def test_who_met_a_fault_can_try_the_same_page_again(stranger, db, monkeypatch, error):
    monkeypatch.setattr("webmail.views.login.platform_days", failing(error))

    page = stranger.get("/login/?next=/search/?q%3Dlotto").content.decode()

    assert 'button--primary" href="/login/?next=/search/?q%3Dlotto">Riprova<' in page


def test_what_was_sent_is_not_offered_to_be_sent_again(stranger, db, monkeypatch):
    monkeypatch.setattr("webmail.views.login.platform_days", failing(RuntimeError("no")))

    page = stranger.post("/login/", {"email": "", "password": ""}).content.decode()

    assert "button--primary" not in page


def failing(error):
    def fail(*args, **kwargs):
        raise error

    return fail
