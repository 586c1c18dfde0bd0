"""Operators: who they are, how they prove it twice, and how they come to have an account."""

from base64 import b32decode, b32encode
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth import login as begin_django_session
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.views.decorators.debug import sensitive_variables
from django_otp.plugins.otp_totp.models import TOTPDevice

from access import audit, sessions
from access.models import Action, Result, milliseconds
from access.readers import Staff
from access.throttle import Throttle

PERMISSIONS = ("help", "download", "restore", "audit", "admin")
FRESH = timedelta(minutes=15)
LONGEST_NAME = 150
VERIFIED = "otp_verified_at_ms"
BACKEND = "django.contrib.auth.backends.ModelBackend"


class WrongProof(Exception):
    """Name, password and code do not belong together; which of them is wrong is not told."""


@sensitive_variables("password", "code")
def log_in(request: HttpRequest, *, name: str, password: str, code: str) -> User:
    """Prove a password and a second factor together and begin the operator's session.

    Raises: WrongProof; LoginThrottled; AuditUnavailable.
    """
    # PostgreSQL takes no NUL, and a name has none.
    name = name.replace("\0", "")[:LONGEST_NAME]
    throttle = Throttle.of(request, f"operator:{name}")
    throttle.check()
    attempt = throttle.reserve()
    try:
        user = _proved(name, password, code)
    except WrongProof:
        throttle.failed()
        audit.record(request, Action.LOGIN, actor=_known(name), result=Result.REFUSED)
        raise
    except BaseException:
        attempt.delete()
        raise
    audit.record(request, Action.LOGIN, actor=Staff(user.username))
    throttle.succeeded()
    request.session.flush()
    begin_django_session(request, user, backend=BACKEND)
    sessions.mark_begun(request.session, timezone.now())
    request.session[VERIFIED] = milliseconds(timezone.now())
    return user


@sensitive_variables("password", "code")
def _proved(name: str, password: str, code: str) -> User:
    user = ModelBackend().authenticate(None, username=name, password=password)
    if not isinstance(user, User):
        raise WrongProof
    device = _verified_device(user, code)
    if device is None or not user.has_perm("support.help"):
        raise WrongProof
    # Django's login signal keeps it in the session.
    user.otp_device = device  # type: ignore[attr-defined]
    return user


def _verified_device(user: User, code: str) -> TOTPDevice | None:
    """Return the device that made the code; each code counts once, and wrong ones delay the next try."""
    with transaction.atomic():
        for device in TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True):
            if device.verify_token(code.replace(" ", "")):
                return device
    return None


def _known(name: str) -> Staff | None:
    """Return whose login failed; what is no operator's name may be a password typed into the wrong field."""
    return Staff(name) if User.objects.filter(username=name).exists() else None


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether the second factor was proved lately enough for a grant."""
    verified_ms: int = request.session.get(VERIFIED, 0)
    age_ms = milliseconds(timezone.now()) - verified_ms
    return 0 <= age_ms < FRESH.total_seconds() * 1000


def prove_again(request: HttpRequest, user: User, code: str) -> bool:
    """Prove the second factor anew in a session that is under way."""
    if _verified_device(user, code) is None:
        return False
    request.session[VERIFIED] = milliseconds(timezone.now())
    return True


def add(name: str, permissions: Iterable[str]) -> User:
    """Make an operator who can do nothing until enrolled. Raises: IntegrityError for a name that is taken."""
    with transaction.atomic():
        user = User(username=name)
        user.set_unusable_password()
        user.save()
        wanted = Permission.objects.filter(content_type__app_label="support", codename__in=set(permissions))
        user.user_permissions.set(wanted)
        TOTPDevice.objects.create(user=user, name="totp", confirmed=False)
        details = {"operator": name, "permissions": " ".join(permissions)}
        audit.record(None, Action.OPERATOR, details=details)
    return user


def enrolment_path(user: User) -> str:
    """Return the address at which this person, once and for a day, sets password and second factor."""
    return reverse("support:enrol", args=[_uid(user), default_token_generator.make_token(user)])


def enrolled_by(uid: str, token: str) -> User | None:
    """Return whom an enrolment link is for, None once it is used or too old."""
    try:
        user = User.objects.get(pk=int(urlsafe_base64_decode(uid)))
    except (ValueError, OverflowError, User.DoesNotExist):
        return None
    return user if user.is_active and default_token_generator.check_token(user, token) else None


def unconfirmed_device(user: User) -> TOTPDevice:
    """Return the device an enrolment shows."""
    return TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "totp"})[0]


@sensitive_variables("password", "code")
def enrol(request: HttpRequest | None, user: User, *, password: str, code: str) -> bool:
    """Set password and second factor if the code proves that the factor works; the link is used up then."""
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().get(user=user, confirmed=False)
        if not device.verify_token(code.replace(" ", "")):
            return False
        _confirm(request, user, device, password)
    return True


@sensitive_variables("password", "key")
def set_up(user: User, *, password: str, key: str) -> None:
    """Give an operator a password and a TOTP key (base32) without a link, from a command."""
    device = unconfirmed_device(user)
    device.key = b32decode(key).hex()
    with transaction.atomic():
        _confirm(None, user, device, password)


@sensitive_variables("password")
def _confirm(request: HttpRequest | None, user: User, device: TOTPDevice, password: str) -> None:
    """Let this password and this device, and no other, prove who the operator is."""
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save()
    user.set_password(password)
    user.save()
    actor = Staff(user.username) if request else None
    audit.record(request, Action.OPERATOR, actor=actor, details={"enrolled": user.username})


def end_access(user: User) -> None:
    """Take an operator's access away at once: grants and sessions hold no longer. On record."""
    audit.record(None, Action.OPERATOR, details={"removed": user.username})
    User.objects.filter(pk=user.pk).update(is_active=False)


def secret_of(device: TOTPDevice) -> str:
    """Return the device's key as an authenticator takes it typed, in groups of four."""
    key = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def _uid(user: User) -> str:
    return urlsafe_base64_encode(force_bytes(user.pk))
