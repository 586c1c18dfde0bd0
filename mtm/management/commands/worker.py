"""`manage.py worker`: restore what is asked for, and tell those who wait for it."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from mtm.processes import only_one
from restores.tasks import begin_anew

LOCK = "worker.lock"
POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = "Plan and run restores, as long as there is something to do; the only process that may have MTM_IMAP_MASTER."

    def handle(self, *args: Any, **options: Any) -> None:
        settings.MTM_STATE_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        with only_one(settings.MTM_STATE_DIR / LOCK):
            begin_anew()
            call_command(
                "db_worker",
                queue_name=settings.RESTORE_QUEUE,
                interval=POLL_SECONDS,
                reload=False,
                startup_delay=False,
                verbosity=0,
            )
