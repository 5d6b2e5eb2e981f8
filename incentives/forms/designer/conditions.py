"""Conditions as rows of column, test and value, and back. What rows can't say is left as it is and shown as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from incentives.engine.language.completing import written
from incentives.engine.phrases import is_rate
from incentives.forms.designer.places import is_scalar, shown
from spm.web.numbers import number_plain

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


def typed(row: Row) -> Row:
    """Give a row that was typed with its number as the plan language writes it; one that is shown stays as it is.

    >>> typed(Row("amount", "above", "2,000")).value, typed(Row("discount", "above", "1,125")).value
    ('2000', '1,125')
    """
    if row.test not in ONE_VALUE:
        return row
    return replace(row, value=number_plain(row.value.strip(), is_amount=not is_rate(row.column.strip())))


def _test(row: Row) -> tuple[str, Any]:
    if row.test in ("empty", "given"):
        return "empty", "yes" if row.test == "empty" else "no"
    if row.test in ONE_VALUE:
        return row.test, row.value.strip()
    values = [each.strip() for each in row.value.split("|") if each.strip()]
    return row.test, values if len(values) > 1 else "".join(values)


_SIGNS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}


def formula_of(rows: Sequence[Row]) -> str:
    """Give the formula that says what rows say; empty for none.

    >>> formula_of([Row("stage", "is", "Won"), Row("account-type", "not", "A | B"), Row("amount", "above", "5")])
    "stage = 'Won' AND NOT([account-type] IN ('A', 'B')) AND amount > 5"
    """
    return " AND ".join(_clause(row) for row in rows if row.column.strip())


def _clause(row: Row) -> str:
    name = written(row.column.strip())
    if row.test in _SIGNS:
        return f"{name} {_SIGNS[row.test]} {row.value.strip()}"
    if row.test in ("empty", "given"):
        return f"ISEMPTY({name})" if row.test == "empty" else f"NOT(ISEMPTY({name}))"
    texts = [_quoted(each.strip()) for each in row.value.split("|") if each.strip()] or ["''"]
    if row.test == "under":
        return f"UNDER({name}, {texts[0]})" if len(texts) == 1 else _either(name, texts)
    asked = f"{name} = {texts[0]}" if len(texts) == 1 else f"{name} IN ({', '.join(texts)})"
    return asked if row.test == "is" else f"NOT({asked})"


def _either(name: str, texts: Sequence[str]) -> str:
    return f"({' OR '.join(f'UNDER({name}, {text})' for text in texts)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
