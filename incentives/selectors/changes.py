"""What has to be calculated again after deals changed: whom they can pay otherwise, and what must be read to calculate these people.

Followed are changes of deals and of their shares. Anything else (other facts, plans, seats, quotas, a contest) can concern everybody, and
has the period calculated as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from incentives.engine.affected import Affected, affected_by, is_separable
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.engine.reach import of_period
from incentives.engine.run import Result, compute
from incentives.models import Run, RunState
from incentives.selectors.deals import VERSIONED, deals_read
from incentives.selectors.facts import Inputs, code_version, days_of, facts_of, frame_of, plans_of, surroundings_read
from spm.core.dated import day_of
from spm.crm.deal_changes import deals_changed, deals_of_people, others_changed, people_of_deals


@dataclass(frozen=True)
class Changes:
    """What is to be calculated again: whom, and everything that was read for that. Nobody when nothing changed."""

    affected: Affected
    inputs: Inputs

    @property
    def scope(self) -> dict[str, list[str]]:
        """Give the scope as a run keeps it."""
        return {"people": sorted(self.affected.people), "owners": sorted(self.affected.owners)}


def changes_of(period: Any, known_at: datetime, latest: Run | None, whole: Run | None) -> Changes | None:
    """Give what has changed since the period's latest run, `whole` being its latest over everybody; None where all must be calculated."""
    if latest is None or whole is None or latest.state != RunState.POSTED or whole.code_version != code_version():
        return None
    since = latest.facts_known_at
    if latest.code_version != whole.code_version or others_changed(since=since, until=known_at):
        return None
    around = Inputs(surroundings_read(period=period, known_at=known_at))
    plans = plans_of(around)
    kept = {name: digest for name, digest in whole.inputs.items() if name not in VERSIONED}
    if around.digests != kept or not is_separable(plans):
        return None
    people = people_of_deals(deals_changed(since=since, until=known_at), since=since, until=known_at)
    if not people:
        return Changes(Affected(frozenset(), frozenset()), around)
    affected = affected_of(people, plans, around)
    return Changes(affected, scoped_inputs(around, plans, period=period, owners=affected.owners, known_at=known_at))


def affected_of(people: Sequence[str], plans: Sequence[Plan], around: Inputs) -> Affected:
    """Give whom deals of these people can pay, from the frames that were read."""
    relations = frame_of(around.frames["relations"]) if "relations" in around.frames else None
    positions, reporting = (frame_of(around.frames[name]) for name in ("positions", "reporting"))
    return affected_by(people, plans, positions, reporting, relations)


def scoped_inputs(around: Inputs, plans: Sequence[Plan], *, period: Any, owners: Any, known_at: datetime) -> Inputs:
    """Read the deals of some people, beside the frames that were read."""
    since = day_of(days_of(around.frames["window"])[0])
    of = deals_of_people(owners, known_at=known_at)
    return Inputs({**deals_read(plans, period=period, since=since, known_at=known_at, of=of), **around.frames})


def scoped_result(inputs: Inputs, scope: dict[str, list[str]], period_key: str) -> Result:
    """Give what the inputs come to for the people of a scope: exactly what a calculation of everybody gives them."""
    people = set(scope["people"])
    result = of_period(compute(_needed(facts_of(inputs), {*people, *scope["owners"]}), plans_of(inputs)), period_key)
    credits, earnings = (
        frame[frame["participant_key"].isin(people)].reset_index(drop=True)
        for frame in (result.credits, result.earnings)
    )
    findings = [each for each in result.findings if each.keys.get("participant_key", next(iter(people))) in people]
    return replace(result, credits=credits, earnings=earnings, findings=tuple(findings))


def _needed(facts: Facts, people: set[str]) -> Facts:
    """The facts without the seats and quotas of people who play no part; whoever shares a deal plays one, by the rounding of shares."""
    shared = set() if facts.splits is None else set(facts.splits["participant_key"].tolist())
    held = facts.positions
    positions = held[held["participant_key"].isin(people | shared)].reset_index(drop=True)
    quotas = facts.quotas
    if quotas is not None:
        quotas = quotas[_of(quotas, "position_key", positions) | _of(quotas, "participant_key", positions)]
    return replace(facts, positions=positions, quotas=None if quotas is None else quotas.reset_index(drop=True))


def _of(quotas: pd.DataFrame, name: str, positions: pd.DataFrame) -> pd.Series:
    if name not in quotas.columns:
        return pd.Series(False, index=quotas.index)
    return quotas[name].isin(set(positions[name].tolist()))
