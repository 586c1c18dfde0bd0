"""`manage.py serve`: migrate, collect static files, and answer requests with the current settings."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from access.audit import record_settings
from mtm.server import Server


class Command(BaseCommand):
    help = "Run the site: prepares the database and serves it with gunicorn."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port, default %(default)s")
        parser.add_argument("--workers", type=int, default=2, help="processes, default %(default)s")
        parser.add_argument("--threads", type=int, default=16, help="threads of each process, default %(default)s")
        parser.add_argument("--reload", action="store_true", help="start anew when the code changes")

    def handle(self, *args: Any, **options: Any) -> None:
        settings.MTM_STATE_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        record_settings()
        Server(
            bind=options["bind"], workers=options["workers"], threads=options["threads"], reload=options["reload"]
        ).run()
