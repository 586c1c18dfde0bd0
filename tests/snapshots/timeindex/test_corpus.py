"""The index and a plain scan agree on real mail, and on Maildirs that other programs wrote."""

import pytest

from tests.corpus import deliver, maildirs, message_files, needs_corpus, put_in_place
from tests.served import ALICE

pytestmark = needs_corpus


def test_index_of_real_mail_has_no_differences(provider, over):
    deliver(provider, ALICE, message_files())
    index = over()

    while not index.build():
        continue

    assert index.differences() == []


@pytest.mark.parametrize("maildir", maildirs(), ids=lambda path: path.name)
def test_index_of_others_maildirs_has_no_differences(provider, over, maildir):
    put_in_place(provider, ALICE, maildir)
    index = over()

    assert index.build()

    assert index.differences() == []
