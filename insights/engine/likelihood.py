"""How likely an open deal is won, from decided deals: logistic regression with a ridge, with its reasons, tested out of time.

A deal is looked at on days on which it was open, with what was known of it then. What only its end tells (the amount of a lost deal, its
close date) is never read. The regression is fitted on days before a cut and tested on later ones, beside two plain
answers: the share of decided deals that were won (base rate), and that share by stage (stage-weighted). Source: Hosmer, Lemeshow,
Applied Logistic Regression (2000); Brier, Verification of forecasts expressed in terms of probability (1950).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

RIDGE = 5.0
"""How strongly effects are drawn to none; the intercept is not."""

PRIOR = 20.0
"""As how many deals the share of everybody counts in the share of one group."""

AGES = ((0, 7), (8, 14), (15, 30), (31, 60), (61, 90), (91, 120), (121, 9999))
"""Bands of the age of a deal in days."""

STEPS = 25
SMALL = 1e-6
LEAST_TRAINED = 200
LEAST_TESTED = 100
"""Deals below which nothing is learned, or tried."""

BINS = 10
LEAST_IN_BIN = 200
"""Deals below which a part of the test says too little of its own; there are fewer parts then."""

LARGEST_GAP = 0.10
"""How far a part of the test may lie from what came."""


@dataclass(frozen=True)
class Looks:
    """Deals on days on which they were open: one row each. `won` says how they ended; `groups` are codes, -1 unknown.

    A deal that was open for long has many rows, which together count as one deal.
    """

    deal: np.ndarray
    day: np.ndarray
    won: np.ndarray
    stage: np.ndarray
    groups: dict[str, np.ndarray]
    numbers: dict[str, np.ndarray]

    @property
    def counts(self) -> np.ndarray:
        """How much of a deal each row is."""
        _, places, rows = np.unique(self.deal, return_inverse=True, return_counts=True)
        return np.asarray(1 / rows[places])

    def where(self, chosen: np.ndarray) -> "Looks":
        """Keep some rows."""
        return Looks(
            self.deal[chosen],
            self.day[chosen],
            self.won[chosen],
            self.stage[chosen],
            {name: codes[chosen] for name, codes in self.groups.items()},
            {name: values[chosen] for name, values in self.numbers.items()},
        )


@dataclass(frozen=True)
class Fitted:
    """A fitted regression: the columns by name, their middle, spread and weight; the share won by code of each group."""

    names: tuple[str, ...]
    middle: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    base: float
    shares: dict[str, dict[int, float]]
    stages: dict[int, float]
    slope: float = 1.0
    """What is kept of the effects: as much as held on later days that the fit did not know."""

    def chance(self, looks: Looks) -> np.ndarray:
        """Give how likely each row is won."""
        return _sigmoid(self.weights[0] + self.effects(looks).sum(axis=1))

    def effects(self, looks: Looks) -> np.ndarray:
        """Give by how much each column moves the log-odds of each row from those of the average deal: rows × columns."""
        return (_columns(looks, self.shares, self.base)[1] - self.middle) / self.spread * self.weights[1:] * self.slope

    def by_stage(self, looks: Looks) -> np.ndarray:
        """Give the share of decided deals that were won by the stage of each row."""
        return np.array([self.stages.get(int(code), self.base) for code in looks.stage])


@dataclass(frozen=True)
class Score:
    """How wrong likelihoods were: mean squared error, mean log loss (nats)."""

    brier: float
    log_loss: float


@dataclass(frozen=True)
class Trial:
    """The regression on deals it did not know, beside stage-weighting and the base rate; `bins` are rows, mean likelihood, share won."""

    trained: int
    tested: int
    model: Score
    stage: Score
    base: Score
    bins: tuple[tuple[int, float, float], ...]
    worst_bin: float

    @property
    def wins(self) -> bool:
        """Tell whether the regression was better than both plain answers in both measures."""
        others = (self.stage, self.base)
        return all(self.model.brier < one.brier and self.model.log_loss < one.log_loss for one in others)

    @property
    def refused(self) -> str:
        """Say why no likelihood is told; empty where the regression was better than the plain answers and what it said came."""
        tried = f"Tried on {self.tested} later deals that it did not know, the likelihood"
        if not self.wins:
            best = min(self.stage.brier, self.base.brier)
            return (
                f"{tried} was not better than the plain share of deals that are won, of all or of the stage"
                f" (Brier score {self.model.brier:.4f} against {best:.4f})."
            )
        if self.worst_bin > LARGEST_GAP:
            away, allowed = (f"{gap * 100:.0f}" for gap in (self.worst_bin, LARGEST_GAP))
            return f"{tried} was up to {away} points away from the share that was won; {allowed} are allowed."
        return ""


def fit(looks: Looks, decided_on: np.ndarray) -> Fitted:
    """Fit by Newton's method, then keep as much of the effects as held on the last third of the days."""
    cut = int(np.quantile(looks.day, 2 / 3))
    before, after = looks.where(decided_on < cut), looks.where(looks.day >= cut)
    fitted = _fit(looks)
    if len(before.won) < LEAST_TRAINED or before.won.all() or not before.won.any():
        return fitted
    earlier = _fit(before)
    moved = earlier.effects(after).sum(axis=1)
    slope = _newton(np.column_stack([np.ones(len(moved)), moved]), after.won, after.counts, np.zeros(2))[1]
    return replace(fitted, slope=float(np.clip(slope, 0, 1)))


