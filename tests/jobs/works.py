"""Work for the tests of the runner: small steps, each of which leaves one row that nothing keeps from being written twice."""

import os
import signal
import time
from typing import ClassVar
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import OperationalError

from spm.core.findings import Finding, FindingError, Severity
from spm.core.steps import StepOutcome
from spm.identity.models import Membership
from spm.jobs import timetable
from spm.jobs.models import Job
from spm.jobs.work import Kind
from spm.notices.models import Notice
from spm.tenancy.scope import current_organisation_id


class Rows:
    """Writes a row per step; `arguments` name the rows, the pause inside a step and the step that goes wrong."""

    def steps(self, job: Job) -> list[str]:
        return [f"row {number:03}" for number in range(job.arguments["rows"])]

    def run(self, job: Job, step: str) -> StepOutcome:
        row_write(step)
        time.sleep(job.arguments.get("pause", 0))
        if job.arguments.get("faulty") == step:
            FAULTS[job.arguments["fault"]](job)
        return StepOutcome(outcome={"rows": 1})


class Growing:
    """Names further steps while it runs."""

    def steps(self, job: Job) -> list[str]:
        return ["first", "last"]

    def run(self, job: Job, step: str) -> StepOutcome:
        row_write(step)
        warning = Finding("ODD", step, "It is odd.", severity=Severity.WARNING)
        return StepOutcome(steps=("second", "third"), findings=(warning,)) if step == "first" else StepOutcome()


class RowsPart:
    """A part of the nightly job: a row per name and day."""

    names: ClassVar[tuple[str, ...]] = ("a", "b")

    def steps(self, organisation: object, day: object) -> list[str]:
        return list(self.names)

    def run(self, organisation: object, day: object, step: str) -> StepOutcome:
        row_write(f"{day} {step}")
        return StepOutcome(outcome={"rows": 1})


def row_write(title: str) -> None:
    """Leave the effect of a step; its slot is random, so that doing it twice shows."""
    member = Membership.objects.filter(organisation_id=current_organisation_id()).order_by("pk")[0]
    Notice.objects.create(membership=member, kind="test", slot=uuid4().hex, title=title)


def _finding(job: Job) -> None:
    raise FindingError(Finding("NO_PLAN", "plan", "There is no plan.", "Nobody is calculated.", "Publish one."))


def _invalid(job: Job) -> None:
    raise ValidationError("The day is not in a period.")


def _surprise(job: Job) -> None:
    raise RuntimeError("secret figure 4711")


def _server(job: Job) -> None:
    raise OperationalError("the server closed the connection")


def _server_once(job: Job) -> None:
    if job.attempts < 3:
        raise OperationalError("the server closed the connection")


def _killed(job: Job) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


FAULTS = {
    "finding": _finding,
    "invalid": _invalid,
    "surprise": _surprise,
    "server": _server,
    "server_once": _server_once,
    "killed": _killed,
}

KINDS = {
    "rows": Kind("Rows", "tests.jobs.works.Rows"),
    "alone": Kind("Alone", "tests.jobs.works.Rows", alone=True),
    "growing": Kind("Growing", "tests.jobs.works.Growing", action="fact.import"),
}
PARTS = ("tests.jobs.works.RowsPart",)


def install() -> None:
    """Put the tests' kinds into the timetable of this process."""
    timetable.KINDS.update(KINDS)
