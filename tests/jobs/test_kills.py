"""kill -9 of a pool child, of the worker and of the broker, and a broker that forgets, in the middle of a job.

Each ends with exactly the rows of a calm run: nothing lost, nothing twice. Source: issue 2, items 6 and 9; trust.md F1.
"""

import random
import time

import pytest

from spm.jobs.models import Job, JobState, JobStep
from spm.jobs.services import job_enqueue
from spm.notices.models import Notice
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from spm.web.telemetry import WORKER_BEAT_KEY
from tests.conftest import TODAY
from tests.jobs.workers import BLOWS, Blow, Celery, wait


def start(rows: int, pause: float, **more: object) -> Job:
    acme = Organisation.objects.get(slug="acme")
    actor = viewer_of_system(acme, on=TODAY, name="test")
    with organisation_scope(acme.pk, actor=actor):
        return job_enqueue(
            "rows", slot=f"{time.monotonic()}", arguments={"rows": rows, "pause": pause} | more, actor=actor
        )


def read(job: Job) -> tuple[Job, list[str], int]:
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.pk, actor=viewer_of_system(acme, on=TODAY, name="test")):
        titles = sorted(Notice.objects.filter(kind="test").values_list("title", flat=True))
        return Job.objects.get(pk=job.pk), titles, JobStep.objects.filter(job=job).count()


def finish(celery: Celery, job: Job, rows: int) -> None:
    wait(celery, lambda: read(job)[0].state not in (JobState.QUEUED, JobState.RUNNING))
    ended, titles, steps = read(job)
    assert (ended.state, ended.progress_done, ended.outcome, steps) == (JobState.DONE, rows, {"rows": rows}, rows)
    assert titles == [f"row {number:03}" for number in range(rows)]


def strike(celery: Celery, blow: Blow, *, rows: int, pause: float, after: int) -> None:
    job = start(rows, pause)
    wait(celery, lambda: read(job)[0].progress_done >= after)
    blow(celery)
    finish(celery, job, rows)


@pytest.mark.parametrize("name", BLOWS)
def test_a_blow_changes_nothing(committed_db: None, celery: Celery, send_there: None, name: str) -> None:
    strike(celery, BLOWS[name], rows=60, pause=0.03, after=15)


def test_a_queued_job_survives_a_broker_that_forgets(committed_db: None, celery: Celery, send_there: None) -> None:
    jobs = [start(2, 0.0) for _ in range(3)]
    celery.broker.client.flushall()
    for job in jobs:
        wait(celery, lambda job=job: read(job)[0].state == JobState.DONE)
    assert len(read(jobs[0])[1]) == 6


def test_a_worker_gives_signs_of_life(committed_db: None, celery: Celery) -> None:
    wait(celery, lambda: celery.broker.client.exists(f"spm:global:1:{WORKER_BEAT_KEY}") == 1)


@pytest.mark.deep
def test_a_step_that_kills_its_worker_is_given_up_and_blocks_nobody(
    committed_db: None, celery: Celery, send_there: None
) -> None:
    poison, other = start(3, 0.0, faulty="row 001", fault="killed"), start(3, 0.0)
    wait(celery, lambda: read(other)[0].state == JobState.DONE)
    wait(celery, lambda: read(poison)[0].state == JobState.FAILED)
    ended, titles, _ = read(poison)
    assert [finding["code"] for finding in ended.findings] == ["JOB_BROKEN_OFF"]
    assert (ended.progress_done, titles.count("row 000"), titles.count("row 001")) == (1, 2, 1)


@pytest.mark.deep
def test_a_worker_that_is_told_to_end_does_so_soon(committed_db: None, celery: Celery, send_there: None) -> None:
    job = start(200, 0.05)
    wait(celery, lambda: read(job)[0].progress_done >= 5)
    celery.worker.terminate()
    assert celery.worker.wait(120) == 0
    finish(celery, job, 200)


@pytest.mark.deep
@pytest.mark.parametrize("name", BLOWS)
def test_twenty_blows_at_random_moments_change_nothing(
    committed_db: None, celery: Celery, send_there: None, name: str
) -> None:
    dice, rows = random.Random(name), 400
    job = start(rows, 0.05)
    for point in sorted(dice.sample(range(1, rows - 5), 20)):
        wait(celery, lambda point=point: read(job)[0].progress_done >= point)
        time.sleep(dice.random() * 0.1)
        BLOWS[name](celery)
    finish(celery, job, rows)
