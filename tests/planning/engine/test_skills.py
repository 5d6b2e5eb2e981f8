"""Skills in a proposal: what lacks costs, what is required keeps out, and what nobody has is said."""

import pandas as pd
import pytest

from planning.engine.proposing import Patch, Weights, propose
from planning.engine.skills import Need, Skill, fit, lacking_of

GERMAN, FRENCH = Skill("LANGUAGE", "German"), Skill("LANGUAGE", "French")
SENIOR = Skill("SENIORITY", "Senior")
EQUAL = [Patch("West", 1.0), Patch("East", 1.0)]
ONLY_SALES = Weights(workload=0, potential=0, sales=1, moves=0, skills=1)


def frame(*countries: str, fixed: tuple[int, ...] = ()) -> pd.DataFrame:
    """Accounts of equal sales, all of the first patch today."""
    rows = len(countries)
    names, is_fixed = [f"A{number}" for number in range(rows)], [number in fixed for number in range(rows)]
    found = {"name": names, "country": countries, "is_fixed": is_fixed}
    return pd.DataFrame({**found, "workload": 1, "potential": 0, "sales": 10, "patch": 0, "region": ""})


def test_an_account_lacks_the_share_of_its_skills_that_nobody_of_the_patch_has() -> None:
    """Given Germany asking for German and for Senior, then a patch with German alone lacks half; case does not count."""
    needs = [Need(GERMAN, "country", "germany"), Need(SENIOR, "country", "Germany"), Need(FRENCH, "country", "France")]
    found = fit(frame("Germany", "France", "Spain"), needs, [[Skill("LANGUAGE", "GERMAN")], [SENIOR, GERMAN], []])
    assert found.lacking().tolist() == [[0.5, 0, 1], [1, 1, 1], [0, 0, 0]]
    assert not found.barred().any() and not found.nowhere().any()
    rows, counts = fit(frame("Germany", "Spain", "Germany"), needs, [[SENIOR]]).merged()
    assert sorted(zip(counts.tolist(), rows.lacking()[:, 0].tolist(), strict=True)) == [(1, 0.0), (2, 0.5)]
    assert len(fit(frame(), needs, [[SENIOR]]).merged()[1]) == 0 and fit(frame("Spain"), [], [[]]).merged()[1] == [1]
    assert found.asked_of(0) == [GERMAN, SENIOR] and lacking_of([GERMAN, SENIOR], [SENIOR]) == [GERMAN]


def test_accounts_go_to_whom_they_suit_and_a_required_skill_keeps_them_out() -> None:
    """Given German in the east: wished for, Germany's two accounts move there; required, they do at no weight, and the fixed one stays."""
    accounts = frame("Germany", "Spain", "Germany", "Spain")
    wished = fit(accounts, [Need(GERMAN, "country", "Germany")], [[], [GERMAN]])
    found = propose(accounts, EQUAL, ONLY_SALES, 0.0, fit=wished)
    assert (found.patches.tolist(), found.objective) == ([1, 0, 1, 0], pytest.approx(0))
    required = fit(accounts, [Need(GERMAN, "country", "Germany", is_required=True)], [[], [GERMAN]])
    free = Weights(workload=0, potential=0, sales=1, moves=1)
    assert propose(accounts, EQUAL, free, 0.0, fit=required).patches.tolist() == [1, 0, 1, 0]
    fixed = propose(frame("Germany", "Spain", "Germany", "Spain", fixed=(0,)), EQUAL, free, 0.0, fit=required)
    assert fixed.patches[0] == 0 and fixed.patches[2] == 1 and fixed.findings == ()


def test_a_required_skill_that_nobody_has_is_a_wish_and_said() -> None:
    """Given German and Senior required, which no patch has together, then the patch that lacks less gets the account, with a finding."""
    accounts = frame("Germany", "Spain")
    needs = [Need(skill, "country", "Germany", is_required=True) for skill in (GERMAN, SENIOR)]
    found = propose(accounts, EQUAL, ONLY_SALES, 0.0, fit=fit(accounts, needs, [[], [GERMAN]]))
    assert found.patches.tolist() == [1, 0]
    (said,) = found.findings
    assert said.code == "SKILL_NOWHERE" and said.what == (
        "A0 requires German and Senior, and nobody covers a territory of this proposal with that."
    )
    bound = propose(
        frame("Germany", "Germany"),
        EQUAL,
        ONLY_SALES,
        0.0,
        fit=fit(frame("Germany", "Germany"), needs, [[], [GERMAN, SENIOR]]),
    )
    assert {each.code for each in bound.findings} == {"BAND_INFEASIBLE"}
