"""What a worked example may state of a result beyond what is paid: components that are not paid themselves, and attainments."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.results import earnings_frame
from incentives.engine.run import Result, earnings_of
from spm.core.money import RATE_SCALE


def with_unpaid(result: Result, periods: Collection[str]) -> pd.DataFrame:
    """The earnings, and what the components with `paid: no` come to, in some periods."""
    frames = [result.earnings]
    for each in result.computed:
        parts = [earnings_of(each, one) for one in each.earned if not one.component.paid]
        frame = earnings_frame(parts, each.seats.participants, each.cells.windows)
        frames.append(frame[frame["period_key"].isin(list(periods))])
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else result.earnings


def attainments(result: Result, periods: Collection[str]) -> dict[str, Fraction]:
    """The attainment of every measure, by its key or its component's, of the last period in which one is known."""
    found: dict[str, Fraction] = {}
    for each in result.computed:
        named = {one.component.key: one.own for one in each.earned} | dict(each.room.measured)
        inside = np.isin(each.cells.windows.keys.take(each.cells.period).to_numpy(dtype=object), list(periods))
        for key, own in named.items():
            if own.goal is None:
                continue
            value, known = own.attainment()
            rows = np.flatnonzero(known & inside)
            if len(rows):
                order = np.argsort(each.cells.windows.rank(each.cells.period[rows]), kind="stable")
                found[key] = Fraction(int(value[rows[order[-1]]]), RATE_SCALE)
    return found
