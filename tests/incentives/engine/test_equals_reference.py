"""The engine equals the row-by-row reference to the cent, in any row order, and its parts sum to their whole."""

from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.run import Result, compute
from incentives.engine.trace import trace
from tests.incentives.engine import reference
from tests.incentives.engine.generated import facts_of, generated, plans, rows

KEYS = ["participant_key", "plan_key", "component_key", "period_key"]
Dice = Any
Rows = dict[str, list[dict[str, object]]]


def computed(found: Rows, documents: list[dict[str, object]]) -> Result:
    made = [compile_plan(document) for document in documents]
    assert not [finding for _, findings in made for finding in findings if finding.is_error]
    return compute(facts_of(found), [plan for plan, _ in made if plan is not None])


@generated
@given(rows(), plans())
def test_the_engine_equals_the_reference(found: Rows, documents: list[dict[str, object]]) -> None:
    result = computed(found, documents)
    columns = [*KEYS, "credit_minor", "earned_minor"]
    own = {tuple(row[:4]): (row[4], row[5]) for row in result.earnings[columns].itertuples(index=False, name=None)}
    assert own == reference.earnings(found, documents)


def by_formulas(document: dict[str, Any]) -> dict[str, Any]:
    """The same plan, paid by formulas: a tier table applied to the attainment pays shares of the quota, a rate multiplies."""
    components = []
    for component in document["components"]:
        plain = {name: value for name, value in component.items() if name not in ("tiers", "rate")}
        if "product_key" in plain["credit"].get("where", {}):
            plain["credit"] = {**plain["credit"], "where": "product_key = 'A' and LENGTH(product_key) = 1"}
        formula = (
            "QUOTA() * TIER(tiers, ATTAINMENT())" if "tiers" in component else f"measure * {component.get('rate')}"
        )
        components.append({**plain, "formula": formula})
    tables = [
        {"key": "tiers", "edges": "PERCENT", "tiers": each["tiers"]}
        for each in document["components"]
        if "tiers" in each
    ]
    return {**document, "tables": tables, "components": components}


@generated
@given(rows(), plans())
def test_formulas_equal_the_reference(found: Rows, documents: list[dict[str, object]]) -> None:
    result = computed(found, [by_formulas(document) for document in documents])
    columns = [*KEYS, "credit_minor", "earned_minor"]
    own = {tuple(row[:4]): (row[4], row[5]) for row in result.earnings[columns].itertuples(index=False, name=None)}
    assert own == reference.earnings(found, documents)
    for row in result.earnings.head(3).to_dict("records"):
        keys = (row["participant_key"], row["component_key"], row["period_key"])
        assert trace(result, *keys, plan_key=row["plan_key"]).check()


@generated
@given(rows(), plans(), st.randoms(use_true_random=False))
def test_row_order_does_not_matter_and_parts_sum(found: Rows, documents: list[dict[str, object]], dice: Dice) -> None:
    result = computed(found, documents)
    shuffled = {name: dice.sample(each, len(each)) for name, each in found.items()}
    again = computed(shuffled, documents[::-1])
    pd.testing.assert_frame_equal(result.earnings, again.earnings)
    pd.testing.assert_frame_equal(result.credits, again.credits)
    assert result.findings == again.findings
    if len(result.credits):
        merged = result.credits.groupby(KEYS).agg(
            credit=("credit_minor", "sum"), earned=("earned_minor", "sum"), lines=("share", "size")
        )
        both = result.earnings.set_index(KEYS).join(merged, how="left")
        both = both[both["lines"].notna()]
        assert (both["credit_minor"] == both["credit"]).all()
        assert (both["earned_minor"] == both["earned"]).all()
    for row in result.earnings.head(3).to_dict("records"):
        assert trace(
            result, row["participant_key"], row["component_key"], row["period_key"], plan_key=row["plan_key"]
        ).check()


def test_nothing_in_gives_nothing_out() -> None:
    empty = pd.DataFrame()
    result = compute(Facts(empty, empty, empty, empty), [])
    assert result.findings and not len(result.earnings)
