"""What a machine asks of the site: whether this process lives, whether it can work, and how things stand."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from django_tasks_db.models import DBTaskResult
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from access.mailboxes import days_by_state
from access.models import moment_of
from restores.models import RestoreRequest, State
from restores.requests import open_requests
from snapshots.errors import SnapshotError


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; touches neither mounts nor database."""
    return _plain("ok")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether this process may be sent readers: its database answers and is of this release.

    A mount or mail server that does not answer costs its own accounts an error page, not everybody the site.
    """
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return _plain("the database does not answer", status=503)
    return _plain("the database waits for `manage.py migrate`", status=503) if behind else _plain("ok")


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return what Prometheus collects, to whoever has the token; without one set there is no such page."""
    token = settings.MTM_METRICS_TOKEN
    if not token or not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        raise Http404
    registry = CollectorRegistry()
    if settings.MTM_METRICS_TOGETHER:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    registry.register(Standing())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Standing(Collector):
    """How nights and queues stand at this moment."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _nights()
        yield from _queues()
        yield from _restores()


def _nights() -> Iterator[GaugeMetricFamily]:
    answers = GaugeMetricFamily("mtm_snapshots_answer", "Whether the storage told which nights there are.")
    try:
        by_state, newest = days_by_state()
    except SnapshotError:
        answers.add_metric([], 0)
        yield answers
        return
    answers.add_metric([], 1)
    yield answers
    nights = GaugeMetricFamily("mtm_nights", "Offered days by the state of their night.", labels=["state"])
    for state, count in by_state.items():
        nights.add_metric([state.value], count)
    yield nights
    if newest is not None:
        age = (timezone.now() - newest).total_seconds()
        yield GaugeMetricFamily("mtm_newest_snapshot_age_seconds", "Age of the newest night.", value=age)


def _queues() -> Iterator[GaugeMetricFamily]:
    told = "Tasks that wait for a process of ours, by the queue they stand in."
    waiting = GaugeMetricFamily("mtm_tasks_waiting", told, labels=["queue"])
    for queue in settings.TASKS["default"]["QUEUES"]:
        waiting.add_metric([queue], DBTaskResult.objects.ready().filter(queue_name=queue).count())
    yield waiting


def _restores() -> Iterator[GaugeMetricFamily]:
    requests = GaugeMetricFamily("mtm_restores", "Restore requests by their state.", labels=["state"])
    counts = dict(RestoreRequest.objects.order_by().values_list("state").annotate(Count("pk")))
    for state in State:
        requests.add_metric([state.value], counts.get(state.value, 0))
    yield requests
    oldest = open_requests().aggregate(Min("created_at_ms"))["created_at_ms__min"]
    age = (timezone.now() - moment_of(oldest)).total_seconds() if oldest else 0
    told = "Age of the oldest request that support has not finished; 0 where none waits."
    yield GaugeMetricFamily("mtm_restore_oldest_age_seconds", told, value=age)


def forget_ended_processes(directory: Path) -> None:
    """Let go what processes that ended counted; their sums begin anew, as counters may."""
    for path in directory.glob("*_*.db"):
        process = path.stem.rpartition("_")[2]
        if not Path("/proc", process).exists():
            path.unlink(missing_ok=True)


def _plain(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", content_type="text/plain", status=status)
