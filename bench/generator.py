"""Deals of a made-up company from a fixed seed: sellers with quarterly quotas over two years, one credit per deal."""

from datetime import date

import numpy as np
import pandas as pd

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from spm.core.dated import day_number
from spm.core.periods import Calendar, CalendarKind, periods_frame

SEED = 7
SELLERS = 2000
START, END = date(2025, 1, 1), date(2027, 1, 1)
QUOTA_MINOR = 25_000_000
EDGES = (0, 50, 100, 125)
RATES = (3, 5, 8, 10)


def plan() -> Plan:
    """Give the plan of the bench: marginal tiers on attainment of the quarter."""
    tiers = [{"from": f"{edge} %", "rate": f"{rate} %"} for edge, rate in zip(EDGES, RATES, strict=True)]
    for tier, end in zip(tiers, EDGES[1:], strict=False):
        tier["until"] = f"{end} %"
    component = {
        "key": "commission",
        "name": "Commission",
        "credit": {"kind": "DIRECT"},
        "quota": "amount",
        "tiers": tiers,
    }
    made, findings = compile_plan(
        {
            "plan": "bench",
            "name": "Bench",
            "currency": "USD",
            "from": START.isoformat(),
            "until": END.isoformat(),
            "period": "QUARTERLY",
            "components": [component],
        }
    )
    if made is None:
        raise SystemExit("\n".join(finding.message for finding in findings))
    return made


def facts(deals: int) -> Facts:
    """Give the frames of that many deals; quotas grow with the number of deals, so that attainment stays around 100 %."""
    dice = np.random.default_rng(SEED)
    start, end = day_number(START), day_number(END)
    frame = pd.DataFrame(
        {
            "deal_key": np.arange(deals),
            "source_key": [f"D{number}" for number in range(deals)],
            "owner_key": dice.integers(0, SELLERS, deals),
            "amount_minor": dice.lognormal(13, 1, deals).astype(np.int64),
            "currency": "USD",
            "credit_on": dice.integers(start, end, deals).astype(np.int32),
        }
    )
    periods = periods_frame(Calendar(CalendarKind.QUARTERLY).periods(START, END))
    quota = max(1, int(frame["amount_minor"].sum()) // (SELLERS * len(periods)))
    sellers = np.arange(SELLERS)
    return Facts(
        deals=frame,
        positions=pd.DataFrame(
            {"participant_key": sellers, "position_key": sellers, "title_key": 0, "from_on": start, "until_on": None}
        ),
        assignments=pd.DataFrame({"plan_key": ["bench"], "title_key": [0], "from_on": [start], "until_on": [None]}),
        periods=periods,
        quotas=pd.DataFrame(
            [(seller, key, "amount", quota, "USD") for seller in sellers for key in periods["period_key"]],
            columns=["position_key", "period_key", "measure", "amount_minor", "currency"],
        ),
    )
