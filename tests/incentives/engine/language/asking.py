"""Asks formulas over small frames of deals, for tests."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd

from incentives.engine.conditions import column_of
from incentives.engine.language import Context, Kind, Place, Table, Type, analyse
from incentives.engine.language.deals import DealSource
from incentives.engine.language.evaluating import Evaluation
from incentives.engine.plan_tables import read_tables
from incentives.engine.reading import Reader
from spm.core.exact import Exact

MONEY = Type(Kind.MONEY, "USD")
COUNT = Type(Kind.COUNT)
TABLES = [
    {"key": "bands", "tiers": [{"until": 1000, "rate": "1 %"}, {"rate": "2 %"}]},
    {"key": "steps", "tier_mode": "WHOLE", "tiers": [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]},
    {
        "key": "points",
        "curve": [
            {"at": 0, "pays": "10 %"},
            {"at": 1000, "pays": "20 %"},
            {"at": 1000, "pays": "30 %"},
            {"at": 3000, "pays": "50 %"},
        ],
    },
    {"key": "each", "edges": "NUMBER", "curve": [{"at": 1, "pays": 5}, {"at": 5, "pays": 7}]},
    {"key": "pieces", "edges": "NUMBER", "tiers": [{"until": 10, "amount_each": 2}, {"amount_each": 3}]},
    {"key": "regions", "rows": {"EMEA": "5 %", "APAC": "6 %"}},
    {"key": "bonuses", "rows": {"A": 500, "B": 250}, "otherwise": 0},
    {"key": "rates", "rows": {"EMEA": {"new": "5 %", "old": "2 %"}, "APAC": {"new": "6 %", "old": "3 %"}}},
    {"key": "years", "rows": {2025: "1 %", 2026: "2 %"}},
]


def tables() -> dict[str, Table]:
    """The tables that formulas of the tests may ask."""
    reader = Reader({"tables": TABLES}, "", [])
    found = read_tables(reader, "USD")
    assert not reader.findings
    return found


def context(place: Place = Place.MEASURE) -> Context:
    """A context with measures, an earlier and a later component, and the tables."""
    return Context(
        "USD",
        place,
        measures={"own": MONEY, "new-logos": COUNT, "units": COUNT},
        quotas=frozenset({"own"}),
        components={"base": MONEY},
        later=frozenset({"own", "last"}),
        tables=tables(),
        own="own",
        has_target=True,
    )


DEALS = pd.DataFrame(
    {
        "deal_key": ["d1", "d2", "d3"],
        "source_key": ["d1", "d2", "d3"],
        "amount_minor": [100_000, 250_050, -5_000],
        "cost_minor": [60_000, 0, -5_000],
        "list_minor": [125_000, 250_050, 0],
        "currency": "USD",
        "credit_on": [20_454, 20_513, 20_600],  # 2026-01-01, 2026-03-01, 2026-05-27
        "stage": ["Won", "Lost", None],
        "region": ["EMEA", "APAC", "MOON"],
        "category": ["hardware/laptops", "hardware", "software"],
        "seats": [Decimal("3"), None, "many"],
        "quantity": [2, 0, 5],
        "is_new": [True, False, None],
    }
)


def evaluation(text: str, place: Place = Place.MEASURE, deals: pd.DataFrame = DEALS) -> Evaluation:
    """The evaluation of a formula that compiles."""
    analysis = analyse(text, context(place))
    assert analysis.formula is not None, [finding.message for finding in analysis.findings]
    return Evaluation(analysis.formula, DealSource(len(deals), lambda name: column_of(deals, name)))


def ask(text: str, place: Place = Place.MEASURE, deals: pd.DataFrame = DEALS) -> list[object]:
    """The value of every deal; the code of the reason in place of a value that is not there."""
    asked = evaluation(text, place, deals)
    values = asked.value()
    found: list[object] = []
    for row in range(len(deals)):
        if values.trouble is not None and values.trouble[row]:
            found.append(asked.reasons[values.trouble[row] - 1].code)
        elif isinstance(values.data, Exact):
            found.append(values.data.fraction(row))
        else:
            found.append(values.data[row])
    return found


def dollars(text: str) -> list[object]:
    """The money of every deal in major units."""
    return [each / 100 if isinstance(each, Fraction) else each for each in ask(text)]


def holds(text: str) -> list[object]:
    """Whether a condition holds, for every deal."""
    return [each if isinstance(each, str) else bool(each) for each in ask(text, Place.CONDITION)]
