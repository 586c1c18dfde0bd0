"""A folder's names in order, with guids and ordinals, whatever its uidlist says."""

import pytest

from snapshots.engines.maildir.listing import NEWEST, ListingCache, MaildirListing
from snapshots.types import message_id


def listing(current=(), new=(), guids=None):
    return MaildirListing(current=list(current), new=list(new), guids=guids or {}, keyword_names={})


def identities(listed):
    return [(entry.name, entry.guid, entry.ordinal) for entry in listed]


def found(listed):
    """Every message looked up by its own id."""
    return [listed.find(message_id(entry.guid, entry.ordinal)) for entry in listed]


def names(count):
    return [f"{1_700_000_000 + number}.M{number}P1.mail:2,S" for number in range(count)]


def test_names_are_in_order_of_delivery():
    listed = listing(["1700000002.b:2,", "1700000001.a:2,S"], ["1700000003.c"])

    assert [entry.name for entry in listed] == ["1700000001.a:2,S", "1700000002.b:2,", "1700000003.c"]
    assert [entry.is_new for entry in listed] == [False, False, True]


def test_two_files_of_one_base_are_two_messages():
    listed = listing(["1700000001.a:2,S", "1700000001.a:2,ST"], ["1700000001.a"])

    assert identities(listed) == [
        ("1700000001.a", "1700000001.a", 0),
        ("1700000001.a:2,S", "1700000001.a", 1),
        ("1700000001.a:2,ST", "1700000001.a", 2),
    ]
    assert found(listed) == list(listed)


def test_one_name_in_both_directories_is_two_messages():
    listed = listing(["1700000001.a"], ["1700000001.a"])

    assert [(entry.is_new, entry.ordinal) for entry in listed] == [(False, 0), (True, 1)]
    assert found(listed) == list(listed)


def test_copies_with_one_guid_are_told_apart_in_order_of_delivery():
    guids = {"1700000003.c": "1700000001.a", "1700000002.b": "1700000001.a", "1700000009.stale": "1700000001.a"}

    listed = listing(["1700000001.a:2,", "1700000003.c:2,", "1700000002.b:2,"], guids=guids)

    assert [entry[1:] for entry in identities(listed)] == [(("1700000001.a"), ordinal) for ordinal in range(3)]
    assert found(listed) == list(listed)


def test_name_that_is_anothers_guid_but_has_its_own_is_no_copy():
    guids = {"1700000001.a": "beef", "1700000002.b": "1700000001.a"}

    listed = listing(["1700000001.a:2,", "1700000002.b:2,"], guids=guids)

    assert [entry[1:] for entry in identities(listed)] == [("beef", 0), ("1700000001.a", 0)]
    assert found(listed) == list(listed)


def test_longer_names_between_two_of_one_base_are_others():
    listed = listing(["1700000001.a:2,S", "1700000001.a,S=5:2,S"], ["1700000001.a"])

    assert identities(listed) == [
        ("1700000001.a", "1700000001.a", 0),
        ("1700000001.a,S=5:2,S", "1700000001.a,S=5", 0),
        ("1700000001.a:2,S", "1700000001.a", 1),
    ]
    assert found(listed) == list(listed)


def test_longer_names_between_two_of_one_listed_guid_are_others():
    guids = {"1700000001.a": "beef", "1700000009.z": "beef"}

    listed = listing(["1700000001.a:2,S", "1700000001.a,S=5:2,S", "1700000009.z:2,"], ["1700000001.a"], guids)

    assert [(entry.guid, entry.ordinal) for entry in listed] == [
        ("beef", 0),
        ("1700000001.a,S=5", 0),
        ("beef", 1),
        ("beef", 2),
    ]


@pytest.mark.parametrize("count", [NEWEST - 1, NEWEST + 1, 2 * NEWEST, 3 * NEWEST])
def test_end_of_a_long_folder_is_the_end_of_all_of_it(count):
    listed = names(count)

    assert [entry.name for entry in listing(listed[::-1])[-50:]] == listed[-50:]
    assert [entry.name for entry in listing(listed[::-1])] == listed


def test_first_page_of_a_long_folder_does_without_sorting_it():
    listed = listing(names(3 * NEWEST))

    listed[-50:]

    assert "_names" not in vars(listed)


def test_every_message_of_a_long_folder_is_found():
    listed = listing(names(3 * NEWEST)[::-1])

    assert [listed.find(message_id(entry.guid, 0)) == entry for entry in listed].count(False) == 0


def test_copies_across_the_end_of_a_long_folder_keep_their_ordinals():
    current = names(3 * NEWEST)
    bases = [name.partition(":")[0] for name in current]
    guids = {bases[0]: "beef", bases[-1]: "beef", bases[-NEWEST]: "beef"}

    listed = listing(current, guids=guids)

    assert [listed[place].ordinal for place in (0, -NEWEST, -1)] == [0, 1, 2]


def test_thousands_of_copies_cost_no_more_than_thousands_of_messages():
    current = names(20_000)
    listed = listing(current, guids={name.partition(":")[0]: "beef" for name in current})

    ordinals = [entry.ordinal for entry in listed]

    assert ordinals == list(range(20_000))
    assert listed.find(message_id("beef", 19_999)).ordinal == 19_999


def test_cache_reads_what_it_does_not_hold_once():
    cache = ListingCache()

    first = cache.get("key", lambda: listing(names(1)))
    second = cache.get("key", lambda: listing(names(2)))

    assert first is second
    assert len(second) == 1


def test_cache_forgets_what_was_used_longest_ago():
    cache = ListingCache(names_limit=25)
    kept = {key: cache.get(key, lambda: listing(names(10))) for key in "ab"}

    cache.get("a", listing)
    cache.get("c", lambda: listing(names(10)))

    assert cache.get("a", listing) is kept["a"]
    assert cache.get("b", listing) is not kept["b"]


def test_cache_keeps_the_newest_however_big():
    cache = ListingCache(names_limit=5)

    big = cache.get("big", lambda: listing(names(10)))

    assert cache.get("big", listing) is big
