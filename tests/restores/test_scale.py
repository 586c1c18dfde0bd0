"""Many messages of every kind, real ones among them: all come back as they lay there, and a second time none."""

import hashlib
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import pytest

from bench.sources import Outline, Sources
from restores.models import Target
from tests.corpus import message_files
from tests.messages import NAMES, source
from tests.restores.conftest import DAY, asked, emptied, owner, restored
from tests.restores.live_mail import live_state
from tests.scale import IS_WHOLE

pytestmark = pytest.mark.django_db

COUNT = 10_000 if IS_WHOLE else 250
REAL_EVERY = 1 if IS_WHOLE else 7
FOLDERS = ("INBOX", "Clienti/Rossi", "Perché", "Sent")
FLAGS = ("", "S", "RS", "FS", "FRS", "DS", "PS")
KEYWORDS = ((), (), ("$Label1",), (), ("Lavoro", "$Label2"))
FIRST = datetime(2026, 10, 1, 2, 3, 4, tzinfo=UTC)
SECONDS = int(FIRST.timestamp())
ODD = (
    b"Subject: more CR\nMessage-ID: <1@example.org>\n\nuno\r\r\ndue\r\r\r\n",
    b"Subject: CR at the end\nMessage-ID: <2@example.org>\n\nuno\r",
    b"Subject: two of them\nMessage-ID: <3@example.org>\n\nuno\r\r",
    b"Subject: after no header\nno header\nMessage-ID: <4@example.org>\n\nuno\n",
    b"Subject: old Mac\rMessage-ID: <5@example.org>\r\runo\r",
    *[b"Subject: twice\n\nuno\n"] * 2,
    b"Subject: NUL\n\n\0\n",
    b"",
)
IN_IMAP = {"S": "\\Seen", "R": "\\Answered", "F": "\\Flagged", "D": "\\Draft", "P": "$Forwarded"}


def sources():
    """Yield what the messages are: odd ones, real ones, those written for the tests, and made ones."""
    yield from ODD
    yield from (path.read_bytes() for path in message_files()[::REAL_EVERY])
    yield from map(source, NAMES)
    made = Sources("1")
    yield from (made.source(Outline(number, SECONDS + number, "mario@example.com")) for number in range(COUNT))


def as_sent(data):
    """Return a message as IMAP has it: every line ended by CRLF."""
    return re.sub(rb"(?<!\r)\n", b"\r\n", data)


def as_kept(data):
    """Return what Dovecot keeps of a message as it was sent."""
    return re.sub(rb"\r(\r+\n)", rb"\1", data).removesuffix(b"\r")


def is_taken(data):
    return bool(data) and b"\0" not in data


@pytest.fixture
def lost(provider, dovecot, mailbox):
    """A mailbox whose messages are all gone; how each is to come back, and what is to be said of them."""
    alice = provider.mailbox(f"alice{len(dovecot.passwords)}@example.com")
    night, lying, told = alice.night(DAY), Counter[Any](), Counter[str]()
    marks = zip(cycle(FOLDERS), cycle(FLAGS), cycle(KEYWORDS), strict=False)
    for number, (data, (folder, flags, keywords)) in enumerate(zip(islice(sources(), COUNT), marks, strict=False)):
        received = FIRST + timedelta(minutes=number)
        night.message(source=data, folder=folder, flags=flags, keywords=keywords, received=received)
        sent = as_sent(data)
        told["verified" if as_kept(sent) == sent else "differs"] += is_taken(data)
        if is_taken(data):
            digest = hashlib.sha256(as_kept(sent)).hexdigest()
            lying[folder, digest, received, frozenset({*map(IN_IMAP.get, flags), *keywords})] += 1
    return mailbox(alice, live=emptied(alice)), lying, told


def found(dovecot, mailbox):
    copies = (copy.without_identity for copy in live_state(dovecot, mailbox.address).values())
    return Counter((copy.folder, copy.digest, copy.internal_date, copy.flags) for copy in copies)


def test_all_comes_back_as_it_lay_there_and_a_second_time_none(lost, dovecot):
    mailbox, lying, told = lost

    first = restored(asked(owner(mailbox.address), target=Target.ORIGINAL))
    there = found(dovecot, mailbox)
    again = restored(asked(owner(mailbox.address), target=Target.ORIGINAL))

    print(f"{first.restored_count} messages restored, {again.restored_count} the second time")
    assert there == lying
    assert Counter(first.lines.filter(outcome="restored").values_list("verdict", flat=True)) == told
    assert (first.restored_count, again.restored_count) == (lying.total(), 0)
    assert found(dovecot, mailbox) == there
