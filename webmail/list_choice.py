"""What a reader chose of a list: which page, in which order, which messages."""

from dataclasses import dataclass, replace

from django.http import HttpRequest, QueryDict

from snapshots.catalogue import NEWEST_FIRST, Filter, Order, Page, Sort

MOST_DIGITS = 7
# The letters of senders and subjects begin with A; dates and sizes with what is newest and largest.
DESCENDING = {Sort.DATE, Sort.SIZE}


@dataclass(frozen=True, slots=True)
class ListChoice:
    """A page of a list, as its URL names it; `sort=-date` is descending."""

    number: int = 1
    order: Order = NEWEST_FIRST
    filter: Filter = Filter.ALL

    @classmethod
    def of(cls, request: HttpRequest) -> "ListChoice":
        """Read it from the URL; what makes no sense there is the default."""
        return cls(_number(request.GET), _order(request.GET), _filter(request.GET))

    @property
    def query(self) -> str:
        """The URL's query, with its question mark; empty for the first page as it is at first."""
        values = QueryDict(mutable=True)
        if self.order != NEWEST_FIRST:
            values["sort"] = f"{'-' if self.order.descending else ''}{self.order.sort.value}"
        if self.filter is not Filter.ALL:
            values["filter"] = self.filter.value
        if self.number > 1:
            values["page"] = str(self.number)
        return f"?{values.urlencode()}" if values else ""

    def at(self, number: int) -> "ListChoice":
        return replace(self, number=number)

    def sorted_by(self, sort: Sort) -> "ListChoice":
        """Return the choice one gets by choosing this order: the same one again turns it round."""
        descending = not self.order.descending if sort is self.order.sort else sort in DESCENDING
        return ListChoice(order=Order(sort, descending), filter=self.filter)

    def showing(self, filter_: Filter) -> "ListChoice":
        return ListChoice(order=self.order, filter=filter_)

    def is_met_by(self, page: Page) -> bool:
        """Whether the page is in the order and of the messages that were asked for."""
        return (page.order, page.filter) == (self.order, self.filter)


def _number(values: QueryDict) -> int:
    text = values.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 1


def _order(values: QueryDict) -> Order:
    text = values.get("sort", "")
    try:
        return Order(Sort(text.removeprefix("-")), descending=text.startswith("-"))
    except ValueError:
        return NEWEST_FIRST


def _filter(values: QueryDict) -> Filter:
    try:
        return Filter(values.get("filter", ""))
    except ValueError:
        return Filter.ALL
