"""Azioni > Scarica: the selected messages of one night, in one piece."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from access import audit
from access.audience import changes_nothing
from access.http import limit_patience, render, untrusted_file
from access.mailboxes import open_mailbox
from access.models import Action
from webmail.archives.contents import Contents, Lost, Packable, by_folder
from webmail.archives.formats import Format, packing
from webmail.download_choice import Choice, Refusal, refusal_context
from webmail.download_slots import HostBusy, SessionBusy, download_slot
from webmail.filenames import archive_filename, message_filename
from webmail.pages_first import pages
from webmail.sending import Sending

RETRY_SECONDS = 30


@changes_nothing
@require_POST
def download(request: HttpRequest, day: date) -> HttpResponseBase:
    """Download the selected messages; what cannot be done is explained in words, the selection kept."""
    with ExitStack() as resources:
        mailbox = resources.enter_context(open_mailbox(request, day, doing=Action.DOWNLOAD))
        choice = Choice.of(mailbox, request.POST.getlist("message"), open_folder=request.POST.get("folder", ""))
        try:
            format_ = _format(request)
            messages, lost = choice.measured()
            resources.enter_context(_slot(request))
        except Refusal as refusal:
            return _refused(request, choice, refusal)
        _record(request, day, messages, format_)
        limit_patience(request)
        leaving = _leaving(day, format_, messages, lost)
        content = Sending.begun(pages.give_way(leaving.chunks), resources.pop_all())
    return untrusted_file(content, filename=leaving.filename, size_bytes=leaving.size_bytes)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is about to leave: its bytes, its name, and its size where that is known."""

    chunks: Iterator[bytes]
    filename: str
    size_bytes: int | None


def _format(request: HttpRequest) -> Format:
    try:
        return Format(request.POST.get("format", ""))
    except ValueError:
        raise Refusal(gettext("This format is not known.")) from None


@contextmanager
def _slot(request: HttpRequest) -> Iterator[None]:
    try:
        with download_slot(settings.MTM_STATE_DIR, str(request.session.session_key)):
            yield
    except SessionBusy:
        sentence = gettext("A download of yours is still under way. Start this one when that has ended.")
        raise Refusal(sentence, status=429) from None
    except HostBusy:
        sentence = gettext("Many downloads are under way. Try again in half a minute.")
        raise Refusal(sentence, status=503) from None


def _record(request: HttpRequest, day: date, messages: list[Packable], format_: Format) -> None:
    audit.record(
        request,
        Action.DOWNLOAD,
        day=day,
        objects=[message.located.entry.guid for message in messages],
        count=len(messages),
        size_bytes=sum(message.size_bytes for message in messages),
        details={"format": format_.value},
    )


def _leaving(day: date, format_: Format, messages: list[Packable], lost: list[Lost]) -> Leaving:
    if format_ is Format.EML and len(messages) == 1 and not lost:
        message = messages[0]
        return Leaving(message.chunks(), message_filename(message.row), message.size_bytes)
    whole = packing(format_, Contents(by_folder(messages), lost))
    return Leaving(whole.chunks(), archive_filename(day, len(messages), format_.ending), whole.size_bytes)


def _refused(request: HttpRequest, choice: Choice, refusal: Refusal) -> HttpResponse:
    context = refusal_context(choice, refusal)
    response = render(request, "webmail/download_refused.html", context, status=refusal.status)
    if refusal.status != 422:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response
