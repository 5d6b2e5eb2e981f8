"""Does selling the same in another way pay more? A search over a small fixed grid of moves around every edge of a plan.

Nothing is drawn by chance and the work is bounded, so that the same plan gives the same findings. Contests are left out: there
what one person wins another loses. What is left out, or pays none of the deals that are tried, is named. A move that pays more is
named with its gain, the smallest example of the grid that shows it, the clause that pays it and the usual remedy; a plan without such
a move has no finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from incentives.engine.checks.asking import Answer, Case, Stage
from incentives.engine.checks.dealing import day_asked
from incentives.engine.checks.judged import by_formula
from incentives.engine.checks.moves import Move, moves_of
from incentives.engine.checks.wording import paid_text, told, value_text
from incentives.engine.plan import Bounds, Component, Plan
from incentives.engine.words import Accumulation, MeasureKind, Per, ReversalRate, TierMode
from spm.core.findings import Finding, Severity

ROUNDING = 20
"""A gain of so many minor units may be rounding: each earning line is rounded alone."""

UNSEARCHED = "NOT_SEARCHED"
"""The code of the notice of a component that was not searched."""

KINDS = {
    "SPLIT": "Writing one deal as several",
    "JOIN": "Writing several deals as one",
    "PERIOD": "Moving deals over the end of a period",
    "DISCOUNT": "Selling the same for less",
    "REBOOK": "Returning a deal and booking it again",
    "SHIFT": "Passing deals between two sellers",
}
REMEDIES = {
    "SPLIT": "Rate the sum of the period, or join deals of one customer and day before they are credited.",
    "JOIN": "Rate the sum of the period instead of single deals.",
    "PERIOD": "Accumulate over the year (accumulation: YTD), so that moving a deal changes nothing over the year.",
    "DISCOUNT": "Pay MARGINAL tiers, or measure the margin, so that a lower price never pays more.",
    "REBOOK": "Let returns lower attainment (reverse_attainment: yes) and be rated CURRENT, or count what is sold less what is returned.",
    "SHIFT": "Split the deal by who sold it and approve changes of owner; a smaller step between the rates makes it worth less.",
}


@dataclass(frozen=True)
class Gain:
    """A move that pays more, in minor units, and the component whose moves were tried."""

    component: Component
    move: Move
    before: Answer
    after: Answer

    @property
    def amount(self) -> int:
        """What it pays more."""
        return self.after.total - self.before.total

    @property
    def is_large(self) -> bool:
        """True when it is more than a twentieth of what is paid without it."""
        return self.amount * 20 > self.before.total


def find_gaming(plan: Plan) -> list[Finding]:
    """The moves that pay more, each at most once per clause that pays it."""
    found: dict[tuple[str, str], Finding] = {}
    for tried in _tried(plan, plan.components):
        for finding in _searched(tried, known=found.keys()):
            found[finding.code, finding.where] = finding
    return [finding for finding in found.values() if finding.code != UNSEARCHED]


def component_gaming(plan: Plan, component: Component, *, known: Collection[tuple[str, str]] = ()) -> list[Finding]:
    """The moves around the edges of one component that pay more, without those of `known` (code, clause).

    A component that could not be searched has a notice instead.
    """
    return [finding for tried in _tried(plan, [component]) for finding in _searched(tried, known=known)]


@dataclass(frozen=True)
class _Tried:
    """The moves of one component, and what is paid before and after each."""

    stage: Stage
    component: Component
    moves: Sequence[Move]
    answers: Sequence[Answer | None]


def _tried(plan: Plan, components: Sequence[Component]) -> list[_Tried]:
    """The moves of all components that deals are credited to; those of the same periods are calculated at once."""
    moves: list[tuple[Stage, Component, list[Move]]] = []
    for component in components:
        if component.measure.credit:
            stage = Stage.of(plan, day_asked(plan, component.measure), periods=2)
            is_contest = component.pay.contest is not None
            moves.append((stage, component, [] if is_contest else moves_of(stage, component)))
    answers: dict[tuple[str, ...], Iterator[Answer | None]] = {}
    for key in dict.fromkeys(_periods(stage) for stage, _, _ in moves):
        same = [(stage, each) for stage, _, each in moves if _periods(stage) == key]
        cases = [case for _, each in same for move in each for case in (move.before, move.after)]
        answers[key] = iter(same[0][0].ask(cases))
    return [
        _Tried(stage, component, each, list(islice(answers[_periods(stage)], 2 * len(each))))
        for stage, component, each in moves
    ]


def _periods(stage: Stage) -> tuple[str, ...]:
    return tuple(period.key for period in stage.periods)


def _searched(tried: _Tried, *, known: Collection[tuple[str, str]]) -> list[Finding]:
    stage, component, answers = tried.stage, tried.component, tried.answers
    is_paid = any(answer is not None and answer.of(component.key) for answer in answers)
    if component.pay.contest is not None or (component.paid and not is_paid):
        return [_unsearched(stage, component)]
    gains = _best(stage, component, tried.moves, answers)
    held: dict[tuple[str, str], list[bool]] = {}
    found: dict[tuple[str, str], Finding] = {}
    for gain in gains:
        clause = _clause(stage, gain, gains, held)
        key = (f"GAMING_{gain.move.kind}", clause)
        told_once = None if key in known or key in found else _told(stage, gain, clause)
        if told_once is not None:
            found[key] = told_once
    return list(found.values())


def _unsearched(stage: Stage, component: Component) -> Finding:
    """The notice of a component for which no move says anything."""
    measure = component.measure
    if component.pay.contest is not None:
        at, reason = "contest", "in a contest one person wins what another loses"
    elif measure.formula is not None:
        at, reason = "measure", "what counts is a formula, and no deal of a wanted size can be written for it"
    elif by_formula(measure.credit):
        at, reason = "credit", "its condition is a formula, and none of the deals that are tried fulfils it"
    elif any(rule.where for rule in measure.credit):
        at, reason = (
            "credit",
            "it pays none of the deals that are tried, because its condition asks for others or they are too small",
        )
    else:
        at, reason = _main(component), "it pays none of the deals that are tried"
    what = f"{component.name} was not searched: {reason}."
    words = (
        what,
        "Whether a sale written in another way is paid more is not known.",
        "Show by worked examples what it pays.",
    )
    return told(stage, component.key, UNSEARCHED, at, words, None, Severity.NOTICE)


def _best(stage: Stage, component: Component, moves: Sequence[Move], answers: Sequence[Answer | None]) -> list[Gain]:
    """Of each kind the smallest move that gains a share of the pay worth speaking of; else the smallest that gains at all."""
    gains: dict[str, list[Gain]] = {}
    for place, move in enumerate(moves):
        before, after = answers[2 * place], answers[2 * place + 1]
        if before is not None and after is not None and _gains(stage, before, after):
            gains.setdefault(move.kind, []).append(Gain(component, move, before, after))
    return [next((gain for gain in each if gain.is_large), each[0]) for each in gains.values()]


def _gains(stage: Stage, before: Answer, after: Answer) -> bool:
    return after.total - before.total > max(ROUNDING, stage.step)


def _clause(stage: Stage, gain: Gain, gains: list[Gain], held: dict[tuple[str, str], list[bool]]) -> str:
    """The clause that pays the gain: the one without which it goes away, in the component that pays most of it.

    `held` remembers for each clause which of the gains stay without it, so that each clause is asked once.
    """
    keys = list(dict.fromkeys(key for _, key in [*gain.before.paid, *gain.after.paid]))
    by_key = {key: gain.after.of(key) - gain.before.of(key) for key in keys}
    key = max(keys, key=lambda each: by_key[each])
    component = next((each for each in stage.plan.components if each.key == key), None)
    if component is None:
        return key.removeprefix("plan-")
    for at, without in _without(component, gain.move.kind):
        if (key, at) not in held:
            held[key, at] = _still(stage, component, without, gains)
        if not held[key, at][gains.index(gain)]:
            return f"components.{key}.{at}"
    return f"components.{key}.{_main(component)}"


def _without(component: Component, kind: str) -> Iterable[tuple[str, Component]]:
    """The component without one of its clauses."""
    for name in ("kickers", "gates", "multipliers"):
        clauses: tuple[Any, ...] = getattr(component, name)
        for place in range(len(clauses)):
            changed: Any = {name: clauses[:place] + clauses[place + 1 :]}
            yield f"{name}[{place}]", replace(component, **changed)
    if component.cap != Bounds():
        yield "cap", replace(component, cap=Bounds())
    if component.floor != Bounds():
        yield "floor", replace(component, floor=Bounds())
    if any(rule.cap is not None for rule in component.measure.credit):
        rules = tuple(replace(rule, cap=None) for rule in component.measure.credit)
        yield "credit", replace(component, measure=replace(component.measure, credit=rules))
    if kind == "REBOOK" and component.measure.reversal_rate == ReversalRate.ORIGINAL:
        current = replace(component.measure, reversal_rate=ReversalRate.CURRENT)
        yield "reversal_rate", replace(component, measure=current)


def _still(stage: Stage, component: Component, without: Component, gains: list[Gain]) -> list[bool]:
    """Which moves gain as well without a clause."""
    cases = [case for gain in gains for case in (gain.move.before, gain.move.after)]
    answers = stage.alone(without).ask(cases)
    pairs = zip(answers[::2], answers[1::2], strict=True)
    least = max(ROUNDING, stage.step)
    return [
        before is None or after is None or after.of(component.key) - before.of(component.key) > least
        for before, after in pairs
    ]


def _main(component: Component) -> str:
    pay = component.pay
    for name, given in (("tiers", pay.table), ("lookup", pay.lookup), ("matrix", pay.matrix), ("bonus", pay.bonus)):
        if given is not None:
            return name
    return "measure" if component.measure.kind in (MeasureKind.COUNT, MeasureKind.DISTINCT) else "pay"


def _told(stage: Stage, gain: Gain, clause: str) -> Finding | None:
    """The finding with both sides of the move in one example; None where the example does not gain."""
    cases = [_renamed(gain.move.before, "before"), _renamed(gain.move.after, "after")]
    kind = gain.move.kind
    made = stage.example(f"{KINDS[kind]}: before and after", cases)
    if made is None:
        return None
    before, after = _side(made[1], "before"), _side(made[1], "after")
    if after - before <= max(ROUNDING, stage.step):
        return None
    sold = value_text(stage, gain.component.measure, gain.move.size)
    what = (
        f"{KINDS[kind]} pays {paid_text(stage, after - before)} more: with {sold} sold, {paid_text(stage, after)} instead of "
        f"{paid_text(stage, before)}."
    )
    why = "People are paid for how a sale is written, not for what is sold."
    words = (what, why, _remedy(stage, gain, clause))
    severity = Severity.NOTICE if _is_usual(gain, clause) else Severity.WARNING
    finding = told(stage, gain.component.key, f"GAMING_{kind}", "", words, made[0], severity)
    keys = (*finding.about, ("gain_minor", after - before), ("before_minor", before), ("after_minor", after))
    return replace(finding, where=clause, about=keys)


def _is_usual(gain: Gain, clause: str) -> bool:
    """True for what every accelerator does: more in one hand or in one period reaches the higher marginal rate."""
    table = gain.component.pay.table
    marginal = clause.endswith(".tiers") and table is not None and table.mode == TierMode.MARGINAL
    return marginal and gain.move.kind in ("PERIOD", "SHIFT")


def _renamed(case: Case, side: str) -> Case:
    """A case whose people and deals carry the side of the move in their names."""
    deals = []
    for deal in case.deals:
        again = {**deal, "key": f"{side}: {deal['key']}", "owner": f"{deal['owner']} {side}"}
        if "reverses" in deal:
            again["reverses"] = f"{side}: {deal['reverses']}"
        if "overlay" in deal:
            again["overlay"] = {again["owner"]: "100 %"}
        deals.append(again)
    return Case(tuple(deals), tuple(f"{person} {side}" for person in case.people))


def _side(answer: Answer, side: str) -> int:
    return sum(amount for (person, _), amount in answer.paid.items() if person.endswith(f" {side}"))


def _remedy(stage: Stage, gain: Gain, clause: str) -> str:
    """What usually takes the gain away, from the clause where it says more than the move."""
    part = clause.rpartition(".")[2].partition("[")[0]
    by_clause = {
        "cap": "Raise the cap, or carry what is above it to the next period.",
        "floor": "Let the floor hold for the year, or pay a base instead.",
        "kickers": "Spread the kicker over several steps, or ask it of the year.",
        "gates": "Ask the gate of the year, or let pay begin at it from zero.",
        "multipliers": "Replace the multiplier by MARGINAL tiers.",
        "bonus": "Ask the bonus of the year.",
    }
    if part in by_clause and gain.move.kind != "REBOOK":
        return by_clause[part]
    table = gain.component.pay.table
    if table is not None and table.mode == TierMode.WHOLE and gain.move.kind != "REBOOK":
        return f"Pay MARGINAL tiers. {REMEDIES[gain.move.kind]}"
    accumulates = gain.component.measure.accumulation != Accumulation.PERIOD
    if accumulates and gain.move.kind == "PERIOD" and gain.component.per == Per.PERIOD:
        return "Hold the measure against the quota of the WHOLE_WINDOW, so that the day of a deal changes nothing over the year."
    return REMEDIES[gain.move.kind]
