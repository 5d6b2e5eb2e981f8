"""Reasons of a likelihood: what moves it most, which way, from how many deals; a calibration that is off is refused."""

import numpy as np
import pytest

from insights.engine.likelihood import LARGEST_GAP, Score, Trial, fit, look, trial
from insights.engine.likelihood_reasons import reasons
from tests.insights.engine.test_likelihood import CUT, deals


def test_reasons_say_what_moves_it_and_from_how_many_deals() -> None:
    looks, decided = deals(1.0)
    fitted = fit(looks, decided)
    now = look(
        np.arange(2), np.array([760, 760]), np.zeros(2, dtype=bool), np.array([750, 750]), {"owner": np.array([0, 1])}
    )
    worse, better = reasons(fitted, looks, now)
    past = len(np.unique(looks.deal[looks.groups["owner"] == 1]))
    assert (better[0].what, better[0].code, better[0].deals) == ("owner", 1, past)
    assert better[0].moves > 0.1 and worse[0].what == "owner" and worse[0].moves < -0.1
    chance = fitted.chance(now)
    odds = np.log(chance / (1 - chance)) - fitted.effects(now)[:, fitted.names.index("owner")]
    assert better[0].moves == pytest.approx(chance[1] - 1 / (1 + np.exp(-odds[1])))
    assert {one.value for one in better if one.what == "age"} <= {"8 to 14 days old"}


def test_who_has_no_past_deals_is_told_so() -> None:
    looks, decided = deals(1.0)
    now = look(np.arange(1), np.array([760]), np.zeros(1, dtype=bool), np.array([750]), {"owner": np.array([77])})
    assert all(one.deals == 0 for one in reasons(fit(looks, decided), looks, now)[0] if one.what == "owner")


def test_a_likelihood_that_is_better_but_wrongly_calibrated_is_refused() -> None:
    better, worse = Score(0.2, 0.6), Score(0.21, 0.61)
    right = Trial(500, 400, better, worse, worse, (), LARGEST_GAP)
    assert right.refused == ""
    wrong = Trial(500, 400, better, worse, worse, (), 0.17)
    assert wrong.wins and "up to 17 points away" in wrong.refused
    assert "not better than the plain share" in Trial(500, 400, worse, better, worse, (), 0.0).refused


def test_what_turned_round_after_the_cut_is_refused() -> None:
    looks, decided = deals(1.0)
    looks.won[looks.day >= CUT] = ~looks.won[looks.day >= CUT]
    found = trial(looks, decided, CUT)
    assert found is not None and found.refused and found.worst_bin > LARGEST_GAP
    assert trial(*deals(1.0), CUT).refused == ""
