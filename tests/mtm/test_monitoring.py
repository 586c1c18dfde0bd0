"""Health, readiness and figures: who may have them, and what they say."""

import os
import re

import pytest
from django.db import Error, connection

from mtm.environment import is_ours
from mtm.monitoring import forget_ended_processes
from snapshots import configured
from snapshots.errors import EngineTimeout
from tests.restores.conftest import asked

TOKEN = "a token of the test run"


@pytest.fixture
def collect(client, db, settings):
    """Give a function that collects as Prometheus does, and returns each figure by its name and labels."""
    settings.MTM_METRICS_TOKEN = TOKEN

    def collect():
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        lines = re.findall(r"^(mtm_\S+) (\S+)$", answer.text, re.MULTILINE)
        return {name: float(value) for name, value in lines}

    return collect


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer another", f"Basic {TOKEN}", TOKEN])
def test_figures_are_nowhere_without_the_token(client, settings, sent):
    settings.MTM_METRICS_TOKEN = TOKEN

    assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_no_token_set_means_no_figures(client, settings):
    settings.MTM_METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_answers_are_counted_by_route_and_status(client, collect):
    figure = 'mtm_answer_seconds_count{route="webmail:login",status="200"}'
    before = collect().get(figure, 0)

    client.get("/login/")

    assert collect()[figure] == before + 1


def test_no_figure_names_what_was_asked_for(client, collect):
    client.get("/2026-11-20/inbox/?q=anna@example.com")

    assert not [name for name in collect() if "anna" in name or "2026" in name]


def test_nights_are_told_by_state_and_age(collect, site, provider):
    for day in ("2026-11-19", "2026-11-21"):
        provider.mailbox("alice@example.com").night(day).message("ciao")
    site(provider)

    figures = collect()

    assert figures["mtm_snapshots_answer"] == 1
    assert figures['mtm_nights{state="available"}'] == 2
    assert figures["mtm_newest_snapshot_age_seconds"] > 0


def test_storage_that_does_not_answer_is_a_figure_too(collect, site, provider, monkeypatch):
    site(provider)
    monkeypatch.setattr(configured.archive(), "days", _hang)

    figures = collect()

    assert figures["mtm_snapshots_answer"] == 0
    assert "mtm_newest_snapshot_age_seconds" not in figures


def test_restores_are_told_by_state_and_by_how_long_the_oldest_waits(collect):
    none = collect()
    asked()

    some = collect()

    assert (none['mtm_restores{state="received"}'], none["mtm_restore_oldest_age_seconds"]) == (0, 0)
    assert some['mtm_restores{state="received"}'] == 1
    assert some["mtm_restore_oldest_age_seconds"] > 0


def test_ready_means_the_database_answers_and_is_of_this_release(client, db):
    assert client.get("/readyz").status_code == 200


def test_database_that_waits_for_migrate_is_not_ready(client, db, monkeypatch):
    monkeypatch.setattr("mtm.monitoring.MigrationExecutor.migration_plan", lambda executor, targets: [targets])

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "migrate" in answer.text


def test_database_that_does_not_answer_is_not_ready(client, db, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", _refuse)

        ready, healthy = client.get("/readyz"), client.get("/healthz")

    assert (ready.status_code, healthy.status_code) == (503, 200)


def test_answer_has_the_id_its_error_page_shows(client, db):
    answer = client.get("/healthz")

    assert re.fullmatch(r"[0-9A-F]{8}", answer["X-Request-ID"])


def test_directory_that_cannot_be_made_is_not_ours(tmp_path):
    (tmp_path / "file").touch()

    assert is_ours(tmp_path / "made")
    assert not is_ours(tmp_path / "file" / "below")
    assert not is_ours(tmp_path / "absent" / "below")


def test_ended_processes_are_forgotten_and_others_kept(tmp_path):
    ours, theirs = tmp_path / f"counter_{os.getpid()}.db", tmp_path / "counter_99999999.db"
    ours.touch()
    theirs.touch()

    forget_ended_processes(tmp_path)

    assert ours.exists()
    assert not theirs.exists()


def _hang():
    raise EngineTimeout


def _refuse(*args, **kwargs):
    raise Error
