"""Caps that never or always bind, gates that can't be met, and tiers that nobody reaches.

A limit is judged by what the plan would pay without it: the same facts are asked of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from incentives.engine.checks.asking import Case, Stage
from incentives.engine.checks.dealing import MOST_DEALS, deal_like, open_rules
from incentives.engine.checks.dials import Dial, edges_of, measures_asked, unjudged
from incentives.engine.checks.wording import paid_text, told, value_text
from incentives.engine.examples import SELLER
from incentives.engine.plan import UNIT_SCALE, Bounds, Component, Plan, RateTable, Tier
from incentives.engine.words import CreditKind, MeasureKind, Per, TierUnit
from spm.core.findings import Finding, Severity
from spm.core.periods import PER_YEAR, CalendarKind

FAR = 10
"""So many times the quota, or the last edge, is more than anybody sells."""

FURTHEST = 10**6
"""Where there is no quota: so many times the sample goal."""


def check_limits(stage: Stage, component: Component, dials: Sequence[Dial]) -> list[Finding]:
    """Findings about the cap, the gates, the tiers, the kickers and multipliers of a component."""
    cases = ladder(dials)
    if not cases:
        return _gates_of_nothing(stage, component)
    found = list(_check_caps(stage, component, cases))
    if unjudged(stage, component):
        return found
    return [
        *found,
        *_check_gates(stage, component, cases),
        *_check_tiers(stage, component, [dial for dial in dials if dial.is_own]),
        *_check_clauses(stage, component, dials),
    ]


def ladder(dials: Sequence[Dial]) -> list[tuple[int, Case]]:
    """Values of the component's measure from the smallest to the furthest with their facts, at every level of other measures."""
    found = [each for dial in dials if dial.is_own for each in _rungs(dial)]
    return sorted(found, key=lambda each: each[0])


def _rungs(dial: Dial) -> list[tuple[int, Case]]:
    if not dial.measure.credit:
        return [(0, Case(dial.support()))]
    top = max([dial.goal, *dial.edges])
    far = top * FAR if dial.measure.is_money else max(top, min(top * FAR, MOST_DEALS * UNIT_SCALE))
    values = {dial.step, *dial.edges, *(edge + dial.step for edge in dial.edges), dial.goal, far}
    if dial.component.measure.quota is None and dial.measure.is_money:
        values.add(top * FURTHEST)
    made = [(value, dial.case(value)) for value in sorted(values)]
    return [(value, case) for value, case in made if case is not None]


def _changed(stage: Stage, component: Component, **fields: object) -> Stage:
    """The component alone, with other fields."""
    return stage.alone(replace(component, **fields))  # type: ignore[arg-type]


def _pay(stage: Stage, component: Component, cases: list[tuple[int, Case]]) -> list[int] | None:
    """What the component pays in each case; None where one can't be computed."""
    answers = stage.ask([case for _, case in cases])
    found = [answer.of(component.key) for answer in answers if answer is not None]
    return found if len(found) == len(cases) else None


def _check_caps(stage: Stage, component: Component, cases: list[tuple[int, Case]]) -> Iterable[Finding]:
    for span in ("deal", "period", "year"):
        limit: Fraction | None = getattr(component.cap, span)
        if limit is None:
            continue
        rest = replace(component.cap, **{span: None})
        with_cap, without = (
            _pay(stage.alone(component), component, cases),
            _pay(_changed(stage, component, cap=rest), component, cases),
        )
        if with_cap is None or without is None:
            continue
        bound = [capped < free for capped, free in zip(with_cap, without, strict=True)]
        paying = [place for place, free in enumerate(without) if free > 0]
        if paying and not any(bound) and not (span == "year" and _is_reached_in_year(stage, limit, max(without))):
            top = max(range(len(cases)), key=lambda place: without[place])
            yield _never_binds(stage, component, span, cases[top], without[top])
        elif paying and all(bound[place] for place in paying):
            yield _always_binds(stage, component, span, cases[paying[0]], (with_cap[paying[0]], without[paying[0]]))


