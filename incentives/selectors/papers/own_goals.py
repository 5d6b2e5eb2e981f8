"""The quotas and the target pay of one person under a plan version, as its runs will hold them: by the days in the plan, ramp and leave."""

from datetime import date
from typing import Any

import pandas as pd

from incentives.engine.contracts import Facts
from incentives.engine.held_goals import HeldGoals, goals_held
from incentives.engine.plan import Plan
from incentives.models import PlanState, PlanVersion
from incentives.selectors.facts import assignments_csv, frame_of, plans_of_versions
from incentives.selectors.terms import terms_frames
from incentives.selectors.windows import Window, periods_csv, quotas_csv
from planning.selectors import calendar_cut
from spm.core import periods as cutting
from spm.people.models import Participant
from spm.people.seat_frames import seats_csv

_NO_DEALS = pd.DataFrame(
    {name: pd.Series(dtype=kind) for name, kind in (("deal_key", object), ("owner_key", object), ("currency", object))}
    | {name: pd.Series(dtype="int64") for name in ("amount_minor", "credit_on")}
)


def own_goals(version: PlanVersion, person: Participant) -> HeldGoals:
    """Give what the person is held against by a version, period by period; nothing where it has no end or no longer compiles."""
    start, end = version.during.lower, version.during.upper
    if end is None:
        return HeldGoals()
    versions = PlanVersion.objects.filter(
        state=PlanState.PUBLISHED, during__overlap=(start, end), definition__period=version.definition["period"]
    )
    together = [*versions.exclude(pk=version.pk).select_related("plan"), version]
    try:
        plans = plans_of_versions(together)
    except ValueError:
        return HeldGoals()
    window = Window(start, end, _periods(version.definition["period"], start, end))
    seats = frame_of(seats_csv(start=start, end=end))
    terms: dict[str, Any] = {name: frame_of(content) for name, content in terms_frames(start, end).items()}
    facts = Facts(
        deals=_NO_DEALS,
        positions=seats[seats["participant_key"] == str(person.pk)].reset_index(drop=True),
        assignments=frame_of(assignments_csv(together, start, end)),
        periods=frame_of(periods_csv(window)),
        quotas=frame_of(quotas_csv(window)),
        **terms,
    )
    return goals_held(facts, plans, str(version.pk), _names(plans[-1]))


def _periods(kind: str, start: date, end: date) -> tuple[cutting.Period, ...]:
    """The periods that a version pays."""
    cut = calendar_cut(kind)
    first, last = (int(cut.containing(day).year_key) for day in (start, date.fromordinal(end.toordinal() - 1)))
    every = [one for year in range(first, last + 1) for one in cut.year(year)]
    return tuple(every)


def _names(plan: Plan) -> list[str]:
    """The quotas and targets that the plan asks for by name."""
    quotas = {each.quota for each in plan.measures if each.quota}
    return sorted(quotas | target_names(plan))


def target_names(plan: Plan) -> set[str]:
    """Give the names of the target pay that a plan asks for."""
    return {each.pay.target_name for each in plan.components if each.pay.target_name}
