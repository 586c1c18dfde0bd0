"""Hostile HTML through the real page and frame: it runs nothing, asks for nothing, and stays in its box."""

import base64
import tempfile
from contextlib import contextmanager
from pathlib import Path

from demo.ports import LOOPBACK, free_port
from demo.provider import Provider, fingerprint
from demo.window import window
from snapshots.types import message_id
from tests.browser.doorbell import MUTE, hung
from tests.browser.gallery import shown, vectors
from tests.browser.installed import require_chromium
from tests.browser.watched import BARE, NAKED, watched
from tests.corpus import CORPUS, needs_corpus
from tests.corpus_answers import records
from tests.running_site import real_today
from tests.scale import needs_evidence, part
from tests.served import ALICE

# What a frame in a process of its own complains of would not be heard; and the browser is to ask for nothing itself.
SWITCHES = (
    "--disable-site-isolation-trials",
    "--disable-features=IsolateSandboxedIframes,OptimizationHints",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--window-size=1440,1000",
)
# These the browser asks for over TLS whatever a link says, and what is asked there cannot be read.
ALWAYS_ENCRYPTED = ("www.youtube.com", "www.vimeo.com")
OURS = ("none", "same-origin")


def source_of(name, html):
    encoded = base64.encodebytes(html.encode("utf-8", "surrogatepass"))
    head = f"Subject: {name}\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + encoded


@contextmanager
def gallery(directory, bell, htmls, *, port):
    """Give a function that shows these, bare or cleaned, and returns what happened and what was asked of the site."""
    require_chromium()
    day = real_today()
    provider = Provider(directory / "provider")
    night = provider.mailbox(ALICE).night(day)
    ids = {name: message_id(night.message(source=source_of(name, html)).guid, 0) for name, html in htmls.items()}
    harmless = ids["harmless"]
    before = fingerprint(provider.volume)
    with (
        watched(provider, directory / "state", port=port) as site,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        window(site.url, Path(profile), bell.every_name, *SWITCHES) as view,
    ):
        site.sign_in(view, ALICE)

        def show(query, names):
            bodies = {name: f"/{day}/messages/{ids[name]}/body/{query}" for name in names}
            seen = shown(view, f"/{day}/inbox/{harmless}/", bodies, f"/{day}/messages/{harmless}/body/")
            return seen, site.requests()

        yield show
    assert fingerprint(provider.volume) == before


def check(directory, more, *, every=1):
    with hung() as bell:
        port = free_port()
        ours = part(list(vectors(bell.url, f"http://{LOOPBACK}:{port}").items()), every)
        htmls = dict(ours) | more | {"harmless": "<p>Buongiorno</p>"}
        with gallery(directory, bell, htmls, port=port) as show:
            cleaned, asked = show("", htmls)
            check_silent(cleaned, asked, bell.rings())
            bare, asked = show(f"?{BARE}", htmls)
            # No header keeps Chromium from opening connections ahead of links and frames; nothing is asked over them.
            spoken = [ring for ring in bell.rings() if ring != MUTE]
            check_silent(bare, asked, spoken)
            mute = len(bell.rings())
            show(f"?{NAKED}", [name for name, html in htmls.items() if html.startswith("<img")])
            assert len(bell.rings()) > mute, "nobody would have heard"
        print(f"{cleaned.shown} vectors cleaned: 0 connections; {bare.shown} bare: 0 requests, {mute} mute connections")


def check_silent(seen, asked, rings):
    assert rings == []
    assert [request for request in asked if request["initiator"] not in OURS] == []
    assert (seen.scripts, seen.page_changed, seen.drawn_outside) == ([], [], [])


def test_hostile_html_stays_in_its_box_cleaned_and_bare(tmp_path):
    check(tmp_path, {}, every=3)


@needs_corpus
@needs_evidence
def test_all_published_vectors_stay_in_their_box_cleaned_and_bare(tmp_path):
    htmls = {record["id"]: record["html"] for record in records("html-hostile/vectors.jsonl")}
    htmls["leak.html"] = (CORPUS / "html-hostile" / "leak.html").read_text()

    check(tmp_path, {name: unencrypted(html) for name, html in htmls.items()})


def unencrypted(html):
    for host in ALWAYS_ENCRYPTED:
        html = html.replace(host, f"{host}.example")
    return html.replace("https:", "http:")
