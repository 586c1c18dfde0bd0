"""A volume that fails, goes stale, refuses or hangs: its own account is told so, the other one reads on."""

from functools import partial

import pytest

from snapshots.types import Folder, message_id
from tests.faults.kernel import FOR_EVER, READING, injected
from tests.faults.stage import (
    ANSWER_SECONDS,
    MESSAGES,
    NIGHT_GONE,
    OTHER_FOLDER,
    STORAGE_SILENT,
    at_once,
    eventually,
    standing,
    whole_or_nothing,
)
from tests.scale import needs_evidence

DAMAGED = "Questo messaggio è danneggiato"
UNTIL_BREAKERS_OPEN = 16
READS_SWEPT = 40


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with standing(tmp_path_factory.mktemp("storage")) as stage:
        yield stage


@pytest.fixture(autouse=True)
def all_is_well(stage):
    """Soon after each fault both are served every message, byte for byte, by the processes that were there before."""
    before = stage.below
    yield
    eventually(stage.anna.is_served_truly)
    assert stage.carla.is_served_truly()
    assert stage.below == before


@pytest.fixture
def long(stage):
    """A message of many megabytes: its id, its bytes, its file."""
    folder = stage.anna.night.folders[OTHER_FOLDER]
    [placement] = folder.placements
    return message_id(placement.message.guid, 0), placement.message.source, folder.file(placement)


def failing(stage, error, place, *, calls=READING, when="1+"):
    """Let the web's calls that concern a place of Anna's fail."""
    return injected(stage.web, f"error={error}", place, calls=calls, when=when)


@pytest.mark.parametrize("error", ["EIO", "EACCES", "ESTALE"])
def test_volume_that_fails_costs_its_own_account_a_page_in_words(stage, error):
    with failing(stage, error, stage.anna.volume):
        anna, carla = stage.anna.get(), stage.carla.get()

    assert (anna.status, STORAGE_SILENT in anna.content.decode()) == (503, True)
    assert carla.status == 200


def test_stale_night_is_gone_and_the_others_are_offered(stage):
    with failing(stage, "ESTALE", stage.anna.mailbox.provider.snapshot(stage.anna.day)):
        stale, other = stage.anna.get(), stage.anna.get(f"/{min(stage.anna.mailbox.by_day)}/")

    assert (stale.status, NIGHT_GONE in stale.content.decode()) == (410, True)
    assert "Le copie più vicine" in stale.content.decode()
    assert other.status == 200


def test_message_that_cannot_be_read_is_named_damaged_and_the_others_are_whole(stage, long):
    message, _, file = long

    with failing(stage, "EIO", file, calls="read"):
        page = stage.anna.get(f"/{stage.anna.day}/{Folder(OTHER_FOLDER).id}/{message}/")
        source = stage.anna.source(message)
        others = stage.anna.is_served_truly()

    assert (page.status, source.status, others) == (200, 503, True)
    assert "è danneggiato" in page.content.decode()
    assert DAMAGED in source.content.decode()


def test_folder_that_may_not_be_read_hides_no_other(stage):
    with failing(stage, "EACCES", stage.anna.night.folders[OTHER_FOLDER].path):
        inbox = stage.anna.ids()

    assert len(inbox) == MESSAGES


def test_hung_mount_is_left_at_the_deadline_and_nobody_else_waits(stage):
    with injected(stage.web, FOR_EVER, stage.anna.volume):
        anna, *others = at_once(
            partial(stage.anna.get, patience_seconds=ANSWER_SECONDS), stage.carla.get, stage.carla.get, stage.stranger
        )

    assert (anna.status, STORAGE_SILENT in anna.content.decode()) == (503, True)
    assert [answer.status for answer in others] == [200] * 3


@needs_evidence
def test_mount_that_hangs_for_long_is_not_asked_and_comes_back_by_itself(stage):
    with injected(stage.web, FOR_EVER, stage.anna.volume):
        first = at_once(*[partial(stage.anna.get, patience_seconds=ANSWER_SECONDS)] * UNTIL_BREAKERS_OPEN)
        others = [stage.carla.get() for _ in range(20)]
        refused = [stage.anna.get() for _ in range(8)]

    assert {answer.status for answer in first + refused} == {503}
    assert {answer.status for answer in others} == {200}


@needs_evidence
@pytest.mark.parametrize("fault", [FOR_EVER, "error=EIO", "error=ESTALE"])
def test_download_that_fails_in_the_middle_is_broken_off(stage, long, fault):
    message, _, file = long

    with injected(stage.web, fault, file, calls="read", when="4+"):
        got = whole_or_nothing(partial(stage.anna.source, message, patience_seconds=ANSWER_SECONDS))

    assert got is None


@needs_evidence
def test_whichever_read_fails_no_page_is_a_fault_of_ours_and_no_part_passes_for_the_whole(stage, long):
    message, whole, _ = long
    paths = ["", f"/{stage.anna.day}/folders/", f"/{stage.anna.day}/{Folder(OTHER_FOLDER).id}/{message}/"]

    for number in range(1, READS_SWEPT + 1):
        with failing(stage, "EIO", stage.anna.volume, when=f"{number}"):
            statuses = {stage.anna.get(path).status for path in paths}
            got = whole_or_nothing(partial(stage.anna.source, message))

        assert statuses <= {200, 404, 503}, number
        assert got in (whole, None), number
