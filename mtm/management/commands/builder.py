"""`manage.py builder`: build time indexes when pages ask for them."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from mtm.processes import only_one
from mtm.server import keep_memory_together
from snapshots.tasks import begin_anew

LOCK = "builder.lock"
POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = "Build this host's time indexes, in slices, as long as there is something to do; the worker of its queue."

    def handle(self, *args: Any, **options: Any) -> None:
        settings.MTM_STATE_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_memory_together()
        with only_one(settings.MTM_STATE_DIR / LOCK):
            begin_anew()
            call_command(
                "db_worker",
                queue_name=settings.INDEX_QUEUE,
                interval=POLL_SECONDS,
                reload=False,
                startup_delay=False,
                verbosity=0,
            )
