from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from access import operators


class Command(BaseCommand):
    help = "Make an operator of the support console, or take one's access away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="make an operator and print a link, good once and for a day, to set it up")
        add.add_argument("name", help="the person's own name: accounts are never shared")
        add.add_argument(
            "--permissions",
            default="help",
            help=f"of {', '.join(operators.PERMISSIONS)}, comma-separated; default: help",
        )
        add.add_argument(
            "--secrets-file",
            type=Path,
            metavar="FILE",
            help="a password and a TOTP key on a line each, instead of the link",
        )
        again = verbs.add_parser("link", help="print a new link: for a lost telephone or a forgotten password")
        again.add_argument("name")
        remove = verbs.add_parser("remove", help="end an operator's access at once; what was recorded stays")
        remove.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["verb"]:
            case "add":
                self._add(options["name"], options["permissions"], options["secrets_file"])
            case "link":
                self._print_link(_known(options["name"]))
            case _:
                operators.end_access(_known(options["name"]))
                self.stdout.write(f"{options['name']} has no access any more.")

    def _add(self, name: str, permissions: str, secrets_file: Path | None) -> None:
        wanted = [part.strip() for part in permissions.split(",") if part.strip()]
        if "help" not in wanted or not set(wanted) <= set(operators.PERMISSIONS):
            raise CommandError(f"permissions are help and any of {', '.join(operators.PERMISSIONS[1:])}")
        secrets = secrets_file.read_text().splitlines() if secrets_file else []
        if secrets_file and len(secrets) != 2:
            raise CommandError(f"{secrets_file} holds a password on its first line and a TOTP key on its second")
        try:
            user = operators.add(name, wanted)
        except IntegrityError as error:
            raise CommandError(f"there is an operator {name} already") from error
        if secrets:
            operators.set_up(user, password=secrets[0], key=secrets[1])
            self.stdout.write(f"{name} can sign in at /support/login/.")
        else:
            self._print_link(user)

    def _print_link(self, user: User) -> None:
        host = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost"
        self.stdout.write(f"For {user.username} alone, once, within a day:")
        self.stdout.write(f"https://{host}{operators.enrolment_path(user)}")


def _known(name: str) -> User:
    try:
        return User.objects.get(username=name)
    except User.DoesNotExist as error:
        raise CommandError(f"there is no operator {name}") from error
