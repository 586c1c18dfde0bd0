"""A message attached to another: read in place, with what is attached to it in turn."""

import io
import zipfile

import pytest

from tests.served import ALICE

DAY = "2026-11-21"
INNER = b"""From: Marta <marta@example.org>
To: Luca <luca@example.org>
Subject: Il contratto
Content-Type: multipart/mixed; boundary=inner

--inner
Content-Type: text/html

<p>parole di Marta</p><img src="https://example.org/x.png">
--inner
Content-Type: application/pdf; name=contratto.pdf
Content-Transfer-Encoding: base64

JVBERi0=
--inner
Content-Type: message/rfc822

Subject: Ancora prima

parole di ieri
--inner--
"""
OUTER = (
    b"From: Luca <luca@example.org>\nSubject: I: Il contratto\nContent-Type: multipart/mixed; boundary=outer\n\n"
    b"--outer\n\nparole di Luca\n--outer\nContent-Type: message/rfc822\n\n" + INNER + b"\n--outer--\n"
)


@pytest.fixture
def url(alice, site, provider):
    provider.mailbox(ALICE).night(DAY).message(source=OUTER)
    site(provider)
    return alice.get(f"/{DAY}/").context["rows"][0].url


@pytest.fixture
def attached(alice, url):
    """The page of the attached message, reached as a reader reaches it."""
    (link,) = alice.get(url).context["message"]["attachments"]
    return alice.get(link.open_url)


def document(client, page):
    return client.get(page.context["message"]["frame_url"]).content.decode()


def test_attached_message_is_one_attachment_of_the_outer(alice, url):
    page = alice.get(url)

    assert [link.name for link in page.context["message"]["attachments"]] == ["messaggio allegato.eml"]
    assert "parole di Luca" in document(alice, page)
    assert "parole di Marta" not in document(alice, page)


def test_attached_message_opens_in_place(alice, attached):
    message = attached.context["message"]

    assert (message["subject"], message["sender_name"]) == ("Il contratto", "Marta")
    assert message["outer_subject"] == "I: Il contratto"
    assert "parole di Marta" in document(alice, attached)
    assert "parole di Luca" not in document(alice, attached)


def test_attached_message_has_its_own_attachments(alice, attached):
    pdf, inner = attached.context["message"]["attachments"]

    assert alice.get(pdf.url).getvalue() == b"%PDF-"
    assert "parole di ieri" in document(alice, alice.get(inner.open_url))


def test_attached_message_s_pictures_are_counted_and_shown(alice, attached):
    message = attached.context["message"]

    shown = alice.post(message["show_images_url"]).context["message"]

    assert message["images_sentence"].startswith("1 ")
    assert "https:" in alice.get(shown["frame_url"])["Content-Security-Policy"]
    assert shown["subject"] == "Il contratto"


def test_attached_message_is_downloaded_alone_and_whole(alice, attached):
    assert alice.get(attached.context["message"]["eml_url"]).getvalue() == INNER


@pytest.mark.parametrize("view", ["headers", "source", "print"])
def test_what_stands_behind_it_is_its_own(alice, attached, view):
    page = alice.get(attached.context["message"][f"{view}_url"]).content.decode()

    assert "Marta" in page
    assert "Luca &lt;luca@example.org&gt;" in page
    assert "outer" not in page


def test_all_attachments_of_it_are_one_archive(alice, attached):
    archive = zipfile.ZipFile(io.BytesIO(alice.get(attached.context["message"]["all_url"]).getvalue()))

    assert archive.namelist() == ["contratto.pdf", "messaggio allegato.eml"]
    assert archive.read("contratto.pdf") == b"%PDF-"


@pytest.mark.parametrize("number", ["1", "3", "2.2", "99", "x", "2.TEXT", "'"])
def test_part_that_is_no_message_opens_nothing(alice, url, number):
    assert alice.get(url, {"part": number}).status_code == 404


def test_text_of_it_is_one_click_away(alice, attached):
    page = alice.get(attached.request["PATH_INFO"] + attached.context["message"]["other_view_url"])

    assert page.context["message"]["shows_text"]
    assert "parole di Marta" in document(alice, page)
