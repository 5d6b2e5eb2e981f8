"""The same plan in as little NumPy as it takes: what the engine is measured against, and checked with, to the cent."""

import numpy as np

from bench.generator import EDGES, RATES, SELLERS
from incentives.engine.contracts import Facts
from spm.core.dated import day_numbers


def earned_by_numpy(facts: Facts) -> int:
    """Sum of all earnings in minor units, each rounded half away from zero once per seller and quarter."""
    assert facts.quotas is not None
    starts = np.sort(day_numbers(facts.periods["start_on"], missing=0))
    period = np.searchsorted(starts, facts.deals["credit_on"].to_numpy(), side="right") - 1
    group = facts.deals["owner_key"].to_numpy() * len(starts) + period
    credit = np.zeros(SELLERS * len(starts), dtype=np.int64)
    np.add.at(credit, group, facts.deals["amount_minor"].to_numpy())
    quota = int(facts.quotas["amount_minor"].iloc[0])
    total = np.zeros(len(credit), dtype=np.int64)
    for number, rate in enumerate(RATES):
        low = EDGES[number] * quota
        high = EDGES[number + 1] * quota if number + 1 < len(EDGES) else None
        part = np.maximum(credit * 100 - low, 0)
        total += rate * (part if high is None else np.minimum(part, high - low))
    return int(((total + 5_000) // 10_000).sum())
