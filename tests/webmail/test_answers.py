"""The headers of every answer: strangers' content can do nothing, and no cache keeps anything."""

import gzip
import io
import re
import unicodedata
from urllib.parse import unquote

import pytest

from access.http import untrusted_file
from tests.crawl import part_urls, visit
from tests.routes import closed_routes
from tests.served import ALICE, sign_in
from tests.webmail.conftest import DAY, ids_of
from webmail.sending import Sending

PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DOCUMENT = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; font-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
FILE = "sandbox; default-src 'none'"
STRANGERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=(), fullscreen=()",
    "X-DNS-Prefetch-Control": "off",
}
POLICIES = {
    "webmail:body": DOCUMENT,
    "webmail:text": DOCUMENT,
    "webmail:print": DOCUMENT,
    "webmail:eml": FILE,
    "webmail:part": FILE,
    "webmail:attachments": FILE,
    "webmail:thumbnail": FILE,
}
HTML = "<p>Ciao</p>"


@pytest.fixture
def ids(reader, two_mailboxes):
    return ids_of(reader)


@pytest.fixture
def broken_mailbox(monkeypatch):
    """Let every opening of a mailbox fail as only a fault of ours can."""
    monkeypatch.setattr("snapshots.archive.Archive.open_mailbox", lambda *args, **options: 1 / 0)


def answers(client, values):
    return {route.name: visit(client, route.name, route.url(values)).response for route in closed_routes()}


def assert_strangers(response, policy):
    sent = {name: response.get(name) for name in STRANGERS}
    assert sent == STRANGERS
    assert response["Content-Security-Policy"] == policy
    assert "X-Frame-Options" not in response


@pytest.mark.parametrize("name", POLICIES)
def test_strangers_content_carries_its_headers_to_the_byte(reader, ids, name):
    assert_strangers(answers(reader, ids.values)[name], POLICIES[name])


def test_document_of_a_stranger_is_html_in_utf_8(reader, ids):
    response = reader.get(f"/{DAY}/messages/{ids.message}/body/")

    assert response["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize(
    ("change", "status"),
    [({"message": "AAAAAAAAAAAA"}, 404), ({"day": DAY.replace(day=1)}, 410), ({"day": DAY.replace(day=18)}, 404)],
)
def test_refusal_of_strangers_content_carries_them_too(reader, ids, name, change, status):
    response = answers(reader, ids.values | change)[name]

    assert response.status_code == status
    assert_strangers(response, POLICIES[name])


@pytest.mark.parametrize("name", POLICIES)
def test_failure_of_ours_carries_them_too(reader, ids, name, broken_mailbox):
    response = answers(reader, ids.values)[name]

    assert response.status_code == 500
    assert_strangers(response, POLICIES[name])


def test_pages_carry_the_page_s_policy_to_the_byte(reader, ids):
    pages = {name: answer for name, answer in answers(reader, ids.values).items() if name not in POLICIES}

    assert {answer["Content-Security-Policy"] for answer in pages.values()} == {PAGE}
    assert {answer["X-Frame-Options"] for answer in pages.values()} == {"DENY"}
    assert {answer["X-Content-Type-Options"] for answer in pages.values()} == {"nosniff"}
    assert {answer["Referrer-Policy"] for answer in pages.values()} == {"same-origin"}


@pytest.mark.parametrize("path", ["/login/", "/nothing/", "/healthz", "/2026-11-01/", "/2026-11-18/"])
def test_any_other_answer_has_the_page_s_policy(reader, ids, path):
    assert reader.get(path)["Content-Security-Policy"] == PAGE


