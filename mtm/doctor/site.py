"""The site itself: its settings, what stands in front of it, its days, its static files."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.utils import timezone

from mtm.doctor.findings import Finding, ok, problem, warning
from snapshots.types import Account


def system_checks(account: Account | None) -> Iterator[Finding]:
    """Look at the settings as `manage.py check` does; `--deploy` where the site is served by TLS."""
    found = checks.run_checks(include_deployment_checks=not settings.MTM_PLAIN_HTTP)
    for message in found:
        if not message.is_silenced():
            grade = problem if message.level >= checks.ERROR else warning
            yield grade(f"{message.msg} ({message.id})", message.hint or "")
    if all(message.is_silenced() for message in found):
        yield ok("every setting is understood")


def way_in(account: Account | None) -> Iterator[Finding]:
    """Look at what stands between the site and its readers."""
    if "*" in settings.ALLOWED_HOSTS:
        yield warning("MTM_ALLOWED_HOSTS lets any host name in", "Name the hosts of the site, without *.")
    if settings.MTM_PLAIN_HTTP:
        yield warning(
            "MTM_PLAIN_HTTP: the site is served without TLS, passwords cross the network in clear",
            "Right for this machine alone; else put a web server with TLS in front and leave MTM_PLAIN_HTTP out.",
        )
    elif not settings.MTM_TRUSTED_PROXIES:
        yield warning(
            "MTM_TRUSTED_PROXIES is empty: every reader seems to come from the web server in front",
            "Name its address, 127.0.0.1 or unix, so that throttling and the audit log tell readers apart.",
        )
    else:
        yield ok(f"answers to {', '.join(settings.ALLOWED_HOSTS)} behind {', '.join(settings.MTM_TRUSTED_PROXIES)}")


def days(account: Account | None) -> Iterator[Finding]:
    """Look at where days begin, and tell this machine's time for comparison."""
    yield ok(
        f"days begin at midnight in {settings.MTM_TIME_ZONE}, where it is now {timezone.localtime():%Y-%m-%d %H:%M}"
    )


def static_files(account: Account | None) -> Iterator[Finding]:
    """Look for the styles and scripts that `collectstatic` lays ready."""
    named = getattr(staticfiles_storage, "hashed_files", None)
    if named is None:
        yield ok("found where they lie")
    elif not named:
        yield problem(f"none are collected in {settings.STATIC_ROOT}", "Run `manage.py collectstatic`.")
    else:
        gone = [name for name in named.values() if not staticfiles_storage.exists(name)]
        if gone:
            yield problem(f"{len(gone)} are not in {settings.STATIC_ROOT}", "Run `manage.py collectstatic`.")
        else:
            yield ok(f"{len(named)} collected in {settings.STATIC_ROOT}")
