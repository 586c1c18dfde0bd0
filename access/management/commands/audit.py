from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access import chain, heads
from access.models import AuditRecord


class Command(BaseCommand):
    help = "Check the audit log's chain, or print its head."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("head", help="print the last row's number and code as SEQ:CODE")
        verify = verbs.add_parser("verify", help="name the first row that is not as it was written (exit code 1)")
        verify.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="SEQ:CODE",
            help="a head from the log or another host; what it names must still be there. Repeatable.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "head":
            self.stdout.write(str(chain.head_of(AuditRecord.objects.order_by("-seq").first())))
        else:
            self._verify(options["head"])

    def _verify(self, texts: list[str]) -> None:
        try:
            known = [heads.noted(), *(chain.Head.parse(text) for text in texts)]
        except ValueError as error:
            raise CommandError("a head is written SEQ:CODE") from error
        bad, last = chain.first_bad_row(known)
        if bad is not None:
            raise CommandError(f"first bad row: seq {bad.seq}: {bad.reason}", returncode=1)
        self.stdout.write(f"whole up to seq {last.seq}; head {last}")
