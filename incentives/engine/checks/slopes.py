"""Where pay jumps, falls, or grows faster than what is sold: one more step of every measure that decides a component's pay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from incentives.engine.checks.asking import Answer, Stage
from incentives.engine.checks.dials import Dial, dials_of
from incentives.engine.checks.wording import paid_text, told, value_text
from incentives.engine.plan import Component
from incentives.engine.words import Per, TierUnit
from spm.core.findings import Finding, Severity

CLIFF = Fraction(1, 200)
"""A step is a cliff when one more dollar changes pay by more than this share of the value."""

USUAL = 5
"""And when it changes pay by more than so many times what the steps beside it do."""

REMEDIES = {
    "tiers": "Pay MARGINAL tiers",
    "multipliers": "Replace the multiplier by tiers, or give it more and smaller steps",
    "kickers": "Spread the kicker over several steps",
    "gates": "Let pay begin at the gate from zero, by a curve or a first tier of 0 %",
    "matrix": "Give the matrix more and smaller steps",
    "lookup": "Pay the higher rate on what is above the amount only, by tiers per deal",
    "credit": "Credit the smaller deals too, at a lower share",
}

BEFORE, AFTER = "one step less", "one step more"


@dataclass(frozen=True)
class Step:
    """One step of a dial and what it changes the pay by, in minor units; the clause of the edge that it crosses."""

    dial: Dial
    low: int
    high: int
    change: int
    clause: str = "pay"


def check_slopes(stage: Stage, component: Component) -> list[Finding]:
    """Cliffs, falling pay and pay above what is sold, of one component."""
    found: list[Finding] = []
    for dial in dials_of(stage, component):
        points = _points(dial)
        steps = _steps(dial, points)
        found += [_cliff(step) for step in _cliffs(dial, steps)]
        if dial.is_own:
            found += _slopes(dial, [step for step in steps if step.low not in _edge_starts(dial)])
    return found


def _points(dial: Dial) -> list[int]:
    """The starts of the steps: two before and one after every edge, and one between each two edges."""
    step, edges = dial.step, dial.edges
    around = {edge + shift * step for edge in edges for shift in (-2, -1, 0, 1)}
    ends = [0, *edges, 2 * max([dial.goal, *edges])]
    middles = {(low + high) // 2 // step * step for low, high in zip(ends, ends[1:], strict=False)}
    return sorted(point for point in around | middles if point >= 0)


def _edge_starts(dial: Dial) -> set[int]:
    return {edge + shift * dial.step for edge in dial.edges for shift in (-1, 0)}


def _steps(dial: Dial, points: list[int]) -> list[Step]:
    values = sorted({value for point in points for value in (point, point + dial.step)})
    cases = {value: case for value in values if (case := dial.case(value)) is not None}
    answers = dial.stage.alone(dial.component).ask(list(cases.values()))
    pay = {value: _pay(answer, dial.component) for value, answer in zip(cases, answers, strict=True)}
    found = []
    for low in points:
        before, after = pay.get(low), pay.get(low + dial.step)
        if before is not None and after is not None:
            found.append(Step(dial, low, low + dial.step, after - before))
    return found


def _pay(answer: Answer | None, component: Component) -> int | None:
    return None if answer is None else answer.of(component.key)


def _cliffs(dial: Dial, steps: list[Step]) -> list[Step]:
    """The largest jump at each edge that no neighbouring step explains."""
    found = []
    by_low = {step.low: step for step in steps}
    for edge in dial.edges:
        at = [by_low[low] for low in (edge - dial.step, edge) if low in by_low]
        beside = [by_low[low] for low in (edge - 2 * dial.step, edge + dial.step) if low in by_low]
        if not at:
            continue
        step = max(at, key=lambda each: abs(each.change))
        usual = max([abs(each.change) for each in beside], default=0)
        large = abs(step.change) > CLIFF * edge if dial.measure.is_money else abs(step.change) > dial.stage.step
        if large and abs(step.change) > USUAL * usual:
            found.append(replace(step, clause=dial.clauses[edge]))
    return found


def _cliff(step: Step) -> Finding:
    dial, stage = step.dial, step.dial.stage
    each = "deal" if dial.component.per == Per.DEAL else "period"
    verb = "raises" if step.change > 0 else "lowers"
    what = (
        f"At {value_text(stage, dial.measure, step.high)} of {_named(dial)}, one more {_unit(dial)} {verb} the pay of a {each} "
        f"by {paid_text(stage, abs(step.change))}{_quota_text(dial)}."
    )
    why = "People hold deals back or pull them in around a cliff."
    fix = f"{REMEDIES.get(step.clause.split('[')[0], REMEDIES['tiers'])}, or accept the cliff knowingly."
    severity = Severity.NOTICE if _is_prize(step) else Severity.WARNING
    return told(stage, dial.component.key, "CLIFF", step.clause, (what, why, fix), example_of(step, what), severity)


def _is_prize(step: Step) -> bool:
    """True where the plan promises an amount for reaching the edge: then the step is what it says."""
    component = step.dial.component
    return step.clause.startswith("kickers") or (step.clause.startswith("gates") and component.pay.bonus is not None)


def _named(dial: Dial) -> str:
    return "what counts" if dial.is_own else dial.measure.key


def _unit(dial: Dial) -> str:
    return dial.stage.plan.currency if dial.measure.is_money else "of them"


def _quota_text(dial: Dial) -> str:
    table = dial.component.pay.table
    asked = table is not None and table.unit == TierUnit.ATTAINMENT
    if dial.measure.quota is None or not (asked or dial.component.gates or dial.component.multipliers):
        return ""
    return f" (with a quota of {value_text(dial.stage, dial.measure, dial.goal)})"


def example_of(step: Step, name: str) -> dict[str, object] | None:
    """The two ends of a step as two people of one example."""
    cases = [step.dial.case(step.low, BEFORE), step.dial.case(step.high, AFTER)]
    made = step.dial.stage.example(name, [case for case in cases if case is not None])
    return None if made is None else made[0]


def _slopes(dial: Dial, steps: list[Step]) -> list[Finding]:
    """Steps away from every edge: there more must not pay less, nor more than itself."""
    found = []
    falling = next((step for step in steps if step.change < 0), None)
    if falling is not None:
        what = (
            f"From {value_text(dial.stage, dial.measure, falling.low)} on, more sales pay less: one more {_unit(dial)} costs "
            f"{paid_text(dial.stage, -falling.change)}."
        )
        words = (what, "The plan pays what is written.", "Correct the rate.")
        example = example_of(falling, what)
        found.append(told(dial.stage, dial.component.key, "PAY_FALLS", "pay", words, example))
    steep = next((step for step in steps if step.change > dial.step), None)
    if steep is not None and dial.measure.is_money and not _by_target(dial.component):
        what = (
            f"From {value_text(dial.stage, dial.measure, steep.low)} on, one more {_unit(dial)} pays "
            f"{paid_text(dial.stage, steep.change)}, more than what is sold."
        )
        words = (what, "The plan pays what is written.", "Correct the rate, or name a target.")
        example = example_of(steep, what)
        found.append(told(dial.stage, dial.component.key, "PAY_EXCEEDS_SALES", "pay", words, example))
    return found


def _by_target(component: Component) -> bool:
    return component.pay.target is not None or bool(component.pay.target_name)