def _is_reached_in_year(stage: Stage, limit: Fraction, most: int) -> bool:
    """True when the most that one period pays, in every period of a year, comes to more than the cap of the year."""
    return most * PER_YEAR[CalendarKind(stage.plan.period)] > limit


def _never_binds(stage: Stage, component: Component, span: str, top: tuple[int, Case], pay: int) -> Finding:
    sold = value_text(stage, component.measure, top[0])
    limit = paid_text(stage, int(getattr(component.cap, span)))
    what = f"The cap of {limit} for a {span} never binds: even {sold} pays {paid_text(stage, pay)}."
    words = (what, "People read a limit that does nothing.", "Lower the cap, or remove it.")
    return _with_case(stage, component, "CAP_NEVER_BINDS", f"cap.{span}", words, top[1], Severity.NOTICE)


def _always_binds(
    stage: Stage, component: Component, span: str, first: tuple[int, Case], pay: tuple[int, int]
) -> Finding:
    limit = paid_text(stage, int(getattr(component.cap, span)))
    sold = value_text(stage, component.measure, first[0]) if first[0] else "a period without a sale"
    what = (
        f"The cap of {limit} for a {span} always binds: {sold} would already pay {paid_text(stage, pay[1])}, and pays "
        f"{paid_text(stage, pay[0])}."
    )
    words = (what, "What stands before the cap decides nothing.", "Raise the cap, or pay a bonus instead.")
    return _with_case(stage, component, "CAP_ALWAYS_BINDS", f"cap.{span}", words, first[1])


def _is_of_others(stage: Stage, component: Component, of: str) -> bool:
    """True where the component pays for the deals of others and the gate asks for the own: only those of others are tried."""
    around = {CreditKind.ROLLUP, CreditKind.ROLLOVER}
    own, asked = ({rule.kind for rule in credit} for credit in (component.credit, stage.plan.measure(of).credit))
    return bool(own) and own <= around and not asked <= around


def _check_gates(stage: Stage, component: Component, cases: list[tuple[int, Case]]) -> Iterable[Finding]:
    for place, gate in enumerate(component.gates):
        if gate.at_least <= 0:
            what = f"The gate on {gate.of} is always met."
            words = (what, "It stops nobody.", "Correct at_least, or remove the gate.")
            yield _with_case(
                stage, component, "GATE_ALWAYS_MET", f"gates[{place}]", words, cases[0][1], Severity.NOTICE
            )
            continue
        if _is_beyond(stage, component, place, cases) or _is_of_others(stage, component, gate.of):
            continue
        others = component.gates[:place] + component.gates[place + 1 :]
        with_gate = _pay(stage.alone(component), component, cases)
        without = _pay(_changed(stage, component, gates=others), component, cases)
        if with_gate is not None and without is not None and not any(with_gate) and any(pay > 0 for pay in without):
            what = f"No deals of a person bring {gate.of} to what the gate asks, so nothing is ever paid."
            words = (what, "The component pays nobody.", f"Correct the conditions of {gate.of}, or the gate.")
            yield _with_case(stage, component, "GATE_UNREACHABLE", f"gates[{place}]", words, cases[-1][1])


def _is_beyond(stage: Stage, component: Component, place: int, cases: list[tuple[int, Case]]) -> bool:
    """True where a gate on the component's own measure asks more than there are deals written for: what it stops is not known."""
    edges = edges_of(stage, component, component.measure)
    furthest = max(value for value, _ in cases)
    return any(edge > furthest for edge, clauses in edges.items() if f"gates[{place}]" in clauses)


