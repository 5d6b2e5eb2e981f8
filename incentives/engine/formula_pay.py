"""The pay of components that pay by a formula: exact, over groups or over single credits, with a finding for each row without a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from incentives.engine.conditions import missing_columns
from incentives.engine.deal_pay import bounded_deals
from incentives.engine.formulas import Asked, evaluation_of, sum_exact
from incentives.engine.language.evaluating import Evaluation
from incentives.engine.language.meant import name_fix
from incentives.engine.language.values import Reason, Values
from incentives.engine.measure_formulas import bounded
from incentives.engine.paying import Raw
from incentives.engine.plan import Component
from incentives.engine.room import Room
from incentives.engine.words import Per
from spm.core.columns import running_sum
from spm.core.exact import Exact, constant
from spm.core.findings import Finding


def asked_of(component: Component, room: Room) -> Asked:
    """What a component that builds on others, or pays by a formula, is asked over."""
    earlier = {key: room.earned[key] for key in component.pay.builds_on if key in room.earned}
    return Asked(
        component, room.cells, room.deals, room.measured, room.goals, room.totals, room.blocked, room.amounts, earlier
    )


def formula_pay(asked: Asked, room: Room) -> Raw:
    """The exact pay of every group, and which groups can't be calculated (their findings are added to the room)."""
    component = asked.component
    own, formula = room.measured[component.measure.key], component.pay.formula
    gone = [] if formula is None else missing_columns(room.deals, formula)
    if gone:
        room.findings.append(_column_missing(component, room, gone[0]))
        return Raw(constant(0, len(room.cells)), None, np.ones(len(room.cells), dtype=bool))
    evaluation = evaluation_of(asked)
    values = bounded(evaluation, evaluation.value())
    if component.per == Per.DEAL:
        return _by_credit(component, room, evaluation, values)
    blocked = _blocked(component, room, evaluation, values)
    if own.brought is not None:
        _block_brought(component, room, blocked)
    if own.first.all():
        return Raw(values.exact, None, blocked)
    blocked = running_sum(blocked.astype(np.int64), own.first) > 0
    before = values.exact.take(np.maximum(np.arange(len(room.cells)) - 1, 0))
    earlier = before.where(~own.first, constant(0, len(before)))
    return Raw(values.exact.minus(earlier), None, blocked)


def _blocked(component: Component, room: Room, evaluation: Evaluation, values: Values) -> np.ndarray:
    """The groups without pay, each with its finding."""
    blocked = room.measured[component.measure.key].blocked.copy()
    if values.trouble is None:
        return blocked
    for row in np.flatnonzero((values.trouble > 0) & ~blocked).tolist():
        _tell(component, room, row, evaluation.reasons[values.trouble[row] - 1])
    return blocked | (values.trouble > 0)


def moved_pay(asked: Asked, moved: Mapping[str, np.ndarray]) -> Exact:
    """Of the pay of every group, what it changes of the pay of earlier sales: what it would come to without credits of its own, where
    earlier components give what they change of earlier sales (`moved`), less what stood there before. Nothing where that is not known."""
    pay, none = asked.component.pay, constant(0, len(asked.cells))
    if pay.formula is None:
        return Exact(np.maximum.reduce([moved[name] for name in pay.of]))
    unmoved = {key: np.zeros_like(each) for key, each in moved.items()}
    now, fresh, upto = _value(replace(asked, moved=moved)), _value(replace(asked, moved=unmoved)), _value(asked)
    known = ~(_is_lost(now) | _is_lost(fresh))
    before = upto.exact.take(np.maximum(np.arange(len(none)) - 1, 0)).where(~asked.own.first, fresh.exact)
    return now.exact.minus(before).where(known, none)


def _is_lost(values: Values) -> np.ndarray:
    return np.zeros(len(values.exact), dtype=bool) if values.trouble is None else values.trouble > 0


def _value(asked: Asked) -> Values:
    evaluation = evaluation_of(asked)
    return bounded(evaluation, evaluation.value())


def _block_brought(component: Component, room: Room, blocked: np.ndarray) -> None:
    """What a formula would have earned before a cut-over is not known: it may ask for more than what was brought."""
    opened = room.measured[component.measure.key].brought
    assert opened is not None
    for row in np.flatnonzero(opened.since & ~blocked).tolist():
        what = f"{{person}} brought credits of {component.name}, which a formula pays to date."
        fix = "Take the opening balance back, or let tiers or a rate pay the component."
        room.findings.append(room.cells.finding(row, "OPENING_FORMULA", component.key, what, fix))
        blocked[row] = True


def _column_missing(component: Component, room: Room, column: str) -> Finding:
    meant = name_fix(column)
    return Finding(
        "FACT_COLUMN_MISSING",
        f"{room.cells.plan.name}, {component.name}, formula",
        f"The formula asks for {column} of a deal, and the facts do not have it.",
        f"Nobody was calculated by {component.name}.",
        "Import the column, or correct the formula." if meant == "" else f"{meant} Or import the column.",
        about=(("plan_key", room.cells.plan.key), ("component_key", component.key)),
    )


def _tell(component: Component, room: Room, row: int, reason: Reason, deal: object = None) -> None:
    if reason.code:
        of = "" if deal is None else f", deal {deal}"
        what = f"The formula can't be computed for {{person}} in {{period}}{of}: {reason.what}."
        room.findings.append(room.cells.finding(row, reason.code, component.key, what, reason.fix))


def _by_credit(component: Component, room: Room, evaluation: Evaluation, values: Values) -> Raw:
    """Every credit is paid alone; a return that pays back at its original rate is not asked."""
    own = room.measured[component.measure.key]
    blocked, group = own.blocked.copy(), own.group
    exact = values.exact.where(~own.credited.reversal, constant(0, len(group)))
    if values.trouble is not None:
        for row in np.flatnonzero((values.trouble > 0) & ~own.credited.reversal & ~own.blocked[group]).tolist():
            deal = room.deals["source_key"].iloc[int(own.credited.deal[row])]
            _tell(component, room, int(group[row]), evaluation.reasons[values.trouble[row] - 1], deal)
            blocked[group[row]] = True
    lines = bounded_deals(component, Exact(exact.top, exact.bottom), own.credited, room.deals)
    total = bounded(evaluation, Values(sum_exact(lines, group, len(room.cells))))
    if total.trouble is not None:
        for row in np.flatnonzero((total.trouble > 0) & ~blocked).tolist():
            _tell(component, room, row, evaluation.reasons[total.trouble[row] - 1])
        blocked |= total.trouble > 0
    return Raw(total.exact, lines, blocked)
