"""Real mail of public repositories, where it lies beside the checkout: all of it is read, none of it does harm."""

import io
import re
from html.parser import HTMLParser

from snapshots import headers
from snapshots.mime import parse
from tests.corpus import message_files, needs_corpus
from tests.corpus_answers import records
from webmail import sanitise as room
from webmail.sanitise import TooComplex, sanitise

pytestmark = needs_corpus

PICTURE = re.compile("data:image/(png|jpeg|gif|webp);base64,.*")


def test_list_and_page_show_the_same_envelope():
    different = []
    for path in message_files():
        data = path.read_bytes()
        if headers.envelope_of(data[: 16 * 1024]) != parse(io.BytesIO(data)).envelope:
            different.append(path.name)

    assert different == []


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
    for vector in records("html-hostile/vectors.jsonl"):
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
