"""Formulas over whole columns equal a small interpreter that goes row by row in Fractions, on generated formulas and deals."""

from __future__ import annotations

import os
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from incentives.engine.conditions import column_of
from incentives.engine.language import Place, analyse
from incentives.engine.language.deals import DealSource
from incentives.engine.language.evaluating import Evaluation
from spm.core.exact import Exact
from tests.incentives.engine.language.asking import context
from tests.incentives.engine.language.interpreter import LOST, value

Made = tuple[str, tuple[Any, ...]]
"""The text of an expression and its tree."""

EPOCH = date(1970, 1, 1).toordinal()
PLACES = {"MONEY": context(Place.MEASURE), "NUMBER": context(Place.MEASURE), "YES_NO": context(Place.CONDITION)}


def literal(kind: str) -> st.SearchStrategy[Made]:
    """Written amounts, numbers, percentages, days, texts."""
    cents = st.integers(0, 10**7)
    made = {
        "MONEY": cents.map(lambda each: (f"{each / 100:,.2f} USD", ("literal", Fraction(each, 100)))),
        "NUMBER": st.integers(0, 500).map(lambda each: (f"{each / 10}", ("literal", Fraction(each, 10)))),
        "PERCENT": st.integers(0, 3000).map(lambda each: (f"{each / 10} %", ("literal", Fraction(each, 1000)))),
        "DATE": st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(
            lambda each: (each.isoformat(), ("literal", each.toordinal()))
        ),
        "TEXT": st.sampled_from(["A", "B", "it's"]).map(
            lambda each: ("'" + each.replace("'", "''") + "'", ("literal", each))
        ),
        "YES_NO": st.booleans().map(lambda each: ("yes" if each else "no", ("literal", each))),
    }
    return made[kind]


NAMES = {
    "MONEY": ["amount", "cost"],
    "NUMBER": ["quantity", "seats"],
    "PERCENT": ["growth_rate"],
    "DATE": ["credit_on"],
    "TEXT": ["stage"],
    "YES_NO": ["is_new"],
}


def leaf(kind: str) -> st.SearchStrategy[Made]:
    """A written value or a column."""
    names = st.sampled_from(NAMES[kind]).map(lambda name: (name, ("name", name)))
    return st.one_of(names, literal(kind))


