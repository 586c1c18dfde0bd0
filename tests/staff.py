"""Operators for tests: Bob with a second factor, signed in or about to, and the grants he asks for."""

from datetime import date

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from access import operators, sessions
from access.models import Grant, milliseconds

BOB = "bob"
PASSWORD = "girasole dodici 12"
REASON = "Il cliente cerca un contratto perso"
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def operator(name: str = BOB, *permissions: str) -> User:
    """Return an operator who is enrolled; without permissions named: help and download."""
    user = operators.add(name, ["help", *(permissions or ("download",))])
    operators.set_up(user, password=PASSWORD, key=KEY)
    return user


def code(user: User, *, steps: int = 0) -> str:
    """Return the code an authenticator shows now, or so many steps later: each counts once."""
    return code_of(TOTPDevice.objects.get(user=user).bin_key, steps=steps)


def code_of(key: bytes, *, steps: int = 0) -> str:
    return f"{totp(key, drift=steps):06}"


def sign_in_operator(client: Client, user: User) -> Client:
    """Give a test client the session that password and second factor would have given it."""
    client.force_login(user, backend=operators.BACKEND)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=user).persistent_id
    session[operators.VERIFIED] = milliseconds(timezone.now())
    sessions.mark_begun(session, timezone.now())
    session.save()
    return client


def wish(address: str, day: date, /, **others: str) -> dict[str, str]:
    """Return the form that asks for a grant."""
    form = {"address": address, "day": day.isoformat(), "reason": REASON, "ticket": "4812", "minutes": "30"}
    return form | others


def open_mailbox(client: Client, address: str, day: date) -> Grant:
    """Begin a grant in the console, as an operator does."""
    response = client.post("/support/grants/", wish(address, day))
    assert response["Location"] == f"/{day}/"
    return Grant.objects.get(pk=client.session["grant"])
