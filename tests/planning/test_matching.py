"""Who suits a territory: by skills and by what was won of such accounts, with the reasons."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from planning.selectors.matching import territory_matches
from planning.services.skills import need_set, skill_give
from spm.crm.models import AccountVersion, Opportunity, OpportunityVersion
from spm.people.models import Participant
from tests.planning.test_balances import market

pytestmark = pytest.mark.django_db
__all__ = ["market"]


def closed(owner: str, account: str, won: int, lost: int, on: date) -> None:
    """Deals of a person with an account of the market, closed on a day."""
    person, of = Participant.objects.get(source_key=owner), AccountVersion.objects.get(name=account).fact
    for number in range(won + lost):
        fact = Opportunity.objects.create(source="crm", source_key=f"O-{owner}-{account}-{number}")
        status = "won" if number < won else "lost"
        OpportunityVersion.objects.create(
            fact=fact, known_from="2026-01-01T00:00Z", account=of, owner=person, status=status, stage=status,
            amount_minor=100, currency="USD", close_on=on,
        )  # fmt: skip


def test_sellers_are_matched_by_skills_and_results_and_told_why(market: dict[str, Any], sign_in: Any) -> None:
    """Given energy won by Ria and banks by Rex, then three accounts of energy and one bank suit Ria, who speaks what two of them ask for.

    Energy: Ria won 8 of 10, Rex 0 of 10, everybody 8 of 20; banks: Rex won 6 of 10, everybody as well; of all 14 of 30.
    Ten deals at that rate are 14/3: others than Ria win (0 + 14/3) / 20 = 7/30 of energy, and (6 + 14/3) / 20 = 8/15 of banks. So Ria is
    expected to win (8 + 7/3) / 20 and 8/15, 52.08 % of all; Rex likewise (0 + 19/3) / 20 and (6 + 14/3) / 20, 37.08 %.
    """
    AccountVersion.objects.filter(name__in="abc").update(industry="Energy", country="Germany")
    AccountVersion.objects.filter(name="d").update(industry="Banks")
    browser, where = sign_in("sol"), {"pk": market["west"].pk}
    page = reverse("planning:territory_match", kwargs=where)
    on = browser.get(page).context["found"].on
    for owner, account, won, lost in (("ria", "a", 8, 2), ("rex", "b", 0, 10), ("rex", "d", 6, 4)):
        closed(owner, account, won, lost, on - timedelta(days=30))
    german = {"kind": "LANGUAGE", "name": "German", "actor": market["sol"]}
    need_set(field="country", value="Germany", is_required=True, **german)
    need_set(field="industry", value="Energy", kind="INDUSTRY", name="Energy", actor=market["sol"])
    skill_give(participant_id=Participant.objects.get(source_key="ria").pk, start=date(2026, 1, 1), **german)
    found = territory_matches(market["sol"], market["west"].pk, on=on)
    ria, rex = found.matches
    assert (found.accounts, found.usual_rate) == (4, 45 * 10**6)
    assert (ria.participant.name, ria.covers, ria.skills_rate, ria.required_lacking) == ("Ria", False, 5 * 10**7, 0)
    assert (rex.participant.name, rex.covers, rex.skills_rate, rex.required_lacking) == ("Rex", True, 0, 3)
    assert (ria.win_rate, rex.win_rate) == (52083333, 37083333)
    assert replace(ria, required_lacking=4).order > rex.order
    assert [(each.industry, each.accounts, each.own.won, each.own.closed) for each in ria.results] == [
        ("Energy", 3, 8, 10),
        ("Banks", 1, 0, 0),
    ]
    text = browser.get(page).content.decode()
    assert "Has Language: German, asked for by 3 accounts, required by 3." in text and "Lacks Industry: Energy" in text
    assert "Energy (3 accounts): won 8 of 10; everybody 8 of 20." in text and "3 accounts require more" in text
    export = reverse("planning:territory_match_export", kwargs=where | {"form": "csv"})
    assert "ria,Ria,,50%,0,52.083333%,8,10" in browser.get(export).content.decode().replace(" %", "%")
    address = f"/api/v1/planning/territories/{market['west'].pk}/match/"
    said = browser.get(address, {"page_size": 1}).json()
    assert [each["win_rate"] for each in said["matches"]] == [52083333]
    assert (said["accounts"], said["usual_rate"], said["count"], said["previous"]) == (4, 45 * 10**6, 2, None)
    assert [each["win_rate"] for each in browser.get(said["next"]).json()["matches"]] == [37083333]


def test_what_nobody_knows_is_unknown(market: dict[str, Any], sign_in: Any) -> None:
    """Given no skill that is asked for and no deal of anybody, then both measures are unknown, with the reason, and none is 0.

    Where a territory has no account, that is the reason.
    """
    rows = territory_matches(market["sol"], market["west"].pk, on=market["sol"].on)
    assert [(each.participant.name, each.skills_rate, each.win_rate) for each in rows.matches] == [
        ("Rex", None, None),
        ("Ria", None, None),
    ]
    browser, none = sign_in("sol"), "No account belongs to this territory."
    text = browser.get(reverse("planning:territory_match", args=[market["west"].pk])).content.decode()
    assert (
        "Its accounts ask for none." in text and "Nobody closed a deal in the year before." in text and none not in text
    )
    text = browser.get(reverse("planning:territory_match", args=[market["east"].pk])).content.decode()
    assert none in text and "Its accounts ask for none." not in text and "Nobody closed" not in text
