"""Nobody sees what is not theirs, whatever URL they type."""

import pytest
from django.test import Client

from access.models import AuditRecord
from access.sessions import BEGAN, SEEN
from tests.crawl import visit
from tests.routes import IDS, closed_routes, open_routes, routes
from tests.running_site import TOKEN
from tests.served import sign_in
from tests.webmail.conftest import DAY, SECRETS, Ids, ids_of

HOUR_MS = 3_600_000
DOWNLOAD = "webmail:download"
FORMS = {DOWNLOAD, "webmail:show_images"}


@pytest.fixture
def own(reader, two_mailboxes):
    return ids_of(reader)


@pytest.fixture
def foreign(charlie, two_mailboxes):
    return ids_of(charlie, SECRETS)


def get_all(client, values, *, given=IDS):
    """Open every URL that takes one of the ids given."""
    matrix = [route for route in closed_routes() if route.parameters & given or route.name == DOWNLOAD]
    return [visit(client, route.name, route.url(values), chosen(values["message"])) for route in matrix]


def chosen(message):
    return {"message": message, "format": "eml"}


def test_own_ids_open_on_every_url(reader, own):
    answers = get_all(reader, own.values)

    assert {answer.status for answer in answers} == {200}


def test_download_by_form_is_the_stored_message(reader, own):
    direct = reader.get(f"/{DAY}/messages/{own.message}/message.eml").getvalue()

    response = reader.post(f"/{DAY}/download/", chosen(own.message))

    assert response.getvalue() == direct
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("given", [{"folder", "message"}, {"message"}])
def test_messages_of_another_mailbox_are_not_found_on_any_url(reader, own, foreign, given):
    values = own.values | {name: foreign.values[name] for name in given}

    answers = get_all(reader, values, given=given)

    assert {answer.status for answer in answers} == {404}
    assert [answer.name for answer in answers if b"Di nessun altro" in answer.content] == []


def test_folders_of_another_mailbox_are_not_found_on_any_url(reader, own, foreign):
    values = own.values | {"folder": foreign.folder}

    answers = [
        visit(reader, route.name, route.url(values)) for route in closed_routes() if "folder" in route.parameters
    ]

    assert {answer.status for answer in answers} == {404}


def test_foreign_looks_like_never_was(reader, own, foreign):
    invented = Ids("f-AAAAAAAAAAAA", "AAAAAAAAAAAA")

    answers = get_all(reader, foreign.values)
    never = get_all(reader, invented.values)

    # The menu's forms carry a token that is masked anew each time.
    assert [TOKEN.sub("", answer.content.decode()) for answer in answers] == [
        TOKEN.sub("", answer.content.decode()) for answer in never
    ]


def test_folder_of_another_mailbox_does_not_open_its_message(charlie, own, foreign):
    answers = get_all(charlie, own.values)

    assert {answer.status for answer in answers} == {404}


def test_nobody_is_sent_to_the_login_page_from_every_url(stranger, own):
    answers = [stranger.get(route.url(own.values)) for route in closed_routes()]

    assert {answer.status_code for answer in answers} == {302}
    assert {answer["Location"].partition("?")[0] for answer in answers} == {"/login/"}


def test_what_is_open_to_all_shows_no_mail(stranger, own):
    answers = [stranger.get(route.url(own.values)) for route in open_routes()]

    assert all(b"Contratto" not in answer.content for answer in answers)


@pytest.mark.parametrize(("idle_hours", "age_hours"), [(1, 1), (0, 9)])
def test_session_past_its_time_opens_nothing(reader, own, idle_hours, age_hours):
    session = reader.session
    session[SEEN] -= idle_hours * HOUR_MS
    session[BEGAN] -= age_hours * HOUR_MS
    session.save()

    answers = [reader.get(route.url(own.values)) for route in closed_routes()]

    assert {answer["Location"].partition("?")[0] for answer in answers} == {"/login/"}
    assert not session.exists(session.session_key)


def test_forged_session_opens_nothing(stranger, own):
    stranger.cookies["session"] = "a" * 32

    assert stranger.get(f"/{DAY}/").status_code == 302


def test_post_without_token_is_refused_on_every_url(own):
    client = sign_in(Client(enforce_csrf_checks=True, raise_request_exception=False))

    answers = [client.post(route.url(own.values)) for route in routes()]

    assert {answer.status_code for answer in answers} == {403}


def test_form_that_grew_old_says_so(db):
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})

    response = client.post("/login/", {"email": "alice@example.com", "password": "x"})

    assert response.status_code == 403
    assert "This page has grown old" in response.content.decode()


def test_reading_by_post_is_no_way_in(reader, own):
    reading = [route for route in closed_routes() if route.parameters & IDS and route.name not in FORMS]

    answers = [reader.post(route.url(own.values)) for route in reading]

    assert {answer.status_code for answer in answers} == {405}


@pytest.mark.django_db
def test_logout_of_nobody_writes_nothing(stranger):
    response = stranger.post("/logout/")

    assert response["Location"] == "/login/"
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert AuditRecord.objects.count() == 0
