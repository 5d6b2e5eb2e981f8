"""What a deal states of the columns that a component asks, in words: for the trace of its credits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from incentives.engine.assigning import codes_of
from incentives.engine.conditions import column_of
from incentives.engine.phrases import money, percent
from incentives.engine.plan import Component, columns_of
from spm.core.dated import day_text
from spm.core.money import RATE_SCALE


def stated_of(deals: pd.DataFrame, component: Component, keys: Iterable[object]) -> dict[object, str]:
    """By deal key what the deal states of each column that the component's conditions, measure and rates name."""
    wanted = list(dict.fromkeys(keys))
    rows = (
        codes_of(pd.Index(deals["deal_key"]), np.array(wanted, dtype=object))
        if wanted
        else np.array([], dtype=np.int64)
    )
    columns = {name: column_of(deals, name) for name in sorted(set(columns_of(component)))}
    found = {}
    for key, row in zip(wanted, rows.tolist(), strict=True):
        if row < 0:
            continue
        currency = str(deals["currency"].iloc[row])
        parts = [_said(name, column.iloc[row], currency) for name, column in columns.items() if column is not None]
        found[key] = ", ".join(parts)
    return found


def _said(name: str, value: object, currency: str) -> str:
    words = name.removesuffix("_minor").removesuffix("_key").replace("_", " ")
    if value is None or value is pd.NA or value != value:
        return f"no {words}"
    if name.endswith("_minor"):
        return f"{words} {money(int(str(value)), currency)}"
    if name.endswith("_rate") or name in ("discount", "share"):
        return f"{words} {percent(int(str(value)), RATE_SCALE)}"
    return f"{words} {day_text(int(str(value))) if name.endswith('_on') else value}"
