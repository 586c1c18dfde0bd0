"""A night restored into a real Dovecot, beside the same mail sent message by message, and sent by mbsync."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import site as sites
from bench.mailbox import BigMailbox, prepared
from bench.report import Figure, Findings
from demo.ports import LOOPBACK
from tests.dovecot import BINARY, PASSWORD, Dovecot
from tests.dovecot import running as running_dovecot

MBSYNC = shutil.which("mbsync")
SYNCED = "mail_fsync = optimized\n"
"""As a live server keeps mail; that of the tests forgoes it."""

ONE_BY_ONE_RATIO, MBSYNC_RATIO = 0.25, 1.0
MBSYNC_RULES = """
IMAPStore live
Host {host}
Port {port}
User {user}
Pass "{password}"
AuthMechs LOGIN
SSLType None

MaildirStore night
Path {night}/
Inbox {night}/INBOX

Channel restore
Far :live:Mbsync
Near :night:INBOX
Create Far
Sync Push
CopyArrivalDate yes
SyncState *
"""


def measure(directory: Path, *, messages: int) -> Findings:
    """Measure restoring so many messages into an empty mailbox."""
    if BINARY is None:
        return Findings(remarks=["Restores: not measured, Dovecot is not installed."])
    mailbox = prepared(directory, messages=messages, nights=1)
    with tempfile.TemporaryDirectory(prefix="mtm-bench-") as place, running_dovecot(more=SYNCED) as dovecot:
        night = mailbox.maildir_path(mailbox.newest_day)
        files = [path for path in sorted(night.rglob("*")) if path.parent.name in ("cur", "new")]
        emptied = shutil.copytree(night, Path(place) / "emptied", ignore=_messages)
        dovecot.add_user(mailbox.account.address, copy_of=emptied)
        one_by_one = _seconds(lambda: _append(dovecot, mailbox, files))
        synced = _mbsync(dovecot, mailbox, files, Path(place)) if MBSYNC else None
        restored = _restored(dovecot, mailbox, Path(place))
    return Findings(_figures(len(files), restored, one_by_one, synced), [_remark(files, restored)])


def _messages(directory: str, names: Sequence[str]) -> Sequence[str]:
    return names if Path(directory).name in ("cur", "new") else ()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _append(dovecot: Dovecot, mailbox: BigMailbox, files: Sequence[Path]) -> None:
    """Send the messages one by one, as a client does that knows of nothing better."""
    client = dovecot.client(mailbox.account.address)
    client.create_folder("Uno per uno")
    for path in files:
        data = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        client.append("Uno per uno", data, ("\\Seen",), datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _mbsync(dovecot: Dovecot, mailbox: BigMailbox, files: Sequence[Path], place: Path) -> float:
    """Send the messages by mbsync, out of a copy, since it writes into what it reads."""
    inbox = place / "mbsync" / "INBOX"
    for name in ("cur", "new", "tmp"):
        (inbox / name).mkdir(parents=True)
    for path in files:
        shutil.copy2(path, inbox / "cur" / f"{path.name.partition(':')[0]}:2,S")
    rules = place / "mbsyncrc"
    user = mailbox.account.address
    rules.write_text(
        MBSYNC_RULES.format(host=LOOPBACK, port=dovecot.port, user=user, password=PASSWORD, night=inbox.parent)
    )
    return _seconds(lambda: subprocess.run([str(MBSYNC), "-q", "-c", str(rules), "restore"], check=True))


def _restored(dovecot: Dovecot, mailbox: BigMailbox, place: Path) -> dict[str, Any]:
    """Let the product restore the night, and return what `bench.restoring` prints."""
    (place / "state").mkdir()
    environment = sites.environment(mailbox.settings, place / "state", f"imap://{LOOPBACK}:{dovecot.port}")
    command = [sys.executable, "-m", "bench.restoring", mailbox.account.address, mailbox.newest_day.isoformat()]
    done = subprocess.run(command, env=environment, cwd=sites.ROOT, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _figures(count: int, restored: dict[str, Any], one_by_one: float, synced: float | None) -> list[Figure]:
    sending = restored["sending_seconds"] / count * 1000
    whole = restored["seconds"] / count * 1000
    found = [
        Figure(
            "a message restored, sending alone, beside APPEND one by one",
            sending,
            floor=one_by_one / count * 1000,
            most_ratio=ONE_BY_ONE_RATIO,
        ),
        Figure("the same with planning and reading back", whole, floor=one_by_one / count * 1000),
    ]
    if synced is not None:
        beside = synced / count * 1000
        found.append(
            Figure("a message restored, sending alone, beside mbsync", sending, floor=beside, most_ratio=MBSYNC_RATIO)
        )
    return found


def _remark(files: Sequence[Path], restored: dict[str, Any]) -> str:
    total_bytes = sum(path.stat().st_size for path in files)
    rate = restored["restored"] / restored["sending_seconds"]
    missing = "" if MBSYNC else " mbsync is not installed."
    return (
        f"Restores: {restored['restored']:,} of {len(files):,} messages of a night ({total_bytes / 1e6:.0f} MB) into a "
        f"real Dovecot with its default fsync: {rate:.0f} messages and "
        f"{total_bytes / restored['sending_seconds'] / 1e6:.1f} MB a second.{missing}"
    )
