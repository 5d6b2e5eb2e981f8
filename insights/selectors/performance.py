"""KPIs of performance within reach: the figures of a period by seller, unit, product or segment, their course, and the rows behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from incentives.selectors.kpi_formulas import Analysis, Figured, Formula, Kind, Operand, analyse_figure, compute_figure
from insights.engine.kpis import BASES, KPIS, MEASURES, Better, Kpi, Unit, stored
from insights.selectors.depths import RELATED, Depths, depths_judged
from insights.selectors.forecast_sheet import period_on
from insights.selectors.measure_groups import Group, Kept, group_names, group_order
from insights.selectors.measures import (
    MeasureRow,
    MeasuresAsked,
    MeasureSums,
    Window,
    measure_rows,
    measure_sums,
)
from planning.selectors import period_list
from spm.core.findings import Finding
from spm.people.models import Participant
from spm.roles.policy import Viewer

COURSE = 6
"""Periods that the course of a figure shows, the one asked included."""

OPERANDS = {one.key: Operand(one.key, one.counts, one.sentence, BASES[one.base][1]) for one in MEASURES.values()}
"""Measures as the formula language reads them."""


@dataclass(frozen=True)
class Value:
    """A figure as stored: minor units of money, else at 10**8; None with the sentence that says why."""

    number: int | None
    reason: str = ""


@dataclass(frozen=True)
class KpiLine:
    """A figure of one group: now, in the periods before (oldest first, now included), and what its measures come to."""

    key: str
    name: str
    value: Value
    course: tuple[Value, ...]
    sums: dict[str, int | None]
    left_out: int
    rows: int = 0
    order: str = ""
    """What groups are sorted by where that is not their figure."""

    @property
    def course_numbers(self) -> list[int | None]:
        """The figures of the course alone."""
        return [one.number for one in self.course]


@dataclass(frozen=True)
class KpiTable:
    """A KPI in a period: everybody within reach as `total`, and its groups; `untold` says why rates by depth of discount are not told."""

    kpi: Kpi
    window: Window
    windows: tuple[Window, ...]
    group: Group | None
    measures: tuple[str, ...]
    total: KpiLine
    lines: tuple[KpiLine, ...]
    as_of: date
    untold: str = ""


@lru_cache(maxsize=200)
def _analysed(formula: str, currency: str) -> Analysis:
    found = analyse_figure(formula, OPERANDS, currency)
    return replace(found, findings=tuple(_advised(one) for one in found.findings))


def _advised(finding: Finding) -> Finding:
    """A number with a price, as plans need it, still counts something else than an amount: figures relate the two."""
    fix = _("Divide one by the other to relate them, such as won_amount / won_deals.")
    return replace(finding, fix=fix) if finding.fix.startswith("Give the number a price") else finding


def formula_of(kpi: Kpi, currency: str) -> Formula:
    """Give the checked formula; raises ValueError for one that is wrong, which the catalogue has none of."""
    found = _analysed(kpi.formula, currency)
    if found.formula is None:
        raise ValueError(found.findings[0].message)
    return found.formula


def windows_of(viewer: Viewer, key: str = "", periods: Sequence[Any] | None = None) -> tuple[Window, ...]:
    """Give the period asked (the current one where none is) and up to five before it, latest first; without periods the same of months.

    `periods` are those that began by the viewer's day, where they are read already.

    Raises KeyError for a period that does not exist.
    """
    periods = list(period_list(started_by=viewer.on)) if periods is None else periods
    if not periods:
        return _months(viewer.on, key)
    usual = period_on(periods, viewer.on) or next(iter(periods), None)
    asked = next((one for one in periods if one.key == key), None) if key else usual
    if asked is None:
        raise KeyError(key)
    alike = [one for one in periods if one.calendar_id == asked.calendar_id and one.during.lower <= asked.during.lower]
    alike.sort(key=lambda one: one.during.lower, reverse=True)
    return tuple(Window(one.pk, one.key, one.during.lower, one.during.upper) for one in alike[:COURSE])


def _months(on: date, key: str) -> tuple[Window, ...]:
    """The months of the day and before it, from the one asked on."""
    found = [_month(on)]
    while len(found) < COURSE:
        found.append(_month(found[-1].start_on - timedelta(days=1)))
    keys = [one.key for one in found]
    if key and key not in keys:
        raise KeyError(key)
    return tuple(found[keys.index(key) if key else 0 :])


def _month(on: date) -> Window:
    first = on.replace(day=1)
    return Window(None, f"{first:%Y-%m}", first, (first + timedelta(days=31)).replace(day=1))


def kpi_tables(
    viewer: Viewer,
    kpis: Sequence[Kpi],
    windows: tuple[Window, ...],
    *,
    group: Group | None = Group.SELLER,
    kept: tuple[Kept, ...] = (),
) -> list[KpiTable]:
    """Give the KPIs of the first window told by group, or in total alone, of the rows kept; their measures are read together."""
    currency = viewer.organisation.currency
    formulas = [formula_of(kpi, currency) for kpi in kpis]
    wanted = {key for formula in formulas for key in formula.measures}
    asked = MeasuresAsked(tuple(key for key in MEASURES if key in wanted), windows, group, kept)
    sums = measure_sums(viewer, asked)
    depths = depths_judged(viewer, asked, sums)
    names = {} if group is None else group_names(group, sums.groups)
    rates = [formula for formula in formulas if formula.divides and set(RELATED) <= set(formula.measures)]
    return [
        _table(kpi, formula, asked, sums, depths if formula in rates else None, names, viewer.on)
        for kpi, formula in zip(kpis, formulas, strict=True)
    ]


def _table(
    kpi: Kpi, formula: Formula, asked: MeasuresAsked, sums: MeasureSums,
    depths: Depths | None, names: dict[str, str], on: date,
) -> KpiTable:  # fmt: skip
    own = {key for (_place, key), found in sums.sums.items() if any(one in found for one in formula.measures)}
    groups = [key for key in sums.groups if key in own]
    sets = [groups, *([key] for key in groups if asked.group)]
    places = range(len(asked.windows))
    course = [_judged(figures_of(kpi, formula, sums, place, sets), depths, place, sets) for place in places]
    lines = [
        KpiLine(
            groups_of[0] if row else "",
            names.get(groups_of[0], "") if row else "",
            course[0][row],
            tuple(each[row] for each in reversed(course)),
            {key: _known(sums, 0, groups_of, key) for key in formula.measures},
            max((sums.of(0, groups_of, key).left_out for key in formula.measures), default=0),
            max((sums.of(0, groups_of, key).rows for key in formula.measures), default=0),
            group_order(asked.group, groups_of[0], names.get(groups_of[0], "")) if row else "",
        )
        for row, groups_of in enumerate(sets)
    ]
    return KpiTable(
        kpi,
        asked.windows[0],
        asked.windows,
        asked.group,
        formula.measures,
        lines[0],
        tuple(sorted(lines[1:], key=lambda line: (line.order, line.key))),
        min(on, asked.windows[0].last_on),
        depths.untold[0] if depths else "",
    )


def _judged(values: list[Value], depths: Depths | None, place: int, sets: Sequence[Sequence[str]]) -> list[Value]:
    """The values without the rates by depth of discount that would mislead; the first set is the total."""
    if depths is None:
        return values
    return [
        Value(None, reason)
        if value.number is not None and (reason := depths.reason(place, groups, is_total=not row))
        else value
        for row, (value, groups) in enumerate(zip(values, sets, strict=True))
    ]


def figures_of(kpi: Kpi, formula: Formula, sums: MeasureSums, place: int, sets: Sequence[Sequence[str]]) -> list[Value]:
    """Give the figure of each set of groups in a window."""
    columns = {key: [_known(sums, place, groups, key) for groups in sets] for key in formula.measures}
    reasons = {key: sums.unknown.get((place, key)) for key in formula.measures}
    operands = OPERANDS | {key: replace(OPERANDS[key], reason=reason) for key, reason in reasons.items() if reason}
    found = compute_figure(formula, _told(operands, sums, place), columns, len(sets))
    without = _("No quota for %(period)s in the company's currency.") % {"period": sums.windows[place].key}
    return [
        Value(None, without) if one.value is None and _lacks_quota(formula, sums, place, groups) else _value(kpi, one)
        for one, groups in zip(found, sets, strict=True)
    ]


def _lacks_quota(formula: Formula, sums: MeasureSums, place: int, groups: Sequence[str]) -> bool:
    """Tell whether there are statements, and none of them has a quota that counts."""
    of_quota = [key for key in formula.measures if MEASURES[key].base == "STATEMENT"]
    found = [sums.of(place, groups, key) for key in of_quota]
    return any(one.rows and one.left_out == one.rows for one in found)


def _told(operands: dict[str, Operand], sums: MeasureSums, place: int) -> dict[str, Operand]:
    """Where something is known of the kind, a measure is unknown because its rows say nothing about it."""
    return {
        key: one
        if (place, key) in sums.unknown or MEASURES[key].base == "STATEMENT"
        else replace(one, reason=_missing(key))
        for key, one in operands.items()
    }


def _missing(key: str) -> str:
    if MEASURES[key].base == "RAMP":
        return _("Whoever won first in the period was employed before the first won deal that is known.")
    rows = BASES[MEASURES[key].base][0]
    return _("No row of %(rows)s says its %(measure)s in the company's currency.") % {
        "rows": rows,
        "measure": key.replace("_", " "),
    }


def _known(sums: MeasureSums, place: int, groups: Sequence[str], key: str) -> int | None:
    if (place, key) in sums.unknown:
        return None
    found = sums.of(place, groups, key)
    if MEASURES[key].base == "STATEMENT" and not found.rows:
        return None
    return found.value


def _value(kpi: Kpi, one: Figured) -> Value:
    return Value(None, _reason(kpi, one.reason)) if one.value is None else Value(stored(one.value, kpi.unit))


NOTHING = {
    "win_rate": "No deal was won or lost in the period.",
    "average_sale": "No deal with an amount was won in the period.",
    "sales_cycle": "No deal whose first day is known was won in the period.",
    "velocity": "Too little closed in the period: it needs a won deal with an amount and a first day.",
    "price_realisation": "No order line of the period has a list price.",
    "discount_depth": "No order line of the period has a list price.",
    "deal_to_list": "No won deal of the period has a product with a list price.",
    "margin": "No order line of the period has a cost.",
    "ramp_time": "Nobody won their first deal in the period.",
    "retention": "No contract ended in the period.",
    "value_retention": "No contract with an annual value ended in the period.",
}
"""What a division by zero means, for the KPIs of the catalogue."""


def _reason(kpi: Kpi, reason: str) -> str:
    return NOTHING.get(kpi.key, reason) if "divided by it" in reason else reason


SORTS: dict[str, Callable[[KpiLine], Any]] = {
    "name": lambda line: line.order,
    "value": lambda line: line.value.number or 0,
}


def lines_sorted(lines: Sequence[KpiLine], order: str) -> list[KpiLine]:
    """Order lines by name or value, `-` for the largest first; unknown values come last either way."""
    key = SORTS.get(order.removeprefix("-"), SORTS["name"])
    found = sorted(lines, key=key, reverse=order.startswith("-"))
    return sorted(found, key=lambda line: line.value.number is None) if order.endswith("value") else found


def kpi_rows(
    viewer: Viewer, kpi: Kpi, window: Window, *, kept: tuple[Kept, ...] = (), limit: int | None = None
) -> list[MeasureRow]:
    """Give the rows kept that a figure of the window is made of: their sums per measure are those of the figure."""
    measures = formula_of(kpi, viewer.organisation.currency).measures
    return measure_rows(viewer, MeasuresAsked(measures, (window,), None, kept), limit=limit)


def kpi_get(key: str) -> Kpi:
    """Give a KPI by its key; raises KeyError."""
    return KPIS[key]


OWN = "own"
"""The key of a figure whose formula stands in the address."""
_READ_AS = {
    Kind.MONEY: (Unit.MONEY, Unit.MONEY_PER_DAY),
    Kind.PERCENT: (Unit.RATE,),
    Kind.NUMBER: (Unit.NUMBER, Unit.RATE, Unit.DAYS, Unit.COUNT),
    Kind.COUNT: (Unit.COUNT, Unit.DAYS, Unit.NUMBER),
}
"""How what a formula gives may be read, the usual way first."""


def kpi_of(formula: str, unit: str, currency: str) -> tuple[Kpi | None, tuple[Finding, ...]]:
    """Give the KPI of somebody's own formula, or the findings that say what is wrong and where; without a unit it is read the usual way."""
    found = _analysed(formula, currency)
    if found.formula is None:
        return None, found.findings
    if not found.formula.measures:
        what = "The formula names no measure."
        return None, (
            Finding("MEASURE_MISSING", "formula", what, "It would be the same for everybody.", "Name a measure."),
        )
    may = _READ_AS[found.formula.type.kind]
    if unit and unit not in may:
        what = f"The formula gives {found.formula.type.words}, which can't be read as {unit.lower().replace('_', ' ')}."
        ways = ", ".join(one.lower().replace("_", " ") for one in may)
        return None, (
            Finding("UNIT_ERROR", "unit", what, "The figure is unknown until it is corrected.", f"Read it as {ways}."),
        )
    read_as = Unit(unit) if unit else may[0]
    definition = _("A formula of your own over the measures of the catalogue.")
    kpi = Kpi(
        OWN, _("Own figure"), formula, read_as, Better.NEITHER, definition, _("Measures of the catalogue"), "–", True
    )
    return kpi, ()


def kpi_list() -> list[Kpi]:
    """Give the catalogue."""
    return list(KPIS.values())


def row_owners(rows: Sequence[MeasureRow]) -> dict[UUID | None, str]:
    """Give the names of the people whose rows these are."""
    ids = {row.owner_id for row in rows if row.owner_id}
    return dict(Participant.objects.filter(pk__in=ids).values_list("pk", "name"))
