"""Whatever somebody writes into a plan, the answer is a plan or findings, never an exception."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.checks import check_plan
from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text, write_text
from incentives.engine.prose import plan_clauses
from incentives.engine.testing import test_document
from tests.incentives.engine.generated import generated
from tests.incentives.engine.test_mechanics import components as good_components

FIELDS = [
    "key",
    "of",
    "rate",
    "amount",
    "amount_each",
    "tiers",
    "until",
    "from",
    "curve",
    "at",
    "pays",
    "lookup",
    "where",
    "matrix",
    "rows",
    "columns",
    "column",
    "edges",
    "rates",
    "bonus",
    "objectives",
    "weight",
    "contest",
    "prizes",
    "pot",
    "minimum",
    "ties",
    "target",
    "quota",
    "credit",
    "kind",
    "share",
    "levels",
    "duplicates",
    "relation",
    "measure",
    "accumulation",
    "goal",
    "per",
    "multipliers",
    "kickers",
    "gates",
    "at_least",
    "threshold",
    "floor",
    "cap",
    "deal",
    "period",
    "year",
    "paid",
    "tier_mode",
    "boundary",
    "tiers_on",
    "greater_of",
    "draw",
    "currency",
    "plan",
    "name",
    "proration",
    "measures",
    "components",
    "examples",
    "given",
    "then",
    "deals",
    "people",
    "quotas",
    "formula",
    "tables",
    "edges",
    "otherwise",
]
WORDS = [
    "5 %",
    "150 %",
    "0",
    "-1",
    "1,234",
    "1e400",
    "NaN",
    "WHOLE",
    "INTERPOLATED",
    "MARGINAL",
    "DEAL",
    "COUNT",
    "UNITS",
    "DISTINCT",
    "ROLLUP",
    "USD",
    "2026-01-01",
    "2026-13-01",
    "c",
    "revenue",
    "QUARTERLY",
    "",
    "∞",
    "amount",
    "yes",
    "9999999999999999999999999999999999999999",
]
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.sampled_from(WORDS), st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)),
    max_leaves=12,
)
components = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6).map(lambda fields: {"key": "c", **fields})
changed = st.tuples(good_components(), st.dictionaries(st.sampled_from(FIELDS), values, max_size=1)).map(
    lambda both: both[0] | both[1]
)
HEAD = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01"}
GIVEN = {"period": "2026-Q1", "amounts": [1000, -5], "quotas": {"revenue": 500}}


@generated
@given(
    st.lists(st.one_of(components, changed), min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=3),
)
def test_a_hostile_plan_ends_in_findings(parts: list[dict[str, Any]], more: dict[str, Any]) -> None:
    document = {**more, **HEAD, "components": parts}
    plan, findings = compile_plan(document)
    assert plan is not None or any(finding.is_error for finding in findings)
    if plan is not None:
        plan_clauses(plan)
        check_plan(plan)
        test_document({**document, "examples": [{"name": "x", "given": GIVEN, "then": {"earned": 0}}]})


WHERE = [
    "amount > 100",
    "YEAR(closed_on) = 2026",
    "margin / list > 20 %",
    "seats >= 2 or stage = 'a'",
    "LOOKUP(t, stage) > 0",
    "IF(seats > 1, quantity, 1 / quantity) > 0.5",
    "DATE(2026, quantity, 31) > closed_on",
    "stage",
    "amount *",
]
MEASURES = [
    "amount - cost",
    "amount * LOOKUP(t, stage)",
    "quantity * 2",
    "amount / quantity",
    "seats",
    "amount * amount",
]
OF_PERIOD = [
    "measure * 5 %",
    "SUM(credit / quantity, amount > 0, YTD) * 1 %",
    "QUOTA() * ATTAINMENT()",
    "SUM(amount) * TIER(t, ATTAINMENT())",
    "IF(SUM(amount) >= 1000, 500, other * 2)",
    "TARGET() / (SUM(quantity) - 2)",
    "SUM(amount) * 999999999999999999",
    "AVERAGE(seats) * 1 USD",
    "DISTINCT(product) * 1 USD",
    "(",
]
OF_DEAL = ["credit * 5 %", "amount / quantity", "amount * LOOKUP(t, stage)", "5", "amount * ATTAINMENT()", "seats"]
ways = st.one_of(
    st.sampled_from(OF_PERIOD).map(lambda formula: {"formula": formula}),
    st.sampled_from(OF_DEAL).map(lambda formula: {"formula": formula, "per": "DEAL"}),
    st.lists(
        st.fixed_dictionaries({"where": st.sampled_from(WHERE), "rate": st.just("5 %")}), min_size=1, max_size=2
    ).map(lambda rows: {"lookup": rows}),
    st.just({"rate": "5 %"}),
)
others = st.fixed_dictionaries(
    {"quota": st.just("revenue")},
    optional={
        "measure": st.sampled_from(MEASURES).map(lambda formula: {"formula": formula}),
        "credit": st.sampled_from(WHERE).map(lambda where: {"where": where}),
        "target": st.sampled_from([1000, "variable"]),
        "accumulation": st.sampled_from(["YTD", "QTD"]),
        "cap": st.sampled_from([5, {"year": 100}]),
        "reversal_rate": st.just("CURRENT"),
    },
)
by_formula = st.tuples(ways, others).map(lambda both: both[0] | both[1])
table = st.one_of(
    st.dictionaries(st.sampled_from(["a", "b", 1]), st.sampled_from(["5 %", 5, {"x": 1}]), max_size=2).map(
        lambda rows: {"rows": rows}
    ),
    st.sampled_from(
        [{"tiers": [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]}, {"tiers": [{"rate": "5 %"}]}, {}]
    ),
)
FACTS = {
    "period": "2026-Q1",
    "quotas": {"revenue": 500},
    "deals": [
        {"key": "a", "amount": 1000, "quantity": 2, "cost": 5, "stage": "a", "closed_on": "2026-01-05"},
        {"key": "b", "amount": -5, "quantity": 0, "list": 0, "seats": "many"},
        {"key": "c", "amount": -500, "reverses": "a", "currency": "EUR"},
    ],
}


@generated
@given(st.lists(by_formula, min_size=1, max_size=2), table)
def test_a_plan_of_any_formulas_ends_in_figures_or_findings(parts: list[dict[str, Any]], rows: dict[str, Any]) -> None:
    named = [{**part, "key": key} for part, key in zip(parts, ("other", "last"), strict=False)]
    document = {**HEAD, "tables": [{"key": "t", **rows}], "components": named}
    plan, findings = compile_plan(document)
    assert plan is not None or any(finding.is_error for finding in findings)
    if plan is not None:
        plan_clauses(plan)
        check_plan(plan)
        test_document({**document, "examples": [{"name": "x", "given": FACTS, "then": {"earned": 0}}]})


@generated
@given(values)
def test_a_hostile_example_ends_in_findings(given: object) -> None:
    document = {
        **HEAD,
        "components": [{"key": "c", "rate": "5 %"}],
        "examples": [{"given": given, "then": given}, given],
    }
    assert test_document(document)


@generated
@given(st.text(max_size=200))
def test_hostile_text_ends_in_findings(text: str) -> None:
    document, findings = read_text(text)
    assert document is not None or findings
    if document is not None:
        compile_plan(document)
        write_text({"a": "b"})
