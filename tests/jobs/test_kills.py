"""kill -9 of a pool child, of the worker and of the broker, and a broker that forgets, in the middle of a job.

Each ends with exactly the rows of a calm run: nothing lost, nothing twice. Source: issue 2, items 6 and 9; trust.md F1.
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import override_settings

from spm.celery import app
from spm.jobs import services
from spm.jobs.models import Job, JobState, JobStep
from spm.jobs.services import job_enqueue
from spm.notices.models import Notice
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.conftest import TODAY
from tests.jobs.workers import Broker, Celery, eventually

Blow = Callable[[Celery], None]


def child(celery: Celery) -> None:
    celery.kill_children()


def worker(celery: Celery) -> None:
    celery.kill_worker()


def broker(celery: Celery) -> None:
    celery.broker.restart()


def forgetting(celery: Celery) -> None:
    celery.broker.client.flushall()


BLOWS = {"child": child, "worker": worker, "broker": broker, "flushall": forgetting}


@pytest.fixture(scope="module")
def celery(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Celery]:
    """Give a worker and a beat over a broker of the test's own."""
    folder = tmp_path_factory.mktemp("celery")
    valkey = Broker(folder / "valkey")
    valkey.start()
    running = Celery(valkey, folder)
    try:
        running.start()
        with override_settings(REDIS_URL=valkey.url):
            yield running
    finally:
        running.stop()
        valkey.kill()


@pytest.fixture
def send_there(celery: Celery, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Send this process's tasks to that broker, too."""
    monkeypatch.setattr(services, "RESEND", timedelta(seconds=2))
    before = app.conf.broker_url
    _point_to(celery.broker.url)
    yield
    _point_to(before)


def _point_to(url: str) -> None:
    app.conf.broker_url = url
    app._pool = app.amqp._producer_pool = None


def start(rows: int, pause: float) -> Job:
    acme = Organisation.objects.get(slug="acme")
    actor = viewer_of_system(acme, on=TODAY, name="test")
    with organisation_scope(acme.pk, actor=actor):
        return job_enqueue("rows", slot=f"{time.monotonic()}", arguments={"rows": rows, "pause": pause}, actor=actor)


def read(job: Job) -> tuple[Job, list[str], int]:
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.pk, actor=viewer_of_system(acme, on=TODAY, name="test")):
        titles = sorted(Notice.objects.filter(kind="test").values_list("title", flat=True))
        return Job.objects.get(pk=job.pk), titles, JobStep.objects.filter(job=job).count()


def finish(job: Job, rows: int, seconds: float) -> None:
    eventually(lambda: read(job)[0].state not in (JobState.QUEUED, JobState.RUNNING), seconds)
    ended, titles, steps = read(job)
    assert (ended.state, ended.progress_done, ended.outcome, steps) == (JobState.DONE, rows, {"rows": rows}, rows)
    assert titles == [f"row {number:03}" for number in range(rows)]


def strike(celery: Celery, blow: Blow, *, rows: int, pause: float, after: int) -> None:
    job = start(rows, pause)
    eventually(lambda: read(job)[0].progress_done >= after, 60)
    blow(celery)
    finish(job, rows, 60)


@pytest.mark.parametrize("name", BLOWS)
def test_a_blow_changes_nothing(committed_db: None, celery: Celery, send_there: None, name: str) -> None:
    strike(celery, BLOWS[name], rows=30, pause=0.02, after=10)


def test_a_queued_job_survives_a_broker_that_forgets(committed_db: None, celery: Celery, send_there: None) -> None:
    jobs = [start(2, 0.0) for _ in range(3)]
    celery.broker.client.flushall()
    for job in jobs:
        eventually(lambda job=job: read(job)[0].state == JobState.DONE, 60)
    assert len(read(jobs[0])[1]) == 6


@pytest.mark.deep
@pytest.mark.parametrize("name", BLOWS)
def test_twenty_blows_at_random_moments_change_nothing(
    committed_db: None, celery: Celery, send_there: None, name: str
) -> None:
    dice, rows = random.Random(name), 400
    job = start(rows, 0.05)
    for point in sorted(dice.sample(range(1, rows - 5), 20)):
        eventually(lambda point=point: read(job)[0].progress_done >= point, 120)
        time.sleep(dice.random() * 0.1)
        BLOWS[name](celery)
    finish(job, rows, 120)