@st.composite
def expressions(draw: st.DrawFn, kind: str, depth: int) -> Made:
    """A formula of a type."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(leaf(kind))
    return draw(st.sampled_from(MAKERS[kind]))(draw, kind, depth - 1)


def sub(draw: st.DrawFn, kind: str, depth: int) -> Made:
    return draw(expressions(kind, depth))


def _sum(draw: st.DrawFn, kind: str, depth: int) -> Made:
    left, right, sign = sub(draw, kind, depth), sub(draw, kind, depth), draw(st.sampled_from("+-"))
    return f"({left[0]} {sign} ({right[0]}))", (sign, left[1], right[1])


def _scaled(draw: st.DrawFn, kind: str, depth: int) -> Made:
    left, right = (
        sub(draw, kind, depth),
        sub(draw, draw(st.sampled_from(["NUMBER", "PERCENT"] if kind == "MONEY" else ["NUMBER"])), depth),
    )
    if kind == "PERCENT":
        right = draw(literal("NUMBER"))
    sign = draw(st.sampled_from("*/"))
    return f"({left[0]} {sign} ({right[0]}))", (sign, left[1], right[1])


def _share(draw: st.DrawFn, kind: str, depth: int) -> Made:
    left, right = sub(draw, "MONEY", depth), sub(draw, "MONEY", depth)
    return f"(({left[0]}) / ({right[0]}))", ("/", left[1], right[1])


def _if(draw: st.DrawFn, kind: str, depth: int) -> Made:
    condition, left, right = sub(draw, "YES_NO", depth), sub(draw, kind, depth), sub(draw, kind, depth)
    return f"IF({condition[0]}, {left[0]}, {right[0]})", ("if", condition[1], left[1], right[1])


def _extreme(draw: st.DrawFn, kind: str, depth: int) -> Made:
    name = draw(st.sampled_from(["min", "max"]))
    parts = [sub(draw, kind, depth) for _ in range(draw(st.integers(1, 3)))]
    return f"{name.upper()}({', '.join(text for text, _ in parts)})", (name, *(tree for _, tree in parts))


def _rounded(draw: st.DrawFn, kind: str, depth: int) -> Made:
    name, digits = draw(st.sampled_from(["round", "roundup", "rounddown"])), draw(st.integers(-3, 4))
    inner = sub(draw, kind, depth)
    return f"{name.upper()}({inner[0]}, {digits})", (name, inner[1], digits)


def _signed(draw: st.DrawFn, kind: str, depth: int) -> Made:
    inner = sub(draw, kind, depth)
    if draw(st.booleans()):
        return f"ABS({inner[0]})", ("abs", inner[1])
    return f"-({inner[0]})", ("negate", inner[1])


def _tiers(draw: st.DrawFn, kind: str, depth: int) -> Made:
    name, wanted = ("TIER", "tier") if kind == "MONEY" else ("TIERRATE", "tierrate")
    inner = sub(draw, "MONEY", depth)
    if kind == "PERCENT" and draw(st.booleans()):
        return f"CURVE(points, {inner[0]})", ("curve", inner[1])
    return f"{name}(bands, {inner[0]})", (wanted, inner[1])


def _compared(draw: st.DrawFn, kind: str, depth: int) -> Made:
    of, sign = (
        draw(st.sampled_from(["MONEY", "NUMBER", "PERCENT", "DATE"])),
        draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="])),
    )
    left, right = sub(draw, of, depth), sub(draw, of, depth)
    return f"(({left[0]}) {sign} ({right[0]}))", (sign, left[1], right[1])


def _text(draw: st.DrawFn, kind: str, depth: int) -> Made:
    first, others = draw(leaf("TEXT")), [draw(literal("TEXT")) for _ in range(2)]
    if draw(st.booleans()):
        return f"{first[0]} in ({', '.join(text for text, _ in others)})", (
            "in",
            first[1],
            *(tree for _, tree in others),
        )
    return f"STARTSWITH({first[0]}, {others[0][0]})", ("starts", first[1], others[0][1])


def _logical(draw: st.DrawFn, kind: str, depth: int) -> Made:
    left, right, word = (
        sub(draw, "YES_NO", depth),
        sub(draw, "YES_NO", depth),
        draw(st.sampled_from(["and", "or", "not"])),
    )
    if word == "not":
        return f"not ({left[0]})", ("not", left[1])
    return f"(({left[0]}) {word} ({right[0]}))", (word, left[1], right[1])


def _calendar(draw: st.DrawFn, kind: str, depth: int) -> Made:
    first, second = draw(leaf("DATE")), draw(leaf("DATE"))
    name = draw(st.sampled_from(["year", "month", "days"]))
    if name == "days":
        return f"DAYS({first[0]}, {second[0]})", ("days", first[1], second[1])
    return f"{name.upper()}({first[0]})", (name, first[1])


def _day(draw: st.DrawFn, kind: str, depth: int) -> Made:
    return draw(leaf("DATE"))


MAKERS: dict[str, list[Any]] = {
    "MONEY": [_sum, _scaled, _if, _extreme, _rounded, _signed, _tiers],
    "NUMBER": [_sum, _scaled, _if, _extreme, _rounded, _signed, _calendar],
    "PERCENT": [_sum, _scaled, _share, _if, _extreme, _signed, _tiers],
    "DATE": [_day],
    "TEXT": [_day],
    "YES_NO": [_compared, _text, _logical, _if],
}

deals = st.lists(
    st.fixed_dictionaries(
        {
            "amount": st.one_of(
                st.integers(-(10**6), 10**7), st.integers(-(10**15), 10**15), st.sampled_from([0, 100_000])
            ),
            "cost": st.integers(0, 10**6),
            "quantity": st.integers(-3, 50),
            "seats": st.integers(0, 999),
            "growth_rate": st.integers(-(10**8), 3 * 10**8),
            "credit_on": st.integers(18_000, 22_000),
            "stage": st.sampled_from(["A", "B", "it's", "AB"]),
            "is_new": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)
SETTINGS = settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate), database=None
)
formulas = st.sampled_from(["MONEY", "NUMBER", "YES_NO"]).flatmap(
    lambda kind: expressions(kind, 4).map(lambda made: (kind, *made))
)


def is_written(tree: Any) -> bool:
    """True for what has no names and no functions: its value is known while it is read."""
    return tree[0] == "literal" or (tree[0] in ("+", "-", "*", "/", "negate") and all(map(is_written, tree[1:])))


def divides_by_written_zero(tree: Any) -> bool:
    """True where a part of the formula is divided by what is 0 as written."""
    if not isinstance(tree, tuple) or tree[0] == "literal":
        return False
    own = tree[0] == "/" and is_written(tree[2]) and value(tree[2], {}) == 0
    return own or any(map(divides_by_written_zero, tree[1:]))


def compare(made: tuple[str, str, Any], rows: list[dict[str, Any]]) -> None:
    """Both ways give the same value, or neither does, in every row."""
    kind, text, tree = made
    if len(text) > 900:
        return
    analysis = analyse(text, PLACES[kind])
    if divides_by_written_zero(tree):
        assert {finding.code for finding in analysis.findings} == {"FORMULA_DIVISION"}, text
        return
    assert analysis.formula is not None, (text, [finding.message for finding in analysis.findings])
    frame = pd.DataFrame(rows).rename(columns={"amount": "amount_minor", "cost": "cost_minor"})
    asked = Evaluation(analysis.formula, DealSource(len(frame), lambda name: column_of(frame, name))).value()
    for number, row in enumerate(rows):
        plain = {
            **row, "amount": Fraction(row["amount"], 100), "cost": Fraction(row["cost"], 100), "quantity": Fraction(row["quantity"]),
            "seats": Fraction(row["seats"]), "growth_rate": Fraction(row["growth_rate"], 10**8), "credit_on": row["credit_on"] + EPOCH,
        }  # fmt: skip
        wanted = value(tree, plain)
        lost = asked.trouble is not None and bool(asked.trouble[number])
        assert lost == (wanted is LOST), (text, row)
        if not lost:
            found = asked.data.fraction(number) if isinstance(asked.data, Exact) else bool(asked.data[number])
            scale = 100 if kind == "MONEY" else 1
            assert found == (wanted if kind == "YES_NO" else wanted * scale), (text, row)


@settings(SETTINGS, max_examples=150)
@given(formulas, deals)
def test_columns_equal_the_interpreter(made: tuple[str, str, Any], rows: list[dict[str, Any]]) -> None:
    compare(made, rows)


@pytest.mark.deep
@settings(SETTINGS, max_examples=int(os.getenv("SPM_FORMULAS", "2000")))
@given(formulas, deals)
def test_columns_equal_the_interpreter_many_times(made: tuple[str, str, Any], rows: list[dict[str, Any]]) -> None:
    compare(made, rows)
