"""The why of a line that no tier table explains: deals rated alone, an amount for each, a limit after the rates."""

import json
from datetime import UTC, date, datetime
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from incentives.models import Statement
from incentives.selectors import why
from incentives.selectors.papers.statement import statement_paper
from tests.incentives import world
from tests.incentives.bookkeeping import leave

pytestmark = pytest.mark.django_db

ALONE = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - {key: alone, name: Alone, per: DEAL, rate: 5 %, cap: {deal: 500}}
  - {key: tiered, name: Tiered, per: DEAL, tiers: [{until: 1000, rate: 1 %}, {rate: 2 %}]}
  - {key: spiff, name: SPIFF, credit: {where: "amount >= 3,000 USD"}, measure: COUNT, amount_each: 500}
  - {key: capped, name: Capped, rate: 10 %, cap: {period: 700}}
"""


def test_a_line_without_tiers_shows_how_it_was_paid(viewer, sign_in, monkeypatch):
    sol = viewer("sol")
    monkeypatch.setattr(world, "REPS", ALONE)
    found = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.deal("D-2", "rex", 400_000)
    world.calculate(found, sol)
    rex, client = Statement.objects.get(participant__name="Rex"), sign_in("rex")
    pages = {
        line.component: unescape(
            client.get(reverse("incentives:statement_line", args=[rex.pk, line.place])).content.decode()
        )
        for line in world.lines(rex)
    }
    pages = {name: text.replace("\xa0", " ") for name, text in pages.items()}
    assert not any("No credit" in text for text in pages.values())
    # 12,333.33 at 5 % = 616.6665, capped at 500.00; 4,000.00 at 5 % = 200.00
    assert "12,333.33 USD × 5 % = 616.6665 USD, cap of a deal 500.00 USD" in pages["alone"]
    assert "4,000.00 USD × 5 %" in pages["alone"] and "$700.00" in pages["alone"]
    assert "1,000.00 USD × 1 % + 3,000.00 USD × 2 %" in pages["tiered"]
    assert "2 × 500.00 USD" in pages["spiff"] and "$1,000.00" in pages["spiff"]
    # 16,333.33 at 10 % = 1,633.333; the cap of the period is a step of its own, no "rounding" of 933.333
    assert "changes it to 700.00 USD" in pages["capped"] and "933.333" in pages["capped"]
    assert "Rounded once" not in pages["capped"]
    monkeypatch.setattr(why, "SHOWN_STEPS", 1)
    page = client.get(reverse("incentives:statement_line", args=[rex.pk, 1])).content.decode()
    assert "1 more, in the list below" in page
    ria, other = Statement.objects.get(participant__name="Ria"), sign_in("ria")
    assert "No credit" in other.get(reverse("incentives:statement_line", args=[ria.pk, 1])).content.decode()


def test_a_rate_is_shown_only_where_a_share_of_money_is_paid(viewer, monkeypatch):
    sol = viewer("sol")
    monkeypatch.setattr(world, "REPS", ALONE)
    found = world.build(sol)
    world.deal("D-1", "rex", 1_000_000)
    world.calculate(found, sol)
    rates = {
        line.component: line.effective_rate for line in world.lines(Statement.objects.get(participant__name="Rex"))
    }
    assert rates == {"alone": 5_000_000, "tiered": 1_900_000, "spiff": None, "capped": 7_000_000}


DECIDED = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - key: gated
    name: Gated
    tiers: [{until: 10000, rate: 5 %}, {rate: 7.7771 %}]
    kickers: [{of: deals, at_least: 2, amount_each: 1250}]
    gates: [{of: large, at_least: 15000}]
  - {key: large, name: Large, credit: {where: "amount > 10,000 USD"}, rate: 1 %}
  - key: deals
    name: Deals
    measure: COUNT
    amount_each: 1
    multipliers: [{of: large, tiers: [{until: 10000, rate: 50 %}, {rate: 150 %}]}]
"""


