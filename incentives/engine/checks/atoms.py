"""What deals there can be: for every column that conditions name, a few values that tell all conditions apart.

Conditions are constant between their bounds, so that the bounds, a value between each two of them and one beyond either end
stand for every deal. Columns that derive from others (margin, discount) are taken as free: there may be more combinations
than deals, never fewer, so that what no combination does no deal does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product

from incentives.engine.checks.joined import is_met, parts_of
from incentives.engine.plan import Condition

LARGEST = 20_000
"""Combinations that are looked at; conditions that need more are not judged."""

OTHER = "another value"
Atom = object
Deal = Mapping[str, Atom]


def is_number(column: str, conditions: Iterable[Condition]) -> bool:
    """True for a column whose values are compared."""
    named = column.endswith(("_minor", "_rate", "_on")) or column in ("discount", "share", "quantity")
    return named or any(isinstance(value, Fraction) for each in conditions for value in each.values)


def atoms_of(column: str, conditions: Sequence[Condition]) -> list[Atom]:
    """The values of a column that tell the conditions on it apart; None is an empty cell."""
    empty: list[Atom] = [None] if any(each.operator in ("EMPTY", "NOT_EMPTY") for each in conditions) else []
    named = [value for each in conditions for value in each.values]
    if not is_number(column, conditions):
        texts = dict.fromkeys(str(value) for value in named)
        return [*texts, *(f"{text}/below" for text in _paths(conditions)), OTHER, *empty]
    bounds = sorted({number for value in named if (number := as_number(value)) is not None})
    step = Fraction(1)
    between = [(low + high) / 2 for low, high in zip(bounds, bounds[1:], strict=False)]
    beyond = [bounds[0] - step, bounds[-1] + step] if bounds else [Fraction(0)]
    return [*bounds, *between, *beyond, *empty]


def _paths(conditions: Sequence[Condition]) -> list[str]:
    return [str(value) for each in conditions if each.operator == "UNDER" for value in each.values]


def as_number(value: object) -> Fraction | None:
    """A value as a number, None for a text."""
    try:
        return Fraction(str(value)) if not isinstance(value, Fraction) else value
    except ValueError:
        return None


def holds(condition: Condition, value: Atom) -> bool:
    """Whether one value fulfils one condition; an empty cell fulfils no comparison."""
    operator = condition.operator
    if operator in ("EMPTY", "NOT_EMPTY"):
        return (value is None) == (operator == "EMPTY")
    if operator in ("IN", "NOT_IN"):
        return _among(value, condition.values) == (operator == "IN")
    if operator == "UNDER":
        return any(value == str(each) or str(value).startswith(f"{each}/") for each in condition.values)
    bound = condition.values[0]
    if not isinstance(value, Fraction) or not isinstance(bound, Fraction):
        return False
    return {
        "AT_LEAST": value >= bound,
        "ABOVE": value > bound,
        "AT_MOST": value <= bound,
        "BELOW": value < bound,
    }[operator]


def _among(value: Atom, values: Sequence[object]) -> bool:
    if isinstance(value, Fraction):
        return value in {as_number(each) for each in values}
    return value is not None and str(value) in {str(each) for each in values}


def fits(where: Sequence[Condition], deal: Deal) -> bool:
    """Whether a deal fulfils all conditions."""
    return all(is_met(condition, lambda part: holds(part, deal.get(part.column))) for condition in where)


def combinations(wheres: Sequence[Sequence[Condition]]) -> list[Deal] | None:
    """All deals that some sets of conditions can tell apart; None when there are too many, or when a formula is not judged."""
    by_column: dict[str, list[Condition]] = {}
    for condition in (condition for where in wheres for condition in where):
        parts = parts_of(condition)
        if parts is None:
            return None
        for part in parts:
            by_column.setdefault(part.column, []).append(part)
    columns = sorted(by_column)
    choices = [atoms_of(column, by_column[column]) for column in columns]
    size = 1
    for choice in choices:
        size *= len(choice)
    if size > LARGEST:
        return None
    return [dict(zip(columns, values, strict=True)) for values in product(*choices)]


def first_fitting(where: Sequence[Condition]) -> Deal | None:
    """A deal that fulfils all conditions; None where they contradict each other. Values that the plan names come first. Formulas
    that are not judged are left to the calculation that the deal is asked in.
    """
    found: dict[str, Atom] = {}
    where = [condition for condition in where if parts_of(condition) is not None]
    if any(condition.formula is not None for condition in where):
        deals = combinations([where])
        if deals is not None:
            return next((dict(deal) for deal in deals if fits(where, deal)), None)
        where = [condition for condition in where if condition.formula is None]
    for column in sorted({condition.column for condition in where}):
        own = [condition for condition in where if condition.column == column]
        value = next((atom for atom in atoms_of(column, own) if fits(own, {column: atom})), OTHER)
        if value == OTHER and not fits(own, {column: value}):
            return None
        found[column] = value
    return found
