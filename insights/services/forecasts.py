"""Makes the forecasts of a day: each model, for the company and each unit, with its back-tested error."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import pandas as pd
from django.db import transaction

from insights.engine.forecast import (
    Deals,
    Estimate,
    Record,
    Span,
    back_test_naive,
    back_test_pipeline,
    part_weights,
    record,
    seasonal_naive,
    skill,
    weighted_pipeline,
    won_amount,
)
from insights.engine.forecast_record import because_of_record
from insights.engine.monthly import forecast_periods
from insights.engine.ranges import around, coverage, reaches
from insights.engine.rollup import NOBODY
from insights.models import Forecast, ForecastModel, ForecastShare
from insights.selectors.deals import deal_frame, unit_of_owner
from insights.selectors.forecast_record import models_chosen
from insights.selectors.forecast_sheet import forecast_period
from insights.services.likely_forecasts import likely
from planning.selectors import period_frame
from spm.core.dated import day_number
from spm.core.money import split
from spm.core.periods import PER_YEAR, CalendarKind
from spm.people.models import Unit
from spm.roles.policy import Viewer, viewer_of_system
from spm.tenancy.models import Organisation


@dataclass(frozen=True)
class Calendar:
    """The period that is forecast, and those before it, as spans; a year before is found by the same place in the year."""

    period_id: str
    current: Span
    before: Span | None
    past: tuple[Span, ...]
    past_pairs: tuple[tuple[Span, Span | None], ...]


@transaction.atomic
def forecasts_refresh(*, organisation: Organisation, day: date) -> int:
    """Write the forecasts made on the day, replacing those made earlier on it; gives how many. Without a calendar there is none."""
    calendar = _calendar(day)
    if calendar is None:
        return 0
    frame = deal_frame(currency=organisation.currency)
    cut = list(_parts(frame, day))
    parts = [(unit_id, Deals.of(part)) for unit_id, part in cut]
    by_months = _by_months([deals for _, deals in parts], calendar)
    chances = likely(frame, calendar.past, offset=day_number(day) - calendar.current.start, day=day)
    made = [
        {
            **_forecasts(deals, calendar, day=day),
            ForecastModel.TIME_SERIES: months,
            ForecastModel.LIKELIHOOD: chances.forecast(deals, part.index.to_numpy(), calendar.current),
        }
        for (_, deals), months, (_, part) in zip(parts, by_months, cut, strict=True)
    ]
    alike = {model: _by_period([each[model][1] for each in made]) for model in ForecastModel}
    rows = [
        _row(
            model,
            *found,
            calendar,
            alike[model],
            models[ForecastModel.SEASONAL_NAIVE][1],
            won_amount(deals, calendar.current, until=day_number(day)),
            unit_id=unit_id,
            day=day,
            currency=organisation.currency,
        )
        for (unit_id, deals), models in zip(parts, made, strict=True)
        for model, found in models.items()
    ]
    _choose(
        rows, viewer_of_system(organisation, on=day, name="nightly"), days_left=calendar.current.end - day_number(day)
    )
    Forecast.objects.filter(made_on=day).delete()
    Forecast.objects.bulk_create(rows)
    worth = made[0][ForecastModel.WEIGHTED_PIPELINE][0].worth
    weights = part_weights(parts[0][1], _owners(frame), worth, span=calendar.current, day=day_number(day))
    _share_out(rows, weights, calendar, day=day)
    return len(rows)


def _choose(rows: list[Forecast], viewer: Viewer, *, days_left: int) -> None:
    chosen = models_chosen(viewer, days_left=days_left)
    for row in rows:
        line = chosen.get(None if row.unit_id is None else UUID(str(row.unit_id)))
        if line is not None and line.method == row.model:
            row.record_because = because_of_record(line)


def _owners(frame: pd.DataFrame) -> np.ndarray:
    return frame["owner_id"].fillna(NOBODY).to_numpy(dtype=object)


def _share_out(rows: list[Forecast], weights: dict[str, int], calendar: Calendar, *, day: date) -> None:
    """Give everybody their part of the company's forecast by the model that stands first: the one its record chose, else by trials.

    Parts are by what people have won and what their open deals are worth.
    """
    ForecastShare.objects.all().delete()
    first = min((one for one in rows if one.unit_id is None), key=lambda one: one.standing)
    if first.amount_minor is None or not sum(weights.values()):
        return
    parts = split(first.amount_minor, list(weights.values()), list(weights))
    ForecastShare.objects.bulk_create(
        ForecastShare(
            made_on=day,
            period_id=calendar.period_id,
            participant_id=None if key == NOBODY else key,
            model=first.model,
            currency=first.currency,
            amount_minor=amount,
        )
        for key, amount in zip(weights, parts, strict=True)
    )


def _by_period(records: list[Record]) -> list[list[float]]:
    """The errors of all parts of each past period."""
    return [list(errors) for errors in zip(*(each.errors for each in records), strict=True)]


def _parts(frame: pd.DataFrame, day: date) -> Iterator[tuple[str | None, pd.DataFrame]]:
    yield None, frame
    owner_unit = unit_of_owner(day)
    unit = frame["owner_id"].map(owner_unit)
    for unit_id in Unit.objects.filter(pk__in=set(owner_unit.values())).order_by("name").values_list("pk", flat=True):
        yield str(unit_id), frame[unit == str(unit_id)]


def _forecasts(deals: Deals, calendar: Calendar, *, day: date) -> dict[ForecastModel, tuple[Estimate, Record]]:
    today = day_number(day)
    offset = today - calendar.current.start
    return {
        ForecastModel.SEASONAL_NAIVE: (
            seasonal_naive(deals, year_before=calendar.before),
            back_test_naive(deals, list(calendar.past_pairs)),
        ),
        ForecastModel.WEIGHTED_PIPELINE: (
            weighted_pipeline(deals, span=calendar.current, day=today),
            back_test_pipeline(deals, list(calendar.past), offset=offset),
        ),
    }


def _by_months(parts: list[Deals], calendar: Calendar) -> list[tuple[Estimate, Record]]:
    """The forecast of the period from the months before it, of every part at once, with the same tried on the periods before."""
    found = []
    for deals, (now, *before) in zip(parts, forecast_periods(parts, [calendar.current, *calendar.past]), strict=True):
        pairs = zip(before, calendar.past, strict=True)
        tried = [(one.amount_minor, won_amount(deals, span)) for one, span in pairs]
        found.append((now, record(tried)))
    return found


def _row(
    model: ForecastModel,
    estimate: Estimate,
    past: Record,
    calendar: Calendar,
    alike: list[list[float]],
    naive: Record,
    won: int,
    *,
    unit_id: str | None,
    day: date,
    currency: str,
) -> Forecast:
    wide, wider = _ranges(estimate, past, alike, won)
    tried = coverage(list(past.errors), alike)
    note = (
        f"{estimate.unvalued} open deals have no amount and count at their product's average."
        if estimate.unvalued
        else ""
    )
    return Forecast(
        made_on=day,
        period_id=calendar.period_id,
        unit_id=unit_id,
        model=model,
        currency=currency,
        amount_minor=None if estimate.amount_minor is None else max(estimate.amount_minor, won),
        low_minor=wide[0] if wide else None,
        high_minor=wide[1] if wide else None,
        low_95_minor=wider[0] if wider else None,
        high_95_minor=wider[1] if wider else None,
        held_80=tried.held[0],
        tried_80=tried.tests[0],
        held_95=tried.held[1],
        tried_95=tried.tests[1],
        reason=estimate.reason or note,
        wmape_rate=past.wmape_rate,
        bias_rate=past.bias_rate,
        test_count=past.tests,
        skill_rate=None if model == ForecastModel.SEASONAL_NAIVE else skill(past, naive),
    )


def _ranges(estimate: Estimate, past: Record, alike: list[list[float]], won: int) -> tuple[tuple[int, int] | None, ...]:
    """The ranges, none of which begins or ends below what is won already."""
    if estimate.amount_minor is None:
        return (None, None)
    own, others = np.array(past.errors), np.array([each for period in alike for each in period])
    found = around(estimate.amount_minor, reaches(own[~np.isnan(own)], others[~np.isnan(others)]))
    return tuple(one and (max(one[0], won), max(one[1], won)) for one in found)


def _calendar(day: date) -> Calendar | None:
    current = forecast_period(day)
    if current is None:
        return None
    frame = period_frame()
    frame = frame[frame["calendar_kind"] == current.calendar.kind].sort_values("start_on")
    spans = [
        Span(day_number(start), day_number(end)) for start, end in zip(frame["start_on"], frame["end_on"], strict=True)
    ]
    place = list(frame["period_id"]).index(str(current.pk))
    per_year = PER_YEAR[CalendarKind(current.calendar.kind)]
    pairs = [(spans[index], spans[index - per_year] if index >= per_year else None) for index in range(place)]
    before = spans[place - per_year] if place >= per_year else None
    return Calendar(str(current.pk), spans[place], before, tuple(spans[:place]), tuple(pairs))
