"""A typed address becomes one account, and an account one plain path; nothing else gets through."""

import hashlib
from pathlib import Path

import pytest

from snapshots.accounts import AddressBook, BadAddress, BadTemplate, PathTemplate, fill, parse_address
from snapshots.errors import MailboxNotFound
from snapshots.types import Account

GIULIA = Account("giulia.rossi", "studiorossi.example")


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("Giulia.Rossi@StudioRossi.Example", "giulia.rossi@studiorossi.example"),
        ("a+b=c_d-9@x.example", "a+b=c_d-9@x.example"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("info@faß.de", "info@xn--fa-hia.de"),
        ("info@xn--fa-hia.de", "info@xn--fa-hia.de"),
        ("info@ＥＸＡＭＰＬＥ.com", "info@example.com"),
        ("info@example。com", "info@example.com"),
        ("info@مثال.إختبار", "info@xn--mgbh0fb.xn--kgbechtv"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_address_becomes_its_canonical_account(typed, canonical):
    assert parse_address(typed).address == canonical


@pytest.mark.parametrize(
    "local",
    [
        *("", ".", "..", ".a", "a.", "a..b", "-a", "a/b", "../a", "a\\b", "a\0b", "a\nb", "a\rb", "a b", 'a"b', "a%b"),
        *("a*b", "a:b", "giulià", "mi\u212ae", "ｇiulia", "a\u200db", "a\u200bb", "․․∕etc", "ﬁ", "a" * 65, "\ud800"),
    ],
)
def test_other_local_parts_are_refused(local):
    with pytest.raises(BadAddress):
        parse_address(f"{local}@example.com")


@pytest.mark.parametrize(
    "domain",
    [
        *("", "localhost", "example.com.", ".example.com", "a..b", "-a.com", "a_b.com", "a b.com", "a\nb.com", "[::1]"),
        *("℀.com", "exa\u200dmple.com", "exa\u200bmple.com", "exa\u00admple.com", "xn--a.com", "../etc.com", "a/b.com"),
        *("a\0b.com", "a\\b.com", "example.com@evil.com", "\ud800.com", f"{'a' * 64}.com", ".".join(["abcd"] * 60)),
    ],
)
def test_other_domains_are_refused(domain):
    with pytest.raises(BadAddress):
        parse_address(f"a@{domain}")


@pytest.mark.parametrize("typed", ["", "a", "@", "no-at.example", "a" * 300 + "@example.com"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(BadAddress):
        parse_address(typed)


def test_blanks_around_an_address_are_nobodys_intention():
    assert AddressBook().account("  giulia@example.com\n").address == "giulia@example.com"


def test_look_up_gives_the_canonical_account_and_variables():
    book = AddressBook(lambda typed: ("Giulia@example.com", {"store": "s7"}) if typed == "alias@example.com" else None)

    account = book.account("Alias@Example.com")

    assert (account.address, account.variables) == ("giulia@example.com", {"store": "s7"})


def test_look_up_that_knows_nothing_leaves_the_typed_account():
    assert AddressBook(lambda _: None).account("giulia@example.com").address == "giulia@example.com"


@pytest.mark.parametrize("answer", ["../../etc/passwd", "a/b@example.com", "giulia", ""])
def test_answer_of_a_look_up_is_checked_like_what_was_typed(answer):
    with pytest.raises(BadAddress):
        AddressBook(lambda _: (answer, {})).account("giulia@example.com")


def test_template_is_read_in_three_stretches():
    template = PathTemplate.parse("/tank/mail/{domain}/{user}/.zfs/snapshot/{snapshot}/Maildir/{user:.1}")

    assert template.root == Path("/tank/mail")
    assert template.before_snapshot(GIULIA) == ("studiorossi.example", "giulia.rossi", ".zfs", "snapshot")
    assert template.after_snapshot(GIULIA) == ("Maildir", "g")


@pytest.mark.parametrize(
    ("component", "filled"),
    [
        ("{user}", "giulia.rossi"),
        ("{user:.1}", "g"),
        ("{user:.99}", "giulia.rossi"),
        ("{domain}", "studiorossi.example"),
        ("{address}", "giulia.rossi@studiorossi.example"),
        ("{hash}", hashlib.md5(b"giulia.rossi@studiorossi.example", usedforsecurity=False).hexdigest()),
        ("{hash:.2}", hashlib.md5(b"giulia.rossi@studiorossi.example", usedforsecurity=False).hexdigest()[:2]),
        ("vol-{store}-{user:.2}", "vol-s7-gi"),
    ],
)
def test_every_field_is_filled_in(component, filled):
    account = Account(GIULIA.user, GIULIA.domain, {"store": "s7"})

    assert fill(component, account) == filled


@pytest.mark.parametrize(
    "value", ["", ".", "..", "a/b", "/etc", "../x", "a\0b", "a\nb", "a\u202eb", "\udcff", "x" * 256, "è" * 128]
)
def test_no_variable_leaves_its_path_component(value):
    account = Account("giulia", "example.com", {"store": value})

    with pytest.raises(MailboxNotFound):
        fill("{store}", account)


def test_two_fields_that_make_dots_are_no_component():
    account = Account("giulia", "example.com", {"one": ".", "two": "."})

    with pytest.raises(MailboxNotFound):
        fill("{one}{two}", account)


def test_field_without_a_value_is_no_mailbox():
    with pytest.raises(MailboxNotFound):
        fill("{store}", GIULIA)


def test_what_a_value_holds_is_not_filled_in_again():
    account = Account("giulia", "example.com", {"store": "{user}"})

    assert fill("{store}", account) == "{user}"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("mail/{snapshot}/{user}", "absolute"),
        ("", "absolute"),
        ("/mail/{user}", "once"),
        ("/mail/{snapshot}/{snapshot}/{user}", "once"),
        ("/mail/night-{snapshot}/{user}", "once"),
        ("/mail/{snapshot}/x-{snapshot}", "once"),
        ("/mail/{snapshot}/{snapshot:.4}", "once"),
        ("/mail/{snapshot}/../{user}", ".."),
        ("/mail/{snapshot}/a\0b", "printed"),
        ("/mail/{snapshot}/{user.__class__}", "filled in"),
        ("/mail/{snapshot}/{user[0]}", "filled in"),
        ("/mail/{snapshot}/{user!r}", "filled in"),
        ("/mail/{snapshot}/{user:>10}", "filled in"),
        ("/mail/{snapshot}/{user:.0}", "filled in"),
        ("/mail/{snapshot}/{0}", "filled in"),
        ("/mail/{snapshot}/{}", "filled in"),
        ("/mail/{snapshot}/{user", "filled in"),
        ("/mail/{snapshot}/user}", "filled in"),
        ("/mail/{snapshot}/{{user}}", "filled in"),
    ],
)
def test_unsafe_template_is_refused_in_words(template, words):
    with pytest.raises(BadTemplate, match=words):
        PathTemplate.parse(template)
