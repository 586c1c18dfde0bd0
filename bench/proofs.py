"""The promises that tests prove, and what a run of those tests at full scale says of each."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
LINE_TOLD = 500
PROOFS = {
    "A corpus of real mail over eight nights: listed, opened, no failure, downloads are the stored bytes": (
        "tests/test_corpus_site.py",
    ),
    "The same mail: fields, attachments and texts are those that other parsers agree on": (
        "tests/test_corpus.py",
        "tests/test_corpus_answers.py",
    ),
    "The same mail and 20,000 damaged messages: all is read, every page answers within the limits": (
        "tests/test_mutations.py",
    ),
    "Messages made to exhaust: answered in time and memory, with a notice, and nobody else waits": (
        "tests/webmail/test_exhaustion.py",
    ),
    "Markup in every field that a sender or a folder's name can fill is text on every page": (
        "tests/webmail/test_markup_payloads.py",
    ),
    "Links, FIFOs, devices and impossible names, in a Maildir or typed into an address": (
        "tests/webmail/test_hostile_urls.py",
        "tests/webmail/test_planted_files.py",
    ),
    "Downloads: every format read back by other programs, harmless names, limits, failures that show": (
        "tests/webmail/archives/test_maildir.py",
        "tests/webmail/archives/test_mbox.py",
        "tests/webmail/archives/test_names.py",
        "tests/webmail/archives/test_zip.py",
        "tests/webmail/test_downloads.py",
        "tests/webmail/test_downloads_lost.py",
        "tests/webmail/test_downloads_served.py",
        "tests/webmail/test_export.py",
    ),
    "A night that rotates away under an open page": (
        "tests/snapshots/test_rotation.py",
        "tests/webmail/test_rotation.py",
    ),
    "An alias, a mailbox made anew, a repaired index: the right mailbox and no other": (
        "tests/webmail/test_right_mailbox.py",
    ),
    "A mount that hangs: an error within the deadline, others unaffected": ("tests/snapshots/test_deadline.py",),
    "Disks, mounts, servers, processes and clocks that fail: told in words, nobody else's concern, over by itself": (
        "tests/faults/test_clock.py",
        "tests/faults/test_machine.py",
        "tests/faults/test_nights.py",
        "tests/faults/test_servers.py",
        "tests/faults/test_storage.py",
        "tests/snapshots/test_hurry.py",
    ),
    "Logs hold nothing of the mail": ("tests/mtm/test_logs.py",),
    "Every engine keeps the same promises": ("tests/snapshots/test_engine_contract.py",),
    "A real Dovecot sees the same folders, flags, dates and bytes": ("tests/snapshots/test_dovecot_agrees.py",),
    "Logins against a real Dovecot": ("tests/snapshots/test_imap_dovecot.py", "tests/access/test_login_dovecot.py"),
    "Restores: bytes, dates, flags and keywords of 10,000 messages come back, and nothing comes a second time": (
        "tests/restores/test_run.py",
        "tests/restores/test_scale.py",
    ),
    "Restores cut off at random, workers killed, servers begun anew: each message once, the others untouched": (
        "tests/restores/test_cuts.py",
        "tests/restores/test_worker.py",
    ),
    "Restores refused in part (quota, limits, rights, a full disk): the truth is told, and the rest comes": (
        "tests/restores/test_refusals.py",
    ),
    "Nothing can take mail away from a server; no password is left behind by a restore": (
        "tests/test_conventions.py",
        "tests/restores/test_passwords.py",
    ),
    "A hostile client at the Dovecot of the snapshots changes nothing; what we say to it are the readings we mean": (
        "tests/snapshots/test_dovecot_holds.py",
        "tests/snapshots/test_imap_hostile_strings.py",
    ),
    "Pages over IMAP are those over the mounted Maildirs; a server that fails is a page in words, for a while": (
        "tests/webmail/test_imap_engine.py",
        "tests/webmail/test_imap_faults.py",
    ),
    "What an operator does is on record before it is done; nobody else gets anything": (
        "tests/support/test_walls.py",
        "tests/access/test_tampering.py",
    ),
    "As it is deployed, through nginx with TLS: log in, read, download, restore; two hosts, of which one is lost": (
        "tests/deploy/test_deployment.py",
        "tests/deploy/test_several_hosts.py",
    ),
    "A site's database and index of an earlier release, under this one": ("tests/deploy/test_upgrade.py",),
    "axe finds nothing on any screen, by light and by dark, at four widths, under a grant": (
        "tests/browser/stage/test_accessibility.py",
        "tests/browser/stage/test_support.py",
    ),
    "By keyboard alone, without a script, by touch; large text, zoom, spacing, forced colours": (
        "tests/browser/stage/test_journeys.py",
        "tests/browser/stage/test_keyboard.py",
        "tests/browser/stage/test_reflow.py",
    ),
    "Hostile mail in Chromium": ("tests/browser/test_browser.py",),
    "Hostile HTML in Chromium, ours and published: no script, no request, nothing outside the frame; bare, too": (
        "tests/browser/test_hostile_html.py",
    ),
}


@dataclass(slots=True)
class Outcome:
    """What became of one file's tests."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    told: list[str] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)

    @property
    def is_proved(self) -> bool:
        return self.counts["passed"] > 0 and not self.counts["failed"]

    def add(self, other: "Outcome") -> None:
        self.counts += other.counts
        self.seconds += other.seconds
        self.told += other.told
        self.reasons |= other.reasons

    def __str__(self) -> str:
        words = [
            f"{self.counts[word]} {word}"
            for word in ("passed", "failed", "known to fail", "skipped")
            if self.counts[word]
        ]
        return ", ".join(words) or "not run"


