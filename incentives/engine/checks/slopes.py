"""Where pay jumps, falls, or grows faster than what is sold: one more step of every measure that decides a component's pay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from incentives.engine.checks.asking import Stage
from incentives.engine.checks.dials import Dial
from incentives.engine.checks.wording import paid_text, told, value_text
from incentives.engine.plan import Component
from incentives.engine.words import Per, TierUnit
from spm.core.findings import Finding, Severity

CLIFF = Fraction(1, 200)
"""A step is a cliff when one more dollar changes pay by more than this share of the value."""

USUAL = 5
"""And when it changes pay by more than so many times what the steps beside it do."""

WIDE = 1_000
"""So many steps show a rate that the rounding of one step hides."""

REMEDIES = {
    "tiers": "Pay MARGINAL tiers",
    "multipliers": "Replace the multiplier by tiers, or give it more and smaller steps",
    "kickers": "Spread the kicker over several steps",
    "gates": "Let pay begin at the gate from zero, by a curve or a first tier of 0 %",
    "matrix": "Give the matrix more and smaller steps",
    "lookup": "Pay the higher rate on what is above the amount only, by tiers per deal",
    "credit": "Credit the smaller deals too, at a lower share",
    "formula": "Let the formula pay the higher rate on what is above the value only, for example by TIER and a table with MARGINAL tiers",
}

AMOUNTS = "Pay by a rate or amount_each in place of amounts, or INTERPOLATED tiers"
"""What helps against tiers of amounts: each of them is a step, in every other mode."""

FALLING = (
    "Who sells more is paid less, so deals are held back.",
    "Look for a rate below 0 % or a part that is taken off, and let each further sale pay something.",
)
EXCEEDING = (
    "Each further sale costs more than it brings.",
    "Check the rate and its percent sign; where it is a percentage of a target (percent to goal), name the target.",
)
"""Why it matters that pay falls, or exceeds what is sold, and what to do."""

BEFORE, AFTER = "one step less", "one step more"


@dataclass(frozen=True)
class Step:
    """One step of a dial and what it changes the pay by, in minor units; the edge that it crosses and the clause of that edge."""

    dial: Dial
    low: int
    high: int
    change: int
    edge: int = 0
    clause: str = "pay"

    @property
    def is_own(self) -> bool:
        """True where the clause asks the turned measure; else the deals of the step count for another one too."""
        return self.clause in self.dial.clauses.get(self.edge, ())


def check_slopes(stage: Stage, component: Component, dials: Sequence[Dial]) -> list[Finding]:
    """Cliffs, falling pay and pay above what is sold, of one component; each once, at the first level that shows it."""
    cliffs: dict[tuple[object, ...], Step] = {}
    found: dict[str, Finding] = {}
    for dial, pay in zip(dials, _asked(stage.alone(component), dials), strict=True):
        for step in _cliffs(dial, pay):
            cliffs.setdefault((step.clause, dial.measure.key, step.edge), step)
        for each in _slopes(dial, pay) if dial.is_own else ():
            found.setdefault(each.code, each)
    own = {step.clause for step in cliffs.values() if step.is_own}
    told_once = [step for step in cliffs.values() if step.is_own or step.clause not in own]
    return [*(_cliff(step) for step in told_once), *found.values()]


def _asked(stage: Stage, dials: Sequence[Dial]) -> list[dict[int, int]]:
    """For each dial the pay at every value that is looked at; those that no deals reach are left out."""
    cases = [{value: case for value in _values(dial) if (case := dial.case(value)) is not None} for dial in dials]
    answers = iter(stage.ask([case for each in cases for case in each.values()]))
    found = []
    for dial, each in zip(dials, cases, strict=True):
        asked = {value: next(answers) for value in each}
        found.append({value: answer.of(dial.component.key) for value, answer in asked.items() if answer is not None})
    return found


def _values(dial: Dial) -> list[int]:
    starts = _around(dial) | {point for low, high in _between(dial) for point in (low, (low + high) // 2, high)}
    return sorted({value for start in starts for value in (start, start + dial.step)})


def _around(dial: Dial) -> set[int]:
    """The starts of the steps at the edges: two before and one after each."""
    starts = {edge + shift * dial.step for edge in dial.edges for shift in (-2, -1, 0, 1)}
    return {start for start in starts if start >= 0}


def _between(dial: Dial) -> list[tuple[int, int]]:
    """A stretch inside each two edges, after nothing and after the last: there pay is to grow evenly.

    Where the other measures' deals already bring more, it begins with them.
    """
    ends = sorted({0, dial.offset, *dial.edges, 2 * max([dial.goal, dial.offset, *dial.edges])})
    found = []
    for low, high in pairwise(ends):
        middle = (low + high) // 2 // dial.step * dial.step
        width = min(WIDE * dial.step, (high - middle) // 2 // dial.step * dial.step)
        if low >= dial.offset and width >= 2 * dial.step:
            found.append((middle, middle + width))
    return found


def _cliffs(dial: Dial, pay: Mapping[int, int]) -> list[Step]:
    """The largest jump at each edge that no neighbouring step explains."""
    found = []
    for edge in dial.edges:
        at = [step for low in (edge - dial.step, edge) if (step := _step(dial, pay, low, edge)) is not None]
        beside = [_step(dial, pay, low) for low in (edge - 2 * dial.step, edge + dial.step)]
        if not at:
            continue
        step = max(at, key=lambda each: abs(each.change))
        usual = max([abs(each.change) for each in beside if each is not None], default=0)
        large = abs(step.change) > CLIFF * edge if dial.measure.is_money else abs(step.change) > dial.stage.step
        if large and abs(step.change) > USUAL * usual:
            found.append(replace(step, clause=_clause(step)))
    return found


def _step(dial: Dial, pay: Mapping[int, int], low: int, edge: int = 0) -> Step | None:
    before, after = pay.get(low), pay.get(low + dial.step)
    return None if before is None or after is None else Step(dial, low, low + dial.step, after - before, edge)


def _clause(step: Step) -> str:
    """The clause that makes a jump: one without which it goes away. Several may share its edge, and deals may count for other measures."""
    dial, component = step.dial, step.dial.component
    cases = [case for value in (step.low, step.high) if (case := dial.case(value)) is not None]
    for clause, without in _without_one(step):
        answers = dial.stage.alone(without).ask(cases)
        pay = [answer.of(component.key) for answer in answers if answer is not None]
        if len(pay) == 2 and 2 * abs(pay[1] - pay[0]) < abs(step.change):
            return clause
    return dial.clauses[step.edge][0]


def _without_one(step: Step) -> Iterator[tuple[str, Component]]:
    """The component without one of the clauses that ask another measure, or have an edge in the step."""
    dial = step.dial
    here = {clause for edge, several in dial.clauses.items() if step.low <= edge <= step.high for clause in several}
    for name in ("kickers", "gates", "multipliers"):
        clauses: tuple[Any, ...] = getattr(dial.component, name)
        for place, each in enumerate(clauses):
            if each.of != dial.measure.key or f"{name}[{place}]" in here:
                changed: Any = {name: clauses[:place] + clauses[place + 1 :]}
                yield f"{name}[{place}]", replace(dial.component, **changed)


def _cliff(step: Step) -> Finding:
    dial, stage = step.dial, step.dial.stage
    each = "deal" if dial.component.per == Per.DEAL else "period"
    verb = "raises" if step.change > 0 else "lowers"
    is_money, is_past = dial.measure.is_money, step.low == step.edge
    at = f"{value_text(stage, dial.measure, step.edge if is_money else step.high)} of {_named(dial)}"
    start = f"{'Above' if is_past else 'Reaching'} {at}, one more {_unit(dial)}" if is_money else f"Reaching {at}"
    what = f"{start} {verb} the pay of a {each} by {paid_text(stage, abs(step.change))}{_quota_text(dial)}."
    why = "People hold deals back or pull them in around a cliff."
    fix = f"{_remedy(step)}, or accept the cliff knowingly."
    severity = Severity.NOTICE if _is_prize(step) else Severity.WARNING
    return told(stage, dial.component.key, "CLIFF", step.clause, (what, why, fix), example_of(step, what), severity)


def _remedy(step: Step) -> str:
    """What helps against a cliff of a kind of clause ("kickers[0]", "formula, line 1, column 4")."""
    kind, table = re.split(r"[\[,]", step.clause)[0], step.dial.component.pay.table
    if kind == "tiers" and table is not None and any(tier.amount is not None for tier in table.tiers):
        return AMOUNTS
    return REMEDIES.get(kind, REMEDIES["tiers"])


def _is_prize(step: Step) -> bool:
    """True where the plan promises an amount for reaching the edge: then the step is what it says."""
    component = step.dial.component
    return step.clause.startswith("kickers") or (step.clause.startswith("gates") and component.pay.bonus is not None)


def _named(dial: Dial) -> str:
    return "what counts" if dial.is_own else dial.measure.called


def _unit(dial: Dial) -> str:
    return dial.stage.plan.currency if dial.measure.is_money else "of them"


def _quota_text(dial: Dial) -> str:
    if dial.base is not None:
        return f" (with {value_text(dial.stage, dial.base.measure, dial.goal)} of {dial.base.measure.called})"
    table = dial.component.pay.table
    if table is not None and table.against is not None:
        return f" (of what counts of one {table.per}, with {value_text(dial.stage, dial.measure, dial.goal)} earlier)"
    asked = table is not None and table.unit == TierUnit.ATTAINMENT
    if dial.measure.quota is None or not (asked or dial.component.gates or dial.component.multipliers):
        return ""
    return f" (with a quota of {value_text(dial.stage, dial.measure, dial.goal)})"


def example_of(step: Step, name: str) -> dict[str, object] | None:
    """The two ends of a step as two people of one example."""
    cases = [step.dial.case(step.low, BEFORE), step.dial.case(step.high, AFTER)]
    made = step.dial.stage.example(name, [case for case in cases if case is not None])
    return None if made is None else made[0]


def _slopes(dial: Dial, pay: Mapping[int, int]) -> list[Finding]:
    """Stretches away from every edge: there more must not pay less, nor more than itself."""
    found = []
    even = [step for low, high in _between(dial) if (step := _even(dial, pay, low, high)) is not None]
    falling = next((step for step in even if step.change < 0), None)
    if falling is not None:
        found.append(_steep(falling, "PAY_FALLS", FALLING))
    steep = next((step for step in even if step.change > step.high - step.low), None)
    if steep is not None and dial.measure.is_money and not _by_target(dial.component):
        found.append(_steep(steep, "PAY_EXCEEDS_SALES", EXCEEDING))
    return found


def _even(dial: Dial, pay: Mapping[int, int], low: int, high: int) -> Step | None:
    """A stretch over which pay changes by a rate: both its halves go the same way, so that no jump of another clause is taken for one.

    One step of it where the rate shows in one, the whole where it is lost in rounding.
    """
    asked = [pay.get(value) for value in (low, (low + high) // 2, high)]
    one = _step(dial, pay, low)
    if one is None or any(each is None for each in asked):
        return None
    first, middle, last = (each for each in asked if each is not None)
    slow, fast = sorted((abs(middle - first), abs(last - middle)))
    if (middle - first) * (last - middle) <= 0 or fast > 2 * slow + 1:
        return None
    is_exact = one.change * (high - low) == (last - first) * dial.step
    return one if is_exact else Step(dial, low, high, last - first)


def _steep(step: Step, code: str, said: tuple[str, str]) -> Finding:
    """A finding about a stretch whose rate is not what pays people for more."""
    dial, stage = step.dial, step.dial.stage
    is_one = step.high - step.low == dial.step
    more = f"one more {_unit(dial)}" if is_one else f"{value_text(stage, dial.measure, step.high - step.low)} more"
    start = f"From {value_text(stage, dial.measure, step.low)} on, "
    changed = paid_text(stage, abs(step.change))
    if code == "PAY_FALLS":
        what = f"{start}more sales pay less: {more} {'costs' if is_one else 'cost'} {changed}."
    else:
        what = f"{start}{more} {'pays' if is_one else 'pay'} {changed}, more than what is sold."
    words = (what, *said)
    return told(stage, dial.component.key, code, "pay", words, example_of(step, what))


def _by_target(component: Component) -> bool:
    return component.pay.target is not None or bool(component.pay.target_name)
