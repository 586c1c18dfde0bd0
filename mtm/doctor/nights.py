"""The mounts the snapshots lie on, the nights in them, and one account's mailbox on each."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from mtm.doctor.findings import Finding, ok, problem, reason, warning
from mtm.doctor.mounts import mount_of
from snapshots import configured
from snapshots.accounts import LivePath
from snapshots.calendar import Day, DayState
from snapshots.engines.imap.engine import NOBODY
from snapshots.engines.volumes import Volume
from snapshots.errors import EngineError, MailboxNotFound, NotMaildir, SnapshotError, SnapshotGone
from snapshots.types import Account, FolderState, Night

OLD = timedelta(hours=26)
NAMES_SHOWN = 8
CAREFUL = ("nosuid", "nodev", "noexec")


def mounts(account: Account | None) -> Iterator[Finding]:
    """Look at each volume: there, read-only, open to this user, and apart from what is written."""
    volumes = configured.volumes()
    if not volumes:
        yield ok("none here: the server of the snapshots has them")
    for volume in volumes:
        yield from _volume(volume, account)


def _volume(volume: Volume, account: Account | None) -> Iterator[Finding]:
    root = volume.template.root
    if not root.is_dir():
        yield problem(f"{root} is not there", "Mount the snapshots; on a filer see that the export shows .snapshot.")
        return
    if not os.access(root, os.R_OK | os.X_OK):
        yield problem(f"{root} cannot be read by this user ({os.getuid()})", "Run as a user who may read the mail.")
        return
    written = {"MTM_STATE_DIR": Path(settings.MTM_STATE_DIR)}
    if settings.MTM_LIVE_PATH:
        written["MTM_LIVE_PATH"] = LivePath.parse(settings.MTM_LIVE_PATH).root
    for name, path in written.items():
        if path.resolve().is_relative_to(root.resolve()):
            yield problem(f"{name} lies in the snapshots, in {root}", f"Name another place in {name}.")
    if account is None and not volume.is_shared:
        yield ok(f"{root}: each account has snapshots of its own there; name one with --account to see them")
        return
    yield from _snapshots(volume, account)


def _snapshots(volume: Volume, account: Account | None) -> Iterator[Finding]:
    root = volume.template.root
    before = volume.template.before_snapshot(account) if account else ()
    directory = root.joinpath(*before)
    nights = volume.nights(account or NOBODY)
    if not nights:
        with suppress(OSError):
            found = sorted(path.name for path in directory.iterdir())
            shown = ", ".join(found[:NAMES_SHOWN]) + ("…" if len(found) > NAMES_SHOWN else "")
            yield problem(
                f"no name in {directory} is one of MTM_SNAPSHOT_NAMES; found there: {shown or 'nothing'}",
                f"Write their pattern into MTM_SNAPSHOT_NAMES, which is {','.join(settings.MTM_SNAPSHOT_NAMES)}.",
            )
        return
    if nights[-1].taken_at > configured.now():
        yield problem(f"{nights[-1].name} was taken in the future", "Set this host's clock, or MTM_SNAPSHOT_TIME_ZONE.")
    newest = directory / nights[-1].name
    try:
        # On a filer each snapshot is a mount of its own, which this makes.
        next(newest.iterdir(), None)
    except OSError as error:
        yield problem(f"{newest} cannot be read: {error.strerror}", "Run as a user who may read the mail.")
        return
    yield _mounted(newest)


def _mounted(path: Path) -> Finding:
    mount = mount_of(path)
    if mount is None:
        return warning(f"{path}: the kernel does not tell how it is mounted", "See that it is mounted read-only.")
    bind = "ro,nosuid,nodev,noexec"
    if "ro" not in mount.options:
        return problem(
            f"{mount.point} ({mount.kind}) is not mounted read-only: nothing but care keeps snapshots as they are",
            f"Mount it with -o {bind}, or bind it so to another place and name that in MTM_SNAPSHOT_PATH.",
        )
    missing = [option for option in CAREFUL if option not in mount.options]
    if missing:
        return warning(f"{mount.point} is mounted without {','.join(missing)}", f"Mount it with -o {bind}.")
    return ok(f"{mount.point} ({mount.kind}) is mounted {bind}")


def nights(account: Account | None) -> Iterator[Finding]:
    """Look at the nights that are offered, and at how old the newest is."""
    try:
        days = configured.archive().days(account or _anyone())
    except EngineError as error:
        yield problem(f"they cannot be listed: {reason(error)}", "See what is said of the mounts, or of their server.")
        return
    there = [day for day in days if day.state is DayState.AVAILABLE]
    if not there:
        yield problem("there is none", "See MTM_SNAPSHOT_PATH and MTM_SNAPSHOT_NAMES, and that snapshots are taken.")
        return
    missing = [day.day.isoformat() for day in days if day.state is DayState.MISSING]
    if missing:
        yield warning(
            f"no snapshot of {', '.join(missing)}",
            f"Keep {settings.MTM_DAYS + 1} nights, Sundays too; what is missing cannot be made again.",
        )
    for day in there:
        if len(day.nights) > 1:
            yield problem(
                f"{day.day}: {len(day.nights)} volumes hold this mailbox, so the night stays locked",
                "See whether a move between volumes left a copy behind; support can unlock a night.",
            )
    yield from _newest(there)


def _anyone() -> Account | None:
    """Return somebody who has every shared night: before a login nights are waited for a moment only."""
    return NOBODY if all(volume.is_shared for volume in configured.volumes()) else None


def _newest(there: list[Day]) -> Iterator[Finding]:
    newest: Night = there[-1].nights[0]
    age = configured.now() - newest.taken_at
    hours = age / timedelta(hours=1)
    if age > OLD:
        yield warning(f"the newest, {newest.name}, is {hours:.0f} hours old", "See whether snapshots are still taken.")
    words = "1 night" if len(there) == 1 else f"{len(there)} nights"
    yield ok(f"{words}, the newest of {newest.day} ({newest.name}), taken {hours:.0f} hours ago")


def mailbox(account: Account | None) -> Iterator[Finding]:
    """Look at one account's mailbox on each night: there, readable, and the same one."""
    if account is None:
        yield ok("not looked at: name one with --account")
        return
    archive = configured.archive()
    guids: dict[str, str] = {}
    for day in archive.days(account):
        if day.state is not DayState.AVAILABLE or len(day.nights) > 1:
            continue
        try:
            night, reader = archive.open_reader(account, day.day)
        except (MailboxNotFound, SnapshotGone):
            yield warning(
                f"{day.day}: no mailbox of {account}", "Right for one that is new; else see MTM_SNAPSHOT_PATH."
            )
            continue
        except NotMaildir:
            yield problem(
                f"{day.day}: what lies there is no Maildir", "Nights in mdbox or sdbox cannot be read: docs/dovecot.md."
            )
            continue
        except SnapshotError as error:
            yield problem(f"{day.day}: {reason(error)}", "See who may read the mail.")
            continue
        with reader:
            folders = reader.folders()
            unreadable = [folder.name for folder in folders if folder.state is FolderState.UNREADABLE]
            if unreadable:
                yield problem(f"{day.day}: cannot be read: {', '.join(unreadable)}", "See whose files these are.")
            count = sum(reader.count(folder) for folder in folders if folder.name not in unreadable)
            guids[day.day.isoformat()] = reader.inbox_guid() or ""
        yield ok(f"{night.day}: {len(folders)} folders, {count} messages")
    if len(set(filter(None, guids.values()))) > 1:
        told = ", ".join(f"{day} {guid[:8]}" for day, guid in guids.items())
        yield warning(
            f"its INBOX has not the same GUID on all nights ({told})",
            "The mailbox was made anew: its owner sees the nights of today's; support can unlock others.",
        )
