"""Header values as people see them elsewhere."""

from datetime import UTC, datetime

import pytest

from snapshots.headers import content_type, envelope, envelope_of, field, fields, header_block
from snapshots.types import Address

TWO_HOURS_EAST = datetime(2003, 7, 1, 8, 52, 37, tzinfo=UTC)


def header(name, value):
    return b"X-First: 1\r\n" + name + b": " + value + b"\r\nX-Last: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?Q?_aus?=", "Grüße aus"),
        (b"=?utf-8?B?5pel5pw=?= =?utf-8?B?rOiqng==?=", "日本語"),
        (b"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本"),
        (b"=?x-gbk?B?xOO6ww==?=", "你好"),
        (b"=?windows-874?B?ysfR?=", "สวั"),
        (b"=?x-mac-cyrillic?Q?=8F=F0?=", "Пр"),
        (b"=?unknown-8bit?Q?Gr=FC=DFe?=", "Grüße"),
        (b"=?x-made-up?Q?abc=C3=A9?=", "abcé"),
        (b"=?idna?Q?abc?= =?base64?Q?abc?=", "abcabc"),
        (b"Re: =?utf-8?q?caf=C3=A9?= tomorrow", "Re: café tomorrow"),
        (b"=?utf-8?Q?glued?=text", "gluedtext"),
        (b"=?utf-8?Q?with spaces inside?=", "with spaces inside"),
        (b"=?utf-8?Q?no end", "=?utf-8?Q?no end"),
        (b"a =?utf-8*en?Q?lang?= b", "a lang b"),
        (b"long\r\n\tfolded\r\n  subject", "long folded subject"),
        (b"Caf\xc3\xa9", "Café"),
        (b"Caf\xe9", "Café"),
        (b"\x1b$BF|K\\\x1b(B", "日本"),
        ("Загрузка файла".encode("koi8-r"), "Загрузка файла"),
        ("Загрузка файла".encode("cp1251"), "Загрузка файла"),
        (b"ATENCI\xd3N: informaci\xf3n, avi\xf3n y atenci\xc3\xb3n", "ATENCIÓN: información, avión y atención"),
        (b"=?utf-16?Q?ascii?=", "ascii"),
        (b"nul\x00 bell\x07", "nul� bell�"),
        (b"=?utf-8?Q?a=00b=0D=0AX-New:_c?=", "a�b X-New: c"),
        (b"=?utf-16be?B?2AAAQQ==?=", "�A"),
        (b"", ""),
    ],
)
def test_subject_reads_as_its_sender_meant_it(written, shown):
    assert envelope(header(b"Subject", written)).subject == shown


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        (b"Mario Rossi <mario@example.com>", "Mario Rossi", "mario@example.com"),
        (b'"Last, First" <first@example.org>', "Last, First", "first@example.org"),
        (b"=?utf-8?Q?M=C3=BCller=2C_Hans?= <h@example.org>", "Müller, Hans", "h@example.org"),
        (b'"=?utf-8?Q?J=C3=BCrgen?=" <j@example.org>', "Jürgen", "j@example.org"),
        (b"=?utf-8?Q?Anna_=3Canna=40example.org=3E?=", "Anna", "anna@example.org"),
        (b"plain@example.org (Comment (nested) Name)", "Comment (nested) Name", "plain@example.org"),
        (b"plain@example.org", "", "plain@example.org"),
        (b'"Quo\\"ted" <q@example.org>', 'Quo"ted', "q@example.org"),
        (b"M\xfcller <m@example.org>", "Müller", "m@example.org"),
        (b'"user@example.com" <other@evil.example>', "user@example.com", "other@evil.example"),
        (b"user@example.com <other@evil.example>", "user@example.com", "other@evil.example"),
        (b"Bad <bad@example.org", "Bad", "bad@example.org"),
        (b'Bad" <bad@example.org>', "Bad", "bad@example.org"),
        (b"<@relay.example:routed@example.org>", "", "routed@example.org"),
        (b"MAILER-DAEMON (Mail Delivery System)", "Mail Delivery System", "MAILER-DAEMON"),
        ("用户@例え.jp".encode(), "", "用户@例え.jp"),
    ],
)
def test_sender_is_found_in_any_form(written, name, address):
    assert envelope(header(b"From", written)).from_ == (Address(name, address),)


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        (b"undisclosed-recipients:;", []),
        (b"<>", []),
        (b"Team: a@example.org, b@example.org;, c@example.org", ["a@example.org", "b@example.org", "c@example.org"]),
        (b"a@example.org; b@example.org", ["a@example.org", "b@example.org"]),
        (b"A <a@example.org> B <b@example.org>", ["a@example.org", "b@example.org"]),
        (b"a@example.org,, B <b@example.org>,", ["a@example.org", "b@example.org"]),
    ],
)
def test_recipients_are_found_in_lists_and_groups(written, addresses):
    assert [str(address.address) for address in envelope(header(b"To", written)).to] == addresses


