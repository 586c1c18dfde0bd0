"""Running a restore: what is missing is added, what was added is read back, and whatever breaks is gone on with.

The journal is the truth, so a run may be killed at any moment and begun again: it adds nothing twice.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from access.evidence import proved_guids
from access.mailboxes import open_proved
from access.readers import Owner
from restores import journal, planning
from restores.journal import Cancelled
from restores.leases import Lease
from restores.models import Line, Outcome, Reason, RestoreRequest, State, Verdict
from restores.plan import Plan
from restores.readback import read_back
from restores.sending import Live, Memory, Sender
from restores.sources import Sources
from snapshots import configured
from snapshots.archive import Mailbox
from snapshots.imap import Appender, Contents, LiveMailbox, NotStored, ServerUnreachable

SETTLING_SECONDS = 2.0
"""A server whose line broke may still be storing what it had heard by then."""

PAUSES_SECONDS = (0.2, 0.5, 2.0, 5.0, 10.0)
"""How long is waited before the server is called again, while nothing gets any further."""

GOOD = {Outcome.RESTORED, Outcome.ALREADY_THERE}
RIGHT = [Verdict.VERIFIED, Verdict.NO_KEYWORDS]
Connect = Callable[[], LiveMailbox]


@dataclass(slots=True)
class Run:
    """One attempt at a request by who holds its lease. `connect` logs in to the live mailbox, as often as it takes."""

    lease: Lease
    connect: Connect
    pauses_seconds: Sequence[float] = PAUSES_SECONDS
    told: Callable[[RestoreRequest], None] = lambda restore: None
    _memory: Memory = field(default_factory=Memory)
    _is_planned: bool = False

    @property
    def restore(self) -> RestoreRequest:
        return self.lease.restore

    def plan(self) -> Plan:
        """Make the plan. Raises: WrongPassword, ServerUnreachable, MailboxLocked, the engine's errors, LeaseLost."""
        with self.connect() as mailbox, self._open_night(mailbox) as night:
            return planning.make(self.restore, Sources(night), self._live(mailbox), step=self._step)

    def run(self) -> State:
        """Restore, and return the state the request comes to. Raises: what `plan` raises."""
        pauses = iter(self.pauses_seconds)
        done = -1
        while True:
            try:
                with self.connect() as mailbox:
                    self._attempt(mailbox)
                return self._end()
            except Cancelled:
                return State.CANCELLED
            except ServerUnreachable:
                if (further := self._settled()) > done:
                    done, pauses = further, iter(self.pauses_seconds)
                pause = next(pauses, None)
                if pause is None:
                    raise
                self.lease.renew()
                time.sleep(pause)

    def _attempt(self, mailbox: LiveMailbox) -> None:
        live = self._live(mailbox)
        if self.restore.batches.filter(is_settled=False).exists():
            time.sleep(SETTLING_SECONDS)
        journal.recover(self.restore, live.appender, live.contents)
        with self._open_night(mailbox) as night:
            sources = Sources(night)
            if not self._is_planned:
                planning.make(self.restore, sources, live, step=self._step)
                self._is_planned = True
            self._send(sources, live)
        read_back(self.restore, live.contents, step=self._step)

    def _send(self, sources: Sources, live: Live) -> None:
        waiting = list(Line.objects.filter(restore=self.restore, outcome=Outcome.WAITING))
        targets = dict.fromkeys(line.target for line in waiting)
        self._step()
        for name in planning.missing(live.contents, targets):
            self._make(name, live)
        if waiting:
            live.keywords = live.contents.keywords(waiting[0].target)
        for target in targets:
            sender = Sender(self.lease, sources, live, self._memory, target)
            sender.send((line for line in waiting if line.target == target), told=self._tell)

    def _make(self, name: str, live: Live) -> None:
        """Make a folder; where that is refused, adding to it says so too."""
        try:
            live.appender.make(name)
        except NotStored as refusal:
            failed = Line.objects.filter(restore=self.restore, outcome=Outcome.WAITING, target=name)
            failed.update(outcome=Outcome.FAILED.value, reason=Reason.NO_FOLDER.value, answer=refusal.text)

    def _open_night(self, mailbox: LiveMailbox) -> Mailbox:
        """Open the night for whom the live mailbox is today: it may have passed to another since it was asked for."""
        account = self.restore.account
        guids = proved_guids(mailbox, configured.archive(), account)
        return open_proved(Owner(account, guids), self.restore.day)

    def _live(self, mailbox: LiveMailbox) -> Live:
        return Live(Appender(mailbox), Contents(mailbox, self._memory.folder_breaks))

    def _step(self) -> None:
        if self.lease.renew():
            raise Cancelled

    def _tell(self) -> None:
        self.restore.refresh_from_db(fields=["settled_count"])
        self.told(self.restore)

    def _settled(self) -> int:
        return Line.objects.filter(restore=self.restore).exclude(outcome=Outcome.WAITING).count()

    def _end(self) -> State:
        plan = Plan.of(self.restore)
        return outcome_of(self.restore, is_complete=plan is not None and not plan.unreadable)


def outcome_of(restore: RestoreRequest, *, is_complete: bool = True) -> State:
    """Return the state to which a request's lines have come."""
    lines = Line.objects.filter(restore=restore)
    outcomes = set(lines.values_list("outcome", flat=True))
    is_right = not lines.filter(outcome=Outcome.RESTORED).exclude(verdict__in=RIGHT).exists()
    if outcomes <= GOOD and is_complete and is_right:
        return State.DONE
    return State.PARTLY_DONE if outcomes & GOOD else State.FAILED
