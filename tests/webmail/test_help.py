"""Help is there for everybody, in one place, in plain words, with this provider's own figures."""

import pytest
from django.utils import translation

from tests.served import ALICE
from webmail.contact import contact_url
from webmail.help import TOPICS

DAY = "2026-11-21"


def words_of(client, path):
    return " ".join(client.get(path).content.decode().split())


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("name", TOPICS)
def test_topic_is_there_before_login_in_both_languages(client, db, name, language):
    with translation.override(language):
        title = str(TOPICS[name])

    page = client.get(f"/help/{name}/", headers={"accept-language": language}).content.decode()

    assert f'<html lang="{language}"' in page
    assert f"<h1>{title}</h1>" in page


def test_contents_lead_to_every_topic(client, db):
    page = words_of(client, "/help/")

    assert [name for name in TOPICS if f'href="/help/{name}/"' not in page] == []


def test_limits_prices_and_spans_are_the_provider_s(client, db, settings):
    settings.MTM_DAYS = 30
    settings.MTM_DOWNLOAD_LIMIT = 25
    settings.MTM_DOWNLOAD_SIZE_MB = 1200
    settings.MTM_RESTORE_PRICE = settings.MTM_RESTORE_PRICE / 2
    settings.MTM_AUDIT_DAYS = 200
    settings.MTM_RESTORE_DAYS = 31

    assert "quelle dei 30 giorni prima" in words_of(client, "/help/nights/")
    assert "25 messaggi per volta, fino a 1.200 MB" in words_of(client, "/help/downloads/")
    assert "40,00 € + IVA 22 %: in tutto 48,80 €" in words_of(client, "/help/restores/").replace("\xa0", " ")
    assert "per 200 giorni" in words_of(client, "/help/privacy/")
    assert "dopo 31 giorni" in words_of(client, "/help/privacy/")


def test_one_night_is_said_in_the_singular(client, db, settings):
    settings.MTM_DAYS = 1

    assert "quella del giorno prima" in words_of(client, "/help/nights/")


def test_free_restores_have_no_price(client, db, settings):
    settings.MTM_RESTORE_PRICE = settings.MTM_RESTORE_PRICE * 0

    assert "fatto dall’assistenza è gratuito" in words_of(client, "/help/restores/")


def test_restores_are_explained_only_where_they_are_offered(client, db, settings):
    settings.MTM_RESTORE = "off"

    assert client.get("/help/restores/").status_code == 404
    assert "/help/restores/" not in words_of(client, "/help/")


@pytest.mark.parametrize("path", [f"/{DAY}/", "/accesses/", "/search/", "/preferences/", "/help/", "/nowhere/"])
def test_help_stands_first_among_the_tools_of_every_page(alice, provider, site, path):
    provider.mailbox(ALICE).night(DAY).message("Contratto")
    site(provider)

    assert '<div class="masthead__tools"><a class="icon-button" href="/help/"' in words_of(alice, path)


def test_help_and_statements_are_offered_before_login(client, db):
    page = words_of(client, "/login/")

    assert all(f'href="/help/{name}"' in page for name in ("", "privacy/", "accessibility/"))


def test_empty_copy_leads_to_how_to_check(alice, provider, site):
    provider.mailbox(ALICE).night(DAY)
    site(provider)

    assert 'href="/help/pop3/">Come verificarlo</a>' in words_of(alice, f"/{DAY}/")


@pytest.mark.parametrize(
    ("contact", "url"),
    [
        ("assistenza@example.com", "mailto:assistenza@example.com"),
        ("https://example.com/help", "https://example.com/help"),
        ("+39 02 1234-5678", "tel:+390212345678"),
        ("the desk in the hall", ""),
        ("javascript:alert(1)", ""),
        ("a@example.com?bcc=b@example.com", ""),
    ],
)
def test_contact_is_a_link_where_it_can_be_one(contact, url):
    assert contact_url(contact) == url
