"""Formulas that pay, for the second calculation: one person and period at a time, by the interpreter of formula trees.

It is asked for the trees that the made-up plans were drawn with and never reads a text.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.incentives.engine.language.interpreter import LOST, value

if TYPE_CHECKING:
    from tests.incentives.engine.oracle_pay import Key, Oracle, Row, Sum

Amount = Fraction | None


def builds_on(component: Row) -> list[str]:
    """The names that a component reads; those of measures are among them."""
    tree = component["formula"].tree if "formula" in component else ()
    return [*component.get("greater_of", ()), *_named(tree)]


def _named(tree: Any) -> list[str]:
    if not isinstance(tree, tuple):
        return []
    return [tree[1]] if tree[:1] == ("name",) else [name for part in tree for name in _named(part)]


def formula_pay(oracle: Oracle, component: Row, group: Key) -> Amount:
    """What the formula gives to date in the window less what it gave before, in minor units; None where it has no value until then."""
    upto = _paid_upto(oracle, component, group)
    found = [_to_date(oracle, component, each) for each in upto]
    if any(each is LOST for each in found):
        return None
    return found[-1] - (found[-2] if len(found) > 1 else 0)


def formula_without_own(oracle: Oracle, component: Row, group: Key) -> Amount:
    """What the formula gives of earlier sales: without credits of the period, less what it gave before; at the start of the window, less
    what it gives without anything."""
    seen = oracle.seen_by(component)
    moved = {key: seen.moved(key, group, oracle) for key in builds_on(component) if key in oracle.earned}
    upto = _paid_upto(oracle, component, group)
    now, nothing = (_to_date(oracle, component, group, moved=each) for each in (moved, dict.fromkeys(moved, 0)))
    before = nothing if len(upto) == 1 else _to_date(oracle, component, upto[-2])
    return None if LOST in (now, nothing, before) else now - before


def _paid_upto(oracle: Oracle, component: Row, group: Key) -> list[Key]:
    window = oracle._window(oracle.measures[component.get("of", component["key"])], group)
    return [each for each in window[: window.index(group) + 1] if each not in oracle.only_back]


def formula_of_credit(component: Row, credit: int) -> Amount:
    """What the formula of a component `per: DEAL` gives a credit of so many minor units."""
    found = value(component["formula"].tree, {"credit": Fraction(credit, 100)})
    return None if found is LOST else found * 100


def _to_date(oracle: Oracle, component: Row, group: Key, *, moved: dict[str, int] | None = None) -> Any:
    """The formula with everything to date; with `moved`, as if the period had no credits and earlier components earned that."""
    seen, own = oracle.seen_by(component), component.get("of", component["key"])
    window = oracle._window(oracle.measures[own], group)
    upto = window[: window.index(group) + 1]
    names: dict[str, Any] = {}
    for key in oracle.measures:
        one = seen.sums[key][group]
        if key == own:
            one = replace(oracle.sums[own][group], goal=one.goal)
        if moved is not None:
            one = replace(one, after=one.before, rated_after=one.rated_before)
        reached = one.rated_after if key == own else one.after
        share = Fraction(reached) / one.goal if one.usable and one.goal else LOST
        names |= {key: _value(oracle, key, one), f"ATTAINMENT({key})": share}
        names |= {"measure": names[key]} if key == own else {}
    for key in set(builds_on(component)) & oracle.earned.keys():
        known = all(each in seen.earned[key] and each in oracle.earned[key] for each in upto)
        earned = sum(seen.earned[key][each] for each in upto) if known else 0
        if known and moved is not None:
            earned += moved[key] - seen.earned[key][group]
        names[key] = Fraction(earned, 100) if known else LOST
    found = value(component["formula"].tree, names)
    return LOST if found is LOST else found * 100


def _value(oracle: Oracle, key: str, one: Sum) -> Any:
    """Money in units of the currency, counts in whole things."""
    return LOST if one.bad else Fraction(one.rated_after, 10**4 if oracle._counts_of(key) else 100)
