"""The tests' own kinds of work, and a hold on a job as a worker has it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import override_settings

from spm.celery import app
from spm.jobs import services, timetable
from spm.jobs.models import Job
from spm.jobs.runner import Hold
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, organisation_scope
from tests.jobs import works
from tests.jobs.workers import Broker, Celery


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the tests' kinds to the timetable."""
    for name, kind in works.KINDS.items():
        monkeypatch.setitem(timetable.KINDS, name, kind)
    monkeypatch.setattr(timetable, "NIGHTLY", works.PARTS)


@pytest.fixture
def hold(acme: Organisation) -> Callable[..., Hold]:
    """Give a function from a job to a worker's hold on it."""

    def scope(actor: Actor) -> AbstractContextManager[None]:
        return organisation_scope(acme.pk, actor=actor)

    return lambda job, owner="message:turn": Hold(job_id=job.pk, owner=owner, scope=scope)


@pytest.fixture
def queue(viewer: Callable[..., object]) -> Callable[..., Job]:
    """Give a function that queues a job of the tests' kinds as Sol."""
    from spm.jobs.services import job_enqueue

    def make(kind: str = "rows", slot: str = "1", **arguments: object) -> Job:
        return job_enqueue(kind, slot=slot, arguments={"rows": 3} | arguments, actor=viewer("sol"))

    return make


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
