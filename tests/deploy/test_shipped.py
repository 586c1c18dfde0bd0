"""What is shipped is listed with its licence, and the list is that of the lock."""

import json

from deploy import shipped

# Copyleft that reaches further than the library itself would reach the site.
REFUSED = ("AGPL", "GPL-2", "GPL-3", "SSPL", "BUSL")


def test_the_page_of_licences_is_that_of_the_lock():
    assert shipped.PAGE.read_text() == shipped.page(), "write it anew with `make sbom`"


def test_no_licence_reaches_beyond_its_library():
    licences = [package.licence for package in shipped.packages()]

    assert [licence for licence in licences if licence.startswith(REFUSED)] == []


def test_the_bill_of_materials_names_every_file_of_the_lock():
    bill = json.loads(shipped.bill_of_materials())

    listed = [each["content"] for component in bill["components"] for each in component["hashes"]]

    assert len(listed) == shipped.LOCK.read_text().count("--hash=sha256:")
    assert all(component["licenses"] for component in bill["components"])
