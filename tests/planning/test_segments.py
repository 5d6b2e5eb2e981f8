"""Segments by rules: what a day says, what rules of territories ask of them, and the pages and API."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from planning.models import RulePurpose, RuleSet, Territory, TerritoryRule
from planning.selectors.rules import account_territories, rule_set_preview
from planning.selectors.segments import account_segments
from planning.services.rules import rule_save, rule_set_draft, rule_set_start
from tests.planning.test_rules import account
from tests.planning.test_rules_doors import conditions

pytestmark = pytest.mark.django_db
YEAR, JULY = date(2026, 1, 1), date(2026, 7, 1)
LARGE = [{"field": "employees", "test": "AT_LEAST", "number": 1000}]


def segments(on: date) -> dict[str, tuple[str, str]]:
    """Segment and rule of every account on a day."""
    found = account_segments([str(each.pk) for each in ACCOUNTS], on)
    names = {str(each.pk): each.source_key for each in ACCOUNTS}
    return {names[each.account_key]: (each.segment, each.rule.name if each.rule else "") for each in found}


ACCOUNTS: list[Any] = []


@pytest.fixture
def market(in_acme: Any, viewer: Any) -> Territory:
    """A large account that its source calls small, one without a size, and a territory of the enterprise segment since January."""
    ACCOUNTS[:] = [account("large", employees=5000, segment="SMB"), account("other", segment="SMB")]
    west = Territory.objects.create(code="west", name="West")
    draft = rule_set_draft(starts_on=YEAR, actor=viewer("sol"))
    asked = [{"field": "segment", "test": "IS", "values": ["Enterprise"]}]
    rule_save(rule_set_id=draft.pk, name="Enterprise", territory_id=west.pk, conditions=asked, actor=viewer("sol"))
    rule_set_start(rule_set_id=draft.pk, actor=viewer("sol"))
    return west


def test_rules_of_segments_hold_from_their_day_and_move_territories_that_ask_them(market: Any, viewer: Any) -> None:
    """Given a source that says SMB of all, when large ones are enterprise from next year, then that day gives segment and territory."""
    sol, day = viewer("sol"), date(2027, 1, 1)
    assert segments(JULY) == {"A-large": ("SMB", ""), "A-other": ("SMB", "")}
    draft = rule_set_draft(starts_on=day, purpose=RulePurpose.SEGMENT, actor=sol)
    rule_save(rule_set_id=draft.pk, name="By size", segment="Enterprise", conditions=LARGE, actor=sol)
    preview = rule_set_preview(draft)
    assert [(move.before, move.after, move.count) for move in preview.moves] == [
        ("SMB", "", 1),
        ("SMB", "Enterprise", 1),
    ]
    assert preview.unassigned == 1 and "compared with nobody" in preview.findings[0].why
    assert rule_set_start(rule_set_id=draft.pk, actor=sol).changed == 1
    assert segments(JULY)["A-large"] == ("SMB", "")
    assert segments(day) == {"A-large": ("Enterprise", "By size"), "A-other": ("", "")}
    held = account_territories(day).values_list("account__source_key", "territory__name", "during")
    assert [(key, name, days.lower) for key, name, days in held] == [("A-large", "West", day)]
    assert not account_territories(date(2026, 12, 31)).exists()


def test_a_rule_leads_to_what_its_set_is_for_and_nothing_else(market: Any, viewer: Any) -> None:
    """Given a set of segments, then a rule to a territory or without a name is refused, and a segment in a set of territories as well."""
    sol = viewer("sol")
    draft = rule_set_draft(starts_on=JULY, purpose=RulePurpose.SEGMENT, actor=sol)
    for wrong in ({"territory_id": market.pk}, {"segment": " "}, {"territory_id": market.pk, "segment": "A"}):
        with pytest.raises(ValidationError, match="names a segment"):
            rule_save(rule_set_id=draft.pk, name="X", conditions=[], actor=sol, **wrong)
    other = rule_set_draft(starts_on=date(2027, 1, 1), actor=sol)
    with pytest.raises(ValidationError, match="territory is not known"):
        rule_save(rule_set_id=other.pk, name="X", conditions=[], segment="A", actor=sol)
    assert not TerritoryRule.objects.filter(name="X").exists()


def test_segments_are_written_on_pages_and_read_by_the_api(market: Any, sign_in: Any) -> None:
    """Given the pages of segments, when a rule is drafted and put in force, then list, export, account page and API show it."""
    browser = sign_in("sol")
    browser.post(reverse("planning:segment_list"), {"starts_on": "2026-02-01"})
    draft = RuleSet.objects.get(purpose=RulePurpose.SEGMENT)
    page = reverse("planning:rule_set", args=[draft.pk])
    asked = conditions(("employees", "AT_LEAST", "1,000"))
    browser.post(reverse("planning:rule_new", args=[draft.pk]), {"name": "By size", "segment": "Enterprise", **asked})
    assert "Segments from" in browser.get(page).content.decode()
    browser.post(page, {"do": "start"})
    exported = browser.get(reverse("planning:segment_export", args=["csv"]), {"on": "2026-03-01"}).content.decode()
    assert exported.splitlines()[1] == '1,By size,Enterprise,"employees is at least 1,000",1'
    shown = browser.get(reverse("planning:account_detail", args=[ACCOUNTS[0].pk]), {"on": "2026-03-01"})
    assert "Rule that gave it" in shown.content.decode()
    rows = browser.get("/api/v1/planning/account-segments/?on=2026-03-01").json()["results"]
    assert sorted((row["segment"], row["rule_name"]) for row in rows) == [("", ""), ("Enterprise", "By size")]
    made = browser.post(
        "/api/v1/planning/rule-sets/",
        {"starts_on": "2028-01-01", "purpose": "SEGMENT"},
        content_type="application/json",
    ).json()
    assert made["purpose"] == "SEGMENT"
