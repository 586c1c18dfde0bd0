"""Names of downloads: the day and the subject, fit for every disk."""

import re
import unicodedata

from django.utils import timezone

from snapshots.catalogue import Row
from snapshots.filenames import clean_filename

SUBJECT_LENGTH = 80


def message_filename(row: Row) -> str:
    """Return `2026-11-17_contratto-firmato-lotto-3.eml`."""
    day = timezone.localdate(row.internal_date).isoformat()
    return clean_filename(f"{day}_{slug(row.envelope.subject)}.eml")


def slug(text: str) -> str:
    """Return words joined by hyphens, in lower case, accents kept off Latin letters, other scripts as they are."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    words = re.findall(r"\w+", unicodedata.normalize("NFC", plain))
    return "-".join(words)[:SUBJECT_LENGTH].rstrip("-") or "message"
