"""Pay for growth: the first period of a plan that has an earlier window to be compared with; without any nobody is paid by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from incentives.engine.attainment import Windows, windows_before
from incentives.engine.checks.asking import Stage
from incentives.engine.checks.dealing import day_asked
from incentives.engine.checks.wording import told
from incentives.engine.language.functions import EARLIER
from incentives.engine.plan import Component, Measure, Plan
from incentives.engine.words import Accumulation
from spm.core.dated import day_number, day_of
from spm.core.findings import Finding
from spm.core.periods import Calendar, CalendarKind, Period, periods_frame

SPANS = {"PRIOR": "the period before", "PRIOR_YEAR": "the year before"}


def staged(plan: Plan, component: Component, *, periods: int = 1, measure: Measure | None = None) -> Stage:
    """Where a component is asked: in the first periods in which it credits; where its tiers compare with an earlier window, in the
    first ones that have such a window."""
    compared = None if component.table is None else component.table.against
    found = [] if compared is None else _compared(plan, component, compared, component.measure.accumulation)
    day = day_number(found[0][0].start) if found else day_asked(plan, component.measure)
    stage = Stage.of(plan, day, periods=periods, measure=measure)
    earlier = dict.fromkeys(before for each, before in found if each in stage.periods and before not in stage.periods)
    return replace(stage, earlier=tuple(earlier))


def check_growth(stage: Stage, component: Component) -> list[Finding]:
    """One warning for each earlier window that a component is compared with and no period of the plan has."""
    found = []
    for word, window, at in _asked(component):
        if _compared(stage.plan, component, word, window):
            continue
        what = f"{component.name} compares with {SPANS[word]}, and no period of the plan has one: nobody is paid by it."
        why = "Nothing is known of what lies before the first day of the plan, and before that of the component."
        fix = "Let the plan, and the component in it, begin early enough, or enter the earlier figure as a quota."
        found.append(told(stage, component.key, "GROWTH_WITHOUT_BEFORE", at, (what, why, fix), None))
    return found


def _asked(component: Component) -> Iterator[tuple[str, Accumulation, str]]:
    """The earlier windows that a component is compared with, of which window, and where it says so."""
    if component.table is not None and component.table.against is not None:
        yield component.table.against, component.measure.accumulation, "tiers_against"
    if component.pay.formula is not None:
        for word in sorted({*component.pay.formula.windows} & {*EARLIER}):
            yield word, Accumulation.PERIOD, "formula"


def _compared(plan: Plan, component: Component, word: str, window: Accumulation) -> list[tuple[Period, Period]]:
    """The periods that have the earlier window, each with the first period of that."""
    periods = Calendar(CalendarKind(plan.period)).periods(day_of(plan.start), day_of(plan.end))
    of_formula = component.pay.formula is not None
    since = plan.start if of_formula else day_asked(plan, component.measure)
    codes, before = windows_before(Windows.of(periods_frame(periods)), word, window, since=since)
    there = np.flatnonzero(before >= 0).tolist()
    return [(periods[each], periods[int(np.flatnonzero(codes == before[each])[0])]) for each in there]
