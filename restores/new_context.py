"""What the steps of a new request show: what a night holds, where it can go, and what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext

from restores import wording
from restores.choice import Choice, Step
from restores.models import What
from restores.planning import new_folder
from restores.requests import Wish, is_small
from restores.survey import LEFT_OUT
from snapshots.archive import Mailbox
from snapshots.calendar import Day, DayState
from snapshots.catalogue import FolderCount, Row
from snapshots.errors import MessageNotFound
from webmail import wording as words

SUBJECTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A choice as a night bears it out: its folders, and the chosen messages that are there."""

    choice: Choice
    mailbox: Mailbox
    folders: list[FolderCount]
    rows: Sequence[Row] = ()

    @property
    def count(self) -> int:
        """How many messages it is, as far as the folders tell."""
        match self.choice.what:
            case What.MESSAGES:
                return len(self.rows)
            case What.FOLDERS:
                return sum(each.total or 0 for each in self.chosen_folders)
            case _:
                return sum(each.total or 0 for each in self.folders if self.choice.with_trash or not _left_out(each))

    @property
    def chosen_folders(self) -> list[FolderCount]:
        return [each for each in self.folders if each.folder.id in self.choice.folders]

    @property
    def is_complete(self) -> bool:
        return self.choice.what is not What.FOLDERS or bool(self.chosen_folders)

    @property
    def is_small(self) -> bool:
        """Whether its owner may restore it alone; what folders weigh shows when it is planned."""
        return is_small(count=self.count, size_bytes=sum(row.size_bytes or 0 for row in self.rows))

    def wish(self) -> Wish:
        """Return what is to be asked for."""
        choice = self.choice
        return Wish(
            day=choice.day,
            taken_at=self.mailbox.night.taken_at,
            what=choice.what,
            target=choice.place,
            language=get_language() or settings.MTM_LANGUAGE,
            messages=choice.messages if choice.what is What.MESSAGES else (),
            folders=tuple(each.folder.id for each in self.chosen_folders) if choice.what is What.FOLDERS else (),
            with_trash=choice.with_trash and choice.what is What.MAILBOX,
            is_self_service=choice.is_alone and self.is_small,
        )


def found(choice: Choice, mailbox: Mailbox) -> Found:
    """Look up a choice in its night. Raises: MessageNotFound where none of the chosen messages is there."""
    there = mailbox.catalogue.find_all([message for _, message in choice.messages]) if choice.messages else {}
    if choice.what is What.MESSAGES and not there:
        raise MessageNotFound
    borne_out = replace(choice, messages=tuple(pair for pair in choice.messages if pair[1] in there))
    return Found(borne_out, mailbox, mailbox.catalogue.folders(), mailbox.catalogue.rows(list(there.values())))


def _left_out(count: FolderCount) -> bool:
    return count.folder.role in LEFT_OUT


def step_context(found: Found, days: list[Day]) -> dict[str, Any]:
    """Return what the page of a step shows."""
    choice = found.choice
    is_incomplete = choice.step is not Step.WHAT and not found.is_complete
    step = Step.WHAT if is_incomplete else choice.step
    context = {
        "step": step.value,
        "number": list(Step).index(step) + 1,
        "fields": choice.fields(),
        "choice": choice,
        "day_sentence": words.full_day(choice.day),
        "what_url": choice.query_at(Step.WHAT),
        "where_url": choice.query_at(Step.WHERE),
        "error": gettext("Choose at least one folder.") if is_incomplete else "",
    }
    match step:
        case Step.WHAT:
            return context | _what(found, days)
        case Step.WHERE:
            return context | _where(found)
        case Step.CONFIRM:
            return context | _summary(found)


def _what(found: Found, days: list[Day]) -> dict[str, Any]:
    folders = found.folders
    everything = Found(Choice(found.choice.day), found.mailbox, folders)
    return {
        "days": [_day(each.day) for each in reversed(days) if each.state is DayState.AVAILABLE],
        "message_count": wording.messages(len(found.rows)) if found.rows else "",
        "subjects": _subjects(found.rows),
        "folders": [(each.folder.id, _name(each), _total(each)) for each in folders],
        "mailbox_count": wording.messages(everything.count),
    }


def _day(day: date) -> tuple[str, str]:
    return day.isoformat(), words.full_day(day)


def _where(found: Found) -> dict[str, Any]:
    choice = found.choice
    return {
        "place": choice.place.value,
        "new_folder": new_folder(get_language() or settings.MTM_LANGUAGE, choice.day),
        "example": _example(found),
    }


def _example(found: Found) -> str:
    """Return the name of a folder that is among what is chosen."""
    chosen = found.chosen_folders if found.choice.what is What.FOLDERS else found.folders
    name = "/".join(chosen[0].folder.levels) if chosen else "INBOX"
    return f"{new_folder(get_language() or settings.MTM_LANGUAGE, found.choice.day)}/{name}"


def _summary(found: Found) -> dict[str, Any]:
    choice, net = found.choice, settings.MTM_RESTORE_PRICE
    last = choice.day + timedelta(days=settings.MTM_DAYS)
    return {
        "hidden": [*choice.fields(), *choice.message_fields()],
        "what_sentence": _chosen(found),
        "subjects": _subjects(found.rows) if choice.what is What.MESSAGES else [],
        "where_sentence": _destination(choice),
        "size": words.size(sum(row.size_bytes or 0 for row in found.rows)) if choice.what is What.MESSAGES else "",
        "may_do_alone": found.is_small,
        "is_alone": choice.is_alone or found.is_small,
        "net": wording.money(net) if net else "",
        "price": wording.full_price(net, settings.MTM_RESTORE_VAT),
        "expires": words.full_day(last),
        "skips_trash": choice.what is What.MAILBOX and not choice.with_trash,
    }


def _chosen(found: Found) -> str:
    """Return "3 messaggi", "Ricevuti, Lotto 3 (214 messaggi)", "Tutta la casella (4.118 messaggi)"."""
    count = wording.messages(found.count)
    match found.choice.what:
        case What.MESSAGES:
            return count
        case What.FOLDERS:
            return f"{', '.join(_name(each) for each in found.chosen_folders)} ({count})"
        case _:
            return f"{gettext('The whole mailbox')} ({count})"


def _destination(choice: Choice) -> str:
    return wording.destination(choice.place, get_language() or settings.MTM_LANGUAGE, choice.day)


def _subjects(rows: Sequence[Row]) -> list[str]:
    shown = [row.envelope.subject or gettext("(no subject)") for row in rows[:SUBJECTS_SHOWN]]
    rest = len(rows) - len(shown)
    return shown + ([gettext("and %(count)s more") % {"count": rest}] if rest else [])


def _name(count: FolderCount) -> str:
    folder = count.folder
    return words.folder_name(folder) if folder.role else " / ".join(folder.levels)


def _total(count: FolderCount) -> str:
    return gettext("unreadable") if count.total is None else words.number(count.total)
