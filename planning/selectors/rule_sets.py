"""Sets of rules by their day, and rules in words: what territories and segments share."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd
from django.db.models import QuerySet

from planning.engine.rules import LISTS, NUMBERS, Condition, Rule, Test
from planning.models import RulePurpose, RuleSet, RuleSetState, TerritoryRule
from spm.core.money import format_amount
from spm.crm.selectors.accounts import product_lines


def rule_set_list(purpose: str = RulePurpose.TERRITORY) -> QuerySet[RuleSet]:
    """Give every set of a purpose, drafts first, then the latest day first."""
    return RuleSet.objects.filter(purpose=purpose).order_by("state", "-starts_on")


def rule_set_on(on: date, purpose: str = RulePurpose.TERRITORY) -> RuleSet | None:
    """Give the set in force on the day; None before the first."""
    sets = RuleSet.objects.filter(purpose=purpose, state=RuleSetState.IN_FORCE, starts_on__lte=on)
    return sets.order_by("-starts_on").first()


def has_rules() -> bool:
    """True when any set that gives accounts to territories is in force, now or later."""
    return RuleSet.objects.filter(purpose=RulePurpose.TERRITORY, state=RuleSetState.IN_FORCE).exists()


def rules_get(rule_set: RuleSet | None) -> list[TerritoryRule]:
    """Give the rules of a set in their order."""
    if rule_set is None:
        return []
    return list(TerritoryRule.objects.filter(rule_set=rule_set).select_related("territory").order_by("place"))


def with_lists(frame: pd.DataFrame, rules: Iterable[Rule]) -> pd.DataFrame:
    """Give the frame of accounts with the product lines of each, where a rule asks for them."""
    if not any(condition.field in LISTS for rule in rules for condition in rule.conditions):
        return frame
    keys = frame["account_key"].tolist()
    lines = product_lines(keys)
    return frame.assign(product_line=pd.Series([lines.get(key, ()) for key in keys], index=frame.index, dtype=object))


def rule_of(row: TerritoryRule) -> Rule:
    """The rule as the engine takes it."""
    conditions = tuple(
        Condition(each["field"], Test(each["test"]), tuple(each.get("values", ())), int(each.get("number", 0)))
        for each in row.conditions
    )
    return Rule(str(row.id), row.name, row.segment or str(row.territory_id), conditions)


def condition_text(condition: Mapping[str, Any]) -> str:
    """Say a condition in words, such as "country is US or CA"."""
    test, values = Test(condition["test"]), " or ".join(condition.get("values", ()))
    field = FIELD_NAMES[condition["field"]]
    whole, currency = int(condition.get("number", 0)), condition.get("currency")
    number = format_amount(whole, currency) if currency else f"{whole:,}"
    said = {
        Test.IS: f"is {values}",
        Test.IS_NOT: f"is not {values}",
        Test.STARTS: f"starts with {values}",
        Test.AT_LEAST: f"is at least {number}",
        Test.BELOW: f"is below {number}",
        Test.IS_EMPTY: "is empty",
    }
    return f"{field} {said[test]}"


FIELD_NAMES = {
    "country": "country",
    "region": "region",
    "county": "county",
    "city": "city",
    "postal_code": "postal code",
    "industry": "industry",
    "segment": "segment",
    "employees": "employees",
    "annual_revenue_minor": "annual revenue, in its own currency,",
    "founded_year": "founded",
    "product_line": "product line",
}
assert set(NUMBERS) < FIELD_NAMES.keys()
