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

from incentives.engine.checks.asking import Answer, Case, Stage, ask_each
from incentives.engine.checks.dials import measures_asked
from incentives.engine.checks.growing import staged
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

REBOOK_UNDER_CLAWBACK = (
    "Have each return approved whose deal is booked again. Returns rated CURRENT would end the gain, but the window, share and "
    "pro_rata of a clawback hold for returns at the original rate only: they would have to be taken out of the plan."
)


@dataclass(frozen=True)
class Gain:
    """A move that pays more, in minor units, and the component whose moves were tried."""

    stage: Stage
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
    return [finding for finding in search_gaming(plan) if finding.code != UNSEARCHED]


def search_gaming(plan: Plan) -> list[Finding]:
    """The moves that pay more, and a notice for each component that could not be searched, in the order of the components."""
    return _searched(_tried(plan, plan.components), known=())


def component_gaming(plan: Plan, component: Component, *, known: Collection[tuple[str, str]] = ()) -> list[Finding]:
    """The moves around the edges of one component that pay more, without those of `known` (code, clause).

    A component that could not be searched has a notice instead.
    """
    return _searched(_tried(plan, [component]), known=known)


@dataclass(frozen=True)
class _Tried:
    """The moves of one component, and what is paid before and after each."""

    stage: Stage
    component: Component
    moves: Sequence[Move]
    answers: Sequence[Answer | None]

    @property
    def is_unsearched(self) -> bool:
        """True where no move says anything about the component."""
        if self.component.pay.contest is not None:
            return True
        return self.component.paid and not any(
            answer is not None and answer.of(self.component.key) for answer in self.answers
        )


def _tried(plan: Plan, components: Sequence[Component]) -> list[_Tried]:
    """The moves of all components that deals are credited to; those of the same periods are calculated at once."""
    moves: list[tuple[Stage, Component, list[Move]]] = []
    for component in components:
        if component.measure.credit or len(measures_asked(Stage.of(plan, plan.start), component)) > 1:
            stage = staged(plan, component, periods=2)
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


def _searched(tried: Sequence[_Tried], *, known: Collection[tuple[str, str]]) -> list[Finding]:
    """The findings of the components that were tried, each kind and clause once, with the notices of those that could not be."""
    best = [[] if each.is_unsearched else _best(each) for each in tried]
    gains = [gain for each in best for gain in each]
    told_of = iter(_told(gains, _clauses(gains)))
    found: dict[tuple[str, str], Finding] = {}
    for each, own in zip(tried, best, strict=True):
        if each.is_unsearched:
            found[UNSEARCHED, each.component.key] = _unsearched(each.stage, each.component)
        for finding in islice(told_of, len(own)):
            if finding is not None and (finding.code, finding.where) not in known:
                found.setdefault((finding.code, finding.where), finding)
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


def _best(tried: _Tried) -> list[Gain]:
    """Of each kind the smallest move that gains a share of the pay worth speaking of; else the smallest that gains at all."""
    gains: dict[str, list[Gain]] = {}
    stage, answers = tried.stage, tried.answers
    for move, before, after in zip(tried.moves, answers[::2], answers[1::2], strict=True):
        if before is not None and after is not None and after.total - before.total > _least(stage):
            gains.setdefault(move.kind, []).append(Gain(stage, tried.component, move, before, after))
    return [next((gain for gain in each if gain.is_large), each[0]) for each in gains.values()]


def _least(stage: Stage) -> int:
    return max(ROUNDING, stage.step)


def _clauses(gains: Sequence[Gain]) -> list[str]:
    """For each gain the clause that pays it: the one without which it goes away, in the component that pays most of it."""
    paying = [_paying(gain) for gain in gains]
    asked = [
        (place, at, without)
        for place, component in enumerate(paying)
        if component is not None
        for at, without in _without(component, gains[place].move.kind)
    ]
    stays = _still(gains, asked)
    found = []
    for place, component in enumerate(paying):
        if component is None:
            found.append(_paying_key(gains[place]).removeprefix("plan-"))
            continue
        gone = (at for (each, at, _), still in zip(asked, stays, strict=True) if each == place and not still)
        found.append(f"components.{component.key}.{next(gone, None) or _main(component)}")
    return found


def _paying_key(gain: Gain) -> str:
    keys = list(dict.fromkeys(key for _, key in [*gain.before.paid, *gain.after.paid]))
    return max(keys, key=lambda each: gain.after.of(each) - gain.before.of(each))


