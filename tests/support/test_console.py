"""The console: an account by its whole address, its nights and folders, its logins; and what is said when."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from access.models import Action, AuditRecord, LoginAttempt, Unlock, milliseconds
from tests.served import sign_in
from tests.staff import REASON, open_mailbox, operator, sign_in_operator, wish
from tests.support.conftest import ALICE
from tests.webmail.conftest import DAY

PLACE = f"/support/account/?address={ALICE}"
UNLOCK = {"address": ALICE, "day": DAY.isoformat()}


def rows_of(action: Action):
    return AuditRecord.objects.filter(action=action)


def test_account_shows_nights_folders_and_counts(bob, two_mailboxes):
    page = bob.get(PLACE)

    assert page.context["folders"][-1] == ("Clienti", "1")
    assert [night.iso for night in page.context["nights"] if night.can_open] == [DAY.isoformat()]
    assert b"Contratto" not in page.content


def test_look_up_is_on_record_for_the_owner_to_see(bob, two_mailboxes):
    bob.get(PLACE)

    assert rows_of(Action.LOOK_UP).get().account == ALICE


def test_address_must_be_whole(bob, two_mailboxes):
    response = bob.get("/support/account/?address=alice")

    assert response.status_code == 422
    assert not rows_of(Action.LOOK_UP).exists()


def test_nothing_lists_customers(bob, two_mailboxes):
    assert b"@example.com" not in bob.get("/support/").content


def test_address_of_nobody_has_no_nights(bob, two_mailboxes):
    page = bob.get("/support/account/?address=nobody@example.com")

    assert page.status_code == 200
    assert not any(night.can_open for night in page.context["nights"])


def test_silent_storage_is_told(bob, settings, site, provider):
    response = bob.get(PLACE)

    assert response.status_code == 200
    assert response.context["storage_is_silent"]


def test_mailbox_gone_from_the_live_server_opens_all_the_same(bob, two_mailboxes, settings):
    settings.MTM_IMAP_URL = "imap://127.0.0.1:1"

    open_mailbox(bob, ALICE, DAY)

    assert bob.get(f"/{DAY}/").status_code == 200


@pytest.fixture
def locked(db, two_mailboxes):
    """Alice, of whom the live server tells another mailbox than that night's."""
    return sign_in(Client(raise_request_exception=False), guids=frozenset({"another"}))


def test_locked_night_opens_once_it_is_unlocked(bob, locked):
    before = locked.get(f"/{DAY}/").status_code

    bob.post("/support/account/unlock-night/", UNLOCK | {"reason": REASON})

    assert (before, locked.get(f"/{DAY}/").status_code) == (403, 200)
    row = rows_of(Action.UNLOCK).get()
    assert (row.actor, row.account, row.day, row.details) == ("bob", ALICE, DAY, {"reason": REASON})


def test_unlocking_takes_a_reason(bob, locked):
    response = bob.post("/support/account/unlock-night/", UNLOCK | {"reason": "perché sì"})

    assert response.status_code == 422
    assert not Unlock.objects.exists()
    assert locked.get(f"/{DAY}/").status_code == 403


def test_unlocked_night_is_that_account_s_alone(bob, locked):
    bob.post("/support/account/unlock-night/", UNLOCK | {"reason": REASON, "address": "charlie@example.com"})

    assert locked.get(f"/{DAY}/").status_code == 403


def test_throttled_owner_is_let_in_again(bob, two_mailboxes):
    for _ in range(6):
        LoginAttempt.objects.create(account=ALICE, client="203.0.113.7", at_ms=milliseconds(timezone.now()))
    shown = bob.get(PLACE).context["attempts"]

    bob.post("/support/account/unlock-login/", {"address": ALICE})

    assert (shown.failures, shown.is_delayed) == (6, True)
    assert not LoginAttempt.objects.exists()
    assert rows_of(Action.UNLOCK_LOGIN).get().account == ALICE


def test_reading_the_audit_log_takes_a_permission_and_is_on_record(bob, two_mailboxes):
    auditor = sign_in_operator(Client(), operator("dora", "audit"))

    assert bob.get("/support/audit/").status_code == 404
    assert auditor.get("/support/audit/").status_code == 200
    assert rows_of(Action.AUDIT_READ).get().actor == "dora"


def test_administrator_sees_the_mailboxes_open_now(with_grant):
    admin = sign_in_operator(Client(), operator("dora", "admin"))

    assert REASON in admin.get("/support/").content.decode()
    assert REASON not in sign_in_operator(Client(), operator("dario")).get("/support/").content.decode()


@pytest.mark.parametrize("url", [f"/{DAY}/", "/support/", PLACE, "/nowhere/"])
def test_every_page_says_that_support_is_in_a_mailbox(with_grant, url):
    page = with_grant.get(url, headers={"accept-language": "it"}).content.decode()

    assert "<title>[ASSISTENZA] " in page
    assert "stai consultando la casella di alice@example.com come bob." in page
    assert "Ticket 4812." in page
    assert "Scade tra 30 minuti." in page


def test_swapped_title_says_it_too(with_grant):
    headers = {"HX-Request": "true", "HX-Target": "view", "accept-language": "it"}

    assert with_grant.get(f"/{DAY}/", headers=headers).content.decode().startswith("<title>[ASSISTENZA] ")


def test_pages_of_owners_say_nothing_of_it(reader, two_mailboxes):
    assert b"grant-banner" not in reader.get(f"/{DAY}/").content


def test_owner_is_told_while_support_looks(reader, with_grant):
    shown = reader.get(f"/{DAY}/", headers={"accept-language": "it"}).content.decode()
    with_grant.post("/support/grants/end/")

    assert "L’assistenza sta consultando una tua copia (ticket 4812)." in shown
    assert "4812" not in reader.get(f"/{DAY}/").content.decode()


def test_owner_gets_a_notice_where_the_provider_wants_it(bob, two_mailboxes, settings, monkeypatch):
    settings.MTM_NOTICE_FROM = "assistenza@example.com"
    monkeypatch.setattr("access.mail.get_connection", lambda *arguments, **options: mail.get_connection())

    open_mailbox(bob, ALICE, DAY)

    notice = mail.outbox[0]
    assert (notice.to, notice.from_email) == ([ALICE], "assistenza@example.com")
    assert REASON in notice.body
    assert "http://testserver/accesses/" in notice.body


def test_notice_that_cannot_be_sent_stops_nothing(bob, two_mailboxes, settings):
    settings.MTM_NOTICE_FROM = "assistenza@example.com"
    settings.MTM_SMTP_URL = "smtp://127.0.0.1:1"

    assert bob.post("/support/grants/", wish(ALICE, DAY)).status_code == 302


def test_refused_wish_comes_back_as_it_was_typed(bob, two_mailboxes):
    page = bob.post("/support/grants/", wish(ALICE, DAY, ticket="")).content.decode()

    assert REASON in page
    assert 'role="alert"' in page
