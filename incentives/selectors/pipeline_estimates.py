"""What chosen open deals would pay a person, each at an amount and a day: facts as known now, computed as a run would. Nothing is kept.

Read are only the deals that can credit the person. What a contest decides depends on the deals of others, so it is named and not told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd
from django.core.exceptions import ValidationError

from incentives.engine.affected import deciders_of
from incentives.engine.contracts import Facts
from incentives.engine.run import compute
from incentives.engine.words import DealOwner
from incentives.models import PlanState, PlanVersion
from incentives.selectors.changes import scoped_deals
from incentives.selectors.deals import deals_asked, deals_read
from incentives.selectors.estimates import Estimate, compared
from incentives.selectors.facts import frame_of, surroundings_read, with_territories
from incentives.selectors.surroundings import Around
from incentives.selectors.trial_facts import with_won
from planning.selectors import period_list
from spm.core.dated import day_number, day_of
from spm.crm.deal_frames import open_deals_csv, open_splits_csv
from spm.crm.models import OpportunityVersion

MOST_PERIODS = 12
"""Periods of one estimate."""


@dataclass(frozen=True)
class ChosenDeal:
    """An open deal as it might be won: its key, the amount in minor units of its currency, and the day."""

    key: str
    amount_minor: int
    close_on: date


@dataclass(frozen=True)
class PeriodEstimate:
    """What the chosen deals would pay a person in one period."""

    period: Any
    found: Estimate

    @property
    def currencies(self) -> list[str]:
        """Give the currencies of the lines."""
        return sorted({line.currency for line in self.found.lines})


def pipeline_estimate(
    person: str, chosen: Sequence[ChosenDeal], *, on: date, known_at: datetime
) -> tuple[list[PeriodEstimate], list[ChosenDeal]]:
    """Give what a person would be paid in the periods of the chosen days and of the day `on`, the earliest first.

    Then the deals whose day lies in no period that a published plan pays. A period in which no plan pays the person is left out. Raises
    ValidationError for more than `MOST_PERIODS`, each of which is computed twice.
    """
    found = []
    periods = periods_paid([on, *(one.close_on for one in chosen)])
    if len(periods) > MOST_PERIODS:
        raise ValidationError(
            f"The chosen days lie in {len(periods)} periods with today's; at most {MOST_PERIODS} are estimated at once. "
            "Choose fewer deals, or days nearer to each other."
        )
    for period in periods:
        estimate = _estimated(person, chosen, period, known_at)
        if estimate.lines or estimate.ranked:
            found.append(PeriodEstimate(period, estimate))
    outside = [one for one in chosen if not any(one.close_on in period.during for period in periods)]
    return found, outside


def periods_paid(days: Collection[date]) -> list[Any]:
    """Give the periods that one of the days lies in and that a published plan pays, earliest first."""
    found: dict[Any, Any] = {}
    asked = [one for one in period_list(started_by=max(days)) if any(day in one.during for day in days)]
    for version in PlanVersion.objects.filter(state=PlanState.PUBLISHED):
        for period in asked:
            pays = period.during.lower < version.during.upper and period.during.upper > version.during.lower
            if pays and period.calendar.kind == version.definition["period"]:
                found[period.id] = period
    return sorted(found.values(), key=lambda period: (period.during.lower, period.key))


def _estimated(person: str, chosen: Sequence[ChosenDeal], period: Any, known_at: datetime) -> Estimate:
    around = Around.of(surroundings_read(period=period, known_at=known_at))
    start, end = around.days[0], day_number(period.during.upper)
    inside = {one.key: one for one in chosen if start <= day_number(one.close_on) < end}
    deals, splits = _open(around, inside, known_at)
    people = {person, *_known(deals, "owner_key"), *_known(splits, "participant_key")}
    owners = _deciders(person, around)
    facts = around.facts(_read(around, period, owners, known_at), {*people, *owners})
    if "account_territories" in around.frames:
        facts = replace(facts, account_territories=around.frames["account_territories"])
    more = with_won(facts, deals, splits, stage=_stage_won(facts)) if len(deals) else facts
    before = compute(facts, around.plans)
    after = compute(more, around.plans) if len(deals) else before
    return compared(before, after, person=person, period_key=period.key)


def _read(around: Around, period: Any, owners: Collection[str], known_at: datetime) -> dict[str, bytes]:
    """The deals that can credit the owners; everybody's where a plan asks whose a deal was before."""
    rules = [rule for plan in around.plans for measure in plan.measures for rule in measure.credit]
    if all(rule.owner == DealOwner.NOW for rule in rules):
        return scoped_deals(around, period=period, owners=owners, known_at=known_at)
    return deals_read(around.plans, period=period, since=day_of(around.days[0]), known_at=known_at)


def _deciders(person: str, around: Around) -> set[str]:
    frames = around.frames
    return set(deciders_of(person, around.plans, frames["positions"], frames["reporting"], frames.get("relations")))


def _known(frame: pd.DataFrame, name: str) -> set[str]:
    return set(frame[name].dropna().tolist()) if len(frame) else set()


def _open(around: Around, chosen: dict[str, ChosenDeal], known_at: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The chosen deals as the engine reads deals, and their shares. A day that they can't have yet (invoiced, paid) is their close day."""
    asked = deals_asked(around.plans, since=date.min, end=date.max, known_at=known_at)
    asked = replace(asked, only=sorted(chosen))
    deals = frame_of(open_deals_csv(asked)).drop(columns="probability_rate")
    values = [chosen[str(key)] for key in deals["deal_key"]]
    days = pd.Series([day_number(one.close_on) for one in values], index=deals.index, dtype="int64")
    deals = deals.assign(amount_minor=[one.amount_minor for one in values], credit_on=days)
    for name in [name for name in deals.columns if name.endswith("_on") and name != "credit_on"]:
        deals[name] = days if name == "closed_on" else deals[name].fillna(days)
    covered = {} if around.covered is None else {"territories": around.covered}
    deals = with_territories(deals, covered, around.frames.get("account_territories"))
    return deals, frame_of(open_splits_csv(asked))


def _stage_won(facts: Facts) -> str:
    """The stage of the company's latest won deal, where the deals read don't tell what stage a won deal has."""
    if "stage" not in facts.deals.columns or facts.deals["stage"].notna().any():
        return ""
    versions: Any = OpportunityVersion.objects
    won = versions.current().filter(status="won", close_on__isnull=False).exclude(stage="")
    return won.order_by("-close_on").values_list("stage", flat=True).first() or ""
