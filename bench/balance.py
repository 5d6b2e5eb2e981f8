"""The optimiser of territories on made-up accounts with coordinates, beside what a greedy hand would do. The seed is fixed."""

import time
from collections.abc import Callable

import numpy as np

from bench.report import Figure, Report
from planning.engine.balancing import NOBODY, Problem, balance, cost_of, loads_of
from planning.engine.evenness import disruption, evenness

ACCOUNTS, SELLERS, TOWNS = 5_000, 100, 40
BAND = 0.05
SWITCH = 60.0
"""What it costs that an account changes hands, in kilometres of travel."""


def instance(seed: int = 20261127) -> Problem:
    """Accounts around towns, sellers who live among them, skewed loads, and today's sellers by distance with much noise."""
    dice = np.random.default_rng(seed)
    places = dice.uniform(0, 2000, (TOWNS, 2))[dice.integers(0, TOWNS, ACCOUNTS)] + dice.normal(0, 80, (ACCOUNTS, 2))
    homes = places[dice.choice(ACCOUNTS, SELLERS, replace=False)]
    loads = dice.lognormal(0, 1, ACCOUNTS)
    travel = np.sqrt(((places[:, None] - homes[None]) ** 2).sum(axis=2))
    owners = (travel * dice.lognormal(0, 0.5, travel.shape)).argmin(axis=1)
    costs = travel + SWITCH * (np.arange(SELLERS)[None] != owners[:, None])
    return Problem.even(loads, costs, owners, np.full(SELLERS, 1 / SELLERS), BAND)


def greedily(problem: Problem) -> np.ndarray:
    """Give each account, the heaviest first, to the cheapest seller who has room; where none has, to the one with most room."""
    found, room = np.full(len(problem.loads), NOBODY), problem.high.copy()
    for row in np.argsort(-problem.loads, kind="stable").tolist():
        fits = room >= problem.loads[row]
        costs = np.where(fits, problem.costs[row], np.inf)
        seller = int(costs.argmin()) if fits.any() else int(room.argmax())
        found[row] = seller
        room[seller] -= problem.loads[row]
    return found


def measure(report: Report) -> None:
    """Measure the optimiser and its quick mode against the bound, and the greedy baseline against the same one."""
    problem = instance()
    best = balance(problem)
    ways: dict[str, tuple[Callable[[], np.ndarray], float | None, float | None]] = {
        "optimiser": (lambda: balance(problem).sellers, 10.0, 1.0),
        "quick mode": (lambda: balance(problem, is_quick=True).sellers, 3.0, 2.0),
        "greedy": (lambda: greedily(problem), None, None),
        "today": (lambda: problem.owners, None, None),
    }
    for name, (way, seconds, percent) in ways.items():
        began, worked = time.perf_counter(), time.process_time()
        sellers = way()
        taken, work = time.perf_counter() - began, time.process_time() - worked
        _said(report, problem, name, sellers, best.bound, (taken, seconds, percent))
        report.add(Figure("balance", f"{name}: processor", ACCOUNTS, work, "s"))


def _said(
    report: Report,
    problem: Problem,
    name: str,
    sellers: np.ndarray,
    bound: float,
    timed: tuple[float, float | None, float | None],
) -> None:
    taken, seconds, percent = timed
    loads = loads_of(problem, sellers)
    fair = problem.loads.sum() / SELLERS
    far = float(np.abs(loads / fair - 1).max()) * 100
    variation = evenness(loads.tolist()).variation or 0.0
    moved = disruption(problem.loads.tolist(), problem.owners.tolist(), sellers.tolist())
    add = lambda what, value, unit, most=None: report.add(  # noqa: E731
        Figure("balance", f"{name}: {what}", ACCOUNTS, value, unit, at_most=most)
    )
    add("time", taken, "s", seconds)
    add("gap to the proven bound", (cost_of(problem, sellers) / bound - 1) * 100, "%", percent)
    add("farthest load from fair", far, "%", None if percent is None else 100 * BAND + 1e-6)
    add("variation of loads", variation * 100, "%")
    add("load that changes hands", moved * 100, "%")