def _gates_of_nothing(stage: Stage, component: Component) -> list[Finding]:
    """A component whose own measure no deal can move: with a rate on it, it never pays."""
    measure = component.measure
    if not measure.credit or measure.formula is not None or not measures_asked(stage, component):
        return []  # what a formula makes of a deal can't be made up
    if open_rules(stage, measure):
        return []  # some deal is credited; that none was found to ask with is said as NOT_JUDGED
    what = f"No deal is credited by {component.key}: its conditions contradict each other, or its days lie outside of the plan."
    words = (what, "The component pays nobody.", "Correct the conditions or the days.")
    case = Case((deal_like(stage, measure, {}, owner=SELLER),))
    return [_with_case(stage, component, "CREDIT_UNREACHABLE", "credit", words, case)]


def _check_tiers(stage: Stage, component: Component, dials: Sequence[Dial]) -> Iterable[Finding]:
    """Tiers whose pay changes nothing: behind a gate, above a cap, or beyond what one deal can reach."""
    table = component.pay.table
    if table is None or not table.by_own_sum or not _may_hide(component):
        return
    if table.unit == TierUnit.ATTAINMENT and component.cap.year is not None:
        component = replace(
            component, cap=replace(component.cap, year=None)
        )  # what it hides depends on people's quotas
    cases = [each for dial in dials for each in _inside_tiers(dial, table)]
    usual = _pay(stage.alone(component), component, cases) if cases else None
    for place, tier in enumerate(table.tiers):
        if usual is None or tier.rate == 0 or tier.amount == 0:
            continue
        if max(value for value, _ in cases) < _span(dials[0], tier, table)[1]:
            continue  # it takes more deals than are written
        other = replace(component.pay, table=replace(table, tiers=_doubled(table.tiers, place)))
        if _pay(_changed(stage, component, pay=other), component, cases) == usual:
            what = (
                f"Tier {place + 1} never changes the pay: a gate, a cap or the size of a single deal stands before it."
            )
            words = (what, "The tier promises what nobody gets.", "Move the tier or what stands before it.")
            shown = min(cases, key=lambda case: abs(case[0] - _middle(dials[0], tier, table)))
            yield _with_case(stage, component, "TIER_UNREACHABLE", f"tiers[{place}]", words, shown[1])


def _check_clauses(stage: Stage, component: Component, dials: Sequence[Dial]) -> Iterable[Finding]:
    """Kickers and multipliers that change nothing: behind a gate or a cap."""
    names = [name for name in ("kickers", "multipliers") if getattr(component, name)]
    if not names or component.measure.formula is not None:
        return
    cases = [each for dial in dials for each in _rungs(dial)]
    usual = _pay(stage.alone(component), component, cases) if cases else None
    if usual is None or not any(usual):
        return
    for name in names:
        clauses = getattr(component, name)
        for place in range(len(clauses)):
            rest = {name: clauses[:place] + clauses[place + 1 :]}
            if _pay(_changed(stage, component, **rest), component, cases) == usual:
                clause = name.removesuffix("s").capitalize()
                what = f"{clause} {place + 1} never changes the pay: a gate, a cap or what it asks stands before it."
                words = (what, "The plan promises what nobody gets.", "Move it, or what stands before it.")
                code = f"{clause.upper()}_UNREACHABLE"
                shown = max(zip(usual, cases, strict=True), key=lambda each: each[0])[1]
                yield _with_case(stage, component, code, f"{name}[{place}]", words, shown[1])


def _may_hide(component: Component) -> bool:
    """True where something can stand before a tier."""
    capped_credit = any(rule.cap is not None for rule in component.measure.credit)
    one_deal = component.per == Per.DEAL and (
        capped_credit or component.measure.kind in (MeasureKind.COUNT, MeasureKind.DISTINCT)
    )
    return bool(component.gates) or component.cap != Bounds() or one_deal


def _middle(dial: Dial, tier: Tier, table: RateTable) -> int:
    return sum(_span(dial, tier, table)) // 2


