"""What pay is expected to come to within reach, as the nightly job told it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, QuerySet, Value, When

from insights.models import PayForecast, PayForecastBasis, PayScope
from insights.selectors.likelihoods import ToldDeal, likelihood_deals, likelihoods_of
from spm.people.models import Participant
from spm.people.selectors import subordinate_ids
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible

ACTION = "pay_forecast.view"


@dataclass(frozen=True)
class PersonForecast:
    """A person's own forecasts, the earliest period first, and the open deals of their own with their likelihood."""

    person: Participant
    rows: list[PayForecast]
    deals: list[ToldDeal]


def pay_forecast_bases(viewer: Viewer) -> list[PayForecastBasis]:
    """Give what the forecasts rest on, one for each period, the one that ends first before."""
    bases = PayForecastBasis.objects.filter(is_current=True).select_related("period")
    return list(bases.order_by("period__during__endswith", "period__key"))


def pay_forecast_basis(viewer: Viewer, key: str = "") -> PayForecastBasis | None:
    """Give that of a period by its key, or of the period that ends first; None where there is none. Raises KeyError for an unknown key."""
    bases = pay_forecast_bases(viewer)
    if key:
        found = next((one for one in bases if one.period.key == key), None)
        if found is None:
            raise KeyError(key)
        return found
    return next(iter(bases), None)


def pay_forecast_list(viewer: Viewer, basis: PayForecastBasis) -> QuerySet[PayForecast]:
    """Give the forecasts of a period within reach: the company for who sees all of it, teams of managers, people, by name."""
    rows = PayForecast.objects.filter(basis=basis).select_related("participant", "basis__period")
    order = Case(*(When(scope=scope, then=Value(place)) for place, scope in enumerate(_SCOPES)))
    return seen(viewer, rows).order_by(order, "participant__name", "participant_id", "currency")


_SCOPES = (PayScope.COMPANY, PayScope.TEAM, PayScope.PERSON)


def seen(viewer: Viewer, rows: QuerySet[PayForecast]) -> QuerySet[PayForecast]:
    """Give the rows within reach; a team only where everybody in it is: the own, and those of people below."""
    looking = viewer.acting(ACTION)
    if looking.reach is Reach.ALL:
        return rows
    people = visible(looking, rows.filter(scope=PayScope.PERSON))
    return people | rows.filter(scope=PayScope.TEAM, participant__in=leaders_within(looking))


def leaders_within(looking: Viewer) -> set[UUID]:
    """Give the people whose whole team is within the reach of an action that doesn't reach all: oneself, and those below."""
    if looking.reach < Reach.TEAM or looking.participant is None:
        return set()
    return {looking.participant.pk} | subordinate_ids(looking.participant.pk, on=looking.on)


def pay_forecast_own(viewer: Viewer) -> list[PayForecast]:
    """Give the viewer's own forecasts, the period that ends first before; none where the account is tied to nobody."""
    return [] if viewer.participant is None else _of_person(viewer.participant.pk)


def pay_forecast_person(viewer: Viewer, participant_id: UUID) -> PersonForecast | None:
    """Give the forecasts of a person and their open deals; None where there is no such person within reach."""
    person = visible(viewer.acting(ACTION), Participant.objects.filter(pk=participant_id), participant="pk").first()
    if person is None:
        return None
    rows = _of_person(person.pk)
    return PersonForecast(person, rows, _deals(viewer, person, [row.basis.period.during for row in rows]))


def _of_person(participant_id: UUID) -> list[PayForecast]:
    rows = PayForecast.objects.filter(scope=PayScope.PERSON, participant=participant_id, basis__is_current=True)
    return list(
        rows.select_related("basis__period").order_by(
            "basis__period__during__endswith", "basis__period__key", "currency"
        )
    )


def _deals(viewer: Viewer, person: Participant, periods: Sequence[Any]) -> list[ToldDeal]:
    """The open deals of a person that are expected to close in the periods, overdue ones too."""
    if not periods:
        return []
    first, until = min(days.lower for days in periods), max(days.upper for days in periods)
    due = {"expected_close_on__gte": first, "expected_close_on__lt": until}
    return likelihoods_of(viewer, likelihood_deals(viewer).filter(owner=person, **due))