def test_gates_kickers_and_multipliers_say_what_was_reached_and_asked(viewer, sign_in, monkeypatch):
    sol = viewer("sol")
    monkeypatch.setattr(world, "REPS", DECIDED)
    found = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.deal("D-2", "rex", 123_400)
    world.calculate(found, sol)
    rex, client = Statement.objects.get(participant__name="Rex"), sign_in("rex")
    line = next(one for one in world.lines(rex) if one.component == "gated")
    lines = {
        one.component: "\n".join(why.statement_line_trace(rex, one).lines()).replace("\xa0", " ")
        for one in world.lines(rex)
    }
    # 10,000 at 5 % and 3,234 at 7.7771 % = 751.511414, and 2 × 1,250.00 of the kicker; the gate asks 15,000.00 and 12,000.00 are there
    assert (
        "Deals is 2, at least 2 is asked, met: 1,250.00 USD × 2 of Deals; changes it to 3,251.51 USD" in lines["gated"]
    )
    assert "Large is 12,000.00 USD, at least 15,000.00 USD is asked, not met; changes it to 0.00 USD" in lines["gated"]
    assert "Large is 12,000.00 USD, so × 150 %; changes it to 3.00 USD" in lines["deals"]
    page = unescape(client.get(reverse("incentives:statement_detail", args=[rex.pk])).content.decode())
    assert "The tiers add to $751.51. Kickers, gates, limits or returns changed it to $0.00." in strip_tags(page)
    shown = unescape(client.get(reverse("incentives:statement_line", args=[rex.pk, line.place])).content.decode())
    assert "at least 15,000.00 USD is asked, not met" in shown.replace("\xa0", " ")


def test_a_gate_that_is_met_is_told_too(viewer, sign_in, monkeypatch):
    sol = viewer("sol")
    monkeypatch.setattr(world, "REPS", DECIDED)
    found = world.build(sol)
    world.deal("D-1", "rex", 1_500_000)
    world.calculate(found, sol)
    rex, client = Statement.objects.get(participant__name="Rex"), sign_in("rex")
    line = next(one for one in world.lines(rex) if one.component == "gated")
    shown = unescape(client.get(reverse("incentives:statement_line", args=[rex.pk, line.place])).content.decode())
    shown = shown.replace("\xa0", " ")
    assert "Deals is 1, at least 2 is asked, not met: 1,250.00 USD × 1 of Deals; changes nothing" in shown
    assert "Large is 15,000.00 USD, at least 15,000.00 USD is asked, met; changes nothing" in shown
    page = client.get(reverse("incentives:statement_detail", args=[rex.pk])).content.decode()
    assert "The tiers add to" not in page


CLIMBED = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - key: c
    name: Main
    quota: amount
    %s
"""
TIERS = "tiers: [{from: 0 %, until: 100 %, rate: 5 %}, {from: 100 %, rate: 10 %}]"


@pytest.mark.parametrize(
    ("pays", "amount", "is_highest", "missing"),
    [
        (TIERS, 900_000, False, 100_000),
        (TIERS, 1_000_000, True, None),
        ("rate: 5 %", 1_200_000, False, None),
        ("per: DEAL\n    " + TIERS, 1_200_000, False, None),
        ("per: DEAL\n    " + TIERS, 400_000, False, None),
    ],
    ids=["below", "in it", "no tiers", "each deal alone, above", "each deal alone, below"],
)
def test_the_highest_tier_is_said_only_where_it_is_reached(
    viewer, sign_in, monkeypatch, pays, amount, is_highest, missing
):
    sol = viewer("sol")
    monkeypatch.setattr(world, "REPS", CLIMBED % pays)
    found = world.build(sol)
    world.deal("D-1", "rex", amount)
    world.calculate(found, sol)
    rex = Statement.objects.get(participant__name="Rex")
    line = world.lines(rex)[0]
    assert line.is_highest is is_highest
    assert (line.next_tier.missing_minor if line.next_tier else None) == missing
    page = sign_in("rex").get(reverse("incentives:statement_detail", args=[rex.pk])).content.decode()
    assert ("The highest tier is reached." in page) is is_highest


def test_the_paper_says_what_gates_and_kickers_changed_and_writes_money_one_way(viewer, monkeypatch):
    sol = viewer("sol")
    monkeypatch.setattr(world, "REPS", DECIDED)
    found = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.deal("D-2", "rex", 123_400)
    world.calculate(found, sol)
    said = json.dumps(statement_paper(Statement.objects.get(participant__name="Rex")).blocks, ensure_ascii=False)
    said = said.replace("\xa0", " ")
    assert "The tiers add to $751.51. Kickers, gates, limits or returns changed it to $0.00." in said
    assert "Large is 12,000.00 USD, at least 15,000.00 USD is asked, not met" in said
    # 3,234.00 at 7.7771 % = 251.511414, before the one rounding, written as every other amount
    assert '"$251.511414"' in said and "251.511414 USD" not in said and '"$500.00"' in said


FORMULA = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - {key: bonus, name: Bonus, formula: "IF(SUM(credit, amount > 5000) > 10000 USD, 500, 0)"}
"""


