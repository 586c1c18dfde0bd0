"""The front door: the offered days, and the right mailbox on one of them or none."""

from datetime import UTC, date, datetime

import pytest

from demo.provider import Provider
from snapshots import archive as archive_module
from snapshots.accounts import parse_address
from snapshots.errors import (
    EngineUnavailable,
    MailboxLocked,
    MailboxNotFound,
    MessageNotFound,
    SnapshotGone,
    SnapshotNotFound,
)
from snapshots.types import message_id
from tests.served import ALICE, CHARLIE, archive_over

ACCOUNT = parse_address(ALICE)
DAY = date(2026, 11, 21)
OTHER_GUID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def night(provider):
    return provider.mailbox(ALICE).night(DAY)


@pytest.fixture
def archive(provider, unchanged):
    """Give a function that opens the archive over the provider, sealed."""
    return lambda **options: archive_over(unchanged(provider), **options)


def guid_of(night):
    return night.folders["INBOX"].guid


def test_days_end_today_and_say_how_each_is(night, provider, archive):
    provider.mailbox(ALICE).night("2026-11-15")

    days = archive().days(ACCOUNT)

    assert [(each.day.day, str(each.state)) for each in days] == [
        *[(15, "available"), (16, "missing"), (17, "missing"), (18, "missing"), (19, "missing"), (20, "missing")],
        *[(21, "available"), (22, "preparing")],
    ]
    assert [each.day.day for each in days if each.expires_tonight] == [15]


def test_days_are_known_before_a_login(night, archive):
    assert archive().days()[-2].state == "available"


def test_as_many_days_are_offered_as_were_set(night, archive):
    assert len(archive(days=3).days(ACCOUNT)) == 4


def test_today_is_the_services_day(night, archive):
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)

    assert archive(now=late).today() == date(2026, 11, 22)


def test_mailbox_opens_with_its_night_and_catalogue(night, archive):
    night.message("uno")

    with archive().open_mailbox(ACCOUNT, DAY) as mailbox:
        [inbox] = mailbox.catalogue.folders()

    assert (mailbox.account, mailbox.night.day, inbox.total) == (ACCOUNT, DAY, 1)


def test_message_s_source_is_the_stored_bytes(night, archive):
    message = night.message("uno")

    with archive().open_mailbox(ACCOUNT, DAY) as mailbox:
        located = mailbox.catalogue.find(message_id(message.guid, 0))
        with mailbox.open_source(located) as stream:
            source = stream.read()

    assert source == message.source


def test_closed_mailbox_reads_nothing_more(night, archive):
    mailbox = archive().open_mailbox(ACCOUNT, DAY)

    mailbox.close()

    with pytest.raises(EngineUnavailable):
        mailbox.catalogue.folders()


def test_missing_night_absent_mailbox_and_empty_mailbox_are_three_things(night, archive):
    opens = archive()

    with pytest.raises(SnapshotNotFound):
        opens.open_mailbox(ACCOUNT, date(2026, 11, 20))
    with pytest.raises(MailboxNotFound):
        opens.open_mailbox(parse_address(CHARLIE), DAY)
    with opens.open_mailbox(ACCOUNT, DAY) as mailbox:
        assert [count.total for count in mailbox.catalogue.folders()] == [0]


@pytest.mark.parametrize("day", [date(2026, 11, 14), date(1, 1, 1)])
def test_day_before_the_oldest_offered_is_gone(night, archive, day):
    with pytest.raises(SnapshotGone) as caught:
        archive().open_mailbox(ACCOUNT, day)

    assert (caught.value.account, caught.value.day) == (ALICE, day)


def test_night_kept_longer_than_offered_is_gone_too(provider, archive):
    provider.mailbox(ALICE).night("2026-11-10")

    with pytest.raises(SnapshotGone):
        archive().open_mailbox(ACCOUNT, date(2026, 11, 10))


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 11, 23), date(9999, 12, 31)])
def test_day_that_has_no_night_yet_is_not_found(night, archive, day):
    with pytest.raises(SnapshotNotFound):
        archive().open_mailbox(ACCOUNT, day)


def test_mailbox_with_the_guid_of_today_opens(night, archive):
    with archive().open_mailbox(ACCOUNT, DAY, guids=frozenset({guid_of(night)})) as mailbox:
        assert mailbox.night.day == DAY


@pytest.mark.parametrize("guids", [frozenset({OTHER_GUID}), frozenset()])
def test_mailbox_with_another_guid_stays_locked(night, archive, guids):
    with pytest.raises(MailboxLocked) as caught:
        archive().open_mailbox(ACCOUNT, DAY, guids=guids)

    assert (caught.value.account, caught.value.day) == (ALICE, DAY)


def test_recreated_mailbox_opens_its_own_nights_only(provider, archive):
    mailbox = provider.mailbox(ALICE)
    mailbox.night("2026-11-20")
    own = frozenset({guid_of(mailbox.night(DAY, empty=True))})
    opens = archive()

    with pytest.raises(MailboxLocked):
        opens.open_mailbox(ACCOUNT, date(2026, 11, 20), guids=own)
    with opens.open_mailbox(ACCOUNT, DAY, guids=own) as opened:
        assert opened.night.day == DAY