def _fit(looks: Looks) -> Fitted:
    counts = looks.counts
    stages, base = stage_shares(looks)
    shares = {name: _shares(codes, looks.won, counts, base) for name, codes in looks.groups.items()}
    names, columns = _columns(looks, shares, base)
    middle = (columns * counts[:, None]).sum(axis=0) / counts.sum()
    spread = np.maximum(columns.std(axis=0), SMALL)
    design = np.column_stack([np.ones(len(columns)), (columns - middle) / spread])
    ridge = np.full(design.shape[1], RIDGE)
    ridge[0] = 0
    weights = _newton(design, looks.won, counts, ridge)
    return Fitted(names, middle, spread, weights, base, shares, stages)


def stage_shares(looks: Looks) -> tuple[dict[int, float], float]:
    """Give the share of decided deals that were won by the stage (code) in which they stood while open, and that of all."""
    counts = looks.counts
    base = float((looks.won * counts).sum() / counts.sum())
    return _shares(looks.stage, looks.won, counts, base), base


def _newton(design: np.ndarray, won: np.ndarray, counts: np.ndarray, ridge: np.ndarray) -> np.ndarray:
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = _sigmoid(design @ weights)
        slope = design.T @ ((won - chance) * counts) - ridge * weights
        bend = (design * (chance * (1 - chance) * counts)[:, None]).T @ design + np.diag(ridge + SMALL)
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < SMALL:
            break
    return weights


def trial(looks: Looks, decided_on: np.ndarray, cut: int) -> Trial | None:
    """Fit on rows that were decided before the day `cut`, test on rows looked at from it on; None where either has too few."""
    before, after = looks.where(decided_on < cut), looks.where(looks.day >= cut)
    trained, tested = (len(np.unique(each.deal)) for each in (before, after))
    if trained < LEAST_TRAINED or tested < LEAST_TESTED or before.won.all() or not before.won.any():
        return None
    fitted = fit(before, decided_on[decided_on < cut])
    chance = fitted.chance(after)
    bins = calibration(chance, after.won, min(BINS, max(1, tested // LEAST_IN_BIN)))
    return Trial(
        trained,
        tested,
        score(chance, after),
        score(fitted.by_stage(after), after),
        score(np.full(len(after.won), fitted.base), after),
        bins,
        max(abs(mean - share) for _, mean, share in bins),
    )


def score(chance: np.ndarray, looks: Looks) -> Score:
    """Measure likelihoods against what came."""
    held = np.clip(chance, SMALL, 1 - SMALL)
    losses = -np.where(looks.won, np.log(held), np.log(1 - held))
    counts = looks.counts
    return Score(
        float(np.average((chance - looks.won) ** 2, weights=counts)), float(np.average(losses, weights=counts))
    )


def calibration(chance: np.ndarray, won: np.ndarray, bins: int = BINS) -> tuple[tuple[int, float, float], ...]:
    """Rows in parts of equal size by likelihood: rows, mean likelihood, share that was won."""
    parts = np.array_split(np.argsort(chance, kind="stable"), bins)
    return tuple((len(part), float(chance[part].mean()), float(won[part].mean())) for part in parts if len(part))


def _columns(looks: Looks, shares: dict[str, dict[int, float]], base: float) -> tuple[tuple[str, ...], np.ndarray]:
    """Columns of the regression: log-odds of the share won of each group, and the numbers."""
    names, columns = [], []
    for name, codes in looks.groups.items():
        share = np.array([shares[name].get(int(code), base) for code in codes])
        names.append(name)
        columns.append(_log_odds(np.clip(share, 0.01, 0.99)))
    for name, values in looks.numbers.items():
        names.append(name)
        columns.append(values)
    return tuple(names), np.column_stack(columns)


def _shares(codes: np.ndarray, won: np.ndarray, counts: np.ndarray, base: float) -> dict[int, float]:
    deals = np.bincount(codes + 1, weights=counts)
    wins = np.bincount(codes + 1, weights=counts * won)
    return {int(code): float((wins[code + 1] + PRIOR * base) / (deals[code + 1] + PRIOR)) for code in np.unique(codes)}


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


def _log_odds(share: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(share / (1 - share)))


def deal_looks(
    created: np.ndarray, decided: np.ndarray, won: np.ndarray, groups: dict[str, np.ndarray], *, days: Sequence[int]
) -> tuple[Looks, np.ndarray]:
    """Give the decided deals as they stood on each of the days on which they were open, and when each row was decided.

    `decided` is -1 for a deal that is still open: how it ends is not known, so it is in no row. `groups` are codes of what does not change
    with the end of a deal. All stand in one stage.
    """
    rows, on = [], []
    for day in days:
        was_open = np.flatnonzero((created >= 0) & (created < day) & (decided >= day))
        rows.append(was_open)
        on.append(np.full(len(was_open), day))
    row, day_of = np.concatenate(rows), np.concatenate(on)
    taken = {name: codes[row] for name, codes in groups.items()}
    return look(row, day_of, won[row], created[row], taken), decided[row]


def look(
    deal: np.ndarray, day: np.ndarray, won: np.ndarray, created: np.ndarray, groups: dict[str, np.ndarray]
) -> Looks:
    """Give rows with what the day itself tells: the band of the deal's age, and the month of the quarter."""
    age = day - created
    numbers = {f"{low} to {high} days old": ((age >= low) & (age <= high)).astype(float) for low, high in AGES}
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 3
    numbers |= {f"month {place + 1} of the quarter": (month == place).astype(float) for place in range(3)}
    return Looks(deal, day, won, np.zeros(len(deal), dtype=np.int64), groups, numbers)
