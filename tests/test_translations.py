"""Every string of ours is in both languages, and what is compiled is what was translated."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from mtm.catalogues import as_mo, po_files, read, source_catalogue

CATALOGUES = {path.parts[-3]: path for path in po_files(settings.BASE_DIR)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


def forms(message) -> list[str]:
    """Return a translation's forms: one, or one for each number."""
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def ids(catalogue) -> set[object]:
    return {message.id for message in catalogue if message.id}


def test_both_languages_have_a_catalogue():
    assert set(CATALOGUES) == {language for language, _ in settings.LANGUAGES}


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_string_of_the_code_is_in_the_catalogue(language):
    in_code, in_catalogue = ids(source_catalogue(settings.BASE_DIR)), ids(read(CATALOGUES[language]))

    assert in_code - in_catalogue == set()
    assert in_catalogue - in_code == set()


def test_every_string_is_translated_into_italian():
    catalogue = read(CATALOGUES["it"])

    missing = [message.id for message in catalogue if message.id and not all(forms(message))]
    unsure = [message.id for message in catalogue if message.id and message.fuzzy]

    assert missing == []
    assert unsure == []


def test_translations_keep_the_placeholders():
    translated = [message for message in read(CATALOGUES["it"]) if message.id]

    wrong = [message.id for message in translated for form in forms(message) if not same_placeholders(message, form)]

    assert wrong == []


def same_placeholders(message, form: str) -> bool:
    singular, plural = message.id if isinstance(message.id, tuple) else (message.id, message.id)
    found = set(PLACEHOLDER.findall(form))
    return found in (set(PLACEHOLDER.findall(singular)), set(PLACEHOLDER.findall(plural)))


@pytest.mark.parametrize("language", CATALOGUES)
def test_compiled_catalogue_is_what_was_translated(language):
    path: Path = CATALOGUES[language]

    assert path.with_suffix(".mo").read_bytes() == as_mo(read(path))


@pytest.mark.parametrize(("language", "expected"), [("it", "Accedi"), ("en", "Sign in")])
def test_language_speaks(language, expected):
    with translation.override(language):
        assert translation.gettext("Sign in") == expected
