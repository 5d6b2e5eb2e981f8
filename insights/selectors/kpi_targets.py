"""Targets of figures within reach, where they stand, and which are missed. The figures are those of the pages of performance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from incentives.selectors.kpi_formulas import Formula
from insights.engine.kpis import MEASURES, Better, Kpi, Missed, Unit
from insights.models import KpiTarget
from insights.selectors.measure_groups import Group
from insights.selectors.measures import MeasuresAsked, MeasureSums, Window, measure_sums
from insights.selectors.pay_forecasts import leaders_within
from insights.selectors.pay_records import teams_on
from insights.selectors.performance import OWN, Value, figures_of, formula_of, kpi_get, kpi_of, windows_of
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, viewer_of_system, visible

ACTION = "performance.view"


class Stand(StrEnum):
    """Where a target stands: met, missed, open until the period ends, or unknown."""

    MET = "MET"
    MISSED = "MISSED"
    OPEN = "OPEN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class TargetLine:
    """A target with the figure it is held against, of which window, and where it stands."""

    target: KpiTarget
    kpi: Kpi
    window: Window
    value: Value
    stands: Stand
    is_late: bool
    """True where only a period that has ended can miss it."""
    has_ended: bool
    """True where the period has, and the target held before its end."""


def kpi_target_list(viewer: Viewer) -> list[TargetLine]:
    """Give the targets within reach, by name of the figure and of the person, each where it stands today."""
    rows = kpi_targets_seen(viewer).select_related("participant").order_by("name", "participant__name", "pk")
    return targets_judged(viewer, list(rows))


def kpi_targets_seen(viewer: Viewer, action: str = ACTION) -> QuerySet[KpiTarget]:
    """Give the targets within reach: the company's for who sees all of it, people's, a team's where everybody in it is."""
    looking, rows = viewer.acting(action), KpiTarget.objects.all()
    if looking.reach is Reach.ALL:
        return rows
    mine = visible(looking, rows.filter(has_team=False))
    return mine | rows.filter(has_team=True, participant__in=leaders_within(looking))


@dataclass(frozen=True)
class _Figure:
    """The figure of a target, as the target names it; without a formula where what was stored no longer reads, and why."""

    kpi: Kpi
    formula: Formula | None
    reason: str = ""


def _figure_of(target: KpiTarget, currency: str) -> _Figure:
    if target.kpi != OWN:
        kpi = kpi_get(target.kpi)
        return _Figure(kpi, formula_of(kpi, currency))
    found, findings = kpi_of(target.formula, target.unit, currency)
    if found is None:
        kept = Kpi(OWN, target.name, target.formula, Unit(target.unit), Better.NEITHER, "", "", is_own=True)
        return _Figure(kept, None, findings[0].message)
    return _Figure(replace(found, name=target.name), formula_of(found, currency))


def is_growing(formula: Formula) -> bool:
    """Tell whether a figure comes to what it is at the end of its period only: a sum, or one by what stands from the first day."""
    return _grows(formula.tree, divides=False)


def _grows(node: Any, *, divides: bool) -> bool:
    """Open deals are what they are on a day; what divides has to stand from the first day, as the quota does."""
    if node.what == "MEASURE":
        return node.value == "quota_amount" if divides else node.value != "open_deals"
    inside = divides != (node.what == "INVERT")
    return all(_grows(part, divides=inside) for part in node.parts)


def targets_judged(viewer: Viewer, targets: Sequence[KpiTarget]) -> list[TargetLine]:
    """Give where targets stand today: what grows against a least value in the period that ended last, where it held then."""
    found = []
    for lines in targets_by_window(viewer, targets):
        ended = next((one for one in lines if one.has_ended), None)
        found.append(ended if ended is not None and ended.is_late else lines[0])
    return found


def targets_by_window(viewer: Viewer, targets: Sequence[KpiTarget]) -> list[list[TargetLine]]:
    """Give where each target stands in the period of the day, and in the one before where it was set before that one's end.

    A figure is that of all the people the target is for, who are those of the day, or of the last day of a period that has ended.
    """
    if not targets:
        return []
    currency, windows = viewer.organisation.currency, windows_of(viewer)[:2]
    figures = [_figure_of(one, currency) for one in targets]
    wanted = {key for one in figures if one.formula for key in one.formula.measures}
    asked = MeasuresAsked(tuple(key for key in MEASURES if key in wanted), windows, Group.SELLER)
    whole = viewer_of_system(viewer.organisation, on=viewer.on, name=viewer.name)
    judging = _Judging(viewer.on, measure_sums(whole, asked), _teams(targets, windows, viewer.on))
    return [
        [
            judging.line(target, figure, place)
            for place, window in enumerate(windows)
            if not place or _had_ended(target, window, viewer.on)
        ]
        for target, figure in zip(targets, figures, strict=True)
    ]


def _had_ended(target: KpiTarget, window: Window, on: date) -> bool:
    return target.set_on < window.end_on <= on


def _teams(targets: Sequence[KpiTarget], windows: Sequence[Window], on: date) -> list[dict[str, set[str]]]:
    if not any(one.has_team for one in targets):
        return [{} for _window in windows]
    return [dict(teams_on(min(on, window.last_on))) for window in windows]


@dataclass(frozen=True)
class _Judging:
    """What targets are judged by: the day, the sums of all sellers, and the teams of each window."""

    on: date
    sums: MeasureSums
    teams: list[dict[str, set[str]]]

    def line(self, target: KpiTarget, figure: _Figure, place: int) -> TargetLine:
        window, value = self.sums.windows[place], Value(None, figure.reason)
        is_late = target.missed_when == Missed.BELOW and figure.formula is not None and is_growing(figure.formula)
        if figure.formula is not None:
            value = figures_of(figure.kpi, figure.formula, self.sums, place, [self._people(target, place)])[0]
        has_ended = _had_ended(target, window, self.on)
        stands = _stand(target, value, is_open=is_late and not has_ended)
        return TargetLine(target, figure.kpi, window, value, stands, is_late, has_ended)

    def _people(self, target: KpiTarget, place: int) -> list[str]:
        if target.participant_id is None:
            return self.sums.groups
        person = str(target.participant_id)
        return [person, *(sorted(self.teams[place].get(person, ())) if target.has_team else ())]


def _stand(target: KpiTarget, value: Value, *, is_open: bool) -> Stand:
    if value.number is None:
        return Stand.UNKNOWN
    if Missed(target.missed_when).by(value.number, target.number):
        return Stand.OPEN if is_open else Stand.MISSED
    return Stand.MET


def target_whose(target: Any) -> str:
    """Give whose target it is, for a notice or a file."""
    if target.participant is None:
        return "Company"
    return f"{target.participant.name} with the team" if target.has_team else str(target.participant.name)
