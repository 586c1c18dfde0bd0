"""What keeps operators, owners and nobody apart, on every URL there is."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from access import operators
from access.models import Action, AuditRecord, Grant, Result
from tests.crawl import visit
from tests.routes import IDS, closed_routes, console_routes, open_routes
from tests.running_site import TOKEN
from tests.served import sign_in
from tests.staff import open_mailbox, operator, sign_in_operator
from tests.support.conftest import ALICE, CHARLIE
from tests.webmail.conftest import DAY, SECRETS, Ids, ids_of
from webmail.models import Preference

pytestmark = pytest.mark.database

INVENTED = Ids("f-AAAAAAAAAAAA", "AAAAAAAAAAAA")
CLOCK = re.compile(r'data-seconds-left="\d+"')
HTMX = {"HX-Request": "true", "HX-Target": "view"}


def form(values):
    return {"message": values["message"], "format": "eml", "address": ALICE, "day": DAY.isoformat(), "folder": "x"}


def ask(client, routes, values):
    """Open every URL by GET, and send every one that takes a form its form."""
    return [visit(client, route.name, route.url(values), form(values)) for route in routes]


def bare(answers):
    """Return the pages without their forms' token, which is masked anew each time, and without the grant's clock."""
    return [CLOCK.sub("", TOKEN.sub("", answer.content.decode())) for answer in answers]


@pytest.fixture
def own(db, two_mailboxes):
    return ids_of(sign_in(Client()))


@pytest.fixture
def foreign(charlie, two_mailboxes):
    return ids_of(charlie, SECRETS)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_nobody_is_sent_to_the_console_s_login(own, client, headers):
    answers = [client.get(route.url(own.values), headers=headers) for route in console_routes()]

    places = {answer.get("HX-Redirect", answer.get("Location")).partition("?")[0] for answer in answers}
    assert places == {"/support/login/"}


def test_console_is_not_there_for_an_owner(reader, own):
    answers = ask(reader, console_routes(), own.values)

    assert {answer.status for answer in answers} == {404}
    assert not Grant.objects.exists()


def test_operator_has_no_texts_made_searchable(with_grant):
    assert with_grant.post("/search/text/").status_code == 404


@pytest.mark.parametrize("is_superuser", [False, True])
def test_password_without_second_factor_opens_nothing(own, is_superuser):
    person = User.objects.create_user("eva", is_superuser=is_superuser, is_staff=is_superuser)
    client = Client(raise_request_exception=False)
    client.force_login(person, backend=operators.BACKEND)

    console = ask(client, console_routes(), own.values)
    mail = ask(client, closed_routes(), own.values)

    assert {answer.response["Location"].partition("?")[0] for answer in console} == {"/support/login/"}
    assert {answer.response["Location"].partition("?")[0] for answer in mail} == {"/login/"}
    assert not Grant.objects.exists()


def test_second_factor_of_another_opens_nothing(own, user):
    other = operator("dario")
    client = sign_in_operator(Client(), other)
    session = client.session
    session["otp_device_id"] = user.totpdevice_set.get().persistent_id
    session.save()

    assert client.get("/support/")["Location"].startswith("/support/login/")


def test_operator_whose_help_was_taken_away_is_nobody(with_grant, user, own):
    user.user_permissions.clear()

    answers = ask(with_grant, [*console_routes(), *closed_routes()], own.values)

    assert {answer.status for answer in answers} == {302}


def test_operator_without_a_grant_reads_nothing(bob, own):
    answers = ask(bob, closed_routes(), own.values)

    assert {answer.status for answer in answers} == {404}
    assert len(set(bare(answers))) == 1


@pytest.mark.parametrize("state", ["expired", "revoked"])
def test_grant_that_is_over_reads_nothing(with_grant, own, state):
    Grant.objects.update(**{"expired": {"expires_at_ms": 1}, "revoked": {"ended_at_ms": 1}}[state])

    answers = ask(with_grant, closed_routes(), own.values)
    asked_by_htmx = [with_grant.get(route.url(own.values), headers=HTMX) for route in closed_routes()]

    assert {answer.status for answer in answers} == {404}
    assert {answer.status_code for answer in asked_by_htmx} == {404}
    assert all(b"Contratto" not in answer.content for answer in answers)


def test_mailbox_of_another_is_not_there_under_a_grant(with_grant, own, foreign):
    matrix = [route for route in closed_routes() if route.parameters & IDS or route.name == "webmail:download"]

    answers = ask(with_grant, matrix, foreign.values)
    never = ask(with_grant, matrix, INVENTED.values)

    assert {answer.status for answer in answers} == {404}
    assert bare(answers) == bare(never)
    assert all(b"Di nessun altro" not in answer.content for answer in answers)


def test_three_mailboxes_stay_apart_for_operators_too(two_mailboxes, own, foreign):
    charlie_s = sign_in_operator(Client(raise_request_exception=False), operator("dario"))
    open_mailbox(charlie_s, CHARLIE, DAY)
    matrix = [route for route in closed_routes() if route.parameters & IDS]

    assert {answer.status for answer in ask(charlie_s, matrix, foreign.values)} == {200}
    assert {answer.status for answer in ask(charlie_s, matrix, own.values)} == {404}


def test_nothing_is_changed_under_a_grant(with_grant):
    refused = [with_grant.post(url) for url in (f"/{DAY}/folders/", "/accesses/", f"/{DAY}/")]

    assert {answer.status_code for answer in refused} == {404}


def test_owner_s_own_page_is_no_operator_s(with_grant):
    assert with_grant.get("/accesses/").status_code == 404
    assert with_grant.get("/accesses/accesses.csv").status_code == 404


def test_grant_of_one_night_opens_no_page_over_all_of_them(with_grant):
    assert with_grant.get("/search/?q=contratto").status_code == 404
    assert with_grant.get(f"/{DAY}/gone/").status_code == 404
    assert b"/search/" not in with_grant.get(f"/{DAY}/").content


@pytest.fixture
def only_reads(db, two_mailboxes):
    """Another operator, who may not download, in Alice's mailbox."""
    client = sign_in_operator(Client(raise_request_exception=False), operator("dario", "audit"))
    open_mailbox(client, ALICE, DAY)
    return client


def test_download_takes_a_permission_of_its_own(only_reads, own):
    names = {"webmail:eml", "webmail:part", "webmail:attachments", "webmail:download"}
    taking = [route for route in closed_routes() if route.name in names]

    answers = ask(only_reads, taking, own.values)

    refused = AuditRecord.objects.filter(action=Action.DOWNLOAD, result=Result.REFUSED, actor="dario")
    assert {answer.status for answer in answers} == {404}
    assert refused.count() == len(taking) == 4
    assert not AuditRecord.objects.filter(action=Action.DOWNLOAD, result=Result.OK).exists()


def test_page_offers_no_download_where_it_is_not_allowed(only_reads, with_grant, own):
    place = f"/{DAY}/{own.folder}/{own.message}/"

    assert b"message.eml" in with_grant.get(place).content
    assert b"message.eml" not in only_reads.get(place).content
    assert b"/parts/" not in only_reads.get(place).content


def test_operator_s_preferences_are_not_the_owner_s(with_grant):
    with_grant.post("/preferences/", {"theme": "dark"})

    assert 'data-theme="dark"' in with_grant.get("/preferences/").content.decode()
    assert not Preference.objects.exists()


def test_django_s_admin_is_not_the_console(settings):
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


def test_every_route_is_for_somebody():
    names = {route.name for route in [*open_routes(), *closed_routes(), *console_routes()]}

    assert len(names) == len(open_routes()) + len(closed_routes()) + len(console_routes())
