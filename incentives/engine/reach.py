"""How far around a period a plan must look: back to the start of its windows, and ahead to their end."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from incentives.engine.language.functions import EARLIER
from incentives.engine.plan import Bounds, Component, Plan
from incentives.engine.run import Result
from incentives.engine.words import Accumulation, GoalWindow
from spm.core.findings import Finding

WIDTHS = (Accumulation.PERIOD, Accumulation.QTD, Accumulation.YTD, Accumulation.CONTRACT)


@dataclass(frozen=True, slots=True)
class Reach:
    """The widest window of plans; `ahead` when the rest of the window decides too (goals of the whole window, a floor of the year)."""

    window: Accumulation = Accumulation.PERIOD
    ahead: bool = False


def reach_of(plans: Iterable[Plan]) -> Reach:
    """The facts of which window the plans need to calculate one period.

    >>> reach_of([])
    Reach(window=<Accumulation.PERIOD: 'PERIOD'>, ahead=False)
    """
    widest, ahead = 0, False
    for plan in plans:
        bounds = [plan.cap, plan.floor, *(each for one in plan.components for each in (one.cap, one.floor))]
        windows = [measure.accumulation for measure in plan.measures]
        windows += [Accumulation.YTD for each in bounds if each.year is not None]
        formulas = [one.pay.formula for one in plan.components if one.pay.formula is not None]
        windows += [_back(word) for formula in formulas for word in formula.windows]
        windows += [_back(one.table.against) for one in plan.components if one.table and one.table.against]
        widest = max([widest, *map(WIDTHS.index, windows)])
        ahead |= any(_asks_ahead(plan, floor) for floor in (plan.floor, *(one.floor for one in plan.components)))
    return Reach(WIDTHS[widest], ahead)


def _back(word: str) -> Accumulation:
    """How far back a window of a formula reaches; what lies before the period may lie anywhere in the plan."""
    return Accumulation.CONTRACT if word in EARLIER else Accumulation(word)


def _asks_ahead(plan: Plan, floor: Bounds) -> bool:
    whole = [one for one in plan.measures if one.goal == GoalWindow.WHOLE_WINDOW]
    return floor.year is not None or any(one.accumulation != Accumulation.PERIOD for one in whole)


def stands_alone(component: Component) -> bool:
    """True when the credits of its own measure decide its pay: no other measure and no other component is asked."""
    pay, table = component.pay, component.pay.table
    asked = {*pay.builds_on, *(() if pay.formula is None else pay.formula.measures)}
    asked |= {each.of for each in component.multipliers} | {each.of for each in component.kickers}
    asked |= {each.of for each in component.gates}
    asked |= set() if component.measure.against is None else {component.measure.against}
    asked |= {table.on} if table is not None and table.on is not None else set()
    asked |= {axis.of for axis in (pay.matrix.rows, pay.matrix.columns) if axis.of} if pay.matrix is not None else set()
    return asked <= {component.measure.key}


def of_period(result: Result, period_key: object) -> Result:
    """The results of one period out of those of its window."""
    return of_periods(result, (period_key,))


def of_periods(result: Result, keys: Collection[object]) -> Result:
    """The results of some periods out of those of their windows.

    A finding about another period stays where it leaves somebody without a figure in these.
    """
    earnings, credits = (frame[frame["period_key"].isin(list(keys))] for frame in (result.earnings, result.credits))
    there = set(zip(earnings["participant_key"], earnings["plan_key"], earnings["component_key"], strict=True))
    components = {(plan.key, component.key) for plan in result.plans for component in plan.components}

    def concerns(finding: Finding) -> bool:
        about = finding.keys
        if "period_key" not in about or about["period_key"] in keys:
            return True
        if not finding.is_error:
            return False
        plan, component = about.get("plan_key"), about.get("component_key")
        asked = [component] if (plan, component) in components else [one for of, one in components if of == plan]
        return any((about.get("participant_key"), plan, one) not in there for one in asked)

    return replace(
        result,
        earnings=earnings.reset_index(drop=True),
        credits=credits.reset_index(drop=True),
        findings=tuple(filter(concerns, result.findings)),
    )
