"""Markup in every field that a sender or a folder's name can fill is text on every page, in both languages."""

import io
import zipfile

import pytest
from django.urls import reverse

from snapshots.types import message_id
from tests.crawl import visit
from tests.payload_mail import PLAIN, Markup, message_of, payloads
from tests.routes import routes
from tests.scale import needs_evidence
from tests.served import ALICE, CHARLIE
from tests.webmail.conftest import DAY

PANE = {"HX-Request": "true", "HX-Target": "message"}
UNFIT_FOR_FILES = set('<>:"|?*\\')


@pytest.fixture(
    params=[
        pytest.param(("it", True), id="it-raw"),
        pytest.param(("en", False), id="en-encoded", marks=needs_evidence),
        pytest.param(("it", False), id="it-encoded", marks=needs_evidence),
        pytest.param(("en", True), id="en-raw", marks=needs_evidence),
    ]
)
def mailbox(request, reader, charlie, provider, site):
    """Give the ids of Alice's messages by the text each is full of, and of one of Charlie's as many harmless ones."""
    language, raw = request.param
    for client in (reader, charlie):
        client.cookies["django_language"] = language
    night, plain_night = (provider.mailbox(address).night(DAY) for address in (ALICE, CHARLIE))
    kept = {text: night.message(source=message_of(text, raw=raw)) for text in payloads()}
    plain = [plain_night.message(source=message_of(PLAIN, raw=raw)) for _ in kept]
    site(provider)
    return {text: message_id(message.guid, 0) for text, message in kept.items()}, message_id(plain[0].guid, 0)


def answers_of(client, message):
    """Yield name and answer of everything that shows a message, what htmx swaps included."""
    place = {"day": DAY, "message": message}
    for route in routes():
        if route.parameters == place.keys():
            yield route.name, visit(client, route.name, route.url(place)).response
    url = reverse("webmail:message", args=[DAY, "inbox", message])
    yield "pane", client.get(url, headers=PANE)
    yield "pane as text", client.get(f"{url}?view=text", headers=PANE)


def markup(response):
    return Markup(response.content.decode() if response["Content-Type"].startswith("text/html") else "")


def alive(answer, harmless):
    return markup(answer).alive(markup(harmless))


def test_nothing_of_a_payload_is_alive_beside_its_message(reader, charlie, mailbox):
    ids, plain = mailbox
    harmless = dict(answers_of(charlie, plain))

    for text, message in ids.items():
        for name, answer in answers_of(reader, message):
            assert answer.status_code == 200, (name, text)
            assert (name, text, alive(answer, harmless[name])) == (name, text, [])


def test_nothing_of_a_payload_is_alive_in_lists_and_refusals(reader, charlie, mailbox):
    ids, plain = mailbox
    some = [*ids.values()]
    pages = [f"/{DAY}/", f"/{DAY}/inbox/?page=2"]
    download = reverse("webmail:download", args=[DAY])

    for page in pages:
        assert alive(reader.get(page), charlie.get(page)) == []
    opened = reader.get(reverse("webmail:message", args=[DAY, "inbox", some[0]]))
    refused = reader.post(download, {"message": some, "format": "eml"})

    assert alive(opened, charlie.get(reverse("webmail:message", args=[DAY, "inbox", plain]))) == []
    assert refused.status_code == 422
    assert Markup(refused.content.decode()).foreign == []
    assert not {name for _, name in markup(refused).pairs if name.startswith("on") or name == "style"}


def test_what_leaves_has_harmless_names(reader, mailbox):
    ids, _ = mailbox
    names, dispositions = [], []
    for number, message in enumerate(ids.values()):
        dispositions += [answer.get("Content-Disposition", "") for _, answer in answers_of(reader, message)]
        if number % 10 == 0:
            chosen = [*ids.values()][number : number + 10]
            answer = reader.post(reverse("webmail:download", args=[DAY]), {"message": chosen, "format": "eml"})
            names += zipfile.ZipFile(io.BytesIO(answer.getvalue())).namelist()

    assert len(names) == len(ids)
    assert [name for name in names if set(name) & UNFIT_FOR_FILES or ".." in name.split("/")] == []
    assert [line for line in dispositions if "<" in line or not line.isascii()] == []


@pytest.mark.parametrize("language", ["it", "en"])
def test_nothing_of_a_folders_name_is_alive(reader, charlie, provider, site, language):
    for address, texts in ((ALICE, payloads()), (CHARLIE, [PLAIN] * 60)):
        night = provider.mailbox(address, layout="fs", encoding="utf8").night(DAY)
        for number, text in enumerate(texts):
            # A slash would part the folder's levels.
            night.folder(f"{number} {text}".replace("/", "∕"))
    site(provider)
    for client in (reader, charlie):
        client.cookies["django_language"] = language
    manager = reverse("webmail:folders", args=[DAY])
    choices, plain = (client.get(manager).context["choices"] for client in (reader, charlie))
    harmless = charlie.get(reverse("webmail:folder", args=[DAY, plain[0].id]))

    assert len(choices) == len(payloads())
    assert alive(reader.get(manager), charlie.get(manager)) == []
    for choice in choices:
        opened = reader.get(reverse("webmail:folder", args=[DAY, choice.id]))
        assert (choice.name, alive(opened, harmless)) == (choice.name, [])
    for client, shown in ((reader, choices), (charlie, plain)):
        client.post(manager, {"folder": [choice.id for choice in shown]})
    assert alive(reader.get(f"/{DAY}/"), charlie.get(f"/{DAY}/")) == []
