"""A balance of territories: asked, computed by its job, edited by a person, and committed as accounts named apart."""

import re
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from planning.models import BalanceAccount, BalanceProposal, NamedAccount, Territory
from planning.selectors.balances import balance_compared, balance_moves
from planning.services.balances import balance_ask, balance_commit, balance_move
from planning.services.rules import rule_save, rule_set_draft, rule_set_start
from planning.services.scores import score_card_save, score_card_start
from planning.services.territories import territory_assign
from spm.crm.models import AccountVersion, Opportunity, OpportunityVersion
from spm.jobs.models import Job
from spm.jobs.timetable import work_of
from spm.people.models import Position
from tests.planning.test_rules import account, where

pytestmark = pytest.mark.django_db

SETTINGS = {
    "workload": 0,
    "potential": 0,
    "sales": 1,
    "moves": 1,
    "regions": 0,
    "band_percent": 5,
    "protect_minor": None,
}


@pytest.fixture
def market(in_acme: Any, viewer: Any) -> dict[str, Any]:
    """Four accounts that sold 400, 300, 200 and 100, all in the west; the east has none; Rex and Ria cover them."""
    sol = viewer("sol")
    top = Territory.objects.create(code="top", name="Top")
    west, east = (Territory.objects.create(code=code, name=code.title(), parent=top) for code in ("west", "east"))
    for territory, seat in ((west, "rex"), (east, "ria")):
        territory_assign(
            territory_id=territory.id, position_id=Position.objects.get(code=seat).id, start=date(2026, 1, 1), actor=sol
        )
    for name, amount in (("a", 400), ("b", 300), ("c", 200), ("d", 100)):
        fact = Opportunity.objects.create(source="crm", source_key=f"O-{name}")
        won = {"status": "won", "stage": "Won", "amount_minor": amount * 100, "currency": "USD", "close_on": sol.on}
        OpportunityVersion.objects.create(
            fact=fact, known_from="2026-01-01T00:00Z", account=account(name, country="US", region="CA"), **won
        )
    draft = rule_set_draft(starts_on=date(2026, 1, 1), actor=sol)
    rule_save(rule_set_id=draft.id, name="All", territory_id=west.id, conditions=[], actor=sol)
    rule_set_start(rule_set_id=draft.id, actor=sol)
    return {"sol": sol, "top": top, "west": west, "east": east, "day": date(sol.on.year + 1, 1, 1)}


def computed() -> BalanceProposal:
    """Let the job of the latest proposal run."""
    job = Job.objects.filter(kind="balance").latest("queued_at")
    work = work_of("balance")
    for step in work.steps(job):
        work.run(job, step)
        work.run(job, step)  # a step done again changes nothing
    return BalanceProposal.objects.get(pk=job.arguments["proposal"])


def asked(market: dict[str, Any], **settings: Any) -> BalanceProposal:
    """A computed proposal of all territories below the top."""
    balance_ask(parent_id=market["top"].id, starts_on=market["day"], settings=SETTINGS | settings, actor=market["sol"])
    return computed()


def test_a_proposal_evens_out_what_one_territory_has_and_is_committed_on_its_day(market: dict[str, Any]) -> None:
    """Given 1,000 of sales in the west, then exactly half of it is proposed for the east, and belongs there from the day on only."""
    proposal = asked(market)
    compared = balance_compared(proposal)
    assert compared is not None and proposal.findings == []
    assert (proposal.solved["gap"], proposal.solved["objective"]) == (
        "0.052632",
        "500.000000",
    )  # the band lets 475 be enough
    assert [(line.territory.name, line.sellers, line.before, line.after) for line in compared.lines] == [
        ("East", "Ria", 0.0, 1.0),
        ("West", "Rex", 2.0, 1.0),
    ]
    assert (compared.moved_index, compared.moved_sales) == (0.5, 0.5)
    assert compared.before.even.gini == pytest.approx(0.5) and compared.after.even.gini == pytest.approx(0)
    moving = {each.account.source_key for each in balance_moves(proposal)}
    assert moving in ({"A-a", "A-d"}, {"A-b", "A-c"})
    assert balance_commit(proposal_id=proposal.pk, actor=market["sol"]).changed == 2
    assert where(market["sol"].on) == dict.fromkeys(("A-a", "A-b", "A-c", "A-d"), "west")
    assert {key for key, code in where(market["day"]).items() if code == "east"} == moving
    assert "asked by Sol" in NamedAccount.objects.first().reason
    with pytest.raises(ValidationError, match="committed"):
        balance_commit(proposal_id=proposal.pk, actor=market["sol"])


