"""“Who looked at your copies”: the owner's own logins and downloads, and everything support did."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from access import audit
from access.models import Action
from access.readers import Owner
from snapshots.accounts import parse_address
from tests.served import ALICE, CHARLIE, sign_in
from tests.staff import REASON, open_mailbox, operator, sign_in_operator
from tests.webmail.conftest import DAY, ids_of

ITALIAN = {"accept-language": "it"}


@pytest.fixture
def bob(db, two_mailboxes):
    """An operator who opened a folder's list, two messages and downloaded one, and is done."""
    client = sign_in_operator(Client(), operator())
    open_mailbox(client, ALICE, DAY)
    own = ids_of(client)
    client.get(f"/{DAY}/")
    client.get(f"/{DAY}/{own.folder}/{own.message}/")
    client.get(f"/{DAY}/messages/{own.message}/message.eml").getvalue()
    return client


def lines(client, query=""):
    return client.get(f"/accesses/{query}", headers=ITALIAN).context["lines"]


def test_owner_sees_when_who_why_and_what(reader, bob):
    line = lines(reader)[0]

    assert line.who == "Assistenza"
    assert line.what == "Ha guardato la copia di sabato 21 novembre 2026"
    assert (line.reason, line.ticket) == (REASON, "4812")
    assert line.details == [
        "In corso adesso",
        "Elenchi di messaggi: Ricevuti, 1 altra cartella",
        "1 messaggio aperto",
        "1 messaggio scaricato",
    ]


def test_two_openings_are_two_entries_at_once(reader, bob):
    bob.post("/support/grants/end/")
    open_mailbox(bob, ALICE, DAY)
    bob.post("/support/grants/end/")

    looks = [line for line in lines(reader) if line.ticket]
    assert len(looks) == 2
    assert all(line.details[0].startswith("Terminato alle ") for line in looks)


def test_grant_that_ran_out_says_when(bob, monkeypatch):
    later = timezone.now() + timedelta(minutes=31)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    assert lines(sign_in(Client()))[0].details[0].startswith("Terminato alle ")


def test_name_is_shown_where_the_provider_wants_it(reader, bob, settings):
    settings.MTM_SUPPORT_NAMES = True

    assert lines(reader)[0].who == "Assistenza: bob"


def test_own_logins_and_downloads_are_there(reader, two_mailboxes):
    alice = Owner(parse_address(ALICE))
    audit.record(None, Action.LOGIN, actor=alice)
    audit.record(None, Action.DOWNLOAD, actor=alice, day=DAY, count=3, details={"format": "mbox"})

    told = [(line.who, line.what, line.details) for line in lines(reader)]

    assert told == [
        ("Tu", "Scaricati 3 messaggi della copia di sabato 21 novembre 2026", ["Formato: MBOX"]),
        ("Tu", "Accesso", []),
    ]


def test_console_s_look_ups_are_there(reader, db, two_mailboxes):
    sign_in_operator(Client(), operator()).get(f"/support/account/?address={ALICE}")

    assert lines(reader)[0].what.startswith("Ha cercato la tua casella")


def test_support_alone_can_be_shown(reader, bob):
    audit.record(None, Action.LOGIN, actor=Owner(parse_address(ALICE)))

    assert [line.is_support for line in lines(reader)] == [False, True]
    assert [line.is_support for line in lines(reader, "?only=support")] == [True]


def test_nobody_sees_another_s(bob, two_mailboxes):
    charlie = sign_in(Client(), CHARLIE)

    assert lines(charlie) == []
    assert REASON not in charlie.get("/accesses/accesses.csv").content.decode()


def test_predecessor_s_accesses_stay_theirs(db, two_mailboxes, bob):
    account = parse_address(ALICE)
    audit.record(None, Action.LOGIN, actor=Owner(account, frozenset({"before"})), objects=["before"])
    audit.record(None, Action.LOGIN, actor=Owner(account, frozenset({"now"})), objects=["now"])
    now, before = (sign_in(Client(), guids=frozenset({guid})) for guid in ("now", "before"))

    page = now.get("/accesses/", headers=ITALIAN)
    assert [line.what for line in page.context["lines"]] == ["Accesso"]
    assert "un’altra casella" in page.content.decode()
    assert REASON not in now.get("/accesses/accesses.csv").content.decode()
    assert [line.what for line in lines(before)] == []


def test_one_look_up_is_one_entry(reader, db, two_mailboxes):
    client = sign_in_operator(Client(), operator())
    for _ in range(3):
        client.get(f"/support/account/?address={ALICE}")

    assert len(lines(reader)) == 1


def test_csv_holds_the_same(reader, bob):
    response = reader.get("/accesses/accesses.csv", headers=ITALIAN)

    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response["Content-Disposition"] == 'attachment; filename="accesses.csv"'
    assert rows[0]["Motivo"] == REASON
    assert rows[0]["Ticket"] == "4812"


def test_csv_holds_no_formula(reader, db, two_mailboxes):
    client = sign_in_operator(Client(), operator())
    form = {"address": ALICE, "day": str(DAY), "reason": '=HYPERLINK("x";"y")'}
    client.post("/support/account/unlock-night/", form)

    content = reader.get("/accesses/accesses.csv").content.decode()

    assert "'=HYPERLINK" in content
