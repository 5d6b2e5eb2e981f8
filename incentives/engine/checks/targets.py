"""A target written as a number beside a window of several pay periods: it is of each of them, and they are summed."""

from __future__ import annotations

from dataclasses import replace

from incentives.engine.checks.asking import Case, Deal, Stage
from incentives.engine.checks.dealing import deals_worth
from incentives.engine.checks.dials import goal_of
from incentives.engine.checks.wording import told
from incentives.engine.examples import SELLER
from incentives.engine.plan import Component
from incentives.engine.prose import money
from incentives.engine.sentences import ENGLISH
from incentives.engine.words import Accumulation
from spm.core.dated import day_of
from spm.core.findings import Finding
from spm.core.periods import Calendar, CalendarKind, Period

SPAN = {Accumulation.QTD: "a quarter", Accumulation.YTD: "a fiscal year", Accumulation.CONTRACT: "in the whole plan"}


def check_target(stage: Stage, component: Component) -> list[Finding]:
    """A warning where the number written as target is paid more than once in the window that the measure accumulates."""
    target, measure = component.pay.target, component.measure
    if target is None or component.pay.objectives or measure.accumulation == Accumulation.PERIOD:
        return []
    window = longest_window(stage, measure.accumulation)
    if len(window) == 1:
        return []
    each, count = _named(CalendarKind(stage.plan.period), 1), len(window)
    several = _named(CalendarKind(stage.plan.period), count)
    once, total = (money(amount, stage.plan.currency) for amount in (target, target * count))
    span = SPAN[measure.accumulation]
    what = (
        f"{component.name} has a target of {once} for each {each}, and sums {count} of them: "
        f"{once} in each of {count} {several} are {total} {span}."
    )
    why = f"At 100 % of the quota of the whole window the target is {total}, not {once}."
    fix = (
        f"If the target is meant for the whole window, divide it by {count}; if it is meant for each {each}, leave it."
    )
    words = (what, why, fix)
    return [told(stage, component.key, "TARGET_SUMMED", "target", words, _example(stage, component, window, what))]


def longest_window(stage: Stage, accumulation: Accumulation) -> tuple[Period, ...]:
    """The periods of the plan that one window sums, of the longest window."""
    plan = stage.plan
    windows: dict[str, list[Period]] = {}
    for period in Calendar(CalendarKind(plan.period)).periods(day_of(plan.start), day_of(plan.end)):
        keys = {Accumulation.QTD: period.quarter_key, Accumulation.YTD: period.year_key}
        windows.setdefault(keys.get(accumulation, ""), []).append(period)
    longest = max(windows.values(), key=len)
    return tuple(longest)


def _named(kind: CalendarKind, count: int) -> str:
    name = "period" if kind == CalendarKind.FOUR_FOUR_FIVE else ENGLISH.periods[kind]
    return name if count == 1 else f"{name}s"


def _example(stage: Stage, component: Component, window: tuple[Period, ...], name: str) -> dict[str, object] | None:
    """Every period of the window at 100 % of its quota; None where no deals can be written for that."""
    whole = replace(stage, periods=window).alone(component)
    goal = goal_of(replace(whole, periods=window[:1]), replace(component.measure, accumulation=Accumulation.PERIOD))
    deals: list[Deal] = []
    for place, period in enumerate(window):
        more = deals_worth(
            whole, component.measure, goal, owner=SELLER, named=f"deal {period.key}", period=place, several=True
        )
        if more is None:
            return None
        deals += more
    made = whole.example(name, [Case(tuple(deals))])
    return None if made is None else made[0]