def test_a_person_moves_accounts_and_fixed_ones_stay(market: dict[str, Any]) -> None:
    """Given sales from 400 on protected, then that account is not proposed nor moved by hand; another one moves by hand."""
    proposal = asked(market, protect_minor=40_000)
    large = BalanceAccount.objects.get(proposal=proposal, name="a")
    assert large.is_fixed and large.after == market["west"]
    with pytest.raises(ValidationError, match="fixed"):
        balance_move(proposal_id=proposal.pk, rows=[large.pk], territory_id=market["east"].id, actor=market["sol"])
    small = BalanceAccount.objects.get(proposal=proposal, name="d")
    other = market["west"] if small.after == market["east"] else market["east"]
    moved = [proposal.pk, [small.pk]]
    assert balance_move(proposal_id=moved[0], rows=moved[1], territory_id=other.id, actor=market["sol"]) == 1
    with pytest.raises(ValidationError, match="takes no part"):
        balance_move(proposal_id=moved[0], rows=moved[1], territory_id=market["top"].id, actor=market["sol"])


def test_what_can_t_be_and_what_went_stale_is_said_and_changes_nothing(market: dict[str, Any], viewer: Any) -> None:
    """Given protected accounts that are too much for the west, then which and by how much is said; a stale or past proposal is refused."""
    proposal = asked(market, protect_minor=20_000)
    below, fixed = proposal.findings
    assert (below["code"], "75.0%" in below["what"]) == ("BAND_INFEASIBLE", True)
    assert fixed["code"] == "FIXED_ABOVE_BAND" and "West alone are 80.0% above" in fixed["what"]
    fresh = asked(market)
    moving = balance_moves(fresh)[0]
    NamedAccount.objects.create(
        account=moving.account, territory=market["top"], during=(market["day"], None), reason="x"
    )
    with pytest.raises(ValidationError, match="named apart already"):
        balance_commit(proposal_id=fresh.pk, actor=market["sol"])
    assert NamedAccount.objects.count() == 1
    with pytest.raises(ValidationError, match="is past"):
        balance_ask(parent_id=None, starts_on=date(2026, 1, 1), settings=SETTINGS, actor=market["sol"])
    with pytest.raises(PermissionDenied):
        balance_ask(parent_id=None, starts_on=market["day"], settings=SETTINGS, actor=viewer("rex"))


