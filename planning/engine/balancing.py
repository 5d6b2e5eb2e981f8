"""Balancing: who gets which account, at the least cost, so that every seller's load stays within a band. With a proven lower bound.

The way: prices of load are found on the smoothed dual, which has one price per seller; the linear program over the few cheapest sellers
of each account, widened until no seller outside could better it, is the exact relaxation; its few split accounts are given whole, and
moves and swaps of single accounts bring every load into its band and the cost down. The bound is that of the relaxation over all
sellers, so the gap holds against every assignment there is. Floats: nobody is paid by them.

Source: transportation LP with split resolution, Hess and Samuels 1971, Zoltners and Sinha 1983; measured in docs/scale.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog, minimize
from scipy.sparse import csr_matrix, hstack, identity, vstack

from planning.engine.evenness import Evenness, evenness
from spm.core.findings import Finding

CHEAPEST = 4
"""Sellers of each account that the first program knows."""
NEAR = 6
"""Sellers of each account that are tried by moves and swaps."""
EXACT = 1e-9
NOBODY = -1


@dataclass(frozen=True)
class Problem:
    """Accounts (rows) and sellers (columns). `costs` is infinite where a seller may not have an account; `loads` are above 0.

    `low` and `high` bound the sum of loads of each seller. `owners` are the sellers of today by number, NOBODY where there is none.
    """

    loads: np.ndarray
    costs: np.ndarray
    low: np.ndarray
    high: np.ndarray
    owners: np.ndarray

    @classmethod
    def even(cls, loads: np.ndarray, costs: np.ndarray, owners: np.ndarray, shares: np.ndarray, band: float) -> Problem:
        """A problem in which each seller's load is within `band` (0.05 is 5 %) of its share; shares sum to 1."""
        fair = loads.sum() * shares
        return cls(loads, costs, fair * (1 - band), fair * (1 + band), owners)


@dataclass(frozen=True)
class Proposal:
    """The seller of each account by number, what it costs, and the bound below which no assignment can be.

    `gap` is (objective - bound) / bound; None where the bound is 0 or the band can't be kept. `findings` name sellers out of their band.
    """

    sellers: np.ndarray
    objective: float
    bound: float
    gap: float | None
    evenness: Evenness
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Relaxed:
    """The exact relaxation: the seller who has most of each account, reduced costs, the bound, load missing and in excess by seller."""

    sellers: np.ndarray
    reduced: np.ndarray
    bound: float
    missing: np.ndarray
    excess: np.ndarray


def balance(problem: Problem, *, is_quick: bool = False) -> Proposal:
    """Propose an assignment; a quick one leaves out the swaps. Equal problems give equal proposals.

    Raises ValueError for an account that no seller may have, with its row.
    """
    nobody = np.flatnonzero(~np.isfinite(problem.costs).any(axis=1))
    if len(nobody):
        raise ValueError(f"No seller may have the account of row {nobody[0]}. Allow one, or leave the account out.")
    relaxed = _relaxed(problem)
    widened = replace(problem, low=problem.low - relaxed.missing, high=problem.high + relaxed.excess)
    search = _Search(widened, relaxed)
    search.settle()
    if not is_quick:
        search.swap()
    return _proposal(problem, search.sellers, relaxed)


def cost_of(problem: Problem, sellers: np.ndarray) -> float:
    """What an assignment costs."""
    return float(problem.costs[np.arange(len(sellers)), sellers].sum())


def loads_of(problem: Problem, sellers: np.ndarray) -> np.ndarray:
    """The load of every seller; accounts of nobody count for nobody."""
    has = sellers != NOBODY
    return np.bincount(sellers[has], problem.loads[has], len(problem.low))


def _proposal(problem: Problem, sellers: np.ndarray, relaxed: _Relaxed) -> Proposal:
    objective, loads = cost_of(problem, sellers), loads_of(problem, sellers)
    findings = tuple(_outside(problem, loads))
    gap = None if findings or relaxed.bound <= 0 else objective / relaxed.bound - 1
    return Proposal(sellers, objective, relaxed.bound, gap, evenness(loads.tolist()), findings)


def _outside(problem: Problem, loads: np.ndarray) -> list[Finding]:
    found = []
    slack = EXACT * problem.loads.sum()
    for row in np.flatnonzero((loads > problem.high + slack) | (loads < problem.low - slack)).tolist():
        over = bool(loads[row] > problem.high[row])
        by = float(loads[row] - problem.high[row] if over else problem.low[row] - loads[row])
        what = f"The load of seller {row} is {by:.6g} {'above' if over else 'below'} its band."
        fix = "Widen the band, release fixed or protected accounts, or allow more sellers for them."
        about = (("seller", row), ("by", round(by, 9)), ("is_over", int(over)))
        found.append(Finding("BAND_INFEASIBLE", f"seller {row}", what, "The plan is not even there.", fix, about=about))
    return found


