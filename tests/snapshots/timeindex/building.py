"""A builder as a process of its own, to be killed: `python -m tests.snapshots.timeindex.building ROOT STATE`."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from demo.provider import TIME_ZONE, Provider
from snapshots.accounts import PathTemplate, parse_address
from snapshots.archive import Archive
from snapshots.calendar import Calendar, NamePattern
from snapshots.engines.deadline import Guard
from snapshots.engines.maildir import MaildirEngine
from snapshots.engines.volumes import Volume


def now() -> datetime:
    return datetime(2026, 11, 22, 9, 44, tzinfo=UTC)


def main() -> None:
    settings = Provider(Path(sys.argv[1])).settings()
    calendar = Calendar((NamePattern.parse(settings["MTM_SNAPSHOT_NAMES"]),), TIME_ZONE, TIME_ZONE)
    volume = Volume(PathTemplate.parse(settings["MTM_SNAPSHOT_PATH"]), calendar, Guard("killed"), clock=now)
    archive = Archive(MaildirEngine([volume]), calendar, days=7, clock=now, indexes=Path(sys.argv[2]))
    print("begins", flush=True)
    while not archive.build_index(parse_address("alice@example.com"), budget_seconds=0):
        pass
    print("ends", flush=True)


if __name__ == "__main__":
    main()
