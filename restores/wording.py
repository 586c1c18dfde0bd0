"""Restores in words: states, targets, reasons and people, in the language of the page."""

from datetime import date
from decimal import Decimal

from babel.numbers import format_currency, format_decimal
from django.utils.translation import gettext, ngettext

from restores.models import (
    Line,
    Outcome,
    Problem,
    Reason,
    RestoreRequest,
    StateChange,
    Target,
    Verdict,
    What,
    vat_of,
)
from restores.planning import new_folder
from webmail import wording


def what(restore: RestoreRequest) -> str:
    """Return what is wanted back: "3 messaggi", "Tutta la casella"."""
    match restore.what:
        case What.MESSAGES:
            return messages(len(restore.messages))
        case What.FOLDERS:
            count = len(restore.folders)
            return ngettext("%(count)s folder", "%(count)s folders", count) % {"count": wording.number(count)}
        case _ if restore.with_trash:
            return gettext("The whole mailbox, trash and spam too")
        case _:
            return gettext("The whole mailbox, without trash and spam")


def messages(count: int) -> str:
    return ngettext("%(count)s message", "%(count)s messages", count) % {"count": wording.number(count)}


def target(restore: RestoreRequest) -> str:
    """Return where a request's mail goes."""
    return destination(Target(restore.target), restore.language, restore.day)


def destination(target: Target, language: str, day: date) -> str:
    """Return where mail of a night goes, asked for in a language."""
    match target:
        case Target.NEW_FOLDER:
            return gettext("Into the new folder “%(folder)s”") % {"folder": new_folder(language, day)}
        case Target.INBOX:
            return gettext("Into the inbox")
        case Target.ORIGINAL:
            return gettext("Into the original folders, skipping what is there")


def who(change: StateChange, *, with_names: bool, is_owner: bool) -> str:
    """Return who brought a request into a state, as an owner or an operator reads it."""
    match change.role:
        case "owner":
            return gettext("You") if is_owner else change.actor
        case "operator":
            return change.actor if with_names else gettext("Support")
        case _:
            return gettext("The service")


def money(amount: Decimal) -> str:
    """Return "80,00 €"."""
    return format_currency(amount, "EUR", locale=wording.locale())


def price(restore: RestoreRequest) -> str:
    """Return what a request costs: net, VAT and both together."""
    return full_price(restore.price, restore.vat_percent)


def full_price(net: Decimal, vat_percent: Decimal) -> str:
    """Return a net price with its VAT and both together; or that it is free."""
    if not net:
        return gettext("Free")
    vat = vat_of(net, vat_percent)
    said = {
        "net": money(net),
        "percent": format_decimal(vat_percent, locale=wording.locale()),
        "vat": money(vat),
        "gross": money(net + vat),
    }
    return gettext("%(net)s + VAT %(percent)s%% (%(vat)s) = %(gross)s") % said


def outcome(value: Outcome) -> str:
    """Return what became of one message."""
    names = {
        Outcome.WAITING: gettext("Waiting"),
        Outcome.RESTORED: gettext("Restored"),
        Outcome.ALREADY_THERE: gettext("Already there"),
        Outcome.REFUSED: gettext("Cannot be restored"),
        Outcome.FAILED: gettext("Not restored"),
    }
    return names[value]


def explanation(line: Line) -> str:
    """Return why a message was not restored, or what reading it back said."""
    if line.reason:
        return _reason(Reason(line.reason))
    verdicts = {
        Verdict.NONE: "",
        Verdict.VERIFIED: gettext("Read back: content, date and flags are the same"),
        Verdict.NO_KEYWORDS: gettext("Read back: the same but for labels the server does not keep"),
        Verdict.DIFFERS: gettext("Read back: the server changed it"),
        Verdict.MISSING: gettext("Read back: it is not there any more"),
    }
    return verdicts[Verdict(line.verdict)]


def _reason(reason: Reason) -> str:
    sentences = {
        Reason.EMPTY: gettext("It is empty in the copy, and no server takes an empty message"),
        Reason.NUL: gettext("It holds a NUL byte, which no server keeps as it is"),
        Reason.TOO_BIG: gettext("It is larger than the server allows"),
        Reason.DAMAGED: gettext("It is damaged in the copy"),
        Reason.VANISHED: gettext("It is not in the copy any more"),
        Reason.REJECTED: gettext("The server refused it"),
        Reason.OVER_QUOTA: gettext("The mailbox is full"),
        Reason.READ_ONLY: gettext("The folder may only be read"),
        Reason.UNREADABLE: gettext("The folder could not be compared with the copy"),
        Reason.NO_FOLDER: gettext("The folder could not be made"),
        Reason.SERVER_TROUBLE: gettext("The server did not answer"),
    }
    return sentences[reason]


def problem(value: str) -> str:
    """Return why the last attempt did not come to its end; empty where it did."""
    sentences = {
        Problem.NONE: "",
        Problem.NO_MASTER: gettext("The service may not write to the mailboxes yet: support has to allow it."),
        Problem.LOGIN_REFUSED: gettext("The mail server refused the sign-in."),
        Problem.UNREACHABLE: gettext("The mail server did not answer."),
        Problem.LOCKED: gettext("The copy is not proved to be of this mailbox: support can unlock it."),
        Problem.NIGHT_GONE: gettext("The copy is not there any more."),
        Problem.STORAGE: gettext("The storage that holds the copies does not answer just now."),
        Problem.FAULT: gettext("Something went wrong on our side."),
    }
    return sentences[Problem(value)]
