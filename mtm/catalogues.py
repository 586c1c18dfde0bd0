"""The translations: found in the code and the templates, kept in `locale/*/LC_MESSAGES/django.po`.

Django's own commands need GNU gettext, which a fresh Debian does not have; Babel reads and writes the same files.
"""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

KEYWORDS = {"gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "_": None}
SOURCES = ("access", "mtm", "restores", "support", "webmail")

Message = str | tuple[str, ...]


def source_catalogue(root: Path) -> Catalog:
    """Return every string of ours that is to be translated, with the files it stands in."""
    catalogue = Catalog(project="Mail Time Machine", charset="utf-8")
    for path in sorted(_sources(root)):
        for message in _strings(path):
            catalogue.add(message, locations=[(path.relative_to(root).as_posix(), 0)])
    return catalogue


def po_files(root: Path) -> list[Path]:
    return sorted((root / "locale").glob("*/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def updated(path: Path, source: Catalog) -> Catalog:
    """Return a language's catalogue with the strings of the source and the translations it has."""
    catalogue = read(path)
    catalogue.update(source, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def as_po(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, sort_output=True, omit_header=False, include_lineno=False)
    return buffer.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _sources(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        yield from (root / name).rglob("*.py")
    yield from (root / "templates").rglob("*.html")


def _strings(path: Path) -> Iterator[Message]:
    text = path.read_text()
    if path.suffix == ".html":
        text = "\n".join(line.strip() for line in templatize(text, origin=path.name).splitlines())
    for _line, message, _comments, _context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        yield message
