"""The site over two mailboxes, and Bob, an operator who may help and download."""

import pytest
from django.test import Client

from tests.served import sign_in
from tests.staff import open_mailbox, operator, sign_in_operator
from tests.webmail.conftest import DAY, reader, two_mailboxes

__all__ = ["reader", "two_mailboxes"]

ALICE = "alice@example.com"
CHARLIE = "charlie@example.com"


@pytest.fixture
def user(db):
    return operator()


@pytest.fixture
def bob(user):
    """A browser in which Bob has signed in to the console; a failure inside the site is an answer."""
    return sign_in_operator(Client(raise_request_exception=False), user)


@pytest.fixture
def with_grant(bob, two_mailboxes):
    """The same, in Alice's mailbox of DAY by a grant."""
    open_mailbox(bob, ALICE, DAY)
    return bob


@pytest.fixture
def charlie(db):
    return sign_in(Client(raise_request_exception=False), CHARLIE)
