"""`manage.py manual`: the customers' manual as one HTML file."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mtm.manual import LANGUAGES, manual


class Command(BaseCommand):
    help = "Print the customers' manual with this provider's name, limits, prices and contact."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(manual(options["language"]))
        except FileNotFoundError as error:
            raise CommandError(f"{error.filename} is not there: `make screenshots` makes it.") from error
