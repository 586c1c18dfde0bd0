"""The site over a Dovecot that serves the snapshots: the pages and ids it has over the mounted Maildirs."""

import re
from datetime import date, timedelta
from urllib.parse import quote

import pytest

from demo import story
from snapshots import configured
from snapshots.accounts import parse_address
from snapshots.types import Folder
from tests.crawl import folder_ids, lists, messages
from tests.hostile_strings import FRAGMENTS, strings
from tests.imap_commands import commands
from tests.imap_proxy import recording
from tests.served import ALICE, NOW, sign_in
from tests.snapshot_dovecot import MASTER

# Over IMAP a line ends with CRLF, so a message is larger; and each page has tokens of its own.
SIZES = re.compile(rb"[\d.,]+\s(byte|kB|KB|MB)|[\d.]+ bytes")
TOKENS = re.compile(rb'name="[a-z]*token" value="[^"]*"|title="[\d.]+')
MESSAGES_OF_A_FOLDER = 1
SAME_SOURCE_BYTES = 100_000
TODAY = NOW.date()


@pytest.fixture
def told_story(provider, snapshot_dovecot):
    """The demo's mailbox, served by Dovecot."""
    made = story.build(provider.volume.parent, TODAY)
    return snapshot_dovecot.serve(made)


@pytest.fixture
def over_imap(settings, snapshot_dovecot):
    """Give a function that puts the site over the server, through a proxy that writes down what is asked."""
    with recording(snapshot_dovecot.port, keeps_bytes=True) as proxy:

        def switch():
            settings.MTM_ENGINE = "imap"
            settings.MTM_SNAPSHOT_IMAP_URL = proxy.url
            settings.MTM_SNAPSHOT_IMAP_MASTER = f"{MASTER}:{snapshot_dovecot.secret}"
            configured.forget()
            return proxy

        yield switch
    assert proxy.unsafe() == []


def told_by(client, day):
    """Return what a night's pages tell, by their address."""
    told = {}
    for folder in folder_ids(story.OWNER, day):
        pages = list(lists(client, day, folder))
        rows = pages[0].response.context["rows"][:MESSAGES_OF_A_FOLDER]
        for seen in [*pages, *(each for row in rows for each in messages(client, day, row.id, folder))]:
            assert seen.status == 200, seen.url
            # A long source is shown up to a size, which comes earlier where lines end with CRLF.
            told[seen.url] = without_sizes(seen.content[: SAME_SOURCE_BYTES if seen.name == "source" else None])
    return told


def without_sizes(content):
    """Return a page without what differs: line ends, sizes, and tokens made anew each time."""
    return TOKENS.sub(b"", SIZES.sub(b"", content.replace(b"\r\n", b"\n")))


def test_pages_and_ids_are_those_of_the_mounted_maildir(client, db, told_story, site, over_imap):
    day = TODAY - timedelta(days=4)
    site(told_story)
    reader = sign_in(client, story.OWNER)
    expected = told_by(reader, day)

    proxy = over_imap()
    told = told_by(reader, day)

    assert told.keys() == expected.keys()
    assert [url for url, answer in told.items() if answer != expected[url]] == []
    assert {"EXAMINE", "UID FETCH", "LIST"} <= set(proxy.commands)


def test_index_over_imap_says_what_the_snapshots_say(client, db, told_story, site, over_imap):
    site(told_story)
    over_imap()
    account = parse_address(story.OWNER)

    while not configured.archive().build_index(account):
        pass

    assert list(configured.archive().check_index(account)) == []


def test_days_are_told_without_a_mount(settings, db, told_story, site, over_imap):
    site(told_story)
    mounted = configured.archive().days(parse_address(story.OWNER))

    over_imap()
    settings.MTM_SNAPSHOT_PATH = []
    configured.forget()
    told = configured.archive().days(parse_address(story.OWNER))

    assert [(day.day, day.state) for day in told] == [(day.day, day.state) for day in mounted]
    assert date(2026, 11, 21) in [day.day for day in told]


def test_hostile_search_folder_and_day_ask_no_more_than_plain_ones(
    client, db, provider, site, over_imap, snapshot_dovecot
):
    yesterday = TODAY - timedelta(days=1)
    provider.mailbox(ALICE).night(yesterday).message("Contratto", folder="Clienti")
    site(snapshot_dovecot.serve(provider))
    proxy, reader = over_imap(), sign_in(client)
    listed = f"/{yesterday}/{Folder('Clienti').id}/"
    search = "/search/?q={0}&from={0}&first={0}&last={0}&folder={0}&page={0}"
    statuses = [reader.get(path).status_code for path in (search.format("contratto"), listed)]
    expected = asked(proxy)

    tried = [search.format(quote(text, safe="")) for text in strings()]
    tried += [path.format(quote(text, safe="")) for text in FRAGMENTS for path in ("/{}/", f"/{yesterday}/{{}}/")]
    statuses += [reader.get(address).status_code for address in tried]

    assert set(statuses) <= {200, 404}
    assert {"EXAMINE", "UID"} <= {each.name for each in expected}
    assert asked(proxy) <= expected


def asked(proxy):
    """Return the different commands that were sent."""
    return {each for sent in proxy.sent for each in commands(bytes(sent))}
