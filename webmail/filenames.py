"""Names of downloads: the day and the subject, fit for every disk."""

import re
import unicodedata
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from snapshots.catalogue import Row
from snapshots.filenames import clean_filename

SUBJECT_LENGTH = 80


def message_filename(row: Row) -> str:
    """Return `2026-11-17_contratto-firmato-lotto-3.eml`."""
    return clean_filename(f"{dated_slug(row)}.eml")


def attachments_filename(row: Row) -> str:
    """Return `2026-11-17_contratto-firmato-lotto-3_allegati.zip`."""
    return clean_filename(f"{dated_slug(row)}_{slug(gettext('Attachments'))}.zip")


def dated_slug(row: Row) -> str:
    """Return `2026-11-17_contratto-firmato-lotto-3`."""
    return f"{timezone.localdate(row.internal_date).isoformat()}_{slug(row.envelope.subject)}"


def archive_filename(day: date, count: int, ending: str) -> str:
    """Return `mtm_2026-11-19_3-messaggi.mbox`."""
    messages = ngettext("%(count)d-message", "%(count)d-messages", count) % {"count": count}
    return clean_filename(f"mtm_{day.isoformat()}_{messages}{ending}")


def slug(text: str) -> str:
    """Return words joined by hyphens, in lower case, accents kept off Latin letters, other scripts as they are."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    words = re.findall(r"\w+", unicodedata.normalize("NFC", plain))
    return "-".join(words)[:SUBJECT_LENGTH].rstrip("-") or "message"
