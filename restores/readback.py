"""Reading back: what the server says it stored is compared with what lay in the night."""

from collections.abc import Callable, Iterator, Sequence

from restores.models import Line, Outcome, RestoreRequest, Verdict
from restores.sending import MARKER
from snapshots.imap import Contents, Copy, FolderUnreadable

AT_ONCE = 500


def read_back(restore: RestoreRequest, contents: Contents, *, step: Callable[[], object]) -> None:
    """Write a verdict on every restored line that has none. Raises: ServerUnreachable; what `step` raises."""
    restored = Line.objects.filter(restore=restore, outcome=Outcome.RESTORED, verdict=Verdict.NONE)
    for folder, uidvalidity in set(restored.order_by().values_list("target", "batch__uidvalidity")):
        for lines in _groups(list(restored.filter(target=folder, batch__uidvalidity=uidvalidity))):
            step()
            uids = [line.uid or 0 for line in lines]
            try:
                copies = {copy.uid: copy for copy in contents.read_back(folder, uids, uidvalidity=uidvalidity)}
            except FolderUnreadable:
                break
            for line in lines:
                line.verdict = verdict(line, copies.get(line.uid or 0)).value
            Line.objects.write(lines, ["verdict"])


def verdict(line: Line, copy: Copy | None) -> Verdict:
    """Say whether a message came back as it lay there: bytes, received date and flags."""
    if copy is None:
        return Verdict.MISSING
    wanted = {flag.lower() for flag in line.flags}
    flags = {flag.lower() for flag in copy.flags} - {MARKER.lower()}
    lost = wanted - flags
    if copy.digest != line.digest or copy.internal_date != line.internal_date or flags - wanted:
        return Verdict.DIFFERS
    if any(flag.startswith("\\") for flag in lost):
        return Verdict.DIFFERS
    return Verdict.NO_KEYWORDS if lost else Verdict.VERIFIED


def _groups(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    yield from (lines[start : start + AT_ONCE] for start in range(0, len(lines), AT_ONCE))
