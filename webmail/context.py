"""What every page shows besides its subject: the site, the reader, the folders."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from access.readers import AUDIT, RESTORE, Operator, Owner, Reader, reader_of, verified_user
from access.sessions import idle_time
from snapshots.catalogue import FolderCount
from snapshots.types import Folder, FolderState, Role
from webmail import wording
from webmail.colours import brand_colours
from webmail.contact import contact_url
from webmail.logo import brand_logo
from webmail.preferences import preference_of

ROLE_ORDER = [Role.INBOX, Role.SENT, Role.DRAFTS, Role.TRASH, Role.JUNK]
ROLE_ICONS = {
    Role.INBOX: "inbox",
    Role.SENT: "send",
    Role.DRAFTS: "file-pen-line",
    Role.TRASH: "trash-2",
    Role.JUNK: "shield-alert",
}
ROLE_KEYS = {Role.INBOX: "i", Role.SENT: "s", Role.DRAFTS: "b", Role.TRASH: "c", Role.JUNK: "p"}
DEEPEST = 4


def site(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html needs on any page, with or without a reader."""
    reader = reader_of(request)
    address = reader.account.address if reader else ""
    return {
        "brand_name": settings.MTM_BRAND_NAME,
        "brand_logo": brand_logo(),
        "has_brand_colours": bool(brand_colours()),
        "support_contact": settings.MTM_SUPPORT_CONTACT,
        "support_url": contact_url(settings.MTM_SUPPORT_CONTACT),
        "request_id": request.META.get("MTM_REQUEST_ID", ""),
        "theme": preference_of(request, "theme"),
        "density": preference_of(request, "density"),
        "letters_off": bool(preference_of(request, "letter_keys")),
        "account": address,
        "account_initials": wording.initials(address),
        "idle_seconds": int(idle_time(reader).total_seconds()) if reader else 0,
        **_support(request, reader),
    }


def _support(request: HttpRequest, reader: Reader | None) -> dict[str, Any]:
    """Return what pages show of an operator: who it is, and the grant under which a mailbox is open."""
    user = verified_user(request)
    operator = reader if isinstance(reader, Operator) else None
    return {
        "staff": user.username if user else "",
        "may_restore": user is not None and user.has_perm(RESTORE) and settings.MTM_RESTORE != "off",
        "may_audit": user is not None and user.has_perm(AUDIT),
        "may_download": operator is None or operator.may_download,
        "may_ask_for_restores": isinstance(reader, Owner) and settings.MTM_RESTORE != "off",
        "grant": _grant(operator) if operator else None,
    }


def _grant(operator: Operator) -> dict[str, str | int]:
    seconds_left = max(0, int((operator.expires_at - timezone.now()).total_seconds()))
    minutes = -(-seconds_left // 60)
    left = ngettext("It ends in %(minutes)s minute.", "It ends in %(minutes)s minutes.", minutes)
    return {
        "address": operator.account.address,
        "name": operator.name,
        "ticket": operator.ticket,
        "seconds_left": seconds_left,
        "left": left % {"minutes": minutes},
    }


@dataclass(frozen=True, slots=True)
class FolderLink:
    """One folder of the pane; `depth` counts from 0, `key` opens it after a g."""

    id: str
    name: str
    title: str
    url: str
    total: str
    icon: str
    key: str
    depth: int
    is_open: bool
    is_unreadable: bool


def folder_links(
    counts: list[FolderCount], day: date, opened: Folder, shown: frozenset[str]
) -> tuple[list[FolderLink], list[FolderLink]]:
    """Return the five default folders in their order, and those others that are shown or open."""
    roles = {count.folder.role: count for count in counts if count.folder.role}
    defaults = [_folder_link(roles[role], day, opened) for role in ROLE_ORDER if role in roles]
    others = [count for count in counts if not count.folder.role]
    visible = [count for count in others if count.folder.id in shown or count.folder.id == opened.id]
    places = nested([count.folder for count in visible])
    return defaults, [_folder_link(count, day, opened, place) for count, place in zip(visible, places, strict=True)]


def _folder_link(count: FolderCount, day: date, opened: Folder, place: tuple[int, str] | None = None) -> FolderLink:
    folder = count.folder
    depth, name = place or (0, wording.folder_name(folder))
    return FolderLink(
        id=folder.id,
        name=name,
        title=" / ".join(folder.levels),
        url=reverse("webmail:folder", args=[day, folder.id]),
        total=wording.number(count.total) if count.total is not None else "",
        icon=ROLE_ICONS[folder.role] if folder.role else "folder",
        key=ROLE_KEYS[folder.role] if folder.role else "",
        depth=depth,
        is_open=folder.id == opened.id,
        is_unreadable=folder.state is FolderState.UNREADABLE,
    )


def nested(folders: list[Folder]) -> list[tuple[int, str]]:
    """Return how far each folder is indented below those of the list that hold it, and its name from there on."""
    present = {folder.levels for folder in folders}
    places = []
    for levels in (folder.levels for folder in folders):
        above = [depth for depth in range(1, len(levels)) if levels[:depth] in present]
        places.append((min(len(above), DEEPEST), " / ".join(levels[above[-1] if above else 0 :])))
    return places
