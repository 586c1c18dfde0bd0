"""Pictures within a message: shown in its HTML, or offered; never left out."""

import pytest

from tests.served import ALICE

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
DAY = "2026-11-21"


def related(html: str, *ids: str, content: bytes = PNG) -> bytes:
    """Return a message whose HTML has a picture for each content id."""
    parts = [f"Content-Type: text/html\r\n\r\n{html}".encode()]
    for content_id in ids:
        head = f"Content-Type: image/png; name={content_id}.png\r\nContent-ID: <{content_id}>\r\n"
        parts.append(head.encode() + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + content)
    body = b"".join(b"\r\n--b\r\n" + part for part in parts) + b"\r\n--b--\r\n"
    return b"Subject: Foto\r\nContent-Type: multipart/related; boundary=b\r\n" + body


@pytest.fixture
def opened(alice, site, provider):
    """Give a function that opens a message's page and returns the names offered and the document shown."""

    def open_(source):
        provider.mailbox(ALICE).night(DAY).message(source=source)
        site(provider)
        row = alice.get(f"/{DAY}/").context["rows"][0]
        message = alice.get(row.url).context["message"]
        return [link.name for link in message["attachments"]], alice.get(message["frame_url"]).content.decode()

    return open_


def test_picture_named_in_the_html_is_shown_and_not_offered(opened):
    offered, document = opened(related('<img src="cid:uno">', "uno"))

    assert offered == []
    assert "data:image/png;base64," in document


def test_picture_that_the_html_does_not_name_is_offered(opened):
    offered, _ = opened(related('<img src="cid:uno">', "uno", "due"))

    assert offered == ["due.png"]


def test_picture_that_is_none_is_offered(opened):
    offered, document = opened(related('<img src="cid:uno">', "uno", content=b"<svg onload=alert(1)>"))

    assert offered == ["uno.png"]
    assert "svg" not in document


def test_html_of_pictures_alone_has_no_text(alice, site, provider):
    provider.mailbox(ALICE).night(DAY).message(source=related('<img src="cid:uno">', "uno"))
    site(provider)
    row = alice.get(f"/{DAY}/").context["rows"][0]

    document = alice.get(f"/{DAY}/messages/{row.id}/text/", headers={"accept-language": "en"})

    assert "(no text)" in document.content.decode()
