"""A builder as a process of its own, to be killed: `python -m tests.snapshots.timeindex.building ROOT STATE`."""

import sys
from pathlib import Path

import django

from demo.provider import Provider
from snapshots.accounts import parse_address


def main() -> None:
    django.setup()
    # What serves the site knows its models, which are there from now on only.
    from tests.served import ALICE, archive_over

    archive = archive_over(Provider(Path(sys.argv[1])), indexes=Path(sys.argv[2]))
    print("begins", flush=True)
    while not archive.build_index(parse_address(ALICE), budget_seconds=0):
        pass


if __name__ == "__main__":
    main()
