"""Territory rules from draft to force: what each day says, who owns an account and why, and that the past stays."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from planning.models import AccountTerritory, NamedAccount, RuleSet, Territory, TerritoryAssignment, TerritoryRule
from planning.selectors.rule_sets import rules_get
from planning.selectors.rules import account_story, account_territories, rule_set_preview
from planning.services.rules import (
    account_name,
    account_name_end,
    accounts_route,
    rule_place,
    rule_remove,
    rule_save,
    rule_set_discard,
    rule_set_draft,
    rule_set_start,
)
from planning.services.territories import territory_assign
from spm.crm.models import Account, AccountVersion
from spm.people.models import Position

YEAR = date(2026, 1, 1)
JULY = date(2026, 7, 1)


def account(name: str, **fields: Any) -> Account:
    """An account known now."""
    fact = Account.objects.create(source="crm", source_key=f"A-{name}")
    AccountVersion.objects.create(fact=fact, name=name, known_from="2026-01-01T00:00Z", **fields)
    return fact


def where(on: date) -> dict[str, str]:
    """The territory of each account on a day, by source key."""
    rows = account_territories(on).values_list("account__source_key", "territory__code")
    return dict(rows)


@pytest.fixture
def market(viewer: Any) -> dict[str, Any]:
    """Three accounts, two territories, and rules in force since the first of January."""
    west = Territory.objects.create(code="west", name="West")
    inside = Territory.objects.create(code="inside", name="Inside")
    found = {
        "west": west,
        "inside": inside,
        "ca": account("ca", country="US", region="CA"),
        "ny": account("ny", country="US", region="NY"),
        "fr": account("fr", country="FR"),
    }
    draft = rule_set_draft(starts_on=YEAR, actor=viewer("sol"))
    ask = [{"field": "region", "test": "IS", "values": ["CA", "WA"]}]
    save(draft, west, viewer("sol"), "Coast", ask)
    save(draft, inside, viewer("sol"), "All others", [])
    rule_set_start(rule_set_id=draft.id, actor=viewer("sol"))
    return found


def save(
    draft: RuleSet, territory: Territory, actor: Any, name: str, conditions: list[Any], rule_id: Any = None
) -> TerritoryRule:
    """Save a rule of a draft."""
    return rule_save(
        rule_set_id=draft.id, name=name, territory_id=territory.id, conditions=conditions, actor=actor, rule_id=rule_id
    )


def test_rules_in_force_say_where_each_account_belongs_from_their_day(market: Any) -> None:
    """Given rules in force since January, then each account has its territory since then, and none before."""
    assert where(JULY) == {"A-ca": "west", "A-ny": "inside", "A-fr": "inside"}
    assert where(date(2025, 12, 31)) == {}


def test_a_later_set_changes_only_what_it_moves_and_only_from_its_day(market: Any, viewer: Any) -> None:
    """Given a set of July that takes France out of the rest, then France moves in July, and no other row is written anew."""
    before = set(AccountTerritory.objects.values_list("pk", flat=True))
    draft = rule_set_draft(starts_on=date(2027, 7, 1), actor=viewer("sol"))
    rule = save(draft, market["west"], viewer("sol"), "France", [{"field": "country", "test": "IS", "values": ["fr"]}])
    rule_place(rule_set_id=draft.id, rule_id=rule.id, place=1, actor=viewer("sol"))
    preview = rule_set_preview(draft)
    assert [(line.rule.name, line.matched, line.won) for line in preview.lines] == [
        ("France", 1, 1),
        ("Coast", 1, 1),
        ("All others", 3, 1),
    ]
    assert [(move.before, move.after, move.count) for move in preview.moves] == [("Inside", "West", 1)]
    assert rule_set_start(rule_set_id=draft.id, actor=viewer("sol")).changed == 1
    assert where(date(2027, 6, 30))["A-fr"] == "inside" and where(date(2027, 7, 1))["A-fr"] == "west"
    assert before <= set(AccountTerritory.objects.values_list("pk", flat=True))
    assert AccountTerritory.objects.count() == 4


def test_history_is_not_rewritten_by_rules_of_a_past_day(market: Any, viewer: Any) -> None:
    """Given rules in force since January, then a set of a past day is refused with the way out, and nothing changes."""
    rows = list(AccountTerritory.objects.order_by("pk").values())
    draft = rule_set_draft(starts_on=date(2026, 2, 1), actor=viewer("sol"))
    with pytest.raises(ValidationError, match="history is not rewritten"):
        rule_set_start(rule_set_id=draft.id, actor=viewer("sol"))
    again = rule_set_draft(starts_on=YEAR, actor=viewer("sol"))
    with pytest.raises(ValidationError, match="in force already"):
        rule_set_start(rule_set_id=again.id, actor=viewer("sol"))
    assert list(AccountTerritory.objects.order_by("pk").values()) == rows


def test_a_named_account_goes_before_rules_until_its_last_day(market: Any, viewer: Any) -> None:
    """Given New York named to the west from March to May, then rules hold before and after, and taking it back leaves no trace of it."""
    named = account_name(
        account_id=market["ny"].id,
        territory_id=market["west"].id,
        start=date(2026, 3, 1),
        until=date(2026, 5, 1),
        reason="Headquarters moved",
        actor=viewer("sol"),
    )
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 4, 30), date(2026, 5, 1)]
    assert [where(day)["A-ny"] for day in days] == ["inside", "west", "west", "inside"]
    account_name_end(named_id=named.id, until=date(2026, 4, 1), actor=viewer("sol"))
    assert [where(day)["A-ny"] for day in days] == ["inside", "west", "inside", "inside"]
    assert account_name_end(named_id=named.id, until=date(2026, 3, 1), actor=viewer("sol")) is None
    assert [where(day)["A-ny"] for day in days] == ["inside"] * 4 and not NamedAccount.objects.exists()


def test_a_new_account_and_a_changed_one_are_routed_with_their_rule(market: Any, viewer: Any) -> None:
    """Given a new account and one that moved to California, when accounts are routed in June, then both belong west from June on."""
    new = account("wa", country="US", region="wa")
    AccountVersion.objects.filter(fact=market["ny"]).update(region="CA")
    june = date(2026, 6, 1)
    assert accounts_route(on=june, actor=viewer("sol")).changed == 2
    assert accounts_route(on=june, actor=viewer("sol")).changed == 0
    assert (where(date(2026, 5, 31))["A-ny"], where(june)["A-ny"]) == ("inside", "west")
    row = account_territories(june).get(account=new)
    assert row.rule is not None and row.rule.name == "Coast"


def test_an_account_tells_its_owner_the_rule_that_won_and_those_that_lost(market: Any, viewer: Any) -> None:
    """Given two sellers of the west, then the one with the larger share owns California, by the rule Coast, and the last rule lost."""
    for code, share in (("rex", 40), ("ria", 60)):
        territory_assign(
            territory_id=market["west"].id,
            position_id=Position.objects.get(code=code).id,
            start=YEAR,
            share_rate=share * 10**6,
            actor=viewer("sol"),
        )
    current = AccountVersion.objects.get(fact=market["ca"])
    story = account_story(viewer("sol"), current, on=JULY)
    assert story.current is not None and story.current.rule is not None
    assert (story.current.rule.name, [each.name for each in story.lost]) == ("Coast", ["All others"])
    assert [cover.holder_name for cover in story.covers] == ["Ria", "Rex"] and story.owner == "Ria"
    TerritoryAssignment.objects.update(share_rate=10**8)
    assert account_story(viewer("sol"), current, on=JULY).owner == "2 with equal shares"


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ({"field": "colour", "test": "IS", "values": ["red"]}, "asks the field “colour”"),
        ({"field": "country", "test": "AT_LEAST", "number": 3}, "can't ask “AT_LEAST” of country"),
        ({"field": "country", "test": "IS", "values": [" "]}, "needs 1 to 500 values"),
        ({"field": "employees", "test": "BELOW", "number": "ten"}, "needs a whole number"),
    ],
)
def test_a_condition_that_can_not_be_asked_names_its_place(market: Any, viewer: Any, condition: Any, says: str) -> None:
    """Given a wrong condition, then the refusal names it and what can be asked, and the draft stays as it was."""
    draft = rule_set_draft(starts_on=date(2027, 1, 1), actor=viewer("sol"))
    with pytest.raises(ValidationError, match=says):
        save(draft, market["west"], viewer("sol"), "Wrong", [condition])
    assert len(rules_get(draft)) == 2


def test_rules_in_force_do_not_change_and_drafts_go_away(market: Any, viewer: Any) -> None:
    """Given rules in force, then they can't be changed; a draft's rule can be taken out, and the draft thrown away."""
    force = RuleSet.objects.get()
    rule = rules_get(force)[0]
    with pytest.raises(ValidationError, match="in force and don't change"):
        rule_remove(rule_set_id=force.id, rule_id=rule.id, actor=viewer("sol"))
    draft = rule_set_draft(starts_on=date(2027, 1, 1), actor=viewer("sol"))
    rule_remove(rule_set_id=draft.id, rule_id=rules_get(draft)[0].id, actor=viewer("sol"))
    assert [(each.place, each.name) for each in rules_get(draft)] == [(1, "All others")]
    rule_set_discard(rule_set_id=draft.id, actor=viewer("sol"))
    assert RuleSet.objects.get() == force


def test_a_rep_may_not_change_rules(market: Any, viewer: Any) -> None:
    """Given a rep, then every write is refused and nothing changes."""
    with pytest.raises(PermissionDenied):
        rule_set_draft(starts_on=date(2027, 1, 1), actor=viewer("rex"))
    with pytest.raises(PermissionDenied):
        accounts_route(on=JULY, actor=viewer("rex"))
    assert RuleSet.objects.count() == 1
