"""Lists in the order and of the messages a reader chooses."""

import pytest

from tests.served import ALICE

DAY = "2026-11-21"
SUBJECTS = ("Zeta", "alfa", "Mare", "beta")


@pytest.fixture
def night(provider):
    """Four messages: the first unread, the second flagged, the third with an attachment."""
    night = provider.mailbox(ALICE).night(DAY)
    zeta, alfa, mare, beta = SUBJECTS
    night.message(zeta, sender="Carla <carla@example.org>", flags="")
    night.message(alfa, sender="bruno@example.org", flags="SF")
    night.message(mare, sender="Anna <anna@example.org>", flags="S", attachments=[("a.pdf", "application/pdf", b"x")])
    night.message(beta, sender="Dario <dario@example.org>", flags="S", text="lungo " * 500)
    return night


def subjects(client, query):
    return [row.subject for row in client.get(f"/{DAY}/inbox/{query}").context["rows"]]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["beta", "Mare", "alfa", "Zeta"]),
        ("?sort=date", ["Zeta", "alfa", "Mare", "beta"]),
        ("?sort=subject", ["alfa", "beta", "Mare", "Zeta"]),
        ("?sort=-subject", ["Zeta", "Mare", "beta", "alfa"]),
        ("?sort=sender", ["Mare", "alfa", "Zeta", "beta"]),
        ("?filter=unread", ["Zeta"]),
        ("?filter=flagged", ["alfa"]),
        ("?filter=attachments", ["Mare"]),
        ("?filter=gone", []),
        ("?sort=nonsense&filter=nonsense", ["beta", "Mare", "alfa", "Zeta"]),
    ],
)
def test_list_is_what_was_chosen(alice, provider, night, indexed, query, shown):
    indexed(provider)

    assert subjects(alice, query) == shown


def test_largest_messages_come_first(alice, provider, night, indexed):
    indexed(provider)

    assert subjects(alice, "?sort=-size")[0] == "beta"


@pytest.mark.parametrize("query", ["?sort=subject", "?filter=gone", "?filter=attachments"])
def test_what_is_not_ready_says_so_and_shows_the_newest(alice, site, provider, night, query):
    site(provider)

    page = alice.get(f"/{DAY}/inbox/{query}")

    assert [row.subject for row in page.context["rows"]] == ["beta", "Mare", "alfa", "Zeta"]
    assert page.context["waiting_sentence"] != ""
    assert page.context["waiting_sentence"] in page.content.decode()


def test_message_opens_beside_the_list_as_it_was_sorted(alice, provider, night, indexed):
    indexed(provider)
    row = alice.get(f"/{DAY}/inbox/?sort=subject").context["rows"][-1]

    page = alice.get(row.url)

    assert row.url.endswith("/?sort=subject")
    assert [each.subject for each in page.context["rows"]] == ["alfa", "beta", "Mare", "Zeta"]
    assert page.context["list_url"] == f"/{DAY}/inbox/?sort=subject"


def test_choosing_the_same_order_again_turns_it_round(alice, provider, night, indexed):
    indexed(provider)

    sorts = {option.id: option for option in alice.get(f"/{DAY}/inbox/?sort=subject").context["sorts"]}

    assert sorts["sort-subject"].url == f"/{DAY}/inbox/?sort=-subject"
    assert sorts["sort-size"].url == f"/{DAY}/inbox/?sort=-size"


def test_empty_filter_does_not_say_the_folder_was_empty(alice, provider, night, indexed):
    indexed(provider)

    content = alice.get(f"/{DAY}/inbox/?filter=gone").content.decode()

    assert "non è sparito nulla" in content
    assert "era vuota" not in content
