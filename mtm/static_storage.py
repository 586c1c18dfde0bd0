"""Static files under names that tell their content, and stay a year in every cache; ours without what only we read."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLE_IMPORT = re.compile(r'^@import "([^"]+)";$', re.MULTILINE)
STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SCRIPT_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([^"]+)";\n', re.MULTILINE)
SCRIPT_EXPORT = re.compile(r"^export ", re.MULTILINE)
SCRIPT_COMMENT = re.compile(r"^\s*(?://[^\n]*|/\*\*.*?\*/)\n", re.DOTALL | re.MULTILINE)
INDENTATION = re.compile(r"\n\s+")

Read = Callable[[str], str]


def style(text: str, read: Read) -> str:
    """Return a style sheet with those it imports in it; `read` gives them by name."""
    whole = STYLE_IMPORT.sub(lambda found: read(found[1]), text)
    return INDENTATION.sub("\n", STYLE_COMMENT.sub("", whole))


def script(text: str, read: Read) -> str:
    """Return a script with those it imports before it, each once; no two of them may use one name at their top."""
    taken: dict[str, str] = {}

    def take(name: str, text: str) -> None:
        for imported in SCRIPT_IMPORT.findall(text):
            if imported not in taken:
                take(imported, read(imported))
        taken[name] = SCRIPT_EXPORT.sub("", SCRIPT_IMPORT.sub("", text))

    take("", text)
    return INDENTATION.sub("\n", SCRIPT_COMMENT.sub("", "".join(taken.values())))


def lighter(name: str, content: bytes) -> bytes:
    """Return one of our files as it travels; others' as they are."""
    directory = name.partition("/")[0]
    travels = {"css": style, "scripts": script}.get(directory)
    if not travels:
        return content
    return travels(content.decode(), lambda other: Path(str(finders.find(f"{directory}/{other}"))).read_text()).encode()


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Makes our files lighter as they are collected."""

    def get_modified_time(self, name: str) -> datetime:
        """Say of none of ours when it was made: one may be made of others, whose times nobody compares."""
        if name.startswith(("css/", "scripts/")):
            raise NotImplementedError
        return super().get_modified_time(name)  # type: ignore[no-any-return]

    def save(self, name: str, content: IO[bytes], max_length: int | None = None) -> str:
        return str(super().save(name, ContentFile(lighter(name, content.read())), max_length))

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, Any]]:
        """Name what was saved, not what it was made from."""
        yield from super().post_process({name: (self, name) for name in paths}, dry_run=dry_run, **options)
