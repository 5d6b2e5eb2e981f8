"""The estimator: open deals of a person's pipeline, and what those that are chosen would pay the person. Nothing is kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from incentives.selectors.estimates import summed
from incentives.selectors.pipeline_estimates import ChosenDeal, PeriodEstimate, pipeline_estimate
from insights.selectors.pay_forecasts import ACTION
from insights.selectors.pipeline import open_deals
from spm.crm.models import SplitVersion
from spm.crm.selectors.facts import facts_moment
from spm.people.models import Participant
from spm.people.selectors import subordinate_ids
from spm.roles.policy import Viewer, visible

SHOWN = 50
"""So many open deals are offered at once; more are found by their name."""


@dataclass(frozen=True)
class Pipeline:
    """A person's open deals to choose from, those that are to close first before, and how many more there are."""

    deals: list[Any]
    more: int


@dataclass(frozen=True)
class Pays:
    """What the lines of a period come to in one currency, in minor units; None is unknown."""

    currency: str
    before_minor: int | None
    after_minor: int | None

    @property
    def difference_minor(self) -> int | None:
        """Give what the deals pay."""
        return None if self.before_minor is None or self.after_minor is None else self.after_minor - self.before_minor


@dataclass(frozen=True)
class PeriodPays:
    """What chosen deals would pay in a period: each line, and the sum of each currency."""

    period: Any
    lines: tuple[Any, ...]
    ranked: tuple[str, ...]
    pays: tuple[Pays, ...]


@dataclass(frozen=True)
class PayEstimate:
    """What chosen deals would pay a person; `outside` are those whose day no published plan pays."""

    periods: tuple[PeriodPays, ...]
    outside: tuple[ChosenDeal, ...]


def pay_estimate_person(viewer: Viewer, participant_id: UUID) -> Participant | None:
    """Give the person whose pay is estimated; None where there is no such person within reach."""
    return visible(viewer.acting(ACTION), Participant.objects.filter(pk=participant_id), participant="pk").first()


def pay_estimate_pipeline(
    viewer: Viewer, person: Participant, *, name: str = "", also: Collection[UUID] = ()
) -> Pipeline:
    """Give the open deals of a person's pipeline whose name or key holds a text, and those that are named."""
    rows = pay_estimate_deals(viewer, person)
    if name:
        rows = rows.filter(Q(name__icontains=name) | Q(fact__source_key__icontains=name) | Q(fact__in=also))
    found = list(rows.order_by(F("expected_close_on").asc(nulls_last=True), "fact__source_key", "fact_id")[: SHOWN + 1])
    lacking = set(also) - {one.fact_id for one in found}
    more = rows.count() - SHOWN if len(found) > SHOWN else 0
    return Pipeline([*found[:SHOWN], *(rows.filter(fact__in=lacking) if lacking else ())], more)


def pay_estimate_deals(viewer: Viewer, person: Participant) -> QuerySet[Any]:
    """Give the open deals of a person within the viewer's reach: owned or shared by the person, or by somebody below."""
    people = {person.pk} | subordinate_ids(person.pk, on=viewer.on)
    versions: Any = SplitVersion.objects
    shared = versions.current().filter(participant=person, share_rate__gt=0).values("opportunity")
    return open_deals(viewer).filter(Q(owner__in=people) | Q(fact__in=shared))


def deal_day(deal: Any, on: date) -> date | None:
    """Give the day on which an open deal could close: when it is expected, an overdue one today."""
    return None if deal.expected_close_on is None else max(deal.expected_close_on, on)


def pay_estimate(viewer: Viewer, person: Participant, chosen: Sequence[ChosenDeal]) -> PayEstimate:
    """Give what the chosen deals would pay the person, who is within reach, in the periods of their days and of today."""
    periods, outside = pipeline_estimate(str(person.pk), chosen, on=viewer.on, known_at=facts_moment())
    return PayEstimate(tuple(_paid(one) for one in periods), tuple(outside))


def _paid(one: PeriodEstimate) -> PeriodPays:
    lines, pays = one.found.lines, []
    for currency in one.currencies:
        mine = [line for line in lines if line.currency == currency]
        before, after = ([getattr(line, side) for line in mine] for side in ("before_minor", "after_minor"))
        pays.append(Pays(currency, summed(before), summed(after)))
    return PeriodPays(one.period, lines, one.found.ranked, tuple(pays))
