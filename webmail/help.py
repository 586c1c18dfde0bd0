"""What the help pages are about, and the figures in them: they come from the settings alone."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from webmail import wording

CENT = Decimal("0.01")
TOPICS = {
    "nights": gettext_lazy("What a copy is, and what is in it"),
    "pop3": gettext_lazy("The copy is empty: POP3"),
    "downloads": gettext_lazy("Download messages and open them"),
    "restores": gettext_lazy("Put messages back in your mailbox"),
    "accesses": gettext_lazy("Who can see your mail"),
    "shortcuts": gettext_lazy("Keyboard shortcuts"),
    "privacy": gettext_lazy("Privacy: what is kept, and how long"),
    "accessibility": gettext_lazy("Accessibility statement"),
}


@dataclass(frozen=True, slots=True)
class TopicLink:
    """One topic of the help pages."""

    name: str
    title: str
    url: str


def topics() -> list[TopicLink]:
    """Return the topics of this provider: restores only where it offers them."""
    names = [name for name in TOPICS if name != "restores" or settings.MTM_RESTORE != "off"]
    return [TopicLink(name, str(TOPICS[name]), reverse(f"webmail:help_{name}")) for name in names]


def figures() -> dict[str, Any]:
    """Return every limit, price and span of time that a help page names."""
    net = settings.MTM_RESTORE_PRICE
    vat = (net * settings.MTM_RESTORE_VAT / 100).quantize(CENT, ROUND_HALF_UP)
    return {
        "nights": settings.MTM_DAYS,
        "download_limit": settings.MTM_DOWNLOAD_LIMIT,
        "download_size": gettext("%(count)s MB") % {"count": wording.number(settings.MTM_DOWNLOAD_SIZE_MB)},
        "restore": settings.MTM_RESTORE,
        "restore_limit": settings.MTM_RESTORE_FREE_LIMIT,
        "restore_days": settings.MTM_RESTORE_DAYS,
        "net": wording.money(net) if net else "",
        "vat_percent": f"{settings.MTM_RESTORE_VAT:g}",
        "gross": wording.money(net + vat),
        "log_days": settings.MTM_AUDIT_DAYS,
        "index_hours": settings.MTM_INDEX_HOURS,
        "offers_text": settings.MTM_TEXT_SEARCH == "on-request",
        "tells_by_mail": bool(settings.MTM_NOTICE_FROM),
    }
