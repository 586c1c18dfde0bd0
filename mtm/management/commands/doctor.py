"""`manage.py doctor`: try everything the product stands on, and say what is wrong and what mends it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mtm.doctor.findings import Finding, State, examine
from mtm.doctor.rounds import CHECKS
from snapshots import configured
from snapshots.accounts import BadAddress
from snapshots.types import Account

WIDTH = max(map(len, State))


class Command(BaseCommand):
    help = (
        "Try settings, database, mounts, nights and servers; nothing is changed. Exit code 1 where there is a problem."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", help="a mailbox to open on each night: an address")
        parser.add_argument("--json", action="store_true", help="print the findings as one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        account = _account(options["account"])
        report = []
        for check in CHECKS:
            for finding in examine(check, account):
                report.append(
                    {"subject": check.subject, "state": finding.state, "words": finding.words, "fix": finding.fix}
                )
                if not options["json"]:
                    self._tell(check.subject, finding)
        if options["json"]:
            self.stdout.write(json.dumps(report, indent=2, ensure_ascii=False))
        problems = sum(each["state"] == State.PROBLEM for each in report)
        if problems:
            raise CommandError("1 problem" if problems == 1 else f"{problems} problems", returncode=1)

    def _tell(self, subject: str, finding: Finding) -> None:
        self.stdout.write(f"{finding.state:<{WIDTH}}  {subject}: {finding.words}")
        if finding.fix:
            self.stdout.write(f"{'':<{WIDTH}}  → {finding.fix}")


def _account(text: str | None) -> Account | None:
    try:
        return configured.address_book().account(text) if text else None
    except BadAddress as error:
        raise CommandError(f"{text} is no account's address") from error
