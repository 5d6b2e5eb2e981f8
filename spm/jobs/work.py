"""What a kind of work must offer, and the table row that names it. The runner does the rest: leases, retries, progress."""

from dataclasses import dataclass
from typing import Protocol

from spm.core.steps import StepOutcome
from spm.jobs.models import Job

__all__ = ["Kind", "StepOutcome", "Work"]


class Work(Protocol):
    """A long piece of work cut into steps. Both methods are called inside the company's scope; neither keeps state.

    A class need not derive from this; it needs the two methods.
    """

    def steps(self, job: Job) -> list[str]:
        """Name the steps, each well under a minute; asked once per job, the answer is kept."""

    def run(self, job: Job, step: str) -> StepOutcome:
        """Do one step. What it writes is committed together with the record that it is done, so it counts exactly once."""


@dataclass(frozen=True)
class Kind:
    """A kind of job: its name for people, the dotted path of its Work, the right to start it.

    `alone`: two jobs of this kind never run at the same time in one company.
    """

    label: str
    work: str
    action: str = "job.start"
    alone: bool = False
    then: str = ""
    """The dotted path of a Work of a module further down that goes on with the same job when the first one is done."""


class Followed:
    """A work and the one that follows it, as one: the steps of the second bear a mark."""

    MARK = "then:"

    def __init__(self, first: Work, second: Work) -> None:
        self._first, self._second = first, second

    def steps(self, job: Job) -> list[str]:
        """Name the steps of both."""
        return [*self._first.steps(job), *(f"{self.MARK}{step}" for step in self._second.steps(job))]

    def run(self, job: Job, step: str) -> StepOutcome:
        """Do one step of whom it belongs to."""
        if step.startswith(self.MARK):
            return self._second.run(job, step.removeprefix(self.MARK))
        return self._first.run(job, step)
