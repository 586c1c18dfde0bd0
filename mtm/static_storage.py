"""Static files under names that tell their content, and stay a year in every cache; ours without what only we read."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own patterns for this also take htmx's documentation for imports.
OUR_IMPORTS = (
    r'(?P<matched>import (?P<names>\{[^}]*\}) from "(?P<url>\./[^"]+)";)',
    'import %(names)s from "%(url)s";',
)
STYLE_IMPORT = re.compile(r'^@import "([^"]+)";$', re.MULTILINE)
STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SCRIPT_COMMENT = re.compile(r"^\s*(?://[^\n]*|/\*\*.*?\*/)\n", re.DOTALL | re.MULTILINE)
INDENTATION = re.compile(r"\n\s+")


def style(text: str, read: Callable[[str], str]) -> str:
    """Return a style sheet with those it imports in it, without what only we read; `read` gives them by name."""
    whole = STYLE_IMPORT.sub(lambda found: read(found[1]), text)
    return INDENTATION.sub("\n", STYLE_COMMENT.sub("", whole))


def script(text: str) -> str:
    """Return one of our scripts without what only we read."""
    return INDENTATION.sub("\n", SCRIPT_COMMENT.sub("", text))


def lighter(name: str, content: bytes) -> bytes:
    """Return one of our files as it travels; others' as they are."""
    if name.startswith("css/"):
        return style(content.decode(), _style_named).encode()
    if name.startswith("scripts/"):
        return script(content.decode()).encode()
    return content


def _style_named(name: str) -> str:
    return Path(str(finders.find(f"css/{name}"))).read_text()


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also gives those names to our own scripts where they import one another, and makes our files lighter."""

    patterns = (*HashedFilesMixin.patterns, ("scripts/*.js", (OUR_IMPORTS,)))

    def get_modified_time(self, name: str) -> datetime:
        """Say of no style when it was made: one may be made of others, whose times nobody compares."""
        if name.startswith("css/"):
            raise NotImplementedError
        return super().get_modified_time(name)  # type: ignore[no-any-return]

    def save(self, name: str, content: IO[bytes], max_length: int | None = None) -> str:
        return str(super().save(name, ContentFile(lighter(name, content.read())), max_length))

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, Any]]:
        """Name what was saved, not what it was made from."""
        yield from super().post_process({name: (self, name) for name in paths}, dry_run=dry_run, **options)
