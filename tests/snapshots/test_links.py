"""Links by day: one for each night, kept right by running again, and nothing of others' or of the snapshots touched."""

import os

import pytest
from django.core.management import CommandError, call_command

from demo.provider import Provider
from tests.served import ALICE

DAYS = ("2026-11-20", "2026-11-21")


@pytest.fixture
def by_day(tmp_path):
    path = tmp_path / "by-day"
    path.mkdir()
    return path


@pytest.fixture
def two_nights(provider, site):
    for day in DAYS:
        provider.mailbox(ALICE).night(day).message(f"del {day}")
    return site(provider)


def links(by_day):
    return {link.name: link.readlink() for link in by_day.iterdir() if link.is_symlink()}


def test_each_night_is_linked_by_its_day(two_nights, by_day):
    call_command("snapshots", link=by_day)

    assert links(by_day) == {day: two_nights.snapshot(day) for day in DAYS}
    assert (by_day / DAYS[1] / "example.com/alice/Maildir/cur").is_dir()


def test_running_again_changes_nothing(two_nights, by_day, capsys):
    call_command("snapshots", link=by_day)
    before = [os.lstat(by_day / day).st_ino for day in DAYS]

    call_command("snapshots", link=by_day)

    assert [os.lstat(by_day / day).st_ino for day in DAYS] == before
    assert capsys.readouterr().out.splitlines() == [f"linked {day}" for day in DAYS]


def test_night_that_is_gone_loses_its_link_and_others_keep_theirs(provider, two_nights, by_day, tmp_path, capsys):
    foreign = {"2026-11-01": tmp_path / "elsewhere", "latest": provider.volume / ".snapshot/gone"}
    for name, place in foreign.items():
        (by_day / name).symlink_to(place)
    gone = provider.volume / ".snapshot/nightly.2026-11-12_0000"
    (by_day / "2026-11-12").symlink_to(gone)

    call_command("snapshots", link=by_day)

    assert set(links(by_day)) == {*DAYS, *foreign}
    assert "removed 2026-11-12" in capsys.readouterr().out


def test_link_that_points_to_another_snapshot_is_put_right(two_nights, by_day):
    (by_day / DAYS[0]).symlink_to(two_nights.snapshot(DAYS[1]))

    call_command("snapshots", link=by_day)

    assert links(by_day)[DAYS[0]] == two_nights.snapshot(DAYS[0])


def test_what_somebody_else_put_there_is_left_and_told(two_nights, by_day):
    (by_day / DAYS[0]).mkdir()

    with pytest.raises(CommandError, match="something else has that name: 2026-11-20"):
        call_command("snapshots", link=by_day)

    assert set(links(by_day)) == {DAYS[1]}


def test_link_leads_to_where_accounts_begin(two_nights, by_day, settings):
    settings.MTM_SNAPSHOT_PATH = [f"{two_nights.volume}/.snapshot/{{snapshot}}/example.com/{{user}}/Maildir"]

    call_command("snapshots", link=by_day)

    assert links(by_day)[DAYS[0]] == two_nights.snapshot(DAYS[0]) / "example.com"


def test_nothing_is_ever_linked_in_the_snapshots(two_nights):
    with pytest.raises(CommandError, match="outside"):
        call_command("snapshots", link=two_nights.snapshot(DAYS[0]))


def test_names_that_rotate_are_not_linked(tmp_path, site, by_day):
    provider = Provider(tmp_path / "rotating", "nightly.{n}")
    provider.mailbox(ALICE).night(DAYS[0])
    site(provider)

    with pytest.raises(CommandError, match="another night tomorrow"):
        call_command("snapshots", link=by_day)

    assert links(by_day) == {}
