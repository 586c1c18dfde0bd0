"""What the console shows of restores, and the form with which an operator asks for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import QueryDict

from access.grants import is_ticket
from access.mailboxes import folder_counts, offered_days
from restores import wording
from restores.models import Due, RestoreRequest, State, Target, What
from restores.planning import new_folder
from restores.requests import Wish, can_be_asked
from restores.states import can_become
from restores.status_context import Listed, listed
from snapshots.catalogue import FolderCount
from snapshots.types import Account
from support.accounts import folder_label, total_label
from webmail import wording as words

OVER_SHOWN = 50


def shown(requests: Iterable[RestoreRequest]) -> list[Listed]:
    """Return requests as the queue lists them."""
    return [listed(each) for each in requests]


def steps_of(restore: RestoreRequest) -> dict[str, bool]:
    """Return what an operator may do with a request now."""
    return {
        "may_take_on": can_become(restore, State.TAKEN_ON),
        "may_plan": can_be_asked(restore, Due.PLAN),
        "may_run": can_be_asked(restore, Due.RUN),
        "may_refuse": can_become(restore, State.REFUSED),
        "may_stop": can_become(restore, State.CANCELLED) and not restore.is_cancelling,
    }


@dataclass(frozen=True, slots=True)
class Order:
    """What an operator asks for in a customer's name, as it was sent; `faults` name what is not as it must be."""

    account: Account
    day: date
    sent: QueryDict
    folders: list[FolderCount]

    @property
    def ticket(self) -> str:
        return self.sent.get("ticket", "").strip()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ids of the folders that were chosen and are there."""
        wanted = set(self.sent.getlist("folder"))
        return tuple(each.folder.id for each in self.folders if each.folder.id in wanted)

    @property
    def is_of_folders(self) -> bool:
        return self.sent.get("what") == What.FOLDERS

    @property
    def target(self) -> Target:
        text = self.sent.get("target", "")
        return Target(text) if text in list(Target) else Target.NEW_FOLDER

    def faults(self) -> list[str]:
        wrong = [] if is_ticket(self.ticket) else ["ticket"]
        return wrong + (["folder"] if self.is_of_folders and not self.chosen else [])

    def wish(self) -> Wish:
        """Return what is to be asked for of a night that was opened before."""
        nights = next(each.nights for each in offered_days(self.account) if each.day == self.day)
        return Wish(
            day=self.day,
            taken_at=nights[0].taken_at,
            what=What.FOLDERS if self.is_of_folders else What.MAILBOX,
            target=self.target,
            language=settings.MTM_LANGUAGE,
            folders=self.chosen if self.is_of_folders else (),
            with_trash="trash" in self.sent and not self.is_of_folders,
        )


def order_of(account: Account, day: date, sent: QueryDict) -> Order:
    """Return what was sent, over the folders of the night. Raises: what opening the night raises."""
    return Order(account, day, sent, folder_counts(account, day))


def order_context(order: Order) -> dict[str, Any]:
    """Return what the form shows."""
    net, vat_percent = settings.MTM_RESTORE_PRICE, settings.MTM_RESTORE_VAT
    return {
        "address": order.account.address,
        "day_iso": order.day.isoformat(),
        "day_sentence": words.full_day(order.day),
        "folders": [
            (each.folder.id, folder_label(each.folder), total_label(each.total), each.folder.id in order.chosen)
            for each in order.folders
        ],
        "is_of_folders": order.is_of_folders,
        "target": order.target.value,
        "new_folder": new_folder(settings.MTM_LANGUAGE, order.day),
        "price": wording.full_price(net, vat_percent),
        "sent": order.sent,
    }
