"""`manage.py web`: answer requests with the current settings."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from mtm.monitoring import forget_ended_processes
from mtm.server import MOST_WORKERS, Server, usual_workers


class Command(BaseCommand):
    help = "Run the web server alone: gunicorn. The database and the static files are there (`serve` prepares them)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port, default %(default)s")
        parser.add_argument(
            "--workers",
            type=int,
            default=usual_workers(),
            help=f"processes, here %(default)s: two a processor, at most {MOST_WORKERS}",
        )
        parser.add_argument("--threads", type=int, default=8, help="threads of each process, default %(default)s")
        parser.add_argument("--reload", action="store_true", help="start anew when the code changes")

    def handle(self, *args: Any, **options: Any) -> None:
        forget_ended_processes(settings.MTM_METRICS_DIR)
        Server(
            bind=options["bind"], workers=options["workers"], threads=options["threads"], reload=options["reload"]
        ).run()
