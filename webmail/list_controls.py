"""What stands above a list: its filters, its orders, how many messages it shows."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from snapshots.catalogue import Filter, Page, Sort
from webmail import wording
from webmail.list_choice import ListChoice


@dataclass(frozen=True, slots=True)
class Option:
    """One way to see the list. `is_descending` is None for what is no order."""

    id: str
    label: str
    url: str
    is_chosen: bool
    is_descending: bool | None = None


def choice_context(choice: ListChoice, page: Page, url: str) -> dict[str, Any]:
    """Return the list's controls, and what is said where the list is not yet what was asked for."""
    return {
        "sorts": [_sort_option(choice, sort, label, url) for sort, label in _sort_labels().items()],
        "filters": [
            Option(f"filter-{one.value}", label, url + choice.showing(one).query, one is choice.filter)
            for one, label in _filter_labels().items()
        ],
        "shows_gone": choice.filter is Filter.GONE,
        "all_url": url + choice.showing(Filter.ALL).query,
        "gone_url": url + choice.showing(Filter.GONE).query,
        "waiting_sentence": "" if choice.is_met_by(page) else _waiting(choice, page),
        "empty_sentence": _empty_sentence(page),
    }


def _sort_option(choice: ListChoice, sort: Sort, label: str, url: str) -> Option:
    is_chosen = sort is choice.order.sort
    descending = choice.order.descending if is_chosen else None
    return Option(f"sort-{sort.value}", label, url + choice.sorted_by(sort).query, is_chosen, descending)


def _sort_labels() -> dict[Sort, str]:
    return {
        Sort.DATE: gettext("Date"),
        Sort.SENDER: gettext("Sender"),
        Sort.SUBJECT: gettext("Subject"),
        Sort.SIZE: gettext("Size"),
    }


def _filter_labels() -> dict[Filter, str]:
    return {
        Filter.ALL: gettext("All"),
        Filter.UNREAD: gettext("Unread"),
        Filter.FLAGGED: gettext("Flagged"),
        Filter.ATTACHMENTS: gettext("With attachments"),
        Filter.GONE: gettext("Gone"),
    }


def _waiting(choice: ListChoice, page: Page) -> str:
    if page.filter is not choice.filter:
        return gettext("This copy is still being prepared: the filter works as soon as that is done.")
    return gettext("This copy is still being prepared: the list can be sorted this way as soon as that is done.")


def count_sentence(page: Page) -> str:
    """Return how many messages the list shows, and of which kind."""
    words = {
        Filter.ALL: ngettext("%(total)s message", "%(total)s messages", page.total),
        Filter.UNREAD: ngettext("%(total)s unread message", "%(total)s unread messages", page.total),
        Filter.FLAGGED: ngettext("%(total)s flagged message", "%(total)s flagged messages", page.total),
        Filter.ATTACHMENTS: ngettext(
            "%(total)s message with attachments", "%(total)s messages with attachments", page.total
        ),
        Filter.GONE: ngettext("%(total)s message gone", "%(total)s messages gone", page.total),
    }
    return words[page.filter] % {"total": wording.number(page.total)}


def _empty_sentence(page: Page) -> str:
    if page.filter is Filter.GONE:
        return gettext("Nothing has gone missing from this folder since.")
    return "" if page.filter is Filter.ALL else gettext("This folder has no such message in this copy.")
