"""What an owner is choosing in the steps of a new request: in the page's address, chosen messages in the session."""

import enum
from dataclasses import dataclass
from datetime import date
from typing import Any, Self, TypeVar

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from restores.models import Target, What
from snapshots.catalogue import Located
from snapshots.types import Role

Member = TypeVar("Member", bound=enum.StrEnum)

KEPT = "restore_messages"
JOINT = "/"
DISCARDED = frozenset((Role.TRASH, Role.JUNK))


class Step(enum.StrEnum):
    """The steps of a new request, in their order."""

    WHAT = "what"
    WHERE = "where"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen so far. `messages` are pairs of the ids of a folder and of a message."""

    day: date
    step: Step = Step.WHAT
    what: What = What.MAILBOX
    messages: tuple[tuple[str, str], ...] = ()
    folders: tuple[str, ...] = ()
    with_trash: bool = False
    target: Target | None = None
    is_alone: bool = False

    @classmethod
    def of(cls, request: HttpRequest, day: date) -> Self:
        """Return what the page's address, or the form, says of a day."""
        data = request.POST if request.method == "POST" else request.GET
        messages = _sent(data) or _kept(request, day)
        folders = tuple(dict.fromkeys(data.getlist("folder")))
        usual = What.MESSAGES if messages else What.FOLDERS if folders else What.MAILBOX
        what = _member(What, data.get("what", "")) or usual
        return cls(
            day=day,
            step=_member(Step, data.get("step", "")) or Step.WHAT,
            what=usual if what is What.MESSAGES and not messages else what,
            messages=messages,
            folders=folders,
            with_trash="trash" in data,
            target=_member(Target, data.get("target", "")),
            is_alone=data.get("how") == "alone",
        )

    @property
    def place(self) -> Target:
        """Where it goes: as chosen, else as is usual for what is chosen.

        Messages that were thrown away that night would be back in the trash, where nobody looks for them.
        """
        if self.what is not What.MESSAGES:
            usual = Target.NEW_FOLDER
        elif all(folder in DISCARDED for folder, _ in self.messages):
            usual = Target.INBOX
        else:
            usual = Target.ORIGINAL
        return self.target or usual

    def fields(self) -> list[tuple[str, str]]:
        """Return what a form of the next step carries on; the messages are in the session."""
        fields = [("day", self.day.isoformat()), ("what", self.what.value)]
        fields += [("folder", each) for each in self.folders]
        fields += [("trash", "1")] if self.with_trash else []
        return fields + ([("target", self.target.value)] if self.target else [])

    def message_fields(self) -> list[tuple[str, str]]:
        """Return the chosen messages as fields of the form that asks for them."""
        chosen = self.messages if self.what is What.MESSAGES else ()
        return [("message", JOINT.join(pair)) for pair in chosen]

    def query_at(self, step: Step) -> str:
        """Return the address of a step, with all that is chosen."""
        return "?" + urlencode([*self.fields(), ("step", step.value)])


def keep_messages(request: HttpRequest, day: date, located: list[Located]) -> None:
    """Keep chosen messages for the steps that follow, in the session alone."""
    request.session[KEPT] = {"day": day.isoformat(), "messages": [[each.folder.id, each.id] for each in located]}


def forget_messages(request: HttpRequest) -> None:
    request.session.pop(KEPT, None)


def _kept(request: HttpRequest, day: date) -> tuple[tuple[str, str], ...]:
    kept: dict[str, Any] = request.session.get(KEPT, {})
    if kept.get("day") != day.isoformat():
        return ()
    return tuple((folder, message) for folder, message in kept["messages"])


def _sent(data: QueryDict) -> tuple[tuple[str, str], ...]:
    pairs = (text.partition(JOINT) for text in dict.fromkeys(data.getlist("message")))
    return tuple((folder, message) for folder, _, message in pairs if message)


def day_in(text: str) -> date | None:
    """Return the day a text says, None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _member(kind: type[Member], text: str) -> Member | None:
    return kind(text) if text in list(kind) else None
