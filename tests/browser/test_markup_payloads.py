"""Markup in headers, file and folder names, through a browser's own parser: no element of it comes to life."""

import tempfile
from pathlib import Path

from demo.ports import free_port
from demo.provider import Provider, fingerprint
from demo.window import window
from snapshots.types import Folder, message_id
from tests.browser.doorbell import hung
from tests.browser.installed import require_chromium
from tests.browser.stage import VIOLATION
from tests.browser.test_hostile_html import SWITCHES
from tests.browser.watched import watched
from tests.payload_mail import PLAIN, message_of, payloads
from tests.running_site import real_today
from tests.scale import part
from tests.served import ALICE

OPENED, PLAIN_OPENED = 3, 1
PAIRS = """
const pairs = new Set();
for (const element of document.querySelectorAll("*"))
  for (const name of ["", ...element.getAttributeNames()]) pairs.add(`${element.tagName} ${name}`);
return [...pairs];
"""


def delivered(night, texts, opened):
    """Deliver a message for each text and name a folder after it; return the pages that show them, of some alone."""
    kept = [night.message(source=message_of(text, raw=bool(number % 2))) for number, text in enumerate(texts)]
    names = [f"{number} {text}".replace("/", "∕").replace(".", "·") for number, text in enumerate(texts)]
    for name in names:
        night.folder(name)
    ids = [message_id(message.guid, 0) for message in kept]
    folders = [Folder(name).id for name in names]
    day = night.day
    of_messages = [f"/{day}/inbox/{message}/" for message in ids[:opened]]
    of_messages += [f"/{day}/messages/{message}/headers/" for message in ids[:opened]]
    return [f"/{day}/", f"/{day}/folders/", *of_messages, *(f"/{day}/{folder}/" for folder in folders[:opened])]


def test_no_payload_comes_to_life_in_the_browser(tmp_path):
    require_chromium()
    provider = Provider(tmp_path / "provider")
    texts = part([text for text in payloads() if text.isascii()], 2)
    night = provider.mailbox(ALICE, layout="fs", encoding="utf8").night(real_today())
    pages = delivered(night, texts, OPENED)
    plain = delivered(provider.mailbox("plain@example.com").night(real_today()), [PLAIN] * len(texts), PLAIN_OPENED)
    before = fingerprint(provider.volume)

    with hung() as bell:
        alive, told = alive_pairs(provider, tmp_path, bell, pages, plain)
        rings = bell.rings()

    assert alive == []
    assert rings == []
    assert [line for line in told if VIOLATION in line] == []
    assert fingerprint(provider.volume) == before


def alive_pairs(provider, directory, bell, pages, plain):
    """Return what stands on a page and on none of the harmless ones, and what the console said."""
    port = free_port()
    with (
        watched(provider, directory / "state", port=port) as site,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        window(site.url, Path(profile), bell.every_name, *SWITCHES) as view,
    ):
        seen: list[dict[str, set[str]]] = []
        for address, places in (("plain@example.com", plain), (ALICE, pages)):
            view.leave()
            site.sign_in(view, address)
            seen.append({place: pairs_of(view, place) for place in places})
        harmless = set[str]().union(*seen[0].values())
        told = [str(entry["message"]) for entry in view.driver.get_log("browser")]
    return [(place, pairs - harmless) for place, pairs in seen[1].items() if pairs - harmless], told


def pairs_of(view, place):
    view.open(place)
    return set(view.run(PAIRS))
