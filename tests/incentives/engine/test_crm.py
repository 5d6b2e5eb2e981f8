"""The public CRM set pays what was computed apart from this project, in every row, to the cent. Source: data/crm/README.md."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd
import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.run import Result, compute
from incentives.engine.trace import trace
from spm.core.money import parse_amount
from spm.core.periods import Calendar, CalendarKind, periods_frame

ROOT = Path(__file__).resolve().parents[3]
HEAD = {"currency": "USD", "from": "2017-01-01", "until": "2018-01-01", "period": "QUARTERLY"}
AGENTS = {
    "plan": "agents",
    **HEAD,
    "components": [
        {
            "key": "commission",
            "credit": {"kind": "DIRECT", "where": {"stage": "Won"}},
            "quota": "revenue",
            "tiers": [
                {"until": "50 %", "rate": "3 %"},
                {"until": "100 %", "rate": "5 %"},
                {"until": "125 %", "rate": "8 %"},
                {"rate": "10 %"},
            ],
        }
    ],
}
MANAGERS = {
    "plan": "managers",
    **HEAD,
    "components": [{"key": "override", "credit": {"kind": "ROLLUP", "where": {"stage": "Won"}}, "rate": "0.5 %"}],
}


@pytest.fixture(scope="module")
def folder() -> Path:
    found = Path(os.getenv("SPM_SHARED") or ROOT / ".." / "shared").resolve() / "data" / "crm"
    if not found.is_dir():
        line = f"The CRM set is not at {found} (set SPM_SHARED): its payouts were not compared."
        sys.stderr.write(f"{line}\n")
        if os.getenv("CI"):
            pytest.fail(line)
        pytest.skip(line)
    return found


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    pipeline = pd.read_csv(folder / "sales_pipeline.csv", dtype=str, keep_default_na=False)
    teams = pd.read_csv(folder / "sales_teams.csv", dtype=str)
    deals = pd.DataFrame(
        {
            "deal_key": pipeline["opportunity_id"],
            "source_key": pipeline["opportunity_id"],
            "owner_key": pipeline["sales_agent"],
            "amount_minor": [parse_amount(value or "0", "USD") for value in pipeline["close_value"]],
            "currency": "USD",
            "credit_on": pipeline["close_date"],
            "stage": pipeline["deal_stage"],
        }
    )
    agents, managers = list(teams["sales_agent"]), sorted(set(teams["manager"]))
    positions = pd.DataFrame(
        {
            "participant_key": agents + managers,
            "position_key": [f"seat of {name}" for name in agents + managers],
            "title_key": ["AGENT"] * len(agents) + ["MANAGER"] * len(managers),
            "from_on": "2016-10-01",
            "until_on": None,
        }
    )
    reporting = pd.DataFrame(
        {
            "position_key": "seat of " + teams["sales_agent"],
            "manager_position_key": "seat of " + teams["manager"],
            "from_on": "2016-10-01",
            "until_on": None,
        }
    )
    periods = periods_frame(Calendar(CalendarKind.QUARTERLY).year(2017))
    quotas = pd.DataFrame(
        [
            {"position_key": f"seat of {name}", "period_key": period, "measure": "revenue", "amount_minor": 9_000_000}
            for name in agents
            for period in periods["period_key"]
        ]
    )
    assignments = pd.DataFrame(
        {
            "plan_key": ["agents", "managers"],
            "title_key": ["AGENT", "MANAGER"],
            "from_on": "2017-01-01",
            "until_on": None,
        }
    )
    plans = [compile_plan(document)[0] for document in (AGENTS, MANAGERS)]
    facts = Facts(deals, positions, assignments, periods, reporting, quotas)
    return compute(facts, [plan for plan in plans if plan is not None])


def as_text(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def test_every_payout_is_as_expected(result: Result, folder: Path) -> None:
    expected = pd.read_csv(folder / "expected_payouts.csv", dtype=str)
    own = result.earnings[result.earnings["plan_key"] == "agents"]
    paid = {(row.participant_key, row.period_key): row for row in own.itertuples()}
    counts = result.credits.groupby(["participant_key", "component_key", "period_key"]).size()
    for row in expected.itertuples():
        earning = paid.pop((row.sales_agent, row.quarter))
        assert as_text(earning.earned_minor) == row.payout_usd, row
        assert earning.credit_minor == int(row.credit_usd) * 100
        assert round(earning.attainment / 10**6, 4) == pytest.approx(float(row.attainment_pct), abs=0.00006)
        assert counts[row.sales_agent, "commission", row.quarter] == int(row.won_deals)
    assert len(expected) == 120
    assert [row.earned_minor for row in paid.values()] == [0] * 20
    assert own["earned_minor"].sum() == 48_779_471
    assert result.findings == ()


def test_every_override_is_as_expected(result: Result, folder: Path) -> None:
    expected = pd.read_csv(folder / "expected_overrides.csv", dtype=str)
    own = result.earnings[result.earnings["plan_key"] == "managers"]
    paid = {
        (row.participant_key, row.period_key): (row.credit_minor, as_text(row.earned_minor)) for row in own.itertuples()
    }
    assert paid == {
        (row.manager, row.quarter): (int(row.team_credit_usd) * 100, row.override_usd) for row in expected.itertuples()
    }
    assert own["earned_minor"].sum() == 5_002_772


def test_every_amount_is_explained_down_to_its_deals(result: Result) -> None:
    node = trace(result, "Darcel Schlecht", "commission", "2017-Q2")
    assert node.check()
    slices = result.slices.groupby(["participant_key", "component_key", "period_key"])["amount_exact"].sum()
    for row in result.earnings.itertuples():
        assert abs(slices.get((row.participant_key, row.component_key, row.period_key), 0) - row.earned_minor) <= 0.5
    parts = result.credits.groupby(["participant_key", "component_key", "period_key"])["earned_minor"].sum()
    own = result.earnings.set_index(["participant_key", "component_key", "period_key"])["earned_minor"]
    assert (own.reindex(parts.index) == parts).all()