def _relaxed(problem: Problem) -> _Relaxed:
    """Solve the relaxation over all sellers by columns: widen the program until no column outside could better it."""
    count, sellers = problem.costs.shape
    finite = np.isfinite(problem.costs)
    prices = _prices(replace(problem, costs=np.where(finite, problem.costs, _prohibitive(problem))))
    keys = _cheapest(problem.costs + problem.loads[:, None] * prices[None, :], CHEAPEST)
    keys = keys[finite.ravel()[keys]]
    while True:
        rows, columns = keys // sellers, keys % sellers
        found = _program(problem, rows, columns)
        prices = found.ineqlin.marginals[sellers:] - found.ineqlin.marginals[:sellers]
        full = problem.costs + problem.loads[:, None] * prices[None, :]
        reduced = full - found.eqlin.marginals[:, None]
        better = np.flatnonzero((reduced < -1e-7 * max(1.0, _largest(problem))).ravel())
        fresh = np.setdiff1d(better, keys, assume_unique=True)
        if not len(fresh):
            break
        keys = np.union1d(keys, fresh)
    given = csr_matrix((found.x[: len(keys)], (rows, columns)), shape=(count, sellers)).toarray()
    bounds = found.ineqlin.marginals
    bound = float(full.min(axis=1).sum() + bounds[:sellers] @ problem.high - bounds[sellers:] @ problem.low)
    excess, missing = found.x[len(keys) : len(keys) + sellers], found.x[len(keys) + sellers :]
    return _Relaxed(given.argmax(axis=1), full - full.min(axis=1, keepdims=True), bound, missing, excess)


def _prohibitive(problem: Problem) -> float:
    """A cost in place of an infinite one, where prices are only guessed."""
    return 1e3 * (_largest(problem) + 1)


def _largest(problem: Problem) -> float:
    return float(np.abs(problem.costs[np.isfinite(problem.costs)]).max())


def _program(problem: Problem, rows: np.ndarray, columns: np.ndarray) -> Any:
    """The linear program over some columns, with a dear way out of every band, so that it always has an answer."""
    count, sellers = problem.costs.shape
    costs, numbers = problem.costs[rows, columns], np.arange(len(rows))
    whole = csr_matrix((np.ones(len(rows)), (rows, numbers)), shape=(count, len(rows)))
    loads = csr_matrix((problem.loads[rows], (columns, numbers)), shape=(sellers, len(rows)))
    none, one = csr_matrix((count, 2 * sellers)), identity(sellers, format="csr")
    out = hstack([one * -1, csr_matrix((sellers, sellers))]), hstack([csr_matrix((sellers, sellers)), one * -1])
    least = max(float(problem.loads.min()), 1e-3 * float(problem.loads.mean()))
    dear = np.full(2 * sellers, 10 * (_largest(problem) + 1) / least)
    return linprog(
        np.concatenate([costs, dear]),
        A_ub=vstack([hstack([loads, out[0]]), hstack([loads * -1, out[1]])]).tocsr(),
        b_ub=np.concatenate([problem.high, -problem.low]),
        A_eq=hstack([whole, none]).tocsr(),
        b_eq=np.ones(count),
        bounds=(0, None),
        method="highs-ds",
    )


def _cheapest(costs: np.ndarray, count: int) -> np.ndarray:
    """The keys (row * sellers + seller) of the cheapest sellers of each account, in order."""
    count = min(count, costs.shape[1])
    near = np.argpartition(costs, count - 1, axis=1)[:, :count]
    return np.sort((np.arange(len(costs))[:, None] * costs.shape[1] + near).ravel())


def _prices(problem: Problem) -> np.ndarray:
    """Prices of load by seller at which the loads nearly fit: L-BFGS on the dual, smoothed less and less."""
    scale = float(np.abs(problem.costs.min(axis=1)).mean()) or 1.0
    prices = np.zeros(len(problem.low))
    for heat in (0.5 * scale, 0.1 * scale):
        prices = minimize(_dual, prices, (problem, heat), jac=True, method="L-BFGS-B", options={"maxiter": 25}).x
    return prices


