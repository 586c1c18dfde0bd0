"""Restore a whole night: `python -m bench.restoring ADDRESS DAY` asks for it and runs it, as the worker would.

Prints as JSON how many messages came back, and the seconds that took in all and in sending alone.
"""

import json
import sys
import time
from datetime import date

import django
from django.core.management import call_command


def main() -> int:
    django.setup()
    call_command("migrate", verbosity=0)
    # Models can be imported only now.
    from restores import requests, work
    from restores.states import By
    from tests.restores.conftest import BOB, asked, owner, run_of

    restore = asked(owner(sys.argv[1]), day=date.fromisoformat(sys.argv[2]), with_trash=True)
    requests.take_on(restore, BOB)
    requests.ask_to_run(restore, BOB)
    told: list[float] = []
    run = run_of(restore, told=lambda now: told.append(time.time()))
    began = time.time()
    with work.handled(run):
        work.restore(run, By())
    all_seconds = time.time() - began
    first = restore.batches.earliest("pk")
    print(
        json.dumps(
            {
                "restored": restore.restored_count,
                "seconds": all_seconds,
                "sending_seconds": told[-1] - first.sent_at_ms / 1000,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
