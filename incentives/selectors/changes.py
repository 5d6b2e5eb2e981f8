"""What has to be calculated again after deals changed: whom they can pay otherwise, and what must be read to calculate these people.

Followed are changes of deals and of their shares. Anything else (other facts, plans, seats, quotas, a contest) can concern everybody, and
has the period calculated as a whole.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from incentives.engine.affected import Affected, affected_by, is_separable
from incentives.engine.asking import asked_of
from incentives.engine.plan import Plan
from incentives.engine.reach import of_period
from incentives.engine.run import Result, compute
from incentives.models import Run, RunState
from incentives.selectors.deals import deals_read
from incentives.selectors.facts import Inputs, code_version, surroundings_read
from incentives.selectors.surroundings import Around, around_kept, is_unchanged, kept_digests
from spm.core.dated import day_of
from spm.crm.deal_changes import deals_changed, deals_of_people, facts_changed, others_changed, people_of_deals
from spm.crm.deal_frames import has_returns


@dataclass(frozen=True)
class Changes:
    """What is to be calculated again: whom, and everything that was read for that. Nobody when nothing changed."""

    affected: Affected
    inputs: Inputs
    around: Around

    @property
    def scope(self) -> dict[str, list[str]]:
        """Give the scope as a run keeps it."""
        return {"people": sorted(self.affected.people), "owners": sorted(self.affected.owners)}

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Give the plans that pay."""
        return self.around.plans

    def computed(self, period_key: str) -> Result:
        """Give the results of the people of the scope."""
        return scoped_result(self.around, self.inputs.frames, self.scope, period_key)


def changes_of(period: Any, known_at: datetime, latest: Run | None, whole: Run | None) -> Changes | None:
    """Give what has changed since the period's latest run, `whole` being its latest over everybody; None where all must be calculated."""
    if latest is None or whole is None or latest.state != RunState.POSTED or whole.code_version != code_version():
        return None
    since = latest.facts_known_at
    if latest.code_version != whole.code_version or others_changed(since=since, until=known_at):
        return None
    kept, back = kept_digests(whole), has_returns(known_at)
    if (
        not is_unchanged(latest, back=back)
        and Inputs(surroundings_read(period=period, known_at=known_at)).digests != kept
    ):
        return None
    around = around_kept(whole)
    if not is_separable(around.plans):
        return None
    changed = deals_of_change(around, period, since, known_at, back=back)
    people = people_of_deals(changed, since=since, until=known_at)
    affected = affected_of(people, around)
    deals = scoped_deals(around, period=period, owners=affected.owners, known_at=known_at, back=back) if people else {}
    return Changes(affected, Inputs(deals, kept), around)


def deals_of_change(around: Around, period: Any, since: datetime, until: datetime, *, back: bool) -> list[str]:
    """Give the keys of the deals that became known otherwise and that a calculation of the period would read, before or after.

    `back` tells whether anything had been taken back by the end, as `has_returns` does.
    """
    return deals_changed(since=since, until=until, within=_days_decisive(around, period, back=back))


def nothing_changed(period: Any, known_at: datetime, run: Run) -> bool:
    """Tell whether a calculation of everybody would read at this moment what the run, which calculated everybody, has read.

    No fact became known otherwise since, and what stands around the deals is what was kept.
    """
    if run.code_version != code_version() or facts_changed(since=run.facts_known_at, until=known_at):
        return False
    return is_unchanged(run, back=has_returns(known_at)) or Inputs(
        surroundings_read(period=period, known_at=known_at)
    ).digests == kept_digests(run)


def affected_of(people: Collection[str], around: Around) -> Affected:
    """Give whom deals of these people can pay."""
    frames = around.frames
    return affected_by(people, around.plans, frames["positions"], frames["reporting"], frames.get("relations"))


def scoped_deals(
    around: Around, *, period: Any, owners: Collection[str], known_at: datetime, back: bool | None = None
) -> dict[str, bytes]:
    """Read the deals of some people."""
    since, back = day_of(around.days[0]), has_returns(known_at) if back is None else back
    of = deals_of_people(owners, known_at=known_at, within=_days_decisive(around, period, back=back))
    return deals_read(around.plans, period=period, since=since, known_at=known_at, of=of, back=back)


def _days_decisive(around: Around, period: Any, *, back: bool) -> tuple[date, date] | None:
    """The close days of the deals that are read; None where a deal may be read for another day, or for what takes it back."""
    return None if back or asked_of(around.plans).days else (day_of(around.days[0]), period.during.upper)


def scoped_result(
    around: Around, deals: Mapping[str, bytes], scope: Mapping[str, list[str]], period_key: str
) -> Result:
    """Give what the deals come to for the people of a scope: exactly what a calculation of everybody gives them."""
    people = set(scope["people"])
    facts = around.facts(deals, {*people, *scope["owners"]})
    result = of_period(compute(facts, around.plans), period_key)
    credits, earnings = (
        frame[frame["participant_key"].isin(people)].reset_index(drop=True)
        for frame in (result.credits, result.earnings)
    )
    findings = [each for each in result.findings if each.keys.get("participant_key", next(iter(people))) in people]
    return replace(result, credits=credits, earnings=earnings, findings=tuple(findings))
