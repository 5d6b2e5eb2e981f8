"""Manual credits count like a deal of their person, in the measure they name and nowhere else."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.run import compute
from incentives.engine.trace import trace

ALWAYS = {"from_on": "2026-01-01", "until_on": "2027-01-01"}
REPS = {
    "plan": "reps",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "components": [
        {
            "key": "commission",
            "quota": "amount",
            "credit": {"where": {"stage": "Won"}},
            "tiers": [{"from": "0 %", "until": "100 %", "rate": "5 %"}, {"from": "100 %", "rate": "10 %"}],
        },
        {"key": "spiff", "credit": {"where": {"stage": "Won"}}, "rate": "1 %"},
        {"key": "deals", "measure": "COUNT", "amount_each": 10},
    ],
}
BOSS = {
    "plan": "boss",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "components": [{"key": "override", "credit": {"kind": "ROLLUP"}, "rate": "1 %"}],
}


def facts(deals, manual):
    columns = ["deal_key", "owner_key", "amount_minor", "currency", "credit_on", "stage"]
    granted = ["deal_key", "source_key", "participant_key", "measure", "amount_minor", "currency", "credit_on"]
    people = ["al", "bo"]
    return Facts(
        deals=pd.DataFrame(deals, columns=columns),
        positions=pd.DataFrame({"participant_key": people, "position_key": people, **ALWAYS}),
        assignments=pd.DataFrame({"plan_key": ["reps", "boss"], "participant_key": people, **ALWAYS}),
        periods=pd.DataFrame({"period_key": ["Q1"], "start_on": ["2026-01-01"], "end_on": ["2026-04-01"]}),
        reporting=pd.DataFrame({"position_key": ["al"], "manager_position_key": ["bo"], **ALWAYS}),
        quotas=pd.DataFrame(
            {"participant_key": ["al"], "period_key": ["Q1"], "measure": ["amount"], "amount_minor": [1_000_00]}
        ),
        manual=pd.DataFrame(manual, columns=granted) if manual else None,
    )


def paid(deals, manual):
    plans = [compile_plan(document)[0] for document in (REPS, BOSS)]
    result = compute(facts(deals, manual), plans)
    found = result.earnings.set_index("component_key")["earned_minor"].to_dict()
    return result, {str(key): int(value) for key, value in found.items()}


DEAL = ("d1", "al", 600_00, "USD", "2026-02-01", "Won")
CREDIT = ("m1", "manual credit 1: Helped", "al", "commission", 500_00, "USD", "2026-02-10")


def test_a_manual_credit_counts_in_its_measure_alone():
    result, before = paid([DEAL], [])
    assert before == {"commission": 30_00, "spiff": 6_00, "deals": 10_00, "override": 6_00}
    result, after = paid([DEAL], [CREDIT])
    # 1,000.00 at 5 % and 100.00 at 10 %; spiff, count and the manager's override look at deals only
    assert after == {**before, "commission": 60_00}
    assert result.findings == ()
    mine = result.credits[result.credits["deal_key"] == "m1"]
    assert mine[["rule", "participant_key", "component_key", "credit_minor"]].to_numpy().tolist() == [
        ["manual", "al", "commission", 500_00]
    ]


def test_its_reason_stands_in_the_trace_and_the_trace_sums():
    result, _ = paid([DEAL], [CREDIT])
    node = trace(result, "al", "commission", "Q1", plan_key="reps")
    assert node.check() and "manual credit 1: Helped" in str(node)


def test_a_reversal_takes_it_back_to_the_cent():
    _, before = paid([DEAL], [])
    taken_back = ("m2", "manual credit 2: Mistaken", "al", "commission", -500_00, "USD", "2026-02-10")
    _, after = paid([DEAL], [CREDIT, taken_back])
    assert after == before


@pytest.mark.parametrize("measure", ["override", "deals", "nothing"])
def test_one_that_no_plan_takes_is_a_finding(measure):
    result, after = paid([DEAL], [(*CREDIT[:3], measure, *CREDIT[4:])])
    assert after["commission"] == 30_00
    [finding] = result.findings
    assert (finding.code, finding.keys["deal_key"]) == ("MANUAL_CREDIT_UNPLACED", "m1")
    assert measure in finding.what


def test_it_counts_without_any_deal_and_outside_the_periods_not_at_all():
    assert paid([], [CREDIT])[1]["commission"] == 25_00
    result, after = paid([DEAL], [(*CREDIT[:6], "2026-04-01")])
    assert after["commission"] == 30_00 and result.findings == ()


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(-50_000, 200_000), max_size=6),
    st.lists(st.integers(-50_000, 200_000), min_size=1, max_size=6),
)
def test_it_equals_a_deal_of_the_same_amount_that_only_this_component_credits(deals, granted):
    own = [(f"d{number}", "al", amount, "USD", "2026-02-01", "Won") for number, amount in enumerate(deals)]
    as_deals = [(f"e{number}", "al", amount, "USD", "2026-02-01", "Won") for number, amount in enumerate(granted)]
    manual = [
        (f"m{number}", f"m{number}", "al", "commission", amount, "USD", "2026-02-01")
        for number, amount in enumerate(granted)
    ]
    assert paid(own, manual)[1]["commission"] == paid(own + as_deals, [])[1]["commission"]
