"""Formulas that pay, for the second calculation: one person and period at a time, by the interpreter of formula trees.

It is asked for the trees that the made-up plans were drawn with and never reads a text.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.incentives.engine.language.interpreter import LOST, value

if TYPE_CHECKING:
    from tests.incentives.engine.oracle_pay import Key, Oracle, Row, Sum

Amount = Fraction | None


def formula_pay(oracle: Oracle, component: Row, group: Key) -> Amount:
    """What the formula gives to date in the window less what it gave before, in minor units; None where it has no value until then."""
    measure = oracle.measures[component.get("of", component["key"])]
    window = oracle._window(measure, group)
    upto = [each for each in window[: window.index(group) + 1] if each not in oracle.only_back]
    found = [_to_date(oracle, component, window, each) for each in upto]
    if any(each is LOST for each in found):
        return None
    return found[-1] - (found[-2] if len(found) > 1 else 0)


def formula_of_credit(component: Row, credit: int) -> Amount:
    """What the formula of a component `per: DEAL` gives a credit of so many minor units."""
    found = value(component["formula"].tree, {"credit": Fraction(credit, 100)})
    return None if found is LOST else found * 100


def _to_date(oracle: Oracle, component: Row, window: list[Key], group: Key) -> Any:
    names: dict[str, Any] = {}
    for key in oracle.measures:
        names |= _names_of(oracle, key, oracle.sums[key][group])
    own = component.get("of", component["key"])
    names["measure"] = _value(oracle, own, oracle.sums[own][group])
    for key, earned in oracle.earned.items():
        upto = window[: window.index(group) + 1]
        known = all(each in earned for each in upto)
        names[key] = (
            Fraction(sum(oracle._before_returns(key, component, each) for each in upto), 100) if known else LOST
        )
    found = value(component["formula"].tree, names)
    return LOST if found is LOST else found * 100


def _names_of(oracle: Oracle, key: str, one: Sum) -> dict[str, Any]:
    share = Fraction(one.after) / one.goal if one.usable and one.goal else LOST
    return {key: _value(oracle, key, one), f"ATTAINMENT({key})": share}


def _value(oracle: Oracle, key: str, one: Sum) -> Any:
    """Money in units of the currency, counts in whole things."""
    return LOST if one.bad else Fraction(one.rated_after, 10**4 if oracle._counts_of(key) else 100)
