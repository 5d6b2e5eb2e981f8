"""The open pipeline and the forecasts, as people see them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from insights.engine.forecast_record import because_of_trials
from insights.models import Forecast, PipelineSnapshot
from spm.crm.selectors.lists import opportunity_list
from spm.people.models import PositionHolding, PositionUnit, Unit
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible

TREND_DAYS = 90


@dataclass(frozen=True)
class StageTotal:
    """Open deals of one stage and currency; `unvalued` of them have no amount, so `amount_minor` leaves them out."""

    stage: str
    currency: str
    deals: int
    unvalued: int
    amount_minor: int


@dataclass(frozen=True)
class PipelineView:
    """The open pipeline within reach."""

    stages: tuple[StageTotal, ...]

    @property
    def deals(self) -> int:
        """Number of open deals."""
        return sum(stage.deals for stage in self.stages)

    @property
    def unvalued(self) -> int:
        """Open deals without an amount."""
        return sum(stage.unvalued for stage in self.stages)

    @property
    def totals(self) -> dict[str, int]:
        """Amount per currency; deals without an amount have none."""
        found: dict[str, int] = {}
        for stage in self.stages:
            if stage.currency:
                found[stage.currency] = found.get(stage.currency, 0) + stage.amount_minor
        return found


def open_deals(viewer: Viewer) -> QuerySet[Any]:
    """Give the open deals within reach, as known now."""
    return opportunity_list(viewer).filter(status="open")


def pipeline_view(viewer: Viewer) -> PipelineView:
    """Sum the open deals within reach by stage and currency, largest amount first."""
    rows = open_deals(viewer).order_by().values("stage", "currency")
    rows = rows.annotate(
        deals=Count("pk"), unvalued=Count("pk", filter=Q(amount_minor__isnull=True)), amount=Sum("amount_minor")
    )
    stages = [
        StageTotal(row["stage"], row["currency"], row["deals"], row["unvalued"], row["amount"] or 0) for row in rows
    ]
    return PipelineView(tuple(sorted(stages, key=lambda one: (-one.amount_minor, -one.deals, one.stage))))


def pipeline_trend(viewer: Viewer, *, currency: str) -> list[tuple[date, int, int]]:
    """Give (day, deals, amount) of the nightly snapshots of the last 90 days within reach, oldest first."""
    rows = visible(
        viewer, PipelineSnapshot.objects.filter(day__gt=viewer.on - timedelta(days=TREND_DAYS), day__lte=viewer.on)
    )
    by_day = rows.filter(currency__in=[currency, ""]).order_by("day").values("day")
    return list(
        by_day.annotate(deals=Sum("deal_count"), amount=Sum("amount_minor")).values_list("day", "deals", "amount")
    )


def forecast_latest(viewer: Viewer, *, unit_id: UUID | None = None) -> list[Forecast]:
    """Give the latest forecasts of the company or a unit, one per model: the one that its record chose first, with the reason.

    Where there is no record yet, the least wrong in trials stands first, if it beats seasonal naive in the same periods.
    Company and unit totals show nobody's pay, but they are a leader's numbers: someone who sees only their own deals gets none.
    """
    if viewer.reach is Reach.SELF:
        return []
    of_unit = Q(unit__isnull=True) if unit_id is None else Q(unit=unit_id)
    found = Forecast.objects.filter(of_unit, made_on__lte=viewer.on).select_related("period", "unit")
    latest = found.order_by("model", "-made_on").distinct("model")
    ordered = sorted(latest, key=lambda one: one.standing)
    for first in ordered[:1]:
        first.chosen_because = why_first(first)
    return ordered


def why_first(forecast: Forecast) -> str:
    """Say why a forecast stands first of its period: its record, else trials; empty where it is unknown or nothing was tried."""
    if forecast.amount_minor is None:
        return ""
    return forecast.record_because or ("" if forecast.wmape_rate is None else because_of_trials(forecast.test_count))


def own_unit(viewer: Viewer) -> Unit | None:
    """Give the unit that a leader of some people sits in, by the main seat; None for who sees the whole company."""
    if viewer.reach is Reach.ALL or viewer.participant is None:
        return None
    seats = PositionHolding.objects.filter(
        participant=viewer.participant, during__contains=viewer.on, is_main=True
    ).values("position_id")
    return Unit.objects.filter(
        pk__in=PositionUnit.objects.filter(during__contains=viewer.on, position__in=seats).values("unit_id")
    ).first()


def forecast_units(viewer: Viewer) -> list[Unit]:
    """Give the units that have forecasts, by name."""
    if viewer.reach is Reach.SELF:
        return []
    return list(
        Unit.objects.filter(pk__in=Forecast.objects.filter(unit__isnull=False).values("unit_id")).order_by("name")
    )


def stage_chart(view: PipelineView, *, currency: str) -> dict[str, Any]:
    """Give the chart data of the open amount per stage in one currency."""
    stages = [stage for stage in view.stages if stage.currency == currency]
    return {
        "categories": [stage.stage or "–" for stage in stages],
        "series": [{"name": "Open amount", "values": [stage.amount_minor for stage in stages]}],
        "unit": "money",
        "currency": currency,
        "labels": {"category": "Stage"},
    }


def count_chart(view: PipelineView) -> dict[str, Any]:
    """Give the chart data of the number of open deals per stage."""
    counts: dict[str, int] = {}
    for stage in view.stages:
        counts[stage.stage or "–"] = counts.get(stage.stage or "–", 0) + stage.deals
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {
        "categories": [stage for stage, _ in ordered],
        "series": [{"name": "Open deals", "values": [count for _, count in ordered]}],
        "unit": "count",
        "labels": {"category": "Stage"},
    }


def trend_chart(trend: list[tuple[date, int, int]], *, currency: str) -> dict[str, Any]:
    """Give the chart data of the pipeline by day."""
    return {
        "categories": [day.isoformat() for day, _, _ in trend],
        "series": [{"name": "Open pipeline", "values": [amount for _, _, amount in trend]}],
        "unit": "money",
        "currency": currency,
        "labels": {"category": "Day"},
    }