@pytest.mark.parametrize("method", ["get", "post", "head", "options", "put"])
@pytest.mark.parametrize("change", [{}, {"message": "AAAAAAAAAAAA"}, {"day": DAY.replace(day=1)}])
def test_no_answer_to_a_reader_may_be_kept(reader, ids, method, change):
    urls = [route.url(ids.values | change) for route in closed_routes()] + ["/nothing/", "/login/", "/2026-11-18/"]

    told = {url: getattr(reader, method)(url) for url in urls}

    for answer in told.values():
        answer.close()
    assert {url for url, answer in told.items() if answer["Cache-Control"] != "private, no-store"} == set()


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("text/html", "a.html"),
        ("image/svg+xml", "a.svg"),
        ("application/xhtml+xml", "a.xhtml"),
        ("text/xml", "a.xml"),
        ("application/xml", "a.xml"),
        ("application/pdf", "a.pdf"),
        ("text/plain", "a.txt"),
        ("image/png", "a.png"),
        ("text/javascript", "a.js"),
        ("application/x-shockwave-flash", "a.swf"),
        ("text/calendar", "a.ics"),
        ("multipart/x-mixed-replace", "a"),
        ("text/html; charset=utf-7", "a.htm"),
        ("IMAGE/SVG+XML", "a.SVG"),
        ("message/rfc822", "a.eml"),
        ("message/partial", "a"),
        ("text/css", "a.css"),
        ("text/vbscript", "a.vbs"),
        ("application/octet-stream", "a.html"),
        ("", "a"),
        ("nonsense", "a"),
        ("text/html\r\n\tX-Evil: 1", "a"),
    ],
)
def test_attachment_is_never_shown_in_place(reader, site, provider, media_type, name):
    head = f'Content-Type: {media_type}\nContent-Disposition: inline; filename="{name}"\n\n'.replace("\r\n", "\n")
    source = f"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n{head}<svg/>\n--b--\n"
    provider.mailbox(ALICE).night(DAY).message(source=source.encode())
    site(provider)
    message = reader.get(f"/{DAY}/inbox/").context["rows"][0].id

    response = reader.get(f"/{DAY}/messages/{message}/parts/2/{name}")

    assert response.getvalue().strip() == b"<svg/>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert_strangers(response, FILE)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b'filename="contratto.pdf"', "contratto.pdf"),
        (b"filename*=utf-8''caff%C3%A8%20%E2%82%AC.pdf", "caffè €.pdf"),
        ('filename="caffè.pdf"'.encode(), "caffè.pdf"),
        (b'filename="=?utf-8?q?perch=C3=A9=2Epdf?="', "perché.pdf"),
        (b'filename="../../etc/passwd"', "_.._etc_passwd"),
        (b'filename="..\\\\..\\\\boot.ini"', "_.._boot.ini"),
        (b"filename*=utf-8''a%0D%0AX-Evil:%201.pdf", "a X-Evil_ 1.pdf"),
        (b"filename*=utf-8''a%00b.pdf", "a\ufffdb.pdf"),
        (b"filename*=utf-8''fdp.%E2%80%AEexe", "fdp._exe"),
        (b"filename*=utf-8''%ED%A0%80.pdf", None),
        (b'filename="\xff\xfe.pdf"', None),
        (b'filename="a\\"b;c=d.pdf"', "a_b;c=d.pdf"),
        (b'filename="CON.txt"', "_CON.txt"),
        (b'filename="' + b"x" * 300 + b'.pdf"', "x" * 146 + ".pdf"),
        (b'filename=".htaccess"', "htaccess"),
        (b'filename=" . "', "attachment"),
        (b'filename="100%.pdf"', "100%.pdf"),
        (b'filename="a%2Fb?c#d.pdf"', "a%2Fb_c#d.pdf"),
        (b'filename="<img src=x onerror=alert(1)>.pdf"', "_img src=x onerror=alert(1)_.pdf"),
    ],
)
def test_name_of_an_attachment_is_safe_in_header_link_and_page(reader, site, provider, written, shown):
    source = b"Content-Type: application/pdf\nContent-Disposition: attachment; " + written + b"\n\nPDF\n"
    provider.mailbox(ALICE).night(DAY).message(source=source)
    site(provider)
    message = reader.get(f"/{DAY}/inbox/").context["rows"][0].id
    page = visit(reader, "message", f"/{DAY}/inbox/{message}/")

    response = reader.get(part_urls(page)[0])
    saved_as = name_of(response["Content-Disposition"])

    assert response.getvalue() == b"PDF\n"
    assert {unicodedata.category(letter) for letter in saved_as}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert len(saved_as.encode()) <= 150
    assert shown in (None, saved_as)
    assert unquote(part_urls(page)[0].partition("?")[0]).rsplit("/", 1)[1] in (saved_as, "attachment 1", "allegato 1")
    assert b"<img" not in page.content and "X-Evil" not in response


def name_of(disposition):
    """Return the file name a browser takes from the header. Source: RFC 6266 section 4.3, RFC 8187."""
    extended = re.fullmatch(r"attachment; filename\*=utf-8''([A-Za-z0-9!#$&+.^_`|~%-]+)", disposition)
    quoted = re.fullmatch(r'attachment; filename="((?:[ !#-\[\]-~]|\\["\\])*)"', disposition)
    found = extended or quoted
    assert found is not None, disposition
    return unquote(found[1], errors="strict") if extended else re.sub(r"\\(.)", r"\1", found[1])


def test_download_is_named_by_day_and_subject(reader, site, provider):
    provider.mailbox(ALICE).night(DAY).message("Perché: «Contratto» / 3\u202e?")
    site(provider)
    message = reader.get(f"/{DAY}/inbox/").context["rows"][0].id

    response = reader.get(f"/{DAY}/messages/{message}/message.eml")

    assert name_of(response["Content-Disposition"]) == "2026-11-20_perche-contratto-3.eml"
    response.close()


def test_download_nobody_waits_for_closes_its_file(db):
    stream = io.BytesIO(b"never read")
    response = untrusted_file(Sending(iter([b"never read"]), stream), filename="x.eml")

    response.close()

    assert stream.closed


def test_damaged_message_is_explained_in_its_frame(reader, site, provider):
    night = provider.mailbox(ALICE).night(DAY)
    message = night.message("Rotto", compressed="gz", text="x" * 5000)
    night.file(message).write_bytes(gzip.compress(message.source, mtime=0)[:-40])
    site(provider)
    row = reader.get(f"/{DAY}/inbox/").context["rows"][0]

    page = reader.get(row.url, headers={"accept-language": "en"})
    frame = reader.get(page.context["message"]["frame_url"], headers={"accept-language": "en"})

    assert page.status_code == frame.status_code == 200
    assert "damaged" in page.content.decode() and "damaged" in frame.content.decode()
    assert_strangers(frame, DOCUMENT)


def test_answer_to_nobody_carries_them_too(stranger, ids):
    response = stranger.get(f"/{DAY}/messages/{ids.message}/body/")

    assert response.status_code == 302
    assert response["Cache-Control"] == "private, no-store"
    assert_strangers(response, DOCUMENT)


def test_html_of_a_message_is_in_no_page_of_ours(client, db, site, provider):
    provider.mailbox(ALICE).night(DAY).message("x", html=HTML)
    site(provider)
    reader = sign_in(client)
    row = reader.get(f"/{DAY}/inbox/").context["rows"][0]

    assert HTML not in reader.get(row.url).content.decode()
    assert HTML in reader.get(f"/{DAY}/messages/{row.id}/body/").content.decode()
