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
