"""Notices of restores: who is told of what, once, and what happens where a server does not take them."""

import json
from contextlib import nullcontext
from datetime import timedelta
from urllib.error import URLError

import pytest
from django.core import mail
from django.utils import timezone

from access.models import milliseconds
from restores import notices, requests, states
from restores.models import State, StateChange
from restores.states import By
from tests.restores.conftest import BOB, asked
from tests.served import ALICE

pytestmark = pytest.mark.django_db

HOOK = "https://tickets.example.com/hook"


@pytest.fixture
def outbox(settings, monkeypatch):
    """The mail that goes out."""
    settings.MTM_NOTICE_FROM = "assistenza@example.com"
    monkeypatch.setattr("access.mail.get_connection", lambda *arguments, **options: mail.get_connection())
    return mail.outbox


@pytest.fixture
def called(monkeypatch):
    """What is posted to webhooks."""
    posted = []

    def post(request, timeout):
        posted.append(request)
        return nullcontext()

    monkeypatch.setattr(notices, "urlopen", post)
    return posted


def test_owner_is_told_of_every_state_once_in_their_language(outbox):
    restore = asked()
    requests.take_on(restore, BOB)

    for _ in range(2):
        notices.send_all()

    assert [(each.to, each.subject) for each in outbox] == [
        ([ALICE], f"Ripristino {restore.reference}: Ricevuta"),
        ([ALICE], f"Ripristino {restore.reference}: Presa in carico"),
    ]
    assert f"/restores/{restore.reference}/" in outbox[0].body


def test_refusal_tells_why(outbox):
    requests.refuse(asked(), BOB, reason="La casella non è sua")

    notices.send_all()

    assert "Motivo: La casella non è sua" in outbox[-1].body


def test_support_is_told_of_new_requests_alone(outbox, settings):
    settings.MTM_RESTORE_NOTIFY = "coda@example.com"
    requests.take_on(asked(), BOB)

    notices.send_all()

    assert [each.to[0] for each in outbox] == ["coda@example.com", ALICE, ALICE]


def test_webhook_is_told_whose_which_night_and_until_when(called, settings):
    settings.MTM_RESTORE_NOTIFY = HOOK
    restore = asked()

    notices.send_all()

    [request] = called
    told = json.loads(request.data)
    assert request.full_url == HOOK
    assert (told["reference"], told["address"], told["expires"]) == (restore.reference, ALICE, "2026-11-27")


def test_what_its_owner_does_alone_is_told_when_it_is_over(outbox, settings):
    settings.MTM_RESTORE_NOTIFY = "coda@example.com"
    restore = asked(is_self_service=True)
    states.change(restore, State.RUNNING, By())
    states.change(restore, State.DONE, By())

    notices.send_all()

    assert [(each.to, each.subject) for each in outbox] == [([ALICE], f"Ripristino {restore.reference}: Completata")]


def test_notice_that_was_not_taken_is_sent_the_next_time(outbox, called, settings, monkeypatch):
    settings.MTM_RESTORE_NOTIFY = HOOK
    asked()

    with monkeypatch.context() as broken:
        broken.setattr(notices, "urlopen", unreachable)
        notices.send_all()
    before = len(outbox)
    notices.send_all()

    assert (before, len(outbox), len(called)) == (0, 1, 1)


def test_notice_nobody_takes_for_a_day_is_given_up(settings, monkeypatch):
    settings.MTM_RESTORE_NOTIFY = HOOK
    asked()
    StateChange.objects.update(at_ms=milliseconds(timezone.now() - timedelta(days=2)))
    monkeypatch.setattr(notices, "urlopen", unreachable)

    notices.send_all()

    assert not StateChange.objects.filter(told_at_ms=None).exists()


def unreachable(*arguments, **options):
    raise URLError("refused")
