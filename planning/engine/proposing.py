"""From accounts as they stand to a proposal: an index of workload, potential and sales that is to be even, and what moving costs.

What is proposed changes nothing; a person looks at it, edits it and commits it. Floats: nobody is paid by them.

Source: domain.md C8, balance metrics; issue 5, balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planning.engine import travelling
from planning.engine.balancing import NOBODY, Problem, balance
from planning.engine.evenness import Evenness, disruption, evenness
from planning.engine.skills import Fit, missing_everywhere
from spm.core.findings import Finding, Severity

MEASURES = ("workload", "potential", "sales")
POINTS = 1_000.0
"""The index of all accounts together."""


@dataclass(frozen=True)
class Weights:
    """What counts in the index (only proportions matter), and what a move, a split region, a way and lacking skills cost, in points."""

    workload: float = 1
    potential: float = 1
    sales: float = 1
    moves: float = 1
    regions: float = 0
    travel: float = 0
    skills: float = 0


@dataclass(frozen=True)
class Patch:
    """A territory that gets accounts: what it is called, and how much it can carry beside the others (1 is one full seat)."""

    name: str
    capacity: float


@dataclass(frozen=True)
class Solved:
    """The patch of each account by number, with what proves how good it is. Without an assignment in the band there is no `bound`."""

    patches: np.ndarray
    loads: np.ndarray
    """The index of each account; all together are POINTS."""
    objective: float
    bound: float | None
    gap: float | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Standing:
    """How an assignment stands: the load of each patch against its fair one (1 is fair), how even that is, and how whole regions are."""

    against_fair: tuple[float, ...]
    even: Evenness
    largest_off: float
    """The largest distance of a load from its fair one, as a share of it."""
    outside_region: float
    """The share of the load that lies in a region of which another patch has more."""


def index_of(accounts: pd.DataFrame, weights: Weights) -> tuple[np.ndarray, list[Finding]]:
    """The index of each account in points; a measure that is 0 for all is a finding, and the others share its weight.

    >>> frame = pd.DataFrame({"workload": [1, 1], "potential": [0, 0], "sales": [30, 10]})
    >>> index_of(frame, Weights())[0].tolist()
    [625.0, 375.0]
    """
    found, whole, findings = np.zeros(len(accounts)), 0.0, []
    for name in MEASURES:
        weight, values = getattr(weights, name), accounts[name].to_numpy(dtype=float)
        if weight <= 0:
            continue
        if values.sum() <= 0:
            findings.append(_empty(name))
            continue
        found, whole = found + weight * values / values.sum(), whole + weight
    return (found / whole * POINTS if whole else found), findings


def propose(
    accounts: pd.DataFrame,
    patches: Sequence[Patch],
    weights: Weights,
    band: float,
    *,
    fit: Fit | None = None,
    is_quick: bool = False,
) -> Solved:
    """Propose a patch for each account: `accounts` has MEASURES, region (text), patch (number of today's, NOBODY), is_fixed;
    where travel costs, latitude and longitude (NaN: not known).

    Each patch's load is to lie within `band` of its fair part, by capacity. Fixed accounts keep their patch; what weighs nothing in the
    index stays where it is. With `fit`, no account that is free goes to a patch without a skill that it requires.
    """
    loads, findings = index_of(accounts, weights)
    today = accounts["patch"].to_numpy(np.int64)
    rows = np.flatnonzero(loads > 0)
    capacity = np.array([each.capacity for each in patches])
    unplaced = int(np.isnan(places_of(accounts)).any(axis=1).sum()) if weights.travel > 0 else 0
    if unplaced:
        findings.append(_nowhere() if unplaced == len(accounts) else _unplaced(unplaced, len(accounts)))
    if not len(rows) or not len(patches):
        return Solved(today, loads, 0.0, 0.0, None, (*findings, _nothing()))
    costs = _costs(accounts, loads, len(patches), weights, fit)
    findings += [] if fit is None else missing_everywhere(accounts, fit)
    problem = Problem.even(loads[rows], costs[rows], today[rows], capacity / capacity.sum(), band)
    solved = balance(problem, is_quick=is_quick)
    found = today.copy()
    found[rows] = solved.sellers
    if solved.findings:
        findings += _why_not(accounts, loads, found, patches, band)
    bound = None if solved.findings else solved.bound
    return Solved(found, loads, solved.objective, bound, solved.gap, tuple(findings))


def standing(loads: np.ndarray, chosen: np.ndarray, regions: Sequence[str], patches: Sequence[Patch]) -> Standing:
    """Measure an assignment; accounts of nobody count for nobody."""
    has = chosen != NOBODY
    sums = np.bincount(chosen[has], loads[has], len(patches))
    capacity = np.array([each.capacity for each in patches])
    fair = loads.sum() * capacity / capacity.sum()
    against = np.divide(sums, fair, out=np.zeros(len(sums)), where=fair > 0)
    held = pd.DataFrame({"region": np.asarray(regions, dtype=object)[has], "patch": chosen[has], "load": loads[has]})
    held = held[held["region"] != ""]
    by_patch = held.groupby(["region", "patch"])["load"].sum()
    outside = float(by_patch.sum() - by_patch.groupby(level="region").max().sum()) if len(by_patch) else 0.0
    off = float(np.abs(against - 1).max()) if len(against) else 0.0
    return Standing(tuple(against.tolist()), evenness(against.tolist()), off, outside / float(loads.sum() or 1))


def moved(loads: np.ndarray, before: np.ndarray, after: np.ndarray) -> float:
    """The share of the index that changes hands."""
    was = [None if row == NOBODY else row for row in before.tolist()]
    return disruption(loads.tolist(), was, after.tolist())


def places_of(accounts: pd.DataFrame) -> np.ndarray:
    """Latitude and longitude of each account, NaN where they are not known."""
    return accounts[["latitude", "longitude"]].to_numpy(dtype=float)


def _costs(
    accounts: pd.DataFrame, loads: np.ndarray, count: int, weights: Weights, fit: Fit | None = None
) -> np.ndarray:
    """What each account costs in each patch: its index where it moves, its region is elsewhere, by its way and the skills that lack.

    Infinite where it is fixed elsewhere, or where the patch lacks a skill that it requires.
    """
    today = accounts["patch"].to_numpy(np.int64)
    has = today != NOBODY
    moves = np.arange(count)[None, :] != today[:, None]
    costs = weights.moves * loads[:, None] * (moves & has[:, None])
    if weights.regions > 0:
        codes, names = pd.factorize(accounts["region"].where(accounts["region"] != "", None))
        held = np.zeros((len(names) + 1, count))
        np.add.at(held, (codes[has], today[has]), loads[has])
        sums = held.sum(axis=1, keepdims=True)
        part = np.divide(held, sums, out=np.ones_like(held), where=sums > 0)
        part[-1] = 1  # an account without a region is nowhere a stranger
        costs = costs + weights.regions * loads[:, None] * (1 - part[codes])
    if weights.travel > 0:
        costs = costs + weights.travel * loads[:, None] * travelling.costs(places_of(accounts), today, count)
    fixed = accounts["is_fixed"].to_numpy(bool) & has
    if fit is not None:
        costs = costs + weights.skills * loads[:, None] * fit.lacking()
        costs[fit.barred() & ~fixed[:, None]] = np.inf
    costs[fixed] = np.where(moves[fixed], np.inf, costs[fixed])
    return costs


def _why_not(
    accounts: pd.DataFrame, loads: np.ndarray, found: np.ndarray, patches: Sequence[Patch], band: float
) -> list[Finding]:
    """What keeps which patch out of its band, and by how much: an account larger than any may carry, fixed ones, or the sum of it all."""
    capacity = np.array([each.capacity for each in patches])
    fair = loads.sum() * capacity / capacity.sum()
    high, low = fair * (1 + band), fair * (1 - band)
    sums = np.bincount(found[found != NOBODY], loads[found != NOBODY], len(patches))
    today, fixed = accounts["patch"].to_numpy(np.int64), accounts["is_fixed"].to_numpy(bool)
    said = [_too_large(accounts, loads, high)] if loads.max() > high.max() else []
    for number, patch in enumerate(patches):
        own = float(loads[fixed & (today == number)].sum())
        over, under = float(sums[number] - high[number]), float(low[number] - sums[number])
        if own > high[number]:
            said.append(_fixed(patch, own / fair[number] - 1, band))
        elif max(over, under) > 1e-9 * loads.sum():
            said.append(_outside(patch, max(over, under) / fair[number], is_over=over > 0))
    return said


def _too_large(accounts: pd.DataFrame, loads: np.ndarray, high: np.ndarray) -> Finding:
    row = int(loads.argmax())
    name, over = str(accounts["name"].iloc[row]), float(loads[row] - high.max())
    what = f"{name} alone is {loads[row] / POINTS:.1%} of the whole index, {over / POINTS:.1%} more than any territory may carry."
    fix = "Widen the band, lower the weight of what makes it so large, or share the account by a territory of its own."
    return Finding(
        "ACCOUNT_ABOVE_BAND", name, what, "No assignment is even.", fix, about=(("by", round(over / POINTS, 9)),)
    )


def _fixed(patch: Patch, over: float, band: float) -> Finding:
    what = f"The fixed accounts of {patch.name} alone are {over:.1%} above its fair load; {band:.0%} are allowed."
    fix = "Release some of them, give the territory more capacity, or widen the band."
    return Finding(
        "FIXED_ABOVE_BAND", patch.name, what, "No assignment is even.", fix, about=(("by", round(over - band, 9)),)
    )


def _outside(patch: Patch, by: float, *, is_over: bool) -> Finding:
    what = f"The load of {patch.name} is {by:.1%} of its fair load {'above' if is_over else 'below'} the band."
    fix = "Widen the band, release fixed accounts, require fewer skills, or correct the capacity."
    return Finding(
        "BAND_INFEASIBLE", patch.name, what, "The proposal is not even there.", fix, about=(("by", round(by, 9)),)
    )


def _empty(name: str) -> Finding:
    what, why = f"Nothing is known of {name} for any of these accounts.", "Its weight goes to the other measures."
    return Finding("MEASURE_EMPTY", name, what, why, "Import it, or set its weight to 0.", Severity.WARNING)


def _nothing() -> Finding:
    what, why = "There is no account that weighs anything, or no territory to give it to.", "Nothing is proposed."
    return Finding("NOTHING_TO_BALANCE", "accounts", what, why, "Choose other territories or other weights.")


def _unplaced(count: int, whole: int) -> Finding:
    what = f"{count} of {whole} accounts have no latitude and longitude."
    fix = "Import them with the accounts, or keep regions together instead."
    return Finding("PLACE_UNKNOWN", "travel", what, "Their travel counts 0.", fix, Severity.WARNING)


def _nowhere() -> Finding:
    what, why = "No account has a latitude and a longitude.", "Travel costs nothing in this proposal."
    fix = "Import them with the accounts, or let splitting a region cost."
    return Finding("TRAVEL_UNKNOWN", "travel", what, why, fix, Severity.WARNING)
