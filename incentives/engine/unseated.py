"""Those whose deals, or shares of deals, credit nobody: they hold no position on the credit date."""

from __future__ import annotations

import numpy as np
import pandas as pd

from incentives.engine.candidates import Lines
from incentives.engine.contracts import Facts
from incentives.engine.fact_words import deals_said
from spm.core.columns import first_rows, order_of
from spm.core.dated import day_text
from spm.core.findings import Finding


def unseated(lost: np.ndarray, direct: Lines, names: np.ndarray, facts: Facts) -> list[Finding]:
    """Those whose deals, or shares of deals, credit nobody (`lost`, rows of the lines): they hold no position on the credit date."""
    code, owners = pd.factorize(names[lost], sort=True)
    order = order_of(code, direct.day[lost], direct.deal[lost])
    lost, code = lost[order], code[order]
    opened = np.flatnonzero(first_rows(code) & (code >= 0))
    counts = np.bincount(code[code >= 0])
    keys = facts.deals["source_key"].to_numpy()
    return [
        _unseated(owner, count, keys[direct.deal[row]], int(direct.day[row]))
        for owner, count, row in zip(owners.tolist(), counts.tolist(), lost[opened].tolist(), strict=True)
    ]


def _unseated(owner: object, count: int, deal: object, day: int) -> Finding:
    return Finding(
        "OWNER_WITHOUT_POSITION",
        f"participant {owner}",
        f"{owner} owns or shares {deals_said(count)} and holds no position on the credit date, first {deal}, {day_text(day)}.",
        "These deals, or their shares, credit nobody.",
        "Date the position back, or correct the owner or the split.",
        about=(("participant_key", owner),),
    )
