"""`manage.py prepare`: make database and static files those of this release."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.audit import record_settings


class Command(BaseCommand):
    help = "Migrate the database, collect the static files, and note the settings in the audit log: before every start."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-static", action="store_true", help="the static files are there, as in an image")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            settings.MTM_STATE_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"MTM_STATE_DIR cannot be made: {error}") from error
        call_command("migrate", interactive=False, verbosity=0)
        if not options["no_static"]:
            call_command("collectstatic", interactive=False, verbosity=0)
        record_settings()
