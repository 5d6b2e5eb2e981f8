"""/livez, /readyz and /metrics: what each role needs, and nothing of another's."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings

from spm.celery import app
from spm.embedded.ports import free_port
from spm.web import metrics
from spm.web.telemetry import TICK_KEY, WORKER_BEAT_KEY, worker_beats


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    cache.delete_many([TICK_KEY, WORKER_BEAT_KEY])
    metrics._redis().delete(metrics.KEY, app.conf.task_default_queue)
    yield
    metrics._redis().delete(metrics.KEY, app.conf.task_default_queue)


def ready(role: str) -> tuple[int, list[str]]:
    answer = Client().get(f"/readyz?role={role}")
    return answer.status_code, answer.json()["failed"]


def scrape(token: str = "tests-only-metrics") -> str:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return answer.content.decode()


def value(text: str, sample: str) -> float:
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    assert found, f"{sample} is not in\n{text}"
    return float(found[1])


def test_livez_depends_on_nothing() -> None:
    answer = Client().get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})
    assert answer["Cache-Control"] == "no-store"


def test_each_role_has_its_own_readiness(db: None) -> None:
    assert ready("web") == (200, [])
    assert ready("worker") == (503, ["worker"])
    assert ready("beat") == (503, ["beat"])
    assert ready("all")[0] == 400


def test_signs_of_life_make_ready(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spm.web.telemetry._last_beat", time.monotonic() - 60)
    worker_beats()
    app.send_task("spm.jobs.tasks.timetable_tick")
    assert ready("worker") == (200, [])
    assert ready("beat") == (200, [])


def test_a_dead_broker_leaves_the_web_ready(db: None) -> None:
    dead = f"redis://127.0.0.1:{free_port()}/0"
    with override_settings(REDIS_URL=dead):
        metrics._redis.cache_clear()
        try:
            assert ready("web") == (200, [])
            assert ready("worker")[1] == ["broker", "worker"]
            assert value(scrape(), "spm_broker_up") == 0
            metrics.request_count(route="x", method="GET", status=200, seconds=0.1)
        finally:
            metrics._redis.cache_clear()
            metrics._paused_until = 0.0


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Token tests-only-metrics"}]
)
def test_metrics_need_the_token(header: dict[str, str]) -> None:
    answer = Client().get("/metrics", headers=header)
    assert (answer.status_code, answer.content) == (401, b"")


def test_metrics_are_closed_without_a_token_in_the_settings() -> None:
    with override_settings(METRICS_TOKEN=""):
        assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_metrics_count_requests_by_route(db: None) -> None:
    client = Client()
    for _ in range(3):
        client.get("/account/login/")
    client.get("/there/is/nothing")
    text = scrape()
    assert value(text, 'spm_requests_total{method="GET",route="account/login/",status="200"}') == 3
    assert value(text, 'spm_requests_total{method="GET",route="",status="404"}') == 1
    assert value(text, 'spm_request_duration_seconds_count{method="GET",route="account/login/"}') == 3
    assert value(text, 'spm_request_duration_seconds_bucket{le="+Inf",method="GET",route="account/login/"}') == 3


def test_metrics_count_tasks(db: None) -> None:
    metrics.task_count(name="a", outcome="success", seconds=0.02)
    metrics.task_count(name="a", outcome="success", seconds=7)
    metrics.task_count(name="a", outcome="failure", seconds=700)
    text = scrape()
    assert value(text, 'spm_tasks_total{outcome="success",task="a"}') == 2
    assert value(text, 'spm_task_duration_seconds_bucket{le="0.025",task="a"}') == 1
    assert value(text, 'spm_task_duration_seconds_bucket{le="10.0",task="a"}') == 2
    assert value(text, 'spm_task_duration_seconds_bucket{le="+Inf",task="a"}') == 3
    assert value(text, 'spm_task_duration_seconds_sum{task="a"}') == pytest.approx(707.02)


def test_metrics_tell_depth_and_age_of_the_queue(db: None) -> None:
    for _ in range(3):
        app.send_task("spm.jobs.tasks.reconcile")
    queue, broker = app.conf.task_default_queue, metrics._redis()
    oldest = json.loads(broker.lindex(queue, -1))
    oldest["headers"]["sent_at"] -= 100
    broker.lset(queue, -1, json.dumps(oldest))
    text = scrape()
    assert value(text, "spm_queue_tasks") == 3
    assert 100 <= value(text, "spm_queue_oldest_seconds") < 110


def test_metrics_tell_jobs_by_state(db: None) -> None:
    cache.set("jobs-by-state", {("nightly", "failed"): 2})
    assert value(scrape(), 'spm_jobs{kind="nightly",state="failed"}') == 2
    assert settings.METRICS_TOKEN not in scrape()
