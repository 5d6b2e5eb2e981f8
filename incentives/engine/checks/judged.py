"""What the other checks can't judge is said: a condition written as a formula, a table with too many kinds of deals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from incentives.engine.checks.asking import Case, Stage
from incentives.engine.checks.atoms import combinations, fits
from incentives.engine.checks.dealing import deal_like, open_rules
from incentives.engine.checks.dials import unjudged
from incentives.engine.checks.joined import is_judged
from incentives.engine.checks.wording import told
from incentives.engine.examples import SELLER
from incentives.engine.plan import Component, CreditRule, LookupRow
from spm.core.findings import Finding, Severity


def check_judged(stage: Stage, component: Component) -> list[Finding]:
    """One notice for each clause of a component that is not judged."""
    return [
        told(
            stage,
            component.key,
            "NOT_JUDGED",
            at,
            (what, "The other checks say nothing about it.", fix),
            None,
            Severity.NOTICE,
        )
        for at, what, fix in (*_left(component), *_others(stage, component))
    ]


def check_conditions(stage: Stage, component: Component) -> list[Finding]:
    """One notice for each condition written as a formula that every deal fulfils."""
    lookup = component.pay.lookup
    parts = [("credit", rule.where) for rule in component.measure.credit]
    parts += [(f"lookup[{place}]", row.where) for place, row in enumerate(lookup.rows if lookup is not None else ())]
    found = []
    for at, condition in ((at, each) for at, where in parts for each in where if each.formula is not None):
        deals = combinations([[condition]])
        if deals is None or not all(fits([condition], deal) for deal in deals):
            continue
        what = f"Every deal meets the condition “{condition.formula.text if condition.formula else ''}”."
        words = (what, "It tells nothing apart.", "Correct the condition, or remove it.")
        rules = open_rules(stage, component.measure)
        shown = [Case((deal_like(stage, component.measure, deals[0], owner=SELLER),))] if rules else []
        made = stage.example(what, shown) if shown else None
        example = None if made is None else made[0]
        found.append(told(stage, component.key, "CONDITION_ALWAYS_MET", at, words, example, Severity.NOTICE))
    return found


def _left(component: Component) -> Iterator[tuple[str, str, str]]:
    show = "Show by worked examples what it pays."
    rules = component.measure.credit
    if by_formula(rules):
        what = f"{component.name} credits deals by a formula: not judged for cliffs, nor for deals that never fit."
        yield "credit", what, show
    lookup = component.pay.lookup
    if lookup is None:
        return
    if by_formula(lookup.rows):
        what = f"Rows of {component.name} have a formula: the table is not judged for gaps, overlaps and rows that never pay."
        yield "lookup", what, show
    elif (
        not by_formula(rules)
        and combinations([*(row.where for row in lookup.rows), *(rule.where for rule in rules)]) is None
    ):
        what = f"{component.name} tells too many kinds of deals apart: its table is not judged for gaps and overlaps."
        yield "lookup", what, "Use fewer columns, or show by worked examples what it pays."


def _others(stage: Stage, component: Component) -> Iterator[tuple[str, str, str]]:
    for measure in unjudged(stage, component):
        is_formula = measure.formula is not None or by_formula(measure.credit)
        reason = "a formula decides what counts" if is_formula else "more deals are needed than are tried"
        if measure.against is not None:
            reason = f"no deals are found that turn it while {measure.against} stays"
        what = (
            f"{component.name} asks {measure.key}, and {reason}: limits and tiers that stand behind it are not judged."
        )
        yield "pay", what, "Show by worked examples what it pays."


def by_formula(parts: Iterable[CreditRule | LookupRow]) -> bool:
    """True when a part has a condition whose formula is more than simple conditions joined by AND, OR and NOT."""
    return not all(is_judged(part.where) for part in parts)
