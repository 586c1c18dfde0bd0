from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access import audit, sessions
from access.models import Action
from snapshots import configured
from snapshots.accounts import BadAddress, parse_address


class Command(BaseCommand):
    help = "End the sessions of an account, of a domain, or (*) of everybody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        revoke = verbs.add_parser("revoke", help="end sessions at once; their owners may log in again")
        revoke.add_argument("subject", metavar="ACCOUNT|DOMAIN|*")

    def handle(self, *args: Any, **options: Any) -> None:
        subject = _canonical(options["subject"])
        audit.record(None, Action.SESSION_REVOKE, account=subject)
        sessions.revoke(subject)
        self.stdout.write(f"All sessions of {subject} begun until now are over.")


def _canonical(text: str) -> str:
    if text == sessions.EVERYBODY:
        return text
    try:
        return configured.address_book().account(text).address if "@" in text else parse_address(f"a@{text}").domain
    except BadAddress as error:
        raise CommandError(f"{text} is neither an account's address nor a domain") from error
