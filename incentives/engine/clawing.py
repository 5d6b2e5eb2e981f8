"""Clawback: how much of what a sale earned its return takes back, and over which pay periods."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from incentives.engine.plan_settling import Clawback, Span
from incentives.engine.spans import after
from spm.core.money import split

ALL = Fraction(1)


def taken_share(clawback: Clawback | None, sold_on: int, returned_on: int) -> Fraction:
    """The share of a sale's pay that comes back: the clawed share × (remaining window ÷ window, or 1), nothing after the window.

    The return of a whole sale is meant; of a part of one, the part. Source: domain.md C5.

    >>> taken_share(Clawback(Span(days=90), pro_rata=True), 0, 30)
    Fraction(2, 3)
    >>> taken_share(Clawback(Span(months=9), pro_rata=True, by_months=True), 0, 89)
    Fraction(2, 3)
    """
    if clawback is None:
        return ALL
    if clawback.within is None:
        return clawback.share
    end = after(sold_on, clawback.within)
    left = end - max(sold_on, returned_on)
    if left <= 0:
        return Fraction(0)
    if clawback.by_months:
        months = clawback.within.months
        begun = sum(1 for count in range(months) if after(sold_on, Span(months=count)) <= returned_on)
        return clawback.share * Fraction(months - begun, months)
    return clawback.share * Fraction(left, end - sold_on) if clawback.pro_rata else clawback.share


def taken_shares(
    clawback: Clawback | None, sold_on: np.ndarray, returned_on: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Numerators and denominators of the shares of many returns; None where all of it comes back."""
    if clawback is None or not clawback.is_limited:
        return None
    shares = [taken_share(clawback, *days) for days in zip(sold_on.tolist(), returned_on.tolist(), strict=True)]
    return (
        np.array([share.numerator for share in shares], dtype=np.int64),
        np.array([share.denominator for share in shares], dtype=np.int64),
    )


def due_by_now(amount: int, clawback: Clawback | None, periods: int) -> int:
    """What of a clawback is due in the first so many pay periods, its own counted: equal instalments, the residue in the first ones."""
    count = 1 if clawback is None else clawback.instalments
    if count == 1 or periods >= count:
        return amount
    return sum(split(amount, [1] * count, range(count))[: max(0, periods)])
