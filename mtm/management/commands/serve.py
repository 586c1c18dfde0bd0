"""`manage.py serve`: prepare, and run the whole site on this machine."""

import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from mtm.environment import without
from mtm.management.commands import web
from mtm.processes import run

PAGES_FIRST = ("nice", "-n", "10")


class Command(web.Command):
    help = "Run the site: prepares the database, then runs the web server, the builder of time indexes and the worker."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--no-builder", action="store_true", help="run the web server alone")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        server = ["--bind", options["bind"], "--workers", str(options["workers"]), "--threads", str(options["threads"])]
        beside = [] if options["no_builder"] else [[*PAGES_FIRST, *_command("builder")], _command("worker")]
        site = _command("web", *server, *["--reload"] * options["reload"])
        status = run(site, beside, environment=without("MTM_IMAP_MASTER"))
        if status:
            sys.exit(status)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
