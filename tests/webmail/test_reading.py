"""An owner's way through a mailbox of a chosen night."""

import pytest

from tests.served import ALICE


@pytest.fixture
def mailbox(provider):
    return provider.mailbox(ALICE)


def test_newest_night_opens_at_its_inbox(alice, site, provider, mailbox):
    mailbox.night("2026-11-21").message("Contratto firmato")
    site(provider)

    response = alice.get("/", follow=True)

    assert response.redirect_chain == [("/2026-11-21/", 302)]
    assert "Contratto firmato" in response.content.decode()


def test_source_leaves_byte_for_byte(alice, site, provider, mailbox):
    source = b"Subject: caff\xe8\r\n\r\nbare \r and NUL \0 and no last newline"
    mailbox.night("2026-11-21").message(source=source)
    site(provider)
    page = alice.get("/2026-11-21/")
    message = page.context["rows"][0].id

    response = alice.get(f"/2026-11-21/messages/{message}/message.eml")

    assert response.getvalue() == source
    assert response["Content-Length"] == str(len(source))