def _dual(prices: np.ndarray, problem: Problem, heat: float) -> tuple[float, np.ndarray]:
    """The negative smoothed dual and its slope."""
    scaled = -(problem.costs + problem.loads[:, None] * prices[None, :]) / heat
    top = scaled.max(axis=1, keepdims=True)
    parts = np.exp(scaled - top)
    sums = parts.sum(axis=1, keepdims=True)
    bounds = np.where(prices > 0, problem.high, problem.low)
    value = -heat * float((np.log(sums) + top).sum()) - float(prices @ bounds)
    return -value, bounds - problem.loads @ (parts / sums)


class _Search:
    """Moves single accounts between sellers who are near to them by reduced cost, and swaps pairs."""

    def __init__(self, problem: Problem, relaxed: _Relaxed) -> None:
        self._problem = problem
        self.sellers = relaxed.sellers.copy()
        self._loads = loads_of(problem, self.sellers)
        near = _cheapest(relaxed.reduced, NEAR)
        self._rows, self._to = near // len(problem.low), near % len(problem.low)
        keep = np.isfinite(problem.costs[self._rows, self._to])
        self._rows, self._to = self._rows[keep], self._to[keep]
        self._reduced = relaxed.reduced

    def settle(self) -> None:
        """Move accounts, first into the bands at the least reduced cost, then where it costs less, until no move helps."""
        for _ in range(10 * len(self._problem.loads)):
            chosen = self._best()
            if chosen is None:
                return
            self._give(int(self._rows[chosen]), int(self._to[chosen]))

    def _best(self) -> int | None:
        problem, rows, to = self._problem, self._rows, self._to
        now, load = self.sellers[rows], problem.loads[rows]
        outside = self._outside(to, load) + self._outside(now, -load)
        if self._outside(np.arange(len(problem.low)), 0.0, of_now=True).sum() > EXACT:
            worse = np.maximum(self._reduced[rows, to] - self._reduced[rows, now], EXACT)
            helps = (outside < -EXACT) & (to != now)
            score = np.divide(worse, -outside, out=np.full(len(rows), np.inf), where=helps)
        else:
            cheaper = problem.costs[rows, to] - problem.costs[rows, now]
            helps = (outside <= EXACT) & (cheaper < -EXACT)
            score = np.where(helps, cheaper, np.inf)
        return int(score.argmin()) if helps.any() else None

    def _outside(self, sellers: np.ndarray, more: np.ndarray | float, *, of_now: bool = False) -> np.ndarray:
        """How much further outside of their bands sellers are with so much more load; `of_now` is how far they are as it stands."""
        low, high, loads = self._problem.low[sellers], self._problem.high[sellers], self._loads[sellers]
        before = np.maximum(loads - high, 0) + np.maximum(low - loads, 0)
        after = np.maximum(loads + more - high, 0) + np.maximum(low - loads - more, 0)
        return before if of_now else after - before

    def _give(self, row: int, seller: int) -> None:
        self._loads[self.sellers[row]] -= self._problem.loads[row]
        self._loads[seller] += self._problem.loads[row]
        self.sellers[row] = seller

    def swap(self, rounds: int = 30) -> None:
        """Swap pairs of accounts between two sellers where both stay in their bands and it costs less, the best ones first."""
        for _ in range(rounds):
            pairs = self._pairs()
            if not sum(self._swapped(*each) for each in pairs.itertuples(index=False)):
                return
            self.settle()

    def _pairs(self) -> pd.DataFrame:
        problem, now = self._problem, self.sellers[self._rows]
        moves = pd.DataFrame({"row": self._rows, "to": self._to, "now": now})
        moves["cost"] = problem.costs[self._rows, self._to] - problem.costs[self._rows, now]
        moves["worse"] = self._reduced[self._rows, self._to] - self._reduced[self._rows, now]
        moves = moves[moves["to"] != moves["now"]]
        moves = moves.nsmallest(4 * len(problem.loads) // 5 + 1, "worse")
        pairs = moves.merge(moves, left_on=["now", "to"], right_on=["to", "now"], suffixes=("", "_back"))
        pairs["gain"] = pairs["cost"] + pairs["cost_back"]
        pairs = pairs[(pairs["gain"] < -EXACT) & (pairs["row"] < pairs["row_back"])]
        return pairs.sort_values(["gain", "row", "row_back"])[["row", "to", "row_back", "to_back"]]

    def _swapped(self, row: int, to: int, row_back: int, to_back: int) -> bool:
        """Swap the two unless one of them moved meanwhile or a load would leave its band."""
        if self.sellers[row] != to_back or self.sellers[row_back] != to:
            return False
        more = float(self._problem.loads[row] - self._problem.loads[row_back])
        both = np.array([to, to_back])
        if self._outside(both, np.array([more, -more])).max() > EXACT:
            return False
        self._give(row, to)
        self._give(row_back, to_back)
        return True
