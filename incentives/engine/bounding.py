"""Amounts beyond any that the product keeps: refused before they are added up, because a sum of them would leave 64 bits unseen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from incentives.engine.contracts import Facts
from incentives.engine.credited import Credited
from incentives.engine.plan import UNIT_SCALE
from spm.core.money import AMOUNT_LIMIT

BEYOND = "amount_beyond"
"""The column of deals that marks those with such an amount; there only where there is one."""


def bounded_facts(facts: Facts) -> Facts:
    """The facts, where deals with an amount or quantity beyond the limit have 0 in its place and are marked."""
    lines = None if facts.lines is None else _bounded(facts.lines)
    return replace(facts, deals=_bounded(facts.deals), lines=lines)


def _bounded(deals: pd.DataFrame) -> pd.DataFrame:
    beyond = np.zeros(len(deals), dtype=bool)
    for name in deals.columns:
        if str(name).endswith("_minor") or name == "quantity":
            beyond |= _beyond(deals[name], AMOUNT_LIMIT if name != "quantity" else AMOUNT_LIMIT // UNIT_SCALE)
    if not beyond.any():
        return deals
    money = [name for name in deals.columns if str(name).endswith("_minor") or name == "quantity"]
    return deals.assign(**{name: deals[name].mask(beyond, 0) for name in money}, **{BEYOND: beyond})


def _beyond(column: pd.Series, limit: int) -> np.ndarray:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        values = column.to_numpy()
        return (values >= limit) | (values <= -limit)
    known = column.notna().to_numpy()
    found = np.zeros(len(column), dtype=bool)
    found[known] = [abs(value) >= limit for value in column[known].tolist()]
    return found


@dataclass(frozen=True)
class Summed:
    """Credits that can be added up, and the rows of those that could not: they are 0 in the credits."""

    credited: Credited
    rows: np.ndarray


def summable(credited: Credited, people: int) -> Summed:
    """The credits of people whose sums stay within the limit; all of a person's where they do not."""
    beyond = np.zeros(people, dtype=bool)
    for column in {id(each): each for each in (credited.amount, credited.value)}.values():
        if len(column):
            size = np.abs(column.astype(np.float64))
            beyond |= np.bincount(credited.participant, weights=size, minlength=people) >= AMOUNT_LIMIT
    if not beyond.any():
        return Summed(credited, np.array([], dtype=np.int64))
    lost = beyond[credited.participant]
    kept = replace(credited, amount=np.where(lost, 0, credited.amount), value=np.where(lost, 0, credited.value))
    return Summed(kept, np.flatnonzero(lost))
