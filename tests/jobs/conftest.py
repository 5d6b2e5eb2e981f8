"""The tests' own kinds of work, and a hold on a job as a worker has it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from spm.jobs import timetable
from spm.jobs.models import Job
from spm.jobs.runner import Hold
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, organisation_scope
from tests.jobs import works


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
