"""Where restored mail goes when nobody says: never to where it would not be looked for."""

from datetime import date

import pytest

from restores.choice import Choice
from restores.models import Target, What

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("folders", "place"),
    [
        (["trash"], Target.INBOX),
        (["trash", "junk"], Target.INBOX),
        (["inbox"], Target.ORIGINAL),
        (["inbox", "trash"], Target.ORIGINAL),
    ],
)
def test_messages_go_where_they_were_but_not_back_into_the_trash(folders, place):
    choice = Choice(DAY, what=What.MESSAGES, messages=tuple((folder, "AAAA") for folder in folders))

    assert choice.place is place


def test_place_that_was_chosen_is_kept():
    choice = Choice(DAY, what=What.MESSAGES, messages=(("trash", "AAAA"),), target=Target.ORIGINAL)

    assert choice.place is Target.ORIGINAL


def test_folders_go_into_one_of_their_own():
    assert Choice(DAY, what=What.FOLDERS, folders=("inbox",)).place is Target.NEW_FOLDER
