"""/metrics for Prometheus: requests, tasks, the queue and the jobs of the whole installation.

Counts are kept in one hash on the broker's server, so that every web process, worker and machine adds to the same
numbers and any of them can answer. They start at 0 again when that server loses its data, which Prometheus expects of
counters. Labels name routes, tasks and states; never companies, people or figures.
"""

import json
import time
from collections.abc import Iterable, Iterator
from functools import cache as once
from hmac import compare_digest
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError

from spm.celery import COUNTS_KEY, app

log = structlog.get_logger("spm.metrics")

KEY = "spm:metrics"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
PAUSE_SECONDS = 10.0
COUNTED = {
    "spm_requests": ("Requests answered.", ("route", "method", "status")),
    "spm_tasks": ("Tasks ended.", ("task", "outcome")),
}
TIMED = {
    "spm_request_duration_seconds": ("Time to answer a request.", ("route", "method")),
    "spm_task_duration_seconds": ("Time a task took.", ("task",)),
}
_paused_until = 0.0


@once
def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def request_count(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request."""
    _add(("spm_requests", route, method, str(status)), ("spm_request_duration_seconds", route, method), seconds)


def task_count(*, name: str, outcome: str, seconds: float) -> None:
    """Count an ended task."""
    _add(("spm_tasks", name, outcome), ("spm_task_duration_seconds", name), seconds)


def _add(counter: tuple[str, ...], timer: tuple[str, ...], seconds: float) -> None:
    """Add one; a broker that does not answer costs no request more than a moment, and is asked again later."""
    global _paused_until
    if time.monotonic() < _paused_until:
        return
    bucket = next((str(edge) for edge in BUCKETS if seconds <= edge), "+Inf")
    try:
        with _redis().pipeline(transaction=False) as pipe:
            pipe.hincrby(KEY, json.dumps(counter))
            pipe.hincrby(KEY, json.dumps((*timer, "le", bucket)))
            pipe.hincrbyfloat(KEY, json.dumps((*timer, "sum")), seconds)
            pipe.execute()
    except RedisError as fault:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        log.warning("not_counted", fault=type(fault).__name__)


def metrics_answer(request: HttpRequest) -> HttpResponse:
    """Answer /metrics to who shows the token; without a token in the settings there is no such address."""
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not compare_digest(shown.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Installation())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Installation(Collector):
    """Reads the numbers at the moment they are asked for."""

    def collect(self) -> Iterable[Metric]:
        """Give all metrics; where the broker's server is silent, only that."""
        try:
            values = [*_counts(), *_queue(), *_jobs()]
        except RedisError:
            values = []
        return [GaugeMetricFamily("spm_broker_up", "1 when the broker answers.", value=bool(values)), *values]


def _counts() -> Iterator[Metric]:
    rows = {tuple(json.loads(name)): float(value) for name, value in _redis().hgetall(KEY).items()}
    for name, (text, labels) in COUNTED.items():
        counter = CounterMetricFamily(name, text, labels=labels)
        for key in sorted(key for key in rows if key[0] == name):
            counter.add_metric(key[1:], rows[key])
        yield counter
    for name, (text, labels) in TIMED.items():
        histogram = HistogramMetricFamily(name, text, labels=labels)
        for key in sorted(key for key in rows if key[0] == name and key[-1] == "sum"):
            histogram.add_metric(key[1:-1], _buckets(rows, key[:-1]), rows[key])
        yield histogram


def _buckets(rows: dict[tuple[str, ...], float], key: tuple[str, ...]) -> list[tuple[str, float]]:
    """Give the cumulative buckets of a timer."""
    total, found = 0.0, []
    for edge in [*map(str, BUCKETS), "+Inf"]:
        total += rows.get((*key, "le", edge), 0.0)
        found.append((edge, total))
    return found


def _queue() -> Iterator[Metric]:
    """Give how many tasks wait or are held by workers, and how long the first one has waited."""
    broker, name = _redis(), app.conf.task_default_queue
    oldest: Any = broker.lindex(name, -1)
    sent_at = json.loads(oldest)["headers"].get("sent_at") if oldest else None
    age = max(0.0, time.time() - sent_at) if sent_at else 0.0
    yield GaugeMetricFamily("spm_queue_tasks", "Tasks that wait for a worker.", value=float(broker.llen(name)))
    yield GaugeMetricFamily(
        "spm_queue_unacknowledged_tasks", "Tasks in workers' hands.", value=float(broker.hlen("unacked"))
    )
    yield GaugeMetricFamily("spm_queue_oldest_seconds", "How long the oldest waiting task has waited.", value=age)


def _jobs() -> Iterator[Metric]:
    """Give the jobs of all companies by kind and state, as the reconciler saw them less than a minute ago."""
    gauge = GaugeMetricFamily("spm_jobs", "Jobs of all companies.", labels=("kind", "state"))
    for (kind, state), count in sorted((cache.get(COUNTS_KEY) or {}).items()):
        gauge.add_metric((kind, state), count)
    yield gauge