def run() -> dict[str, Outcome]:
    """Run all proofs, the opt-in ones too, and return what became of each promise."""
    # A missing file would keep pytest from running any; its promise is told as not run.
    paths = sorted({path for proof in PROOFS.values() for path in proof if (ROOT / path).is_file()})
    with tempfile.TemporaryDirectory(prefix="mtm-evidence-") as directory:
        report = Path(directory) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", f"--junitxml={report}", "-o", "junit_logging=system-out"]
        environment = {**os.environ, "TEST_EVIDENCE": "1"}
        subprocess.run([sys.executable, "-m", "pytest", *options, *paths], cwd=ROOT, env=environment, check=False)
        by_file = outcomes(report.read_text()) if report.exists() else {}
    return {promise: _together(by_file, proof) for promise, proof in PROOFS.items()}


def outcomes(report: str) -> dict[str, Outcome]:
    """Return what a JUnit report says of each test file."""
    by_file: dict[str, Outcome] = {}
    # pytest wrote it a moment ago: nobody else's XML.
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314
        path = _file_of(case.get("classname", ""))
        by_file.setdefault(path, Outcome()).add(_outcome(case))
    return by_file


def _outcome(case: ElementTree.Element) -> Outcome:
    skipped = case.find("skipped")
    reasons = set() if skipped is None else {skipped.get("message", "")}
    return Outcome(Counter([_word(case)]), float(case.get("time", "0")), list(_told(case)), reasons)


def _word(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.find("skipped")
    if skipped is None:
        return "passed"
    return "known to fail" if skipped.get("type") == "pytest.xfail" else "skipped"


def _told(case: ElementTree.Element) -> Iterator[str]:
    for line in (case.findtext("system-out") or "").splitlines():
        # pytest frames what a test printed; a path would tell whose machine this is; long lines are for debugging.
        is_private = str(ROOT) in line or tempfile.gettempdir() in line
        if line.strip() and not line.startswith("---") and not is_private and len(line) <= LINE_TOLD:
            yield line.strip()


def _file_of(classname: str) -> str:
    parts = classname.split(".")
    last = next((number for number, part in enumerate(parts) if part.startswith("test_")), len(parts) - 1)
    return "/".join(parts[: last + 1]) + ".py"


def _together(by_file: dict[str, Outcome], paths: tuple[str, ...]) -> Outcome:
    whole = Outcome()
    for path in paths:
        whole.add(by_file.get(path, Outcome()))
    return whole
