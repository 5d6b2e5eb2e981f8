"""Conditions as rows of column, test and value, and back. What rows can't say is left as it is and shown as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from incentives.forms.designer.places import is_scalar, shown

TESTS = ("is", "not", "at_least", "above", "at_most", "below", "under", "empty", "given")
"""The tests of the plan language; `given` is `empty: no`."""

ONE_VALUE = ("at_least", "above", "at_most", "below")


@dataclass(frozen=True)
class Row:
    """One condition: a column of the deal, a test, and its value (several are separated by |)."""

    column: str
    test: str
    value: str


def rows_of(where: object) -> list[Row] | None:
    """Give the rows of conditions; None where they say what rows can't.

    >>> rows_of({"stage": "Won", "amount": {"at_least": "1000"}})
    [Row(column='stage', test='is', value='Won'), Row(column='amount', test='at_least', value='1000')]
    """
    if where is None:
        return []
    if not isinstance(where, Mapping):
        return None
    rows: list[Row] = []
    for column, wanted in where.items():
        tests = wanted if isinstance(wanted, Mapping) else {"is": wanted}
        for test, value in tests.items():
            text = _text(value)
            if test not in TESTS or test == "given" or text is None or not str(column).strip():
                return None
            if test == "empty":
                rows.append(Row(str(column), "empty" if text in ("true", "True", "yes") else "given", ""))
            else:
                rows.append(Row(str(column), str(test), text))
        if not tests:
            return None
    return rows


def _text(value: object) -> str | None:
    values = value if isinstance(value, list) else [value]
    texts = [shown(each) for each in values if is_scalar(each)]
    plain = len(texts) == len(values) and not any("|" in text or text != text.strip() or not text for text in texts)
    return " | ".join(texts) if plain and texts else None


def where_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Give the conditions that rows say; rows without a column are left out.

    >>> where_of([Row("product", "not", "A | B"), Row("amount", "above", "5")])
    {'product': {'not': ['A', 'B']}, 'amount': {'above': '5'}}
    """
    tests: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.column.strip():
            name, value = _test(row)
            tests.setdefault(row.column.strip(), {})[name] = value
    return {column: each["is"] if set(each) == {"is"} else each for column, each in tests.items()}


def _test(row: Row) -> tuple[str, Any]:
    if row.test in ("empty", "given"):
        return "empty", "yes" if row.test == "empty" else "no"
    if row.test in ONE_VALUE:
        return row.test, row.value.strip()
    values = [each.strip() for each in row.value.split("|") if each.strip()]
    return row.test, values if len(values) > 1 else "".join(values)
