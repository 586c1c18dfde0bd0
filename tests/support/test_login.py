"""Operators come in with a name, a password and a second factor; how they get them; how guessing is slowed."""

import re
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp

from access import operators
from access.models import Action, AuditRecord, Result
from tests.staff import BOB, KEY, PASSWORD, code, code_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def send(client: Client, user=None, **others: str):
    proof = {"username": BOB, "password": PASSWORD, "otp_token": code(user) if user else "000000"}
    return client.post("/support/login/", proof | others)


def enrolment_link(output: str) -> str:
    found = re.search(r"https://[^/]+(/support/enrol/\S+)", output)
    assert found is not None
    return found[1]


@pytest.fixture
def link(capsys):
    """The path of a new operator's enrolment link."""
    call_command("operator", "add", BOB, "--permissions", "help,audit")
    return enrolment_link(capsys.readouterr().out)


def enrol(client: Client, link: str, **others: str):
    person = operators.enrolled_by(*link.split("/")[3:5])
    form = {"password": PASSWORD, "password_again": PASSWORD, "otp_token": code(person) if person else ""}
    return client.post(link, form | others)


def test_password_and_second_factor_open_the_console(client, user):
    response = send(client, user)

    assert response["Location"] == "/support/"
    assert client.get("/support/").status_code == 200
    assert AuditRecord.objects.filter(action=Action.LOGIN, actor=BOB, role="operator", result=Result.OK).exists()


@pytest.mark.parametrize("field", ["username", "password", "otp_token"])
def test_one_wrong_proof_looks_like_any_other(client, user, field):
    responses = [send(client, user, **{field: "wrong"}), send(client, user, username="nessuno", password="x")]

    texts = {response.context["error"] for response in responses}
    assert {response.status_code for response in responses} == {422}
    assert len(texts) == 1
    assert client.get("/support/").status_code == 302


@pytest.mark.parametrize("field", ["username", "password", "otp_token"])
@pytest.mark.parametrize("text", ["a\0b", "x" * 5000, "è" * 200, "' OR 1=1 --"], ids=["nul", "long", "accents", "sql"])
def test_strange_proof_is_wrong_and_no_fault(client, user, field, text):
    assert send(client, user, **{field: text}).status_code == 422


def test_code_counts_once(client, user):
    now = code(user)

    first, again = send(client, otp_token=now), send(Client(), otp_token=now)

    assert (first.status_code, again.status_code) == (302, 422)


def test_code_typed_late_does_not_move_when_the_next_one_counts(user, monkeypatch):
    device, now = user.totpdevice_set.get(), 1_800_000_000
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time", SimpleNamespace(time=lambda: now))
    before, after = (f"{totp(device.bin_key, t0=int(time.time()) - now, drift=steps):06}" for steps in (-1, 1))

    assert device.verify_token(before)
    assert device.verify_token(after)


def test_guessing_is_slowed_and_on_record(client, user):
    answers = [send(client, password=f"guess {number}").status_code for number in range(6)]

    assert answers == [422] * 5 + [429]
    assert AuditRecord.objects.filter(action=Action.LOGIN, result=Result.REFUSED, actor=BOB).count() == 5


def test_name_that_is_no_operator_s_is_not_kept(client, user):
    send(client, username="a password in the wrong field")

    assert "wrong field" not in str(list(AuditRecord.objects.values()))


def test_login_leads_nowhere_but_to_the_console(client, user):
    assert send(client, user, next="//evil.example/")["Location"] == "/support/"


def test_session_of_an_owner_ends_at_the_console_s_login(reader, user):
    send(reader, user)

    assert "reader" not in reader.session


def test_old_session_key_is_dead_after_login(client, user):
    client.get("/support/login/")
    before = client.session.session_key

    send(client, user)

    assert client.session.session_key != before


def test_sign_out_ends_the_session(bob):
    response = bob.post("/support/logout/")

    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert bob.get("/support/").status_code == 302


def test_enrolment_shows_the_key_as_picture_and_text(client, link):
    page = client.get(link).content.decode()

    assert 'src="data:image/svg+xml' in page
    assert re.search(r"<code>(?:[A-Z2-7]{4} ?){8}</code>", page)


def test_enrolled_operator_signs_in(client, link):
    response = enrol(client, link)

    person = User.objects.get(username=BOB)
    assert response["Location"] == "/support/login/?enrolled=1"
    assert send(client, otp_token=code(person, steps=1))["Location"] == "/support/"


@pytest.mark.parametrize(
    "others",
    [{"password_again": "another one 12"}, {"password": "short", "password_again": "short"}, {"otp_token": "000000"}],
)
def test_enrolment_that_lacks_something_is_refused_and_the_link_stays(client, link, others):
    response = enrol(client, link, **others)

    assert response.status_code == 422
    assert not User.objects.get(username=BOB).has_usable_password()
    assert client.get(link).status_code == 200


def test_enrolment_link_is_good_once(client, link):
    enrol(client, link)

    assert client.get(link).status_code == 404


def test_enrolment_link_is_good_for_a_day(client, link, monkeypatch):
    monkeypatch.setattr(
        "django.contrib.auth.tokens.PasswordResetTokenGenerator._now",
        lambda self: (timezone.now() + timedelta(hours=26)).replace(tzinfo=None),
    )

    assert client.get(link).status_code == 404


def test_new_link_replaces_password_and_second_factor(client, user, capsys):
    call_command("operator", "link", BOB)
    fresh = enrolment_link(capsys.readouterr().out)

    proofs = {"password": "nuova password 34", "password_again": "nuova password 34"}
    device = operators.unconfirmed_device(user)
    client.post(fresh, proofs | {"otp_token": code_of(device.bin_key)})

    assert list(user.totpdevice_set.all()) == [device]
    assert send(client, otp_token=code(user, steps=1)).status_code == 422


def test_command_adds_an_operator_on_record(link):
    row = AuditRecord.objects.get(action=Action.OPERATOR)

    assert row.role == "system"
    assert row.details == {"operator": BOB, "permissions": "help audit"}


def test_command_sets_up_with_secrets_from_a_file(client, tmp_path):
    (tmp_path / "secrets").write_text(f"{PASSWORD}\n{KEY}\n")

    call_command("operator", "add", BOB, "--permissions", "help", "--secrets-file", str(tmp_path / "secrets"))

    assert send(client, User.objects.get(username=BOB)).status_code == 302


@pytest.mark.parametrize("arguments", [["--permissions", "help,everything"], ["--permissions", "download"]])
def test_command_refuses_permissions_that_are_none(arguments):
    with pytest.raises(CommandError, match="permissions are"):
        call_command("operator", "add", BOB, *arguments)


def test_command_refuses_a_name_that_is_taken(user):
    with pytest.raises(CommandError, match="already"):
        call_command("operator", "add", BOB)


def test_command_takes_access_away_at_once(bob):
    call_command("operator", "remove", BOB)

    assert bob.get("/support/").status_code == 302
    with pytest.raises(CommandError, match="no operator"):
        call_command("operator", "remove", "nessuno")
