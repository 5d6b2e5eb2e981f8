"""Targets of figures within reach, where they stand, and which are missed. The figures are those of the pages of performance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from insights.engine.kpis import MEASURES, Kpi, Missed
from insights.models import KpiTarget
from insights.selectors.measures import Group, MeasuresAsked, MeasureSums, Window, measure_sums
from insights.selectors.pay_records import teams_on
from insights.selectors.performance import OWN, Value, figures_of, formula_of, kpi_get, kpi_of, windows_of
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible

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


def kpi_target_list(viewer: Viewer) -> list[TargetLine]:
    """Give the targets within reach, by name of the figure and of the person, each where it stands today."""
    rows = kpi_targets_seen(viewer).select_related("participant").order_by("name", "participant__name", "pk")
    return targets_judged(viewer, list(rows))


def kpi_targets_seen(viewer: Viewer) -> QuerySet[KpiTarget]:
    """Give the targets within reach: the company's for who sees all of it, a team's for who sees teams, people's."""
    looking, rows = viewer.acting(ACTION), KpiTarget.objects.all()
    if looking.reach is Reach.ALL:
        return rows
    mine = visible(looking, rows)
    return mine if looking.reach >= Reach.TEAM else mine.filter(has_team=False)


def kpi_of_target(target: KpiTarget, currency: str) -> Kpi:
    """Give the figure that a target is of, by the name that the target gives it."""
    if target.kpi != OWN:
        return kpi_get(target.kpi)
    kpi, findings = kpi_of(target.formula, target.unit, currency)
    if kpi is None:
        raise ValueError(findings[0].message)
    return replace(kpi, name=target.name)


def targets_judged(viewer: Viewer, targets: Sequence[KpiTarget]) -> list[TargetLine]:
    """Give where targets stand. A sum is below its target for good only once its period has ended: until then it is open."""
    if not targets:
        return []
    currency, windows = viewer.organisation.currency, windows_of(viewer)[:2]
    kpis = [kpi_of_target(one, currency) for one in targets]
    wanted = {key for kpi in kpis for key in formula_of(kpi, currency).measures}
    sums = measure_sums(
        viewer.acting(ACTION), MeasuresAsked(tuple(key for key in MEASURES if key in wanted), windows, Group.SELLER)
    )
    teams = dict(teams_on(viewer.on)) if any(one.has_team for one in targets) else {}
    return [_line(one, kpi, sums, _people(one, teams, sums), viewer) for one, kpi in zip(targets, kpis, strict=True)]


def _people(target: KpiTarget, teams: dict[str, set[str]], sums: MeasureSums) -> list[str]:
    if target.participant_id is None:
        return sums.groups
    person = str(target.participant_id)
    return [person, *(sorted(teams.get(person, ())) if target.has_team else ())]


def _line(target: KpiTarget, kpi: Kpi, sums: MeasureSums, people: list[str], viewer: Viewer) -> TargetLine:
    is_open, place = False, 0
    if kpi.grows and target.missed_when == Missed.BELOW:
        over = [number for number, one in enumerate(sums.windows) if target.set_on < one.end_on <= viewer.on]
        is_open, place = not over, over[0] if over else 0
    value = figures_of(kpi, formula_of(kpi, viewer.organisation.currency), sums, place, [people])[0]
    return TargetLine(target, kpi, sums.windows[place], value, _stand(target, value, is_open=is_open))


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
