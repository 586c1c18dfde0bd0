"""The notice an owner gets by mail when support opens their copies, where the provider wants it."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, override

from access.mail import send_notice
from access.models import Grant
from webmail import wording


def tell_owner(request: HttpRequest, grant: Grant) -> None:
    """Send the notice; where that fails it is logged, for the owner sees the access on their page anyway."""
    with override(settings.MTM_LANGUAGE):
        subject, text = gettext("Support has opened a copy of your mailbox"), _text(request, grant)
    send_notice(subject, text, grant.address, about=f"grant {grant.pk}")


def _text(request: HttpRequest, grant: Grant) -> str:
    words = {
        "day": wording.full_day(grant.day),
        "expires": wording.moment(grant.expires_at),
        "ticket": grant.ticket,
        "reason": grant.reason,
        "url": request.build_absolute_uri(reverse("webmail:accesses")),
    }
    return (
        gettext(
            "Support has opened the copy of your mailbox of %(day)s, to help you.\n\n"
            "Reason: %(reason)s\nTicket: %(ticket)s\nIt ends by itself: %(expires)s\n\n"
            "What was looked at you can see here, with the password of your mailbox:\n%(url)s\n\n"
            "If you asked for no help, tell us."
        )
        % words
    )
