"""A look is bounded, its failure is a finding, and the whole round is told to people and programs."""

import json
from threading import Event

import pytest
from django.core.management import CommandError, call_command

from mtm.doctor import state
from mtm.doctor.findings import Check, examine, ok
from mtm.management.commands import doctor
from tests.mtm.doctor.words import told


def test_look_that_never_ends_is_a_problem_and_ends():
    ended = Event()

    def look(account):
        yield ok("begun")
        ended.wait()

    found = examine(Check("slow", look, seconds=0.05), None)
    ended.set()

    assert [each.words for each in found] == ["begun", "no answer within 0.05 s"]


def test_look_that_fails_is_a_problem_in_the_words_of_its_cause():
    def look(account):
        try:
            raise OSError("no such device")
        except OSError as error:
            raise ValueError("wrapped") from error

    assert told(examine(Check("broken", look), None)) == "could not be looked at: no such device"


def test_one_look_that_fails_does_not_keep_the_others_from_theirs(monkeypatch, capsys):
    def broken(account):
        raise ValueError("unforeseen")

    monkeypatch.setattr(doctor, "CHECKS", (Check("first", broken), Check("second", lambda account: [ok("fine")])))

    with pytest.raises(CommandError, match="^1 problem$") as caught:
        call_command("doctor")

    assert caught.value.returncode == 1
    assert "problem  first: could not be looked at: unforeseen\n" in capsys.readouterr().out.replace("\n\n", "\n")


def test_findings_are_told_as_lines_or_as_json(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "CHECKS", (Check("search", state.search),))

    call_command("doctor")
    call_command("doctor", "--json")

    line, *rest = capsys.readouterr().out.splitlines()
    assert line.startswith("ok       search: SQLite ")
    assert [each["state"] for each in json.loads("\n".join(rest))] == ["ok"]


def test_account_that_is_none_is_refused():
    with pytest.raises(CommandError, match="nobody is no account's address"):
        call_command("doctor", account="nobody")
