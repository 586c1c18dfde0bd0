"""What is attached: small pictures on the page, all of it in one archive."""

import io
import zipfile

import pytest

from tests.served import ALICE

DAY = "2026-11-21"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def message(alice, site, provider):
    """Give a function that returns the page's values of a message with these attachments."""

    def open_(*attachments):
        provider.mailbox(ALICE).night(DAY).message("Allegati", attachments=attachments)
        site(provider)
        return alice.get(alice.get(f"/{DAY}/").context["rows"][0].url).context["message"]

    return open_


def test_picture_is_drawn_by_its_first_bytes_alone(alice, message):
    links = message(("foto.txt.png", "image/jpeg", PNG), ("foto.png", "image/png", SVG))["attachments"]

    picture, other = (link.thumbnail_url for link in links)
    assert alice.get(picture)["Content-Type"] == "image/png"
    assert other == ""


@pytest.mark.parametrize("number", ["1", "2", "9"])
def test_nothing_but_a_picture_is_drawn(alice, message, number):
    link = message(("foto.png", "image/png", SVG), ("foto.png", "image/png", PNG))["attachments"][1]

    response = alice.get(link.thumbnail_url.replace("/3?", f"/{number}?"))

    assert response.status_code == 404


def test_all_of_it_is_one_archive_under_its_names(alice, message):
    url = message(("a.txt", "text/plain", b"uno\n"), ("A.txt", "text/plain", b"due\n"), ("..", "image/png", PNG))[
        "all_url"
    ]

    response = alice.get(url)

    content = response.getvalue()
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert [archive.read(name) for name in archive.namelist()] == [b"uno\n", b"due\n", PNG]
    assert archive.namelist()[:2] == ["a.txt", "A_2.txt"]
    assert response["Content-Length"] == str(len(content))
    assert response["Content-Disposition"].endswith('_allegati_allegati.zip"')


def test_one_attachment_needs_no_archive(message):
    assert "all_url" not in message(("a.txt", "text/plain", b"uno\n"))


def test_message_without_attachments_has_no_archive(alice, site, provider):
    provider.mailbox(ALICE).night(DAY).message("Niente")
    site(provider)
    message = alice.get(f"/{DAY}/").context["rows"][0].id

    assert alice.get(f"/{DAY}/messages/{message}/attachments.zip").status_code == 404
