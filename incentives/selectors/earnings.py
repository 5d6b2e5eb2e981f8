"""The earnings of a run as plain rows, for posting and statements, which go through all of them."""

from typing import Any, NamedTuple
from uuid import UUID

from incentives.models import Run, RunEarning


class Earning(NamedTuple):
    """What a run found for a participant and component."""

    participant_id: UUID
    plan_version_id: UUID
    component: str
    credit_minor: int
    credit_count: int
    quota_value: int | None
    attainment_rate: int | None
    earned_minor: int
    currency: str
    slices: list[dict[str, Any]]


def earnings_of_run(run: Run) -> list[Earning]:
    """Give all earnings of the run."""
    return [Earning(*row) for row in RunEarning.objects.filter(run=run).values_list(*Earning._fields)]


def people_of_run(run: Run) -> list[UUID] | None:
    """Give the people whom the run calculated when it was not everybody, else None."""
    return None if run.scope is None else [UUID(key) for key in run.scope["people"]]
