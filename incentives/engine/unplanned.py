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
    people, keys = crediting.seats.participants, windows.keys
    planned = np.zeros((len(people), len(keys)), dtype=bool)
    for group in paid:
        planned[group] = True
    sold, carried = _sold(crediting, windows, planned.shape), _carried(crediting, windows, planned.shape)
    found = []
    for person, period in np.argwhere((sold | carried) & ~planned).tolist():
        why = [word for word, having in (("deals", sold), ("a quota", carried)) if having[person, period]]
        found.append(_finding(people[person], keys[period], why))
    return found


def _sold(crediting: Crediting, windows: Windows, shape: tuple[int, ...]) -> np.ndarray:
    """True by person and period for those who own, or share, a deal and hold a position on its day."""
    lines = crediting.direct(CreditDate.CREDITED)
    period = windows.holding(lines.day)
    seated = (lines.holding >= 0) & (period >= 0)
    found = np.zeros(shape, dtype=bool)
    found[lines.origin[seated], period[seated]] = True
    return found


def _carried(crediting: Crediting, windows: Windows, shape: tuple[int, ...]) -> np.ndarray:
    """True by person and period for those for whom, or for whose position, a quota of the period is entered."""
    quotas, seats = crediting.facts.quotas, crediting.seats
    assert quotas is not None
    row, period, _, _ = windows.spread(quotas["period_key"])
    found = np.zeros(shape, dtype=bool)
    if "participant_key" in quotas.columns:
        person = codes_of(seats.participants, quotas["participant_key"])[row]
        found[person[person >= 0], period[person >= 0]] = True
    if "position_key" in quotas.columns:
        position = codes_of(seats.positions, quotas["position_key"])[row]
        entered = np.zeros((len(seats.positions), shape[1]), dtype=bool)
        entered[position[position >= 0], period[position >= 0]] = True
        for place in range(shape[1]):
            held = entered[seats.position, place]
            held &= (seats.start < windows.end[place]) & (seats.end > windows.start[place])
            found[seats.participant[held], place] = True
    return found


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