def _paying(gain: Gain) -> Component | None:
    """The component that pays most of a gain; None where a limit of the plan does."""
    return next((each for each in gain.stage.plan.components if each.key == _paying_key(gain)), None)


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


_Wanted = tuple[tuple[str, ...], str, str]
"""The periods, component and clause of a question."""


def _still(gains: Sequence[Gain], asked: Sequence[tuple[int, str, Component]]) -> list[bool]:
    """Which gains (by their place) stay as large as to speak of without a clause; all without the same clause are asked at once."""
    wanted = [(_periods(gains[place].stage), without.key, at) for place, at, without in asked]
    cases: dict[_Wanted, list[Case]] = {}
    stages: dict[_Wanted, Stage] = {}
    for key, (place, _, without) in zip(wanted, asked, strict=True):
        move = gains[place].move
        cases.setdefault(key, []).extend((move.before, move.after))
        stages.setdefault(key, gains[place].stage.alone(without))
    answers: dict[_Wanted, Iterator[Answer | None]] = {}
    for periods in dict.fromkeys(key[0] for key in wanted):
        same = [key for key in stages if key[0] == periods]
        found = ask_each([(stages[key], cases[key]) for key in same])
        answers |= {key: iter(answer) for key, answer in zip(same, found, strict=True)}
    stays = []
    for key, (place, _, without) in zip(wanted, asked, strict=True):
        before, after = next(answers[key]), next(answers[key])
        if before is None or after is None:
            stays.append(True)
        else:
            stays.append(after.of(without.key) - before.of(without.key) > _least(gains[place].stage))
    return stays


def _main(component: Component) -> str:
    pay = component.pay
    for name, given in (("tiers", pay.table), ("lookup", pay.lookup), ("matrix", pay.matrix), ("bonus", pay.bonus)):
        if given is not None:
            return name
    return "measure" if component.measure.kind in (MeasureKind.COUNT, MeasureKind.DISTINCT) else "pay"


def _told(gains: Sequence[Gain], clauses: Sequence[str]) -> list[Finding | None]:
    """The finding of each gain with both sides of its move in one example; None where the example does not gain."""
    wanted: dict[tuple[str, ...], list[int]] = {}
    for place, gain in enumerate(gains):
        wanted.setdefault(_periods(gain.stage), []).append(place)
    made: dict[int, tuple[dict[str, object], Answer] | None] = {}
    for places in wanted.values():
        asked = [
            (
                f"{KINDS[gains[place].move.kind]}: before and after",
                (_renamed(gains[place].move.before, "before"), _renamed(gains[place].move.after, "after")),
            )
            for place in places
        ]
        made |= dict(zip(places, gains[places[0]].stage.examples(asked), strict=True))
    return [
        _finding(gain, clause, made[place]) for place, (gain, clause) in enumerate(zip(gains, clauses, strict=True))
    ]


def _finding(gain: Gain, clause: str, made: tuple[dict[str, object], Answer] | None) -> Finding | None:
    if made is None:
        return None
    stage, kind = gain.stage, gain.move.kind
    before, after = _side(made[1], "before"), _side(made[1], "after")
    if after - before <= _least(stage):
        return None
    sold = value_text(stage, gain.move.measure or gain.component.measure, gain.move.size)
    what = (
        f"{KINDS[kind]} pays {paid_text(stage, after - before)} more: with {sold} sold, {paid_text(stage, after)} instead of "
        f"{paid_text(stage, before)}."
    )
    why = "People are paid for how a sale is written, not for what is sold."
    words = (what, why, _remedy(gain, clause))
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


def _remedy(gain: Gain, clause: str) -> str:
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
    is_whole = table is not None and table.mode == TierMode.WHOLE and all(tier.amount is None for tier in table.tiers)
    if is_whole and gain.move.kind != "REBOOK":
        return f"Pay MARGINAL tiers. {REMEDIES[gain.move.kind]}"
    accumulates = gain.component.measure.accumulation != Accumulation.PERIOD
    if accumulates and gain.move.kind == "PERIOD" and gain.component.per == Per.PERIOD:
        return "Hold the measure against the quota of the WHOLE_WINDOW, so that the day of a deal changes nothing over the year."
    clawback = gain.component.clawback
    if gain.move.kind == "REBOOK" and clawback is not None and clawback.is_limited:
        return REBOOK_UNDER_CLAWBACK
    return REMEDIES[gain.move.kind]
