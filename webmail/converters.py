"""What may stand in a URL: anything else is a 404 before any view."""

from datetime import date


class DayConverter:
    """An ISO calendar date that exists."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


class FolderConverter:
    """A folder's id: a role, or `f-` and a token."""

    regex = r"inbox|sent|drafts|trash|junk|f-[A-Za-z0-9_-]{12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class MessageConverter(FolderConverter):
    """A message's id: a token of its guid and ordinal."""

    regex = r"[A-Za-z0-9_-]{12}"


class PartConverter(FolderConverter):
    """A part number as IMAP writes it: `1`, `1.2`."""

    regex = r"[1-9][0-9]{0,4}(?:\.[1-9][0-9]{0,4}){0,60}"
