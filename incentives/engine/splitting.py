"""Revenue splits must divide a whole deal: one that does not credits nobody, because any other division would be a guess."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from incentives.engine.contracts import Facts
from spm.core.findings import Finding
from spm.core.money import RATE_SCALE, Rate

OVERLAY = "OVERLAY"


def whole_splits(facts: Facts) -> tuple[Facts, list[Finding]]:
    """The facts without the deals whose revenue shares do not sum to 100 %, and a finding for each of those."""
    splits = facts.splits
    if splits is None or not len(splits):
        return facts, []
    code, keys = pd.factorize(splits["deal_key"])
    share, total, states = (
        splits["share"].to_numpy(np.int64),
        np.zeros(len(keys), dtype=np.int64),
        np.zeros(len(keys), dtype=bool),
    )
    revenue = (splits["credit_type"] != OVERLAY).to_numpy() if "credit_type" in splits.columns else slice(None)
    np.add.at(total, code[revenue], share[revenue])
    states[code[revenue]] = True
    torn = np.flatnonzero(states & (total != RATE_SCALE))
    if not len(torn):
        return facts, []
    sums = dict(zip(keys[torn].tolist(), total[torn].tolist(), strict=True))
    deals = facts.deals[facts.deals["deal_key"].isin(keys[torn])]
    findings = [_torn(deal, sums[deal["deal_key"]]) for deal in deals.to_dict("records")]
    lines = None if facts.lines is None else _without(facts.lines, keys[torn])
    return replace(facts, deals=_without(facts.deals, keys[torn]), lines=lines), findings


def _without(deals: pd.DataFrame, keys: pd.Index) -> pd.DataFrame:
    return deals[~deals["deal_key"].isin(keys)].reset_index(drop=True)


def _torn(deal: dict[object, object], total: int) -> Finding:
    source = deal["source_key"]
    shown = Rate(total)
    return Finding(
        "SPLIT_NOT_WHOLE",
        f"deal {source}",
        f"The revenue shares of {source} sum to {shown}, not to 100 %.",
        "The deal credits nobody.",
        "Correct its shares.",
        about=(("source_key", source),),
    )
