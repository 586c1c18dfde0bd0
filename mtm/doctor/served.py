"""The Dovecot that serves snapshots: its nights, what its service may do, and that it tells what the mount holds."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from mtm.doctor.findings import Finding, ok, problem, reason, warning
from mtm.doctor.live import greeted
from snapshots import configured
from snapshots.calendar import DayState
from snapshots.engines.base import MailboxReader
from snapshots.engines.imap.engine import NOBODY
from snapshots.errors import EngineError, MailboxNotFound, SnapshotError, SnapshotGone
from snapshots.imap import ImapUrl
from snapshots.types import Account, Folder

READING = "lr"


def server(account: Account | None) -> Iterator[Finding]:
    """Look whether the snapshots' server is there, has every offered night, and lets its service read alone."""
    if not settings.MTM_SNAPSHOT_IMAP_URL:
        yield ok("none, by MTM_SNAPSHOT_IMAP_URL: nights are read from the mounts")
        return
    greetings = list(greeted(ImapUrl.parse(settings.MTM_SNAPSHOT_IMAP_URL), settings.MTM_SNAPSHOT_IMAP_URL))
    yield from greetings
    if any(each.fix.startswith("See that it runs") for each in greetings):
        return
    yield from _nights(account)


def _nights(account: Account | None) -> Iterator[Finding]:
    server, today = configured.snapshot_server(), configured.calendar().today(configured.now())
    answering, missing, rights, writable = 0, [], set[str](), []
    for day in (today - timedelta(days=back) for back in range(settings.MTM_DAYS, -1, -1)):
        try:
            with server.open(account or NOBODY, day) as session:
                if session.begins_with_alert:
                    writable.append(day.isoformat())
                rights.add(session.inbox_rights() or "")
        except SnapshotGone:
            missing.append(day.isoformat())
            continue
        except MailboxNotFound:
            pass
        except EngineError as error:
            yield problem(f"{day}: {error}", "See MTM_SNAPSHOT_IMAP_MASTER, and the server's log.")
            return
        answering += 1
    if missing:
        yield warning(f"it has no night of {', '.join(missing)}", "Link it: `manage.py snapshots --link DIRECTORY`.")
    if answering:
        yield ok(f"the service is let in; {answering} nights answer")
    yield from map(_judged, sorted(rights))
    if writable:
        yield problem(
            f"it could write in the snapshots of {', '.join(writable)}",
            "Mount them there with -o ro,nosuid,nodev,noexec: docs/dovecot.md.",
        )
    if account is None:
        yield ok("rights not looked at: name a mailbox with --account")


def _judged(rights: str) -> Finding:
    if not rights:
        return warning("it does not tell what the service may do", "Load the plugins acl and imap_acl, as we ship it.")
    if set(rights) > set(READING):
        return problem(
            f"the service may do more than read ({rights}, and {READING} is enough)",
            "Load the plugin acl with the file acl we ship; the lock itself is the read-only mount.",
        )
    return ok(f"the service may read and no more ({rights})")


def agreement(account: Account | None) -> Iterator[Finding]:
    """Look whether the mount and the server tell the same messages of the newest night, where both are here."""
    if not (settings.MTM_SNAPSHOT_PATH and settings.MTM_SNAPSHOT_IMAP_URL):
        yield ok("nothing to compare: nights are read in one way alone")
        return
    if account is None:
        yield ok("not compared: name a mailbox with --account")
        return
    newest = [day.nights[0] for day in configured.archive().days(account) if day.state is DayState.AVAILABLE][-1:]
    if not newest:
        yield problem("there is no night to compare", "See what is said of the nights.")
        return
    try:
        with (
            configured.maildir_engine().open(account, newest[0]) as mount,
            configured.imap_engine().open(account, newest[0]) as served,
        ):
            yield from _compared(mount, served)
    except SnapshotError as error:
        yield problem(f"one of them cannot be read: {reason(error)}", "See what is said of the mailbox.")


def _compared(mount: MailboxReader, served: MailboxReader) -> Iterator[Finding]:
    ours, theirs = ({folder.name: folder for folder in reader.folders()} for reader in (mount, served))
    differing = sorted(ours.keys() ^ theirs.keys())
    count = 0
    for name in sorted(ours.keys() & theirs.keys()):
        names = _names(mount, ours[name])
        count += len(names)
        if names != _names(served, theirs[name]):
            differing.append(name)
    if differing:
        yield problem(
            f"mount and server differ in {', '.join(differing)}",
            "See that both show the same night: where by-day points, and the server's cache (remove its control/).",
        )
    else:
        yield ok(f"mount and server tell the same {count} messages in {len(ours)} folders")


def _names(reader: MailboxReader, folder: Folder) -> list[tuple[str, int]]:
    return sorted((entry.guid, entry.ordinal) for entry in reader.entries(folder))
