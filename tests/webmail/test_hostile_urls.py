"""Whatever stands in a URL: a page or a refusal, never a failure, and nothing from outside the mailbox."""

import pytest

from tests.webmail.conftest import DAY, PICTURE, ids_of

ODD_NAMES = [
    "..",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "a%00b",
    "%0d%0aSet-Cookie:%20x=y",
    "%ff%fe",
    "%c0%ae%c0%ae",
    "%ed%a0%80",
    "x" * 300,
    "%e2%80%ae",
    "-",
    "*",
    "{0}",
    "%25s",
    "f-",
    "f-AAAAAAAAAAAA",
    "f-AAAAAAAAAAA%0a",
    "INBOX",
    "inbox%00",
    "inbox%0a",
    "inbox;x=1",
    "messages",
    "AAAAAAAAAAA=",
]
ODD_DAYS = [
    "2026-02-31",
    "2026-13-01",
    "0000-00-00",
    "0000-01-01",
    "9999-12-32",
    "2026-11-2",
    "+2026-11-21",
    "２０２６-11-21",
    "%d9%a2%d9%a0%d9%a2%d9%a6-11-21",
    "2026-11-21%0a",
    "2026-11-21%00",
    "..",
]
ODD_PAGES = ["0", "-1", "9999999", "9" * 5000, "1e3", "１", "²", "%00", "%ff", "None", "", "1;2", "0x1"]
PLACES = ["/{name}/", "/{day}/{name}/", "/{day}/inbox/{name}/", "/{day}/messages/{name}/body/"]
PARTS = [
    "0",
    "00",
    "1.0",
    "1..2",
    "-1",
    "99999",
    "1" * 300,
    "1" + ".1" * 61,
    "1" + ".1" * 100,
    "1%0a",
    "%00",
    "1%2f2",
    "1;1",
]


@pytest.fixture
def ids(reader, two_mailboxes):
    return ids_of(reader)


@pytest.mark.parametrize("place", PLACES)
def test_odd_name_is_not_found(reader, ids, place):
    statuses = {name: reader.get(place.format(day=DAY, name=name)).status_code for name in ODD_NAMES}

    assert statuses == dict.fromkeys(ODD_NAMES, 404)


@pytest.mark.parametrize("place", ["/{day}/", "/{day}/inbox/", "/{day}/messages/{message}/message.eml"])
def test_day_that_is_none_is_not_found(reader, ids, place):
    statuses = {day: reader.get(place.format(day=day, message=ids.message)).status_code for day in ODD_DAYS}

    assert statuses == dict.fromkeys(ODD_DAYS, 404)


@pytest.mark.parametrize(("day", "status"), [("0001-01-01", 410), ("2026-11-13", 410), ("9999-12-31", 404)])
def test_day_far_from_today_is_answered(reader, ids, day, status):
    assert reader.get(f"/{day}/").status_code == status


@pytest.mark.parametrize("number", ODD_PAGES)
def test_odd_page_number_shows_a_page(reader, ids, number):
    response = reader.get(f"/{DAY}/{ids.folder}/?page={number}")

    assert response.status_code == 200
    assert [row.id for row in response.context["rows"]] == [ids.message]


def test_odd_part_number_is_not_found(reader, ids):
    url = f"/{DAY}/messages/{ids.message}/parts"

    statuses = {number: reader.get(f"{url}/{number}/x.pdf").status_code for number in PARTS}

    assert statuses == dict.fromkeys(PARTS, 404)


@pytest.mark.parametrize("name", ["x", "%2e%2e", "%00", "%0d%0aX-Evil:%201", "%ff", "x" * 300, "contratto.html", "a;b"])
def test_name_of_a_part_in_the_url_is_decoration(reader, ids, name):
    response = reader.get(f"/{DAY}/messages/{ids.message}/parts/2/{name}")

    assert response.getvalue() == PICTURE[2]
    assert response["Content-Disposition"] == 'attachment; filename="foto.png"'
    assert "X-Evil" not in response


@pytest.mark.parametrize("query", ["?%00", "?page=1&page=%ff", "?" + "a=1&" * 900, "?next=//evil.example"])
def test_odd_query_is_ignored(reader, ids, query):
    assert reader.get(f"/{DAY}/inbox/{query}").status_code == 200


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/%5cevil.example", "/login", "/" + "a" * 8000, "/%0d%0aX-Evil:%201/"]
)
def test_no_url_leads_out_of_the_site(stranger, db, path):
    response = stranger.get(path)

    assert response.status_code in (301, 302, 404)
    assert response.get("Location", "/login/").startswith(("/login/", "/login"))
    assert "X-Evil" not in response
