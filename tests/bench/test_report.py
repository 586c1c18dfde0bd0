from datetime import date, timedelta

import pytest

from bench.__main__ import main
from bench.evidence import document
from bench.mailbox import BigMailbox, dated, prepared
from bench.proofs import PROOFS, ROOT, Outcome, outcomes
from bench.report import Figure, Findings, combined, table
from bench.timing import Sample, medians
from tests.dovecot import require_dovecot
from tests.scale import needs_evidence

REPORT = """<testsuites><testsuite>
<testcase classname="tests.webmail.test_rotation" name="a" time="1.5"><system-out>--- Captured Out ---
1130 messages
</system-out></testcase>
<testcase classname="tests.webmail.test_rotation.TestInside" name="b" time="0.5"><failure/></testcase>
<testcase classname="tests.test_corpus" name="c" time="0"><skipped message="not there"/></testcase>
<testcase classname="tests.test_corpus" name="d" time="0"><skipped type="pytest.xfail" message="a gap"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("bench")


@pytest.mark.parametrize(
    ("figure", "cells"),
    [
        (
            Figure("page", 60.0, floor=40.0, most_ratio=2, most=100),
            ("page", "40.0 ms", "60.0 ms", "1.50 ×", "≤ 2 ×, ≤ 100 ms", "yes"),
        ),
        (Figure("page", 90.04, floor=40.0, most_ratio=2), ("page", "40.0 ms", "90.0 ms", "2.25 ×", "≤ 2 ×", "**no**")),
        (Figure("worker", 151.0, "MB", most=150), ("worker", "–", "151 MB", "–", "≤ 150 MB", "**no**")),
        (Figure("body", 1.234), ("body", "–", "1.23 ms", "–", "–", "–")),
    ],
)
def test_figure_stands_beside_floor_and_goal(figure, cells):
    assert figure.cells() == cells


def test_one_missed_goal_of_two_is_a_miss():
    assert Figure("page", 60.0, floor=40.0, most_ratio=2, most=50).is_reached is False


def test_goal_of_a_ratio_is_missed_where_no_floor_was_measured():
    assert Figure("page", 60.0, floor=0.0, most_ratio=2).is_reached is False


def test_table_has_a_line_for_each_figure():
    lines = table([Figure("one", 1.0), Figure("two", 2.0)]).splitlines()

    assert lines == [
        "| what | floor | figure | ratio | goal | reached |",
        "| --- | --- | --- | --- | --- | --- |",
        "| one | – | 1.00 ms | – | – | – |",
        "| two | – | 2.00 ms | – | – | – |",
    ]


def test_what_could_not_be_measured_is_said():
    assert combined([Findings(remarks=["not measured"])]) == "- not measured"


def test_medians_are_of_each_column():
    samples = [Sample(1, 30), Sample(2, 20), Sample(9, 10)]

    assert medians(samples) == Sample(2, 20)


@needs_evidence
def test_bench_measures_catalogue_and_pages(directory, capsys):
    size = ["--messages", "200", "--nights", "2", "--directory", str(directory)]

    status = main([*size, "--only", "catalogue,pages", "--runs", "1", "--requests", "20"])

    told = capsys.readouterr().out
    assert status == 0
    assert told.startswith("200 messages × 2 nights. Load average ")
    assert told.count("| first page |") == 1
    assert told.count("| page of a message of 20 MB |") == 1
    assert told.count("| largest worker after 20 requests more |") == 1


@needs_evidence
def test_bench_loads_the_site_with_owners(directory, capsys):
    size = ["--messages", "200", "--nights", "2", "--directory", str(directory)]

    status = main([*size, "--only", "load", "--owners", "3", "--minutes", "0.1"])

    told = capsys.readouterr().out
    assert status == 0
    assert "Load: 3 owners" in told
    assert "| answers that were errors | – | 0.00  | – | ≤ 0  | yes |" in told


def test_bench_measures_the_imap_engine_beside_its_server(directory, capsys):
    require_dovecot()
    size = ["--messages", "200", "--nights", "2", "--directory", str(directory)]

    status = main([*size, "--only", "imap", "--runs", "1"])

    told = capsys.readouterr().out
    assert status == 0
    assert told.count("| names of all nights over IMAP |") == 1
    assert told.count("| index of one night over IMAP |") == 1


def test_mailbox_is_made_once(directory):
    first = prepared(directory, messages=200, nights=2)
    (first.root / "kept").touch()

    again = prepared(directory, messages=200, nights=2)

    assert again.manifest == first.manifest
    assert (again.root / "kept").exists()


@pytest.mark.parametrize("shift", [timedelta(days=1), timedelta(days=-1), timedelta(days=30)])
def test_mailbox_is_dated_anew(directory, shift):
    made = prepared(directory, messages=200, nights=2)

    moved = BigMailbox(made.root, dated(made.root, made.newest_day + shift))

    assert moved.days == [day + shift for day in made.days]
    assert (moved.inbox_path / "cur").is_dir()
    assert len(list((made.root / "mail" / ".snapshot").iterdir())) == 2


def test_unknown_subject_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--only", "catalogue,elsewhere"])

    assert "unknown: elsewhere" in capsys.readouterr().err


def test_proofs_are_counted_by_file():
    by_file = outcomes(REPORT)

    rotation = by_file["tests/webmail/test_rotation.py"]
    assert (str(rotation), rotation.seconds, rotation.told) == ("1 passed, 1 failed", 2.0, ["1130 messages"])
    assert by_file["tests/test_corpus.py"].reasons == {"not there", "a gap"}
    assert str(by_file["tests/test_corpus.py"]) == "1 known to fail, 1 skipped"
    assert not rotation.is_proved


def test_every_proof_is_a_test_that_exists():
    assert [path for proof in PROOFS.values() for path in proof if not (ROOT / path).is_file()] == []


def test_evidence_says_what_is_not_proved():
    written = document(date(2026, 11, 22), [("cores", "2")], "| table |", {"Nothing is lost": Outcome()})

    assert "on 2026-11-22" in written
    assert "| cores | 2 |" in written
    assert "| Nothing is lost | **not run** | 0 |" in written
