"""What became of a message, as a tag: an icon and a few words."""

from dataclasses import dataclass

from django.utils.translation import gettext

from snapshots.catalogue import Fate, FateKind
from webmail import wording


@dataclass(frozen=True, slots=True)
class FateTag:
    """One tag; `is_alarm` marks what is gone and was thrown away by nobody's plan."""

    icon: str
    words: str
    is_alarm: bool


def fate_tag(fate: Fate | None) -> FateTag | None:
    """Return a message's tag, None for one that is where it was."""
    if fate is None:
        return None
    day = wording.day_and_month(fate.since) if fate.since else ""
    match fate.kind:
        case FateKind.GONE:
            words = gettext("Gone since %(day)s") % {"day": day} if day else gettext("Gone since last night")
            return FateTag("mail-x", words, is_alarm=True)
        case FateKind.TRASHED:
            return FateTag("trash-2", gettext("Now in Trash"), is_alarm=False)
        case FateKind.MOVED:
            folder = wording.folder_name(fate.folder) if fate.folder else ""
            return FateTag("folder-input", gettext("Moved to %(folder)s") % {"folder": folder}, is_alarm=False)
    words = gettext("Cleared since %(day)s") % {"day": day} if day else gettext("Cleared since last night")
    return FateTag("trash-2", words, is_alarm=False)