@pytest.mark.parametrize(
    ("written", "date"),
    [
        (b"Tue, 1 Jul 2003 10:52:37 +0200", TWO_HOURS_EAST),
        (b"Tue, 01 Jul 2003 08:52:37 GMT (UTC)", TWO_HOURS_EAST),
        (b"Tue, 1 Jul 03 04:52:37 EDT", TWO_HOURS_EAST),
        (b"Tue Jul  1 08:52:37 2003", TWO_HOURS_EAST),
        (b"2003-07-01T10:52:37+02:00", TWO_HOURS_EAST),
        (b"Tue 01 Jul 2003 04:52:37 AM EDT", TWO_HOURS_EAST),
        (b"Tue 01 Jul 2003 12:52:37 PM +0400", TWO_HOURS_EAST),
        (b"Tue, 99 Jul 2003 10:52:37 +0200", None),
        (b"yesterday", None),
        (b"Fri, 31 Dec 9999 23:59:59 +0000", None),
        (b"0001-01-01T00:00:00", None),
    ],
)
def test_date_is_utc_or_as_written(written, date):
    found = envelope(header(b"Date", written))

    assert found.date == date
    assert found.date_text == written.decode()


def test_stray_line_does_not_lose_the_headers_after_it():
    found = envelope(b"Subject: a\nno header at all\nFrom : b@example.com\n\n")

    assert (found.subject, found.from_[0].address) == ("a", "b@example.com")


def test_raw_text_is_read_by_the_charset_of_the_body():
    head = (
        b"Subject: \xc7\xe4\xf0\xe0\nContent-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain; charset=windows-1251\n\n"
    )

    assert envelope_of(head).subject == "Здра"


def test_header_block_ends_at_the_first_empty_line():
    assert header_block(b"A: 1\r\nB: 2\r\n\r\nC: 3\r\n\r\n") == b"A: 1\r\nB: 2\r\n\r\n"


def test_blank_line_ends_the_header_only_before_text():
    assert header_block(b"A: 1\n \nB: 2\n\n") == b"A: 1\n \nB: 2\n\n"
    assert header_block(b"A: 1\n \nIt is text.\n\n") == b"A: 1\n \n"


def test_full_view_has_every_header_in_order():
    block = b"Received: by one\r\n\twith two\r\nReceived: by three\r\nSubject: =?utf-8?q?=C3=A9?=\r\n\r\n"

    assert fields(block) == [("Received", "by one with two"), ("Received", "by three"), ("Subject", "é")]


def test_single_header_is_found_whatever_its_case():
    assert field(b"LIST-ID: =?utf-8?q?L=C3=AFst?= <l.example.org>\n\n", "List-Id") == "Lïst <l.example.org>"


@pytest.mark.parametrize(
    ("written", "kind", "parameters"),
    [
        (b'Multipart/Mixed; boundary="x;y"', "multipart/mixed", {"boundary": "x;y"}),
        (b"text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        (b"text", "text/plain", {}),
        (b"image/png; name=two words.png", "image/png", {"name": "two words.png"}),
        (b'image/png; name="=?utf-8?B?w6kucG5n?="', "image/png", {"name": "é.png"}),
        (b"image/png; name*=iso-8859-1''%E9.png", "image/png", {"name": "é.png"}),
        (b"image/png; name*1*=%A9.png; name*0*=utf-8'it'caff%C3", "image/png", {"name": "caffé.png"}),
        (b'image/png; name*0="a"; name*1="b.png"; name=old.png', "image/png", {"name": "ab.png"}),
    ],
)
def test_content_type_has_decoded_parameters(written, kind, parameters):
    assert content_type(header(b"Content-Type", written)) == (kind, parameters)
