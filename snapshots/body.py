"""Which parts of a message are its body: as text, and as HTML, the way mail readers choose them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from snapshots.mime import Message, Part
from snapshots.part_headers import PLAIN

HTML = "text/html"
CALENDAR = "text/calendar"
REPORTS = frozenset(
    (
        CALENDAR,
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
    )
)
REPORTS_BYTES = 256 * 1024

_Children = Mapping[str | None, list[Part]]


@dataclass(frozen=True, slots=True)
class Body:
    """The parts to show one below the other, for each of the two views; empty where the message has no such view.

    `html` may hold plain parts among the HTML ones: a list's footer, say. `reports` are written for programs
    and can be read by people: why a message came back, what an invitation says. `told` holds everything once:
    plain text, and HTML where there is no plain text beside it.
    """

    text: tuple[Part, ...]
    html: tuple[Part, ...]
    reports: tuple[Part, ...] = ()
    told: tuple[Part, ...] = ()


def text_parts(message: Message, within: Part | None = None) -> Body:
    """Return the parts that make the body of the message, or of the attached message `within` it.

    Source: RFC 2046 section 5.1 (alternative: the last best), RFC 2387 (related: its root).
    """
    children: dict[str | None, list[Part]] = defaultdict(list)
    for part in message.parts:
        children[part.parent].append(part)
    roots = children[within.number if within else None]
    text = [part for root in roots for part in _chosen(root, PLAIN, children)]
    html = [part for root in roots for part in _chosen(root, HTML, children)]
    return Body(
        text=tuple(part for part in text if part.content_type == PLAIN),
        html=tuple(html) if any(part.content_type == HTML for part in html) else (),
        reports=tuple(_reports(roots, children)),
        told=tuple(text),
    )


def _reports(parts: list[Part], children: _Children) -> Iterator[Part]:
    """Yield the reports at any depth, but none of an attached message, and of one invitation's two copies the first.

    Each is an attachment too, so those that are too much are not lost.
    """
    has_invitation, room_bytes = False, REPORTS_BYTES
    for part in _unpacked(parts, children):
        if part.content_type not in REPORTS or (has_invitation and part.content_type == CALENDAR):
            continue
        room_bytes -= part.size_bytes
        if room_bytes >= 0:
            has_invitation |= part.content_type == CALENDAR
            yield part


def _unpacked(parts: list[Part], children: _Children) -> Iterator[Part]:
    for part in parts:
        if part.is_container:
            yield from _unpacked(children[part.number], children)
        else:
            yield part


def _chosen(part: Part, wanted: str, children: _Children) -> list[Part]:
    if not part.is_container:
        return [part] if part.content_type in (PLAIN, HTML) and not part.is_attachment else []
    inside = children[part.number]
    if part.content_type == "multipart/alternative":
        return _best([_chosen(child, wanted, children) for child in inside], wanted)
    if part.content_type == "multipart/related":
        inside = _root(part, inside)
    return [found for child in inside for found in _chosen(child, wanted, children)]


def _best(choices: list[list[Part]], wanted: str) -> list[Part]:
    """Return the last choice that holds the wanted type, else the last that holds anything.

    Of plain text all choices are taken: who writes two does not mean the same by them.
    """
    filled = [choice for choice in choices if choice]
    best = [choice for choice in filled if any(part.content_type == wanted for part in choice)]
    if wanted == PLAIN and best:
        return [part for choice in best for part in choice if part.content_type == PLAIN]
    return (best or filled or [[]])[-1]


def _root(related: Part, inside: list[Part]) -> list[Part]:
    start = related.parameters.get("start", "").strip("<> ")
    return [part for part in inside if start and part.content_id == start][:1] or inside[:1]
