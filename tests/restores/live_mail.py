"""What lies in a live mailbox, read by a client of its own."""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

import imapclient

from demo.ports import LOOPBACK
from restores.models import Line, RestoreRequest
from tests.dovecot import Dovecot

ITEMS = ["BODY.PEEK[]", "FLAGS", "INTERNALDATE", "X-GUID", "ENVELOPE"]
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Lying:
    """A message as it lies in a live folder. `source` is empty where nobody asked for it."""

    folder: str
    subject: str
    flags: frozenset[str]
    internal_date: datetime
    guid: bytes
    digest: str
    source: bytes = b""

    @property
    def without_identity(self) -> "Lying":
        """The same but for what a restored message cannot keep: its guid, and our mark on it."""
        return replace(self, guid=b"", flags=self.flags - {"$MTMRestored"})


State = dict[tuple[str, int, int], Lying]
"""A whole mailbox: by folder, UIDVALIDITY and UID."""


def live_state(dovecot: Dovecot, address: str, *, with_source: bool = False) -> State:
    """Return everything that lies in a live mailbox; looking changes nothing."""
    found: State = {}
    with imapclient.IMAPClient(LOOPBACK, dovecot.port, ssl=False, timeout=60) as client:
        client.normalise_times = False
        client.login(address, dovecot.passwords[address])
        for flags, _, folder in client.list_folders():
            if b"\\Noselect" not in flags:
                found |= _folder(client, folder, with_source=with_source)
    return found


def _folder(client: imapclient.IMAPClient, folder: str, *, with_source: bool) -> State:
    uidvalidity = client.select_folder(folder, readonly=True)[b"UIDVALIDITY"]
    uids = client.search()
    found: State = {}
    for start in range(0, len(uids), AT_ONCE):
        for uid, told in client.fetch(uids[start : start + AT_ONCE], ITEMS).items():
            found[folder, uidvalidity, uid] = Lying(
                folder,
                (told[b"ENVELOPE"].subject or b"").decode("utf-8", "replace"),
                frozenset(flag.decode() for flag in told[b"FLAGS"]) - {"\\Recent"},
                told[b"INTERNALDATE"],
                told[b"X-GUID"],
                hashlib.sha256(told[b"BODY[]"]).hexdigest(),
                told[b"BODY[]"] if with_source else b"",
            )
    return found


def counts(restore: RestoreRequest) -> Counter[tuple[str, str, str]]:
    """Count a request's lines by outcome, reason and verdict."""
    return Counter(Line.objects.filter(restore=restore).values_list("outcome", "reason", "verdict"))