def test_a_formula_shows_the_figure_of_every_piece_once_in_words(viewer, sign_in, monkeypatch):
    sol = viewer("sol")
    monkeypatch.setattr(world, "REPS", FORMULA)
    found = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.deal("D-2", "rex", 400_000)
    world.calculate(found, sol)
    rex = Statement.objects.get(participant__name="Rex")
    line = world.lines(rex)[0]
    tree = why.statement_line_trace(rex, line)
    # only the deal of 12,333.33 is over 5,000; it is over 10,000, so 500 is paid
    pieces = [each.strip() for each in tree.lines() if "SUM(credit" in each]
    assert "SUM(credit, amount > 5000): 12,333.33 USD" in "\n".join(pieces)
    page = unescape(
        sign_in("rex").get(reverse("incentives:statement_line", args=[rex.pk, line.place])).content.decode()
    )
    text = " ".join(strip_tags(page).replace("\xa0", " ").split())
    assert (
        "SUM(credit, amount > 5000) the sum" in text and "$12,333.33" in text and "is above 10,000.00 USD: yes" in text
    )
    steps = why.statement_line_steps(rex, line, why.statement_line_why(rex, line))
    told = [step.words for step in steps if step.words]
    assert len(told) == len(set(told)) and len(steps) >= 4
    paper = json.dumps([block for block in statement_paper(rex).blocks], default=str).replace("\xa0", " ")
    assert "SUM(credit, amount > 5000)" in paper and "12,333.33" in paper


@pytest.mark.parametrize(
    ("today", "left", "said"),
    [
        (date(2026, 9, 10), None, ["Running period", "Estimate the next deal", "more credit reaches"]),
        (date(2026, 9, 10), date(2026, 9, 9), ["more credit would have reached"]),
        (date(2026, 9, 9), date(2026, 9, 9), ["Running period", "Estimate the next deal", "more credit reaches"]),
        (date(2026, 6, 30), None, ["Not begun", "more credit reaches"]),
        (date(2026, 10, 1), None, ["more credit would have reached"]),
    ],
    ids=["runs", "has left", "last day", "not begun", "over"],
)
def test_a_next_deal_is_spoken_of_only_to_who_is_there_while_the_period_runs(viewer, sign_in, today, left, said):
    sol = viewer("sol")
    found = world.build(sol)
    world.deal("D-1", "rex", 900_000)
    world.calculate(found, sol)
    if left:
        leave("rex", left)
    url = reverse("incentives:statement_detail", args=[Statement.objects.get(participant__name="Rex").pk])
    with time_machine.travel(datetime(today.year, today.month, today.day, 12, tzinfo=UTC)):
        page = " ".join(strip_tags(sign_in("sol").get(url).content.decode()).split())
    words = ("Running period", "Not begun", "Estimate the next deal", "more credit reaches", "would have reached")
    assert [one for one in words if one in page] == [one for one in words if any(one in each for each in said)]