def test_the_page_and_the_api_ask_edit_export_and_commit(market: dict[str, Any], sign_in: Any) -> None:
    """Given Sol's browser, then a proposal is asked on the page, shown with its proof, edited, exported and committed by API."""
    browser, day = sign_in("sol"), market["day"].isoformat()
    form = {
        "starts_on": day,
        "parent": market["top"].pk,
        "workload": 0,
        "potential": 0,
        "sales": 1,
        "moves": 1,
        "regions": 0,
    }
    answer = browser.post(reverse("planning:balance_list"), form | {"band_percent": 5})
    proposal = BalanceProposal.objects.get()
    page = reverse("planning:balance_detail", args=[proposal.pk])
    assert answer.url == page and "being computed" in browser.get(page).content.decode().casefold()
    computed()
    text = browser.get(page).content.decode()
    assert (
        "Ria" in text
        and "oordinates" not in text
        and "A-" not in browser.get(reverse("planning:balance_list")).content.decode()
    )
    row = balance_moves(proposal)[0]
    browser.post(page, {"do": "move", "row": [row.pk], "territory": market["west"].pk})
    assert BalanceAccount.objects.get(pk=row.pk).after == market["west"]
    lines = browser.get(reverse("planning:balance_export", args=[proposal.pk, "csv"])).content.decode("utf-8-sig")
    lines = lines.splitlines()
    assert lines[0] == "Account,Name,Region,Sales,Currency,Potential,Unit,Index %,Fixed,Before,After,Lacks"
    assert len(lines) == 5 and lines[1].startswith("A-a,a,US CA,400.00,USD,0.00,USD,") and ",West," in lines[1]
    assert re.search(r"<tfoot>.*Together.*200.*>4<.*>4<", browser.get(page).content.decode(), re.S)
    api = f"/api/v1/planning/balances/{proposal.pk}/"
    found = browser.get(api).json()
    assert found["state"] == "READY" and found["moving"] == 1
    assert len(browser.get(f"{api}accounts/?moving=true").json()["results"]) == 1
    body = {"accounts": [str(row.account_id)], "territory": str(market["east"].pk)}
    assert browser.post(f"{api}accounts/", body, content_type="application/json").json() == {"changed": 1}
    assert browser.post(f"{api}commit/", {}, content_type="application/json").json() == {"changed": 2}
    assert "Committed" in browser.get(page).content.decode()


def test_travel_costs_and_is_said_where_accounts_have_coordinates(market: dict[str, Any], sign_in: Any) -> None:
    """Given two accounts in the north, one in the south and one nowhere, then the way and who has no place are said."""
    places = {"a": ("53.55", "9.99"), "b": ("48.14", "11.58"), "c": ("53.56", "9.98")}
    for name, (latitude, longitude) in places.items():
        AccountVersion.objects.filter(name=name).update(latitude=latitude, longitude=longitude)
    proposal = asked(market, travel=1, workload=1, sales=0, band_percent=50)
    assert [(each["code"], each["what"]) for each in proposal.findings] == [
        ("PLACE_UNKNOWN", "1 of 4 accounts have no latitude and longitude.")
    ]
    found = balance_compared(proposal)
    assert found is not None and found.travel_before.whole_km is not None and 240 < found.travel_before.whole_km < 300
    browser = sign_in("sol")
    said = browser.get(f"/api/v1/planning/balances/{proposal.pk}/").json()
    assert said["travel_km_today"] == pytest.approx(found.travel_before.mean_km) and said["places_unknown"] == 1
    page = browser.get(reverse("planning:balance_detail", args=[proposal.pk])).content.decode()
    assert str(found.travel_before.whole_km) in page and "Accounts without coordinates" in page
    assert asked(market, workload=1, sales=0).findings == []


def test_a_proposal_is_stale_where_accounts_went_elsewhere_only(
    market: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given sales that came in after a proposal, then it is committed all the same, and no score or sale is read for that."""
    proposal = asked(market)
    OpportunityVersion.objects.filter(account__source_key="A-a").update(amount_minor=1)
    monkeypatch.setattr("planning.selectors.balances._measured", None)
    assert balance_commit(proposal_id=proposal.pk, actor=market["sol"]).changed == 2


def test_potential_says_what_it_is_counted_in(market: dict[str, Any], sign_in: Any) -> None:
    """Given a score by size in force, then a proposal has points of potential, and the export says points."""
    size = {"name": "Size", "field": "employees", "scaling": "LINEAR", "weight": 1, "missing": "ZERO"}
    score_card_save(kind="POTENTIAL", factors=[size | {"low": 0, "high": 100}], actor=market["sol"])
    score_card_start(kind="POTENTIAL", actor=market["sol"])
    AccountVersion.objects.filter(name="a").update(employees=50)
    proposal = asked(market)
    assert proposal.solved["scores"] == ["POTENTIAL"]
    export = reverse("planning:balance_export", args=[proposal.pk, "csv"])
    assert "A-a,a,US CA,400.00,USD,50.00,points," in sign_in("sol").get(export).content.decode()
