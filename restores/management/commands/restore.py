"""`manage.py restore list|show|plan|run|refuse|export`: restore requests, for operators at the shell."""

import sys
from argparse import ArgumentParser
from collections import Counter
from datetime import date
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from access.live import open_live
from restores import billing, requests, states, work
from restores.leases import LeaseLost, claim
from restores.models import Line, RestoreRequest, State
from restores.plan import Plan
from restores.run import Run
from restores.states import By, NotPossible
from restores.work import Failed
from snapshots.errors import NotFound
from webmail.progress import Progress


class Command(BaseCommand):
    help = "List, show, plan, run or refuse restore requests, or export what is to be billed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        every = verbs.add_parser("list", help="the requests that are not over, what expires first before the others")
        every.add_argument("--all", action="store_true", help="also those that are over")
        for verb, meaning in (
            ("show", "one request, its states and what became of its messages"),
            ("plan", "find out what a run would do; asks the owner's password where there is no master user"),
            ("run", "restore, or go on with what failed; asks for the password likewise"),
            ("refuse", "turn a request down"),
        ):
            one = verbs.add_parser(verb, help=meaning)
            one.add_argument("reference", help="R-2026-0141, for instance")
            if verb == "refuse":
                one.add_argument("--reason", required=True, help="what the owner is told")
        bills = verbs.add_parser("export", help="the paid restores that came to their end, as CSV")
        bills.add_argument("--from", dest="first", type=date.fromisoformat, default=date.min, help="first day")
        bills.add_argument("--to", dest="last", type=date.fromisoformat, default=date.max, help="last day")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except NotFound as error:
            raise CommandError(f"{options['reference']}: there is no such request") from error
        except NotPossible as error:
            raise CommandError(f"{options['reference']}: not possible in its present state") from error
        except LeaseLost as error:
            raise CommandError(f"{options['reference']}: somebody is at work on it") from error
        except Failed as failure:
            cause = failure.__cause__
            raise CommandError(f"{options['reference']}: {failure.problem}: {cause}") from failure

    def _list(self, options: dict[str, Any]) -> None:
        found = RestoreRequest.objects.all() if options["all"] else requests.open_requests()
        for restore in found:
            until = f"until {restore.last_offered}"
            self.stdout.write(f"{restore}  {restore.state:12}  {restore.address}  {restore.day}  {until}")

    def _show(self, options: dict[str, Any]) -> None:
        restore = requests.find(options["reference"])
        price = f"{restore.price} + {restore.vat_percent}%"
        self.stdout.write(f"{restore}  {restore.address}  {restore.day}  {restore.what} to {restore.target}  {price}")
        for change in restore.changes.all():
            moment = timezone.localtime(change.at).isoformat(sep=" ", timespec="minutes")
            self.stdout.write(f"  {moment}  {change.state:12}  {change.actor or change.role}  {change.note}".rstrip())
        if restore.problem:
            self.stdout.write(f"  last attempt: {restore.problem}")
        if plan := Plan.of(restore):
            self._tell_plan(plan)
        self._tell_lines(restore)

    def _plan(self, options: dict[str, Any]) -> None:
        run = self._begin(options["reference"])
        with work.handled(run):
            work.plan(run)
        if plan := Plan.of(run.restore):
            self._tell_plan(plan)

    def _run(self, options: dict[str, Any]) -> None:
        run = self._begin(options["reference"])
        restore, progress = run.restore, Progress(sys.stderr, total=0)
        before = restore.restored_count
        run.told = lambda now: progress.show(done=now.settled_count, total=now.line_count)
        try:
            with work.handled(run):
                if restore.state not in (State.RUNNING, State.DONE):
                    states.change(restore, State.RUNNING, By())
                if restore.state == State.RUNNING:
                    work.restore(run, By())
        except Failed as failure:
            if restore.state == State.RUNNING:
                work.give_up(restore, failure.problem, By())
            raise
        finally:
            progress.end()
        self._tell_lines(restore)
        self.stdout.write(f"{restore}: {restore.state}, {restore.restored_count - before} added")

    def _refuse(self, options: dict[str, Any]) -> None:
        requests.refuse(requests.find(options["reference"]), By(), reason=options["reason"])

    def _export(self, options: dict[str, Any]) -> None:
        billing.write(sys.stdout, first=options["first"], last=options["last"])

    @sensitive_variables("user", "password")
    def _begin(self, reference: str) -> Run:
        restore = requests.find(reference)
        user, _, password = settings.MTM_IMAP_MASTER.partition(":")
        password = password or _typed(f"Password of {restore.address}: ")
        return Run(claim(restore), lambda: open_live(restore.account, password, master=user))

    def _tell_plan(self, plan: Plan) -> None:
        counts = f"{plan.to_add} to add ({plan.to_add_bytes} bytes), {plan.already_there} already there"
        self.stdout.write(f"  plan: {counts}, {plan.refused} refused")
        for folder in plan.folders:
            self.stdout.write(f"  to be made: {folder}")
        for folder in plan.unreadable:
            self.stdout.write(f"  unreadable in the night: {folder}")
        if plan.quota_limit_bytes is not None:
            missing = f", {plan.missing_bytes} bytes short" if plan.missing_bytes else ""
            self.stdout.write(f"  quota: {plan.quota_after_bytes} of {plan.quota_limit_bytes} bytes then{missing}")

    def _tell_lines(self, restore: RestoreRequest) -> None:
        lines = Line.objects.filter(restore=restore).values_list("outcome", "reason", "verdict")
        for (outcome, reason, verdict), count in sorted(Counter(lines).items()):
            said = ", ".join(word for word in (outcome, reason, verdict) if word)
            self.stdout.write(f"  {count} {said}")


def _typed(prompt: str) -> str:
    """Ask for a password at a terminal; elsewhere it is the first line given."""
    return getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
