"""An owner's way through the site in Chromium, and what a hostile letter gets out of it."""

from urllib.parse import urlsplit

from access.http import untrusted_response
from tests.browser.canary import hostile_html
from tests.dovecot import PASSWORD
from tests.served import ALICE

VIOLATION = "Content Security Policy"
REACH_INTO_FRAME = "try { return String(frames[0].document) } catch (error) { return error.name }"


def test_lost_message_is_found_read_and_downloaded(chromium, site, story):
    chromium.log_in(site, ALICE, PASSWORD)
    chromium.follow_link_to(f"/{story.first}/")
    chromium.follow_link_to(f"/{story.first}/sent/")
    chromium.wait_for_text("Contratto firmato")
    chromium.follow("Contratto firmato")

    shown = chromium.frame_text()
    chromium.follow_link_to("/message.eml")
    downloaded = chromium.downloaded()

    assert "In allegato il contratto del lotto 3." in shown
    assert downloaded == story.contract.source
    assert [line for line in chromium.console() if VIOLATION in line] == []


def test_hostile_letter_runs_and_sends_nothing(chromium, site, story, canary):
    chromium.log_in(site, ALICE, PASSWORD)
    chromium.follow_link_to(f"/{story.first}/")
    chromium.wait_for_text("Lettera ostile")
    chromium.requests()
    canary.asked.clear()

    chromium.follow("Lettera ostile")
    shown = chromium.frame_text()

    sent = [urlsplit(request["request"]["url"]).path for request in chromium.requests() if is_of_letter(request)]
    assert "Fine della lettera ostile" in shown
    assert canary.asked == []
    assert [line for line in chromium.console() if VIOLATION in line] == []
    assert [path.rsplit("/", 2)[1] for path in sent] == ["body"]
    assert chromium.driver.execute_script(REACH_INTO_FRAME) == "SecurityError"


def is_of_letter(request) -> bool:
    """Tell whether the letter's document was asked for, or asked for something."""
    return bool(urlsplit(request["documentURL"]).path.endswith("/body/"))


def test_headers_alone_hold_without_any_sanitiser(chromium, site, story, canary):
    answer = untrusted_response(f"<!doctype html>{hostile_html(canary, site)}")
    frame = b'<iframe src="/letter" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
    canary.documents["/letter"] = (dict(answer.items()), answer.content)
    canary.documents["/frame"] = ({"Content-Type": "text/html"}, frame)
    chromium.log_in(site, ALICE, PASSWORD)
    canary.asked.clear()
    canary.cookies.clear()

    chromium.open(f"{canary.url}/frame")
    framed = chromium.frame_text()
    chromium.open(f"{canary.url}/letter")

    assert "Fine della lettera ostile" in framed
    assert canary.asked == ["/frame", "/letter", "/letter"]
    assert chromium.driver.current_url == f"{canary.url}/letter"


def test_canary_sings_where_nothing_protects(chromium, canary):
    canary.documents["/bare"] = ({"Content-Type": "text/html"}, hostile_html(canary).encode())
    canary.asked.clear()

    chromium.open(f"{canary.url}/bare")
    chromium.wait_for(lambda: len(canary.asked) > 10)

    assert "/img.png" in canary.asked


def test_signed_out_browser_shows_nothing_by_its_back_button(chromium, site, story):
    chromium.log_in(site, ALICE, PASSWORD)
    chromium.wait_for_text("Lettera ostile")
    chromium.driver.execute_script("document.querySelector('form[action*=logout]').submit()")
    chromium.wait_for(lambda: "/login/" in chromium.driver.current_url)

    chromium.driver.back()
    chromium.wait_for(lambda: chromium.driver.execute_script("return document.readyState") == "complete")

    assert "Lettera ostile" not in chromium.text()
    assert chromium.driver.execute_script("return localStorage.length + sessionStorage.length") == 0