def test_mailbox_opens_where_the_live_server_tells_no_guid(night, archive):
    archive().open_mailbox(ACCOUNT, DAY, guids=None).close()


def test_mailbox_opens_where_the_night_tells_no_guid(night, archive):
    night.forget_uids()

    archive().open_mailbox(ACCOUNT, DAY, guids=frozenset({OTHER_GUID})).close()


def test_repaired_mailbox_opens_once_its_guid_is_proved(night, archive):
    live = guid_of(night)
    night.repair(guid=OTHER_GUID)
    opens = archive()

    with pytest.raises(MailboxLocked):
        opens.open_mailbox(ACCOUNT, DAY, guids=frozenset({live}))
    opens.open_mailbox(ACCOUNT, DAY, guids=frozenset({live, OTHER_GUID})).close()


def test_locked_mailbox_leaves_nothing_open(night, archive, monkeypatch):
    opens, closed = archive(), []
    original = opens._engine.open

    def recording(account, night):
        reader = original(account, night)
        monkeypatch.setattr(reader, "close", lambda: closed.append(reader._root.close()))
        return reader

    monkeypatch.setattr(opens._engine, "open", recording)

    with pytest.raises(MailboxLocked):
        opens.open_mailbox(ACCOUNT, DAY, guids=frozenset({OTHER_GUID}))
    assert closed == [None]


def test_mailbox_under_two_volumes_is_locked(tmp_path, unchanged):
    providers = [Provider(tmp_path / name) for name in "ab"]
    for provider in providers:
        provider.mailbox(ALICE).night(DAY)
    opens = archive_over(*map(unchanged, providers))

    with pytest.raises(MailboxLocked, match="Two volumes"):
        opens.open_mailbox(ACCOUNT, DAY)


def test_inbox_guids_are_told_for_every_night_that_holds_the_mailbox(provider, archive):
    mailbox = provider.mailbox(ALICE)
    first = mailbox.night("2026-11-19")
    mailbox.night("2026-11-20").forget_uids()
    provider.mailbox(CHARLIE).night("2026-11-18")
    third = mailbox.night(DAY, empty=True)

    guids = archive().inbox_guids(ACCOUNT)

    assert guids == {date(2026, 11, 19): guid_of(first), date(2026, 11, 20): None, DAY: guid_of(third)}


def test_inbox_guids_leave_out_a_night_on_two_volumes(tmp_path):
    providers = [Provider(tmp_path / name) for name in "ab"]
    for provider in providers:
        provider.mailbox(ALICE).night(DAY)
    providers[0].mailbox(ALICE).night("2026-11-20")

    assert set(archive_over(*providers).inbox_guids(ACCOUNT)) == {date(2026, 11, 20)}


def test_sample_has_every_message_of_a_small_mailbox(night, archive):
    messages = [
        night.message(str(number), folder=folder) for number, folder in enumerate(["INBOX", "Clienti", "Clienti"])
    ]

    assert sorted(archive().sample_guids(ACCOUNT, DAY)) == sorted(message.guid for message in messages)


def test_sample_takes_the_ends_of_every_folder(night, archive, monkeypatch):
    monkeypatch.setattr(archive_module, "SAMPLE_SIZE", 8)
    guids = {folder: [night.message(str(n), folder=folder).guid for n in range(9)] for folder in ("INBOX", "Clienti")}

    sample = archive().sample_guids(ACCOUNT, DAY)

    assert sorted(sample) == sorted(guid for known in guids.values() for guid in (*known[:2], *known[-2:]))


def test_sample_of_very_many_folders_has_an_end(night, archive, monkeypatch):
    monkeypatch.setattr(archive_module, "SAMPLE_SIZE", 8)
    for number in range(12):
        night.message(folder=f"Cartella {number}")

    assert len(archive().sample_guids(ACCOUNT, DAY)) == 8


def test_sample_passes_over_an_unreadable_folder(night, archive):
    message = night.message("uno")
    (night.folder("Clienti").directory("Clienti") / "cur").rmdir()

    assert archive().sample_guids(ACCOUNT, DAY) == [message.guid]


def test_night_that_expires_between_two_clicks_is_gone(night, provider):
    opens = archive_over(provider)
    opens.days(ACCOUNT)

    provider.lose(DAY)

    with pytest.raises(SnapshotGone):
        opens.open_mailbox(ACCOUNT, DAY)


def test_message_of_another_mailbox_is_not_found(provider, night, archive):
    other = provider.mailbox(CHARLIE).night(DAY).message("di Charlie")

    with archive().open_mailbox(ACCOUNT, DAY) as mailbox, pytest.raises(MessageNotFound):
        mailbox.catalogue.find(message_id(other.guid, 0))
