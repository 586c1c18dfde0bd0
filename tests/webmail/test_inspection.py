"""Headers, source and paper: what stands behind a message."""

import pytest

from tests.served import ALICE
from tests.webmail.test_answers import DOCUMENT
from webmail.inspection_context import SOURCE_BYTES

DAY = "2026-11-21"
SOURCE = b"""Received: from relay.example (relay.example [192.0.2.7]) by mx.example with ESMTPS id 1;
 Sat, 21 Nov 2026 10:00:30 +0100
Received: from pc by relay.example with SMTP; Sat, 21 Nov 2026 10:00:00 +0100
Authentication-Results: mx.example; spf=pass smtp.mailfrom=example.org; dkim=fail
From: Marta <marta@example.org>
To: Alice <alice@example.com>
this line is no header
Subject: Due righe
Content-Type: text/html

<p onclick="x()">Ciao <a href="https://example.org/x">qui</a></p>
"""


@pytest.fixture
def message(alice, site, provider):
    """Give a function that returns the page's values of a message with this source."""

    def open_(source=SOURCE):
        provider.mailbox(ALICE).night(DAY).message(source=source)
        site(provider)
        return alice.get(alice.get(f"/{DAY}/").context["rows"][0].url).context["message"]

    return open_


def test_way_is_told_from_the_first_server_to_the_last(alice, message):
    hops = alice.get(message()["headers_url"]).context["hops"]

    assert [hop.way for hop in hops] == [
        "Da pc a relay.example",
        "Da relay.example (relay.example [192.0.2.7]) a mx.example",
    ]
    assert [hop.iso for hop in hops] == ["2026-11-21T09:00:00+00:00", "2026-11-21T09:00:30+00:00"]


def test_what_servers_declare_is_called_a_declaration(alice, message):
    page = alice.get(message()["headers_url"])

    assert page.context["declarations"] == [
        ("Authentication-Results", "mx.example; spf=pass smtp.mailfrom=example.org; dkim=fail")
    ]
    assert "come dichiarata dal server ricevente" in page.content.decode()


def test_header_after_a_stray_line_is_there_and_the_line_is_told(alice, message):
    page = alice.get(message()["headers_url"])

    assert ("Subject", "Due righe") in page.context["fields"]
    assert page.context["defects"] == ["Tra le intestazioni c’è una riga che non lo è."]


def test_source_is_shown_as_it_stands(alice, message):
    page = alice.get(message()["source_url"])

    assert page.context["source"] == SOURCE.decode()
    assert page.context["cut_notice"] == ""
    assert "&lt;p onclick=" in page.content.decode()


def test_long_source_is_cut_and_says_so(alice, message):
    page = alice.get(message(SOURCE + b"x" * SOURCE_BYTES)["source_url"])

    assert len(page.context["source"]) == SOURCE_BYTES
    assert page.context["cut_notice"] != ""


def test_paper_has_heads_body_and_the_night(alice, message):
    response = alice.get(message()["print_url"])

    page = response.content.decode()
    assert response["Content-Security-Policy"] == DOCUMENT
    assert "Marta &lt;marta@example.org&gt;" in page
    assert '<a href="https://example.org/x"' in page
    assert "Copia di sabato 21 novembre 2026, ore 00:00. Mail Time Machine" in page
    assert "onclick" not in page


def test_document_follows_the_theme_chosen(alice, message):
    frame = message(b"Subject: x\n\nparole\n")["frame_url"]
    alice.cookies["theme"] = "dark"

    assert "color-scheme:dark" in alice.get(frame).content.decode()
