"""Logs as JSON lines with request, task and company ids; never with figures, names or secrets. Counts requests and tasks.

Settings name the formatter, so that this module is loaded in every process: web, worker, beat and commands.
"""

import logging
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from celery import Task, signals
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from spm.tenancy.scope import current_organisation_id, scope_is_open
from spm.web import metrics

log = structlog.get_logger("spm.request")
task_log = structlog.get_logger("spm.task")

WORKER_BEAT_KEY, WORKER_BEAT_SECONDS = "worker-heartbeat", 20.0
TICK_KEY, TICK_TASK = "timetable-tick", "spm.jobs.tasks.timetable_tick"
_ROW_VALUES = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)
_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))


def _add_company(logger: Any, name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Name the company of the open scope."""
    if scope_is_open():
        event.setdefault("organisation_id", current_organisation_id())
    return event


def _add_task(logger: Any, name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Name the task that a line of Celery's own is about."""
    about = getattr(event.get("_record"), "data", None)
    if isinstance(about, dict) and "id" in about:
        event.setdefault("task_id", about["id"])
        event.setdefault("task", about.get("name"))
    return event


def _hide_rows(logger: Any, name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Leave out what the database quotes of rows: values may be names and figures."""
    if "exception" in event:
        event["exception"] = _ROW_VALUES.sub(r"\1: (left out)", event["exception"])
    return event


_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    _add_company,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _hide_rows,
]

structlog.configure(
    processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def formatter() -> logging.Formatter:
    """Make the formatter of all log handlers: one JSON object a line."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_add_task, *_SHARED],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )


class RequestLogMiddleware:
    """Gives each request an id, binds it to every log line, logs and counts the outcome."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid4().hex  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        started = time.monotonic()
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        self._record(request, response.status_code, time.monotonic() - started)
        return response

    def _record(self, request: HttpRequest, status: int, seconds: float) -> None:
        viewer = getattr(request, "viewer", None)
        route = request.resolver_match.route if request.resolver_match else ""
        method = request.method if request.method in _METHODS else "other"
        metrics.request_count(route=route, method=str(method), status=status, seconds=seconds)
        log.info(
            "request",
            method=method,
            route=route,
            status=status,
            milliseconds=round(seconds * 1000),
            organisation_id=viewer.organisation.pk if viewer else None,
            user_id=viewer.user_id if viewer else None,
        )


@signals.setup_logging.connect
def keep_logging(**_: object) -> None:
    """Leave logging as the settings have it: Celery adds handlers of its own only where nobody answers this signal."""


@signals.task_prerun.connect
def task_begun(task_id: str, task: Task, **_: object) -> None:
    """Bind the task's id to every line it logs."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)
    task.request.begun = time.monotonic()


@signals.task_postrun.connect
def task_ended(task: Task, state: str | None, **_: object) -> None:
    """Log and count the outcome of a task."""
    seconds = time.monotonic() - getattr(task.request, "begun", time.monotonic())
    outcome = (state or "unknown").lower()
    metrics.task_count(name=task.name, outcome=outcome, seconds=seconds)
    task_log.info("task", outcome=outcome, milliseconds=round(seconds * 1000))
    structlog.contextvars.clear_contextvars()


@signals.before_task_publish.connect
def task_dated(headers: dict[str, Any], **_: object) -> None:
    """Write on each message when it was sent, so that the age of the queue can be told."""
    headers["sent_at"] = time.time()


@signals.after_task_publish.connect
def beat_ticked(sender: str, **_: object) -> None:
    """Note that a scheduler sent its tick; the sign of life of beat."""
    if sender == TICK_TASK:
        _sign_of_life(TICK_KEY, 180)


_last_beat = 0.0


@signals.heartbeat_sent.connect
def worker_beats(**_: object) -> None:
    """Note that a worker is connected and its main loop turns; Celery calls this every two seconds."""
    global _last_beat
    if time.monotonic() - _last_beat >= WORKER_BEAT_SECONDS:
        _last_beat = time.monotonic()
        _sign_of_life(WORKER_BEAT_KEY, 60)


def _sign_of_life(key: str, seconds: int) -> None:
    try:
        cache.set(key, 1, seconds)
    except RedisError as fault:
        task_log.warning("sign_of_life_not_kept", key=key, fault=type(fault).__name__)
