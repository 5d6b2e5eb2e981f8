"""Sellers whom no plan pays: they own deals or carry a quota in a period, and nothing is calculated for them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from incentives.engine.assigning import codes_of
from incentives.engine.attainment import Windows
from incentives.engine.crediting import Crediting
from incentives.engine.words import CreditDate
from spm.core.findings import Finding, Severity


def on_no_plan(crediting: Crediting, windows: Windows, paid: Iterable[tuple[np.ndarray, np.ndarray]]) -> list[Finding]:
    """A warning for each person and period with a deal or a quota and no day on any plan; `paid` are the groups of the plans.

    Whoever holds no position has a finding of their own.
    """
    width = max(len(windows.start), 1)
    groups = [person * width + period for person, period in paid]
    planned = np.unique(np.concatenate(groups)) if groups else np.array([], dtype=np.int64)
    sold, carried = _sold(crediting, windows, width), _carried(crediting, windows, width)
    found = []
    for group in np.setdiff1d(np.union1d(sold, carried), planned).tolist():
        why = [word for word, having in (("deals", sold), ("a quota", carried)) if group in having]
        found.append(_finding(crediting.seats.participants[group // width], windows.keys[group % width], why))
    return found


def _sold(crediting: Crediting, windows: Windows, width: int) -> np.ndarray:
    """The groups of those who own, or share, a deal and hold a position on its day."""
    lines = crediting.direct(CreditDate.CREDITED)
    period = windows.holding(lines.day)
    seated = (lines.holding >= 0) & (period >= 0)
    return np.unique((lines.origin * width + period)[seated])


def _carried(crediting: Crediting, windows: Windows, width: int) -> np.ndarray:
    """The groups of those for whom, or for whose position, a quota of the period is entered."""
    quotas, seats = crediting.facts.quotas, crediting.seats
    assert quotas is not None
    row, period, _, _ = windows.spread(quotas["period_key"])
    found = [np.array([], dtype=np.int64)]
    if "participant_key" in quotas.columns:
        person = codes_of(seats.participants, quotas["participant_key"])[row]
        found.append((person * width + period)[person >= 0])
    if "position_key" in quotas.columns:
        position = codes_of(seats.positions, quotas["position_key"])[row]
        for start in np.unique(period).tolist():
            here = position[(period == start) & (position >= 0)]
            held = (
                np.isin(seats.position, here) & (seats.start < windows.end[start]) & (seats.end > windows.start[start])
            )
            found.append(np.unique(seats.participant[held]) * width + start)
    return np.unique(np.concatenate(found))


def _finding(person: object, period: object, why: list[str]) -> Finding:
    return Finding(
        "ON_NO_PLAN",
        f"participant {person}, {period}",
        f"{person} has {' and '.join(why)} in {period} and is on no plan that pays this period.",
        f"Nothing was calculated for {person}.",
        "Put the person, the position or its title on a plan, or leave it so where that is meant.",
        severity=Severity.WARNING,
        about=(("participant_key", person), ("period_key", period)),
    )