def _span(dial: Dial, tier: Tier, table: RateTable) -> tuple[int, int]:
    """Where a tier begins and ends, the last one a little above its start."""
    from_goal = dial.goal if str(table.unit) == "ATTAINMENT" else 1
    low = int(tier.lower * from_goal)
    high = int(tier.upper * from_goal) if tier.upper is not None else low + 2 * dial.step + low // 5
    return low, high


def _inside_tiers(dial: Dial, table: RateTable) -> list[tuple[int, Case]]:
    middles = [_middle(dial, tier, table) for tier in table.tiers]
    small = [
        middles[0] // 10**power // dial.step * dial.step for power in range(1, 7)
    ]  # a cap may bind far below the middle
    values = sorted(
        {
            *small,
            *middles,
            *(edge + shift for edge in dial.edges for shift in (-dial.step, 0, dial.step)),
            FAR * middles[-1],
        }
        | ({dial.goal} if dial.base is not None else set())  # a part may end at the whole
    )
    made = [(value, dial.case(value, SELLER)) for value in values if value > 0]
    return [(value, case) for value, case in made if case is not None]


def _doubled(tiers: tuple[Tier, ...], place: int) -> tuple[Tier, ...]:
    """The tiers with another pay in one of them."""
    tier = tiers[place]
    changed = replace(
        tier,
        rate=None if tier.rate is None else tier.rate / 2,
        amount=None if tier.amount is None else tier.amount / 2,
        each=None if tier.each is None else tier.each / 2,
    )
    return (*tiers[:place], changed, *tiers[place + 1 :])


def _with_case(
    stage: Stage,
    component: Component,
    code: str,
    at: str,
    words: tuple[str, str, str],
    case: Case,
    severity: Severity = Severity.WARNING,
) -> Finding:
    made = stage.example(words[0], [case])
    return told(stage, component.key, code, at, words, None if made is None else made[0], severity)


def check_plan_limits(stage: Stage, cases: list[Case]) -> list[Finding]:
    """Caps of the whole plan that nothing reaches, or that are below what everybody is paid."""
    found = (_plan_limit(stage, cases, span) for span in ("period", "year"))
    return [each for each in found if each is not None]


def _plan_limit(stage: Stage, cases: list[Case], span: str) -> Finding | None:
    plan, limit = stage.plan, getattr(stage.plan.cap, span)
    if limit is None:
        return None
    free = replace(stage, plan=replace(plan, cap=replace(plan.cap, **{span: None})))
    both = list(zip(cases, stage.ask(cases), free.ask(cases), strict=True))
    known = [
        (case, capped.total, open_.total) for case, capped, open_ in both if capped is not None and open_ is not None
    ]
    paying = [each for each in known if each[2] > 0]
    start = f"The cap of the plan of {paid_text(stage, int(limit))} for a {span}"
    if paying and all(capped == open_ for _, capped, open_ in paying):
        case, _, pay = max(paying, key=lambda each: each[2])
        if span == "year" and _is_reached_in_year(stage, limit, pay):
            return None
        what = f"{start} never binds: the furthest sales pay {paid_text(stage, pay)}."
        words = (what, "People read a limit that does nothing.", "Lower the cap, or remove it.")
        return _plan_finding(stage, plan, "CAP_NEVER_BINDS", words, case)
    if paying and all(capped < open_ for _, capped, open_ in paying):
        case, _, pay = min(paying, key=lambda each: each[2])
        what = f"{start} always binds: the smallest pay would be {paid_text(stage, pay)}."
        words = (what, "What stands before the cap decides nothing.", "Raise the cap.")
        return _plan_finding(stage, plan, "CAP_ALWAYS_BINDS", words, case)
    return None


def _plan_finding(stage: Stage, plan: Plan, code: str, words: tuple[str, str, str], case: Case) -> Finding:
    made = stage.example(words[0], [case])
    return told(stage, "", code, "cap", words, None if made is None else made[0], Severity.NOTICE)
