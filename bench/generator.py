"""A made-up company from a fixed seed: the facts and the plan that everything in the bench computes.

2,000 sellers who change their position on some day of each year, two years of quarters, a quota per position and quarter, marginal tiers
with accelerators; every second deal is split between two sellers, so that there are 1.5 credits per deal; one deal in fifty is negative.
"""

from datetime import date

import numpy as np
import pandas as pd

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from spm.core.dated import FOREVER, day_number
from spm.core.money import RATE_SCALE
from spm.core.periods import Calendar, CalendarKind, periods_frame

SEED = 7
SELLERS = 2000
SEATS = 3
"""Positions that every seller holds one after another."""
START, END = date(2025, 1, 1), date(2027, 1, 1)
EDGES = (0, 50, 100, 125)
RATES = (3, 5, 8, 10)
PLAN_KEY = "bench"


def document() -> dict[str, object]:
    """Give the plan of the bench as people write it."""
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
    return {
        "plan": PLAN_KEY,
        "name": "Bench",
        "currency": "USD",
        "from": START.isoformat(),
        "until": END.isoformat(),
        "period": "QUARTERLY",
        "components": [component],
    }


def compiled(source: dict[str, object]) -> Plan:
    """Give a plan of the bench, which has no findings."""
    made, findings = compile_plan(source)
    if made is None:
        raise SystemExit("\n".join(finding.message for finding in findings))
    return made


def plan() -> Plan:
    """Give the plan of the bench, compiled."""
    return compiled(document())


def facts(deals: int) -> Facts:
    """Give the frames of that many deals; quotas grow with the number of deals, so that attainment stays around 100 %."""
    dice = np.random.default_rng(SEED)
    frame = _deals(deals, dice)
    periods = periods_frame(Calendar(CalendarKind.QUARTERLY).periods(START, END))
    return Facts(
        deals=frame,
        positions=_positions(dice),
        assignments=pd.DataFrame(
            {"plan_key": [PLAN_KEY], "title_key": [0], "from_on": [day_number(START)], "until_on": [None]}
        ),
        periods=periods,
        quotas=_quotas(periods, int(frame["amount_minor"].sum())),
        splits=_splits(frame, dice),
    )


def _deals(count: int, dice: np.random.Generator) -> pd.DataFrame:
    amount = dice.lognormal(13, 1, count).astype(np.int64)
    amount[dice.integers(0, 50, count) == 0] *= -1
    return pd.DataFrame(
        {
            "deal_key": np.arange(count),
            "owner_key": dice.integers(0, SELLERS, count),
            "amount_minor": amount,
            "currency": pd.Categorical.from_codes(np.zeros(count, dtype=np.int8), categories=["USD"]),
            "credit_on": dice.integers(day_number(START), day_number(END), count).astype(np.int32),
        }
    )


def _positions(dice: np.random.Generator) -> pd.DataFrame:
    """Three positions per seller, with the first day of the second and third drawn."""
    first, last = day_number(START), day_number(END)
    third = (last - first) // SEATS
    moves = first + np.arange(1, SEATS) * third + dice.integers(-third // 2, third // 2, (SELLERS, SEATS - 1))
    start = np.column_stack([np.full(SELLERS, first), moves])
    end = np.column_stack([moves, np.full(SELLERS, FOREVER)])
    return pd.DataFrame(
        {
            "participant_key": np.repeat(np.arange(SELLERS), SEATS),
            "position_key": np.arange(SELLERS * SEATS),
            "title_key": 0,
            "from_on": start.ravel(),
            "until_on": end.ravel(),
        }
    )


def _quotas(periods: pd.DataFrame, total: int) -> pd.DataFrame:
    """One quota per position and quarter, between 80 and 120 % of what a seller sells on average."""
    mean = max(100, total // (SELLERS * len(periods)))
    position = np.repeat(np.arange(SELLERS * SEATS), len(periods))
    return pd.DataFrame(
        {
            "position_key": position,
            "period_key": np.tile(periods["period_key"].to_numpy(), SELLERS * SEATS),
            "measure": "amount",
            "amount_minor": mean // 100 * (80 + position % 5 * 10),
            "currency": "USD",
        }
    )


def _splits(deals: pd.DataFrame, dice: np.random.Generator) -> pd.DataFrame:
    """Every second deal is shared by its owner and another seller, in whole percents."""
    rows = np.arange(0, len(deals), 2)
    owner = deals["owner_key"].to_numpy()[rows]
    other = (owner + dice.integers(1, SELLERS, len(rows))) % SELLERS
    share = dice.integers(10, 91, len(rows)) * (RATE_SCALE // 100)
    return pd.DataFrame(
        {
            "deal_key": np.repeat(rows, 2),
            "participant_key": np.column_stack([owner, other]).ravel(),
            "share": np.column_stack([share, RATE_SCALE - share]).ravel(),
        }
    )
