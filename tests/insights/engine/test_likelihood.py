"""Likelihood of deals: finds what is there and calibrates it, keeps nothing of noise, knows no future, wins only where it is better."""

import numpy as np
import pytest

from insights.engine.likelihood import Looks, Score, Trial, calibration, deal_looks, fit, score, trial

CUT = 400


def deals(signal: float, seed: int = 3) -> tuple[Looks, np.ndarray]:
    """Of 12,000 deals by ten owners, every second owner wins more often by `signal` (log-odds); each is open for 60 days."""
    dice = np.random.default_rng(seed)
    owner = dice.integers(0, 10, 12_000)
    created = dice.integers(1, 700, 12_000)
    chance = 1 / (1 + np.exp(-(0.4 + signal * (owner % 2 * 2 - 1))))
    return deal_looks(created, created + 60, dice.random(12_000) < chance, {"owner": owner}, days=range(14, 760, 14))


def test_what_tells_deals_apart_is_found_and_calibrated() -> None:
    looks, decided = deals(1.0)
    found = trial(looks, decided, CUT)
    assert found is not None and found.wins
    assert found.model.brier < found.base.brier - 0.03 and found.worst_bin < 0.08
    fitted = fit(looks, decided)
    effect = dict(zip(fitted.names, fitted.effects(looks)[0], strict=True))
    assert max(effect, key=lambda name: abs(effect[name])) == "owner"
    assert (effect["owner"] > 0) == bool(looks.groups["owner"][0] % 2)


def test_noise_is_not_taken_for_a_signal() -> None:
    looks, decided = deals(0.0)
    found = trial(looks, decided, CUT)
    assert found is not None and abs(found.model.brier - found.base.brier) < 0.004
    assert fit(looks, decided).slope < 0.5


def test_what_ends_after_the_cut_changes_nothing_in_the_fit() -> None:
    looks, decided = deals(1.0)
    before = decided < CUT
    turned = Looks(
        looks.deal, looks.day, np.where(before, looks.won, ~looks.won), looks.stage, looks.groups, looks.numbers
    )
    chances = [
        fit(each.where(before), decided[before]).chance(each.where(looks.day >= CUT)) for each in (looks, turned)
    ]
    assert np.array_equal(*chances)


def test_a_deal_is_looked_at_while_it_is_open_and_counts_once() -> None:
    looks, decided = deal_looks(
        np.array([5, 12, 5, -1]),
        np.array([25, 40, -1, 20]),
        np.array([True, False, False, True]),
        {},
        days=[10, 20, 30],
    )
    assert looks.deal.tolist() == [0, 0, 1, 1] and looks.day.tolist() == [10, 20, 20, 30]
    assert decided.tolist() == [25, 25, 40, 40] and looks.counts.tolist() == [0.5] * 4


def test_scores_by_hand() -> None:
    looks = deal_looks(np.array([1, 1]), np.array([5, 5]), np.array([True, False]), {}, days=[2])[0]
    found = score(np.array([0.8, 0.4]), looks)
    assert found.brier == pytest.approx((0.04 + 0.16) / 2)
    assert found.log_loss == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert calibration(np.array([0.8, 0.4]), looks.won) == ((1, 0.4, 0.0), (1, 0.8, 1.0))


def test_it_wins_only_where_it_is_better_in_both_measures_than_both() -> None:
    better, worse = Score(0.2, 0.6), Score(0.21, 0.61)
    assert Trial(1, 1, better, worse, worse, (), 0).wins
    for stage, base in ((better, worse), (worse, better), (Score(0.21, 0.59), worse)):
        assert not Trial(1, 1, better, stage, base, (), 0).wins


def test_too_few_deals_are_not_tried() -> None:
    looks, decided = deals(1.0)
    assert trial(looks, decided, 20) is None
    assert trial(looks, decided, 755) is None
