"""Scores of accounts: drafted factors, what they come to, their explanation, and who uses them."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from planning.models import AccountTerritory, ScoreCard, Territory, TerritoryAssignment
from planning.selectors.balances import balance_asked
from planning.selectors.quota_weights import potential_of
from planning.selectors.scores import card_get, score_effects, score_list, scores_explained
from planning.services.scores import score_card_save, score_card_start
from spm.people.models import Position
from tests.planning.test_families import deal
from tests.planning.test_rules import account

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 15)
SIZE = {
    "name": "Size",
    "field": "employees",
    "scaling": "LINEAR",
    "weight": 1,
    "missing": "ZERO",
    "low": 0,
    "high": 1000,
}
TRADE = {
    "name": "Trade",
    "field": "industry",
    "scaling": "TABLE",
    "weight": 2,
    "missing": "HALF",
    "table": [("Tech", 70)],
}
SOLD = {"name": "Sold", "field": "sales", "scaling": "LINEAR", "weight": 1, "missing": "ZERO", "low": 0, "high": 100_00}


@pytest.fixture
def accounts(in_acme: Any) -> dict[str, Any]:
    """A large one of an unknown trade that bought for half of full marks, and a small one of technology."""
    large = account("large", employees=500, currency="USD")
    deal(large, "D1", "won", 50_00)
    return {"large": large, "tech": account("tech", industry="tech")}


def in_force(viewer: Any, *factors: Any) -> ScoreCard:
    """Factors of potential in force."""
    score_card_save(kind="POTENTIAL", factors=factors, actor=viewer("sol"))
    return score_card_start(kind="POTENTIAL", actor=viewer("sol"))


def points(viewer: Any) -> dict[str, int | None]:
    """The potential of each account that the viewer sees."""
    return {each.account_key: each.points for each in score_list(viewer, card_get("POTENTIAL"))}


def test_a_score_is_explained_by_parts_that_sum_to_it(accounts: Any, viewer: Any) -> None:
    """Given three factors in force, then each account has its score, and the explanation says each part and what is unknown."""
    in_force(viewer, SIZE, TRADE, SOLD)
    [found] = scores_explained(viewer("sol"), accounts["large"].pk, on=DAY)
    assert [(line.factor.name, line.value, line.share) for line in found.lines] == [
        ("Size", 500, 1250),
        ("Trade", None, 2500),
        ("Sold", 50_00, 1250),
    ]
    assert found.points == 5000
    assert points(viewer("sol"))[str(accounts["tech"].pk)] == 3500


def test_a_draft_changes_nothing_until_it_is_in_force_and_says_what_it_would_do(accounts: Any, viewer: Any) -> None:
    """Given a score by trade, when size alone is drafted, then scores stay, the effects name who moves, and the start replaces it."""
    card, sol = in_force(viewer, TRADE), viewer("sol")
    draft = score_card_save(kind="POTENTIAL", factors=[SIZE], actor=sol)
    effects = score_effects(sol, draft)
    assert [(name, now, then) for _key, name, now, then in effects.moves] == [("tech", 7000, 0)]
    assert (effects.before[5], effects.before[7], effects.after[0], effects.after[5]) == (1, 1, 1, 1)
    assert points(sol)[str(accounts["tech"].pk)] == 7000
    score_card_start(kind="POTENTIAL", actor=sol)
    card.refresh_from_db()
    assert card.state == "REPLACED" and points(sol)[str(accounts["tech"].pk)] == 0


def test_factors_that_cannot_be_computed_are_refused_by_name(in_acme: Any, viewer: Any) -> None:
    """Given a wrong scale, weight, table, field, ends or right, then the factor is named and nothing is kept."""
    for wrong, said in (
        ({**SIZE, "scaling": "TABLE"}, "can't scale employees"),
        ({**SIZE, "weight": 0}, "weight of factor 1"),
        ({**SIZE, "high": 0}, "begins and ends"),
        ({**SIZE, "field": "shoe"}, "asks the field “shoe”"),
        ({**TRADE, "table": []}, "needs 1 to"),
        ({**TRADE, "table": [("A", 101)]}, "points of “A”"),
    ):
        with pytest.raises(ValidationError, match=said):
            score_card_save(kind="POTENTIAL", factors=[wrong], actor=viewer("sol"))
    with pytest.raises(PermissionDenied):
        score_card_save(kind="POTENTIAL", factors=[SIZE], actor=viewer("rex"))
    assert not ScoreCard.objects.exists()


def test_balance_and_quotas_by_potential_use_the_scores_in_force(accounts: Any, viewer: Any) -> None:
    """Given accounts of a territory that Rex covers by half, then his potential is half of their points, as in the balance."""
    in_force(viewer, SIZE)
    west, seat = Territory.objects.create(code="west", name="West"), Position.objects.get(code="rex")
    for each in accounts.values():
        AccountTerritory.objects.create(account=each, territory=west, during=DateRange(date(2026, 1, 1), None))
    TerritoryAssignment.objects.create(
        territory=west, position=seat, share_rate=5 * 10**7, during=DateRange(date(2026, 1, 1), None)
    )
    assert potential_of(card_get("POTENTIAL"), DAY, "USD")[seat.pk] == 2500
    frame = balance_asked(parent=None, on=DAY, currency="USD", protect_minor=None).accounts
    assert dict(zip(frame["name"], frame["potential"], strict=True)) == {"large": 5000, "tech": 0}


def test_factors_are_written_on_the_page_and_read_by_the_api(accounts: Any, sign_in: Any) -> None:
    """Given the page of factors, when they are kept and put in force, then list, export, account page and API show the scores."""
    browser, page = sign_in("sol"), reverse("planning:account_factors", args=["potential"])
    row = {"name": "Size", "field": "employees", "scaling": "LINEAR", "low": "0", "high": "1,000", "weight": "1"}
    other = {"name": "Trade", "field": "industry", "scaling": "TABLE", "table": "Tech=70", "weight": "1"}
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "do": "save"}
    for number, each in enumerate((row, other)):
        data |= {f"form-{number}-{name}": value for name, value in (each | {"missing": "ZERO"}).items()}
    wrong = browser.post(page, data | {"form-1-table": "Tech: 70"}).content.decode()
    assert "such as Retail=40." in wrong and not ScoreCard.objects.exists()
    browser.post(page, data)
    assert "What the draft would do" in browser.get(page).content.decode()
    browser.post(page, {"do": "start"})
    shown = browser.get(reverse("planning:account_scores", args=["potential"])).content.decode()
    assert shown.index("tech") < shown.index("large") and ">35<" in shown
    lines = (
        browser.get(reverse("planning:account_score_export", args=["potential", "csv"])).content.decode().splitlines()
    )
    assert lines[1:] == ["A-tech,tech,35.00,,,", "A-large,large,25.00,,,"]
    assert (
        "unknown, counts nothing"
        in browser.get(reverse("planning:account_detail", args=[accounts["large"].pk])).content.decode()
    )
    api = "/api/v1/planning/account-scores/potential/"
    assert [each["points"] for each in browser.get(api).json()["results"]] == [3500, 2500]
    one = browser.get(f"{api}{accounts['tech'].pk}/").json()
    assert (one["points"], [line["share"] for line in one["lines"]]) == (3500, [0, 3500])
    body = {"factors": [SIZE | {"weight": 5}]}
    kept = browser.post(f"{api}factors/", body, content_type="application/json").json()
    assert kept["draft"]["factors"][0]["weight"] == 5 and kept["effects"]["after"][0] == 1
    assert browser.get("/api/v1/planning/account-scores/luck/").status_code == 404
