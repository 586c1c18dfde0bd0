"""Real mail of public repositories, where it lies beside the checkout: what other parsers agree on, we see too."""

import hashlib
import io
import json
import random
import re
from collections import Counter
from html.parser import HTMLParser

from snapshots import headers
from snapshots.body import text_parts
from snapshots.html_text import text_of_html
from snapshots.mime import attachments, decoded, find_part, parse, text
from tests.corpus import CORPUS, message_files, needs_corpus
from webmail import sanitise as room
from webmail.plain_text import text_as_html
from webmail.sanitise import TooComplex, sanitise

pytestmark = needs_corpus

# The one field below the aim is explained: ours reads what the others give up (unlabelled ISO-2022-JP and 8-bit
# text, multiparts whose boundary never comes).
LEAST_SHARE = 0.995
LEAST_TEXT_SHARE = 0.98
FIELDS = (
    "subject",
    "from_addrs",
    "from_names",
    "date_utc",
    "att_count",
    "att_names",
    "att_sha256",
    "text200",
    "html200",
)
MUTATIONS = 500
PICTURE = re.compile("data:image/(png|jpeg|gif|webp);base64,.*")


def lines(name):
    return [json.loads(line) for line in (CORPUS / name).read_text().splitlines()]


def one_line(value):
    return " ".join(value.split())


def shown(source):
    message = parse(source)
    body = text_parts(message)
    senders = [address for address in message.envelope.from_ if address.address]
    offered = [*attachments(message), *(part for part in message.parts if part.is_inline)]
    files = [b"".join(decoded(source, part)) for part in offered if not part.content_type.startswith("message/")]
    html = [part for part in body.html if part.content_type == "text/html"]
    return {
        "subject": one_line(message.envelope.subject),
        "from_addrs": [with_small_host(sender.address) for sender in senders],
        "from_names": ["" if sender.name == sender.address else sender.name for sender in senders],
        "date_utc": message.envelope.date and message.envelope.date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "att_count": len(offered),
        "att_names": sorted(part.filename for part in offered if part.filename),
        "att_sha256": sorted(hashlib.sha256(content).hexdigest() for content in files if content),
        "text200": one_line("\n".join(text(source, part) for part in body.text))[:200].strip(),
        "html200": one_line("\n".join(text(source, part) for part in html))[:200].strip(),
    }


def with_small_host(address):
    name, at, host = address.rpartition("@")
    return name + at + host.lower()


def agreed(record):
    return {
        field: one_line(answer["value"]) if isinstance(answer["value"], str) else answer["value"]
        for field, answer in record.items()
        if isinstance(answer, dict) and answer.get("status") == "all" and field in FIELDS
    }


def test_what_all_parsers_agree_on_is_shown():
    equal: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for record in lines("expected.jsonl"):
        found = shown(io.BytesIO((CORPUS / record["file"]).read_bytes()))
        expected = agreed(record)
        asked.update(expected.keys())
        equal.update(field for field, value in expected.items() if found[field] == value)

    shares = {field: equal[field] / asked[field] for field in FIELDS}
    assert shares.pop("text200") >= LEAST_TEXT_SHARE
    assert min(shares.values()) >= LEAST_SHARE, shares


def test_list_and_page_show_the_same_envelope():
    different = []
    for path in message_files():
        data = path.read_bytes()
        if headers.envelope_of(data[: 16 * 1024]) != parse(io.BytesIO(data)).envelope:
            different.append(path.name)

    assert different == []


def test_every_message_is_read_whatever_became_of_it():
    chance = random.Random(20261124)
    whole = [data for data in (path.read_bytes() for path in message_files()) if len(data) < 200_000]

    for data in [*whole, *(mutated(chance, whole) for _ in range(MUTATIONS))]:
        read_all(data)


def mutated(chance, whole):
    data = bytearray(chance.choice(whole))
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(min(len(data), chance.choice([300, 3_000, len(data) + 1])) or 1)
        other = chance.choice(whole)
        start = chance.randrange(len(other) or 1)
        change = chance.randrange(4)
        if change == 0 and data:
            data[min(place, len(data) - 1)] ^= 1 << chance.randrange(8)
        elif change == 1:
            del data[place : place + chance.randint(1, 300)]
        elif change == 2:
            data[place:place] = other[start : start + chance.randint(1, 2_000)]
        else:
            del data[len(data) - place :]
    return bytes(data)


def read_all(data):
    source = io.BytesIO(data)
    message = parse(source)
    headers.fields(message.header_block)
    for part in message.parts:
        assert find_part(message, part.number) is part
        assert 0 <= part.header_start <= part.body_start <= part.body_end <= len(data)
        for _ in decoded(source, part):
            pass
    for part in {*text_parts(message).text, *text_parts(message).html}:
        content = text(source, part)
        content.encode()
        text_as_html(text_of_html(content))


class Names(HTMLParser):
    """Collects the tags, attributes and addresses of HTML."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.addresses = set(), set(), set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes.update((tag, name) for name, _ in attributes)
        addresses = [value or "" for name, value in attributes if name in ("href", "src")]
        self.addresses.update(PICTURE.sub("picture:", address).partition(":")[0] for address in addresses)


def test_no_hostile_vector_leaves_more_than_the_lists_allow():
    names = Names()
    unsettled = []
    for vector in lines("html-hostile/vectors.jsonl"):
        try:
            once = sanitise(vector["html"], images={}).html
        except TooComplex:
            continue
        names.feed(once)
        names.reset()
        if sanitise(once, images={}).html != once:
            unsettled.append(vector["id"])

    assert unsettled == []
    assert names.tags <= room._TAGS
    assert names.addresses <= {"http", "https", "mailto", "tel", "picture"}
    assert not [name for _, name in names.attributes if name.startswith(("on", "srcdoc", "form", "xlink"))]
