import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access import audit, chain, heads
from access.models import Action, AuditRecord


class Command(BaseCommand):
    help = "Check the audit log's chain, write it out, print its head, or let go of what is past its time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("head", help="print the last row's number and code as SEQ:CODE")
        export = verbs.add_parser("export", help="write the log to standard output, one JSON object a row; on record")
        export.add_argument("--account", help="only what was done with this account")
        verbs.add_parser("purge", help="let go of the rows whose MTM_AUDIT_DAYS are over; on record")
        verify = verbs.add_parser("verify", help="name the first row that is not as it was written (exit code 1)")
        verify.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="SEQ:CODE",
            help="a head from the log or another host; what it names must still be there. Repeatable.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        match options["verb"]:
            case "head":
                self.stdout.write(str(chain.head_of(AuditRecord.objects.order_by("-seq").first())))
            case "export":
                self._export(options["account"])
            case "purge":
                self.stdout.write(f"{audit.purge()} rows were past their time")
            case _:
                self._verify(options["head"])

    def _export(self, account: str | None) -> None:
        audit.record(None, Action.AUDIT_READ, account=account or "")
        rows = AuditRecord.objects.order_by("seq")
        for row in (rows.filter(account=account) if account else rows).values().iterator():
            self.stdout.write(json.dumps(row, default=str))

    def _verify(self, texts: list[str]) -> None:
        try:
            known = [heads.noted(), *(chain.Head.parse(text) for text in texts)]
        except ValueError as error:
            raise CommandError("a head is written SEQ:CODE") from error
        bad, last = chain.first_bad_row(known)
        if bad is not None:
            raise CommandError(f"first bad row: seq {bad.seq}: {bad.reason}", returncode=1)
        self.stdout.write(f"whole up to seq {last.seq}; head {last}")
