"""Territory rules of a day, what they come to for accounts, and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from planning.engine.rules import (
    NOBODY,
    NUMBERS,
    Condition,
    Routed,
    Rule,
    Test,
    differing,
    meeting,
    route,
    rules_of,
)
from planning.models import (
    AccountTerritory,
    NamedAccount,
    RuleSet,
    RuleSetState,
    Territory,
    TerritoryAssignment,
    TerritoryRule,
)
from planning.selectors.territories import Cover, covers_of
from spm.core.findings import Finding
from spm.core.money import format_amount
from spm.crm.selectors.accounts import accounts_frame
from spm.roles.policy import Viewer


@dataclass(frozen=True)
class RuleLine:
    """A rule as a page shows it: how many accounts meet it, and how many it wins."""

    rule: TerritoryRule
    matched: int | None
    """None where only what stands was looked up."""
    won: int

    @property
    def text(self) -> str:
        """Its conditions in words."""
        return ", and ".join(condition_text(each) for each in self.rule.conditions) or "every account"


@dataclass(frozen=True)
class Move:
    """How many accounts go from one territory to another; an empty name is none."""

    before: str
    after: str
    count: int


@dataclass(frozen=True)
class Preview:
    """What a set of rules would come to on its first day, beside what stands."""

    lines: tuple[RuleLine, ...]
    moves: tuple[Move, ...]
    accounts: int
    unassigned: int
    findings: tuple[Finding, ...]

    @property
    def moved(self) -> int:
        """How many accounts change hands."""
        return sum(move.count for move in self.moves)


@dataclass(frozen=True)
class Routing:
    """Where accounts belong on a day: the frame of accounts, and for each its territory and rule; no rule where it is named apart."""

    accounts: pd.DataFrame
    found: Routed
    territories: list[str | None]
    rules: list[TerritoryRule | None]


@dataclass(frozen=True)
class AccountRow:
    """An account in a list: its current version, and names of its territory, rule and owner on the day; empty where there is none."""

    version: Any
    territory: str
    rule: str
    owner: str


@dataclass(frozen=True)
class AccountStory:
    """An account and its owner: which rule won, which lost, who covers it, and what was before."""

    key: UUID
    name: str
    current: AccountTerritory | None
    named: NamedAccount | None
    lost: tuple[TerritoryRule, ...]
    covers: tuple[Cover, ...]
    history: tuple[AccountTerritory, ...]

    @property
    def owner(self) -> str:
        """Who owns the account; empty where nobody covers its territory."""
        return owner_said(self.covers)


def rule_set_list() -> QuerySet[RuleSet]:
    """Give every set, drafts first, then the latest day first."""
    return RuleSet.objects.order_by("state", "-starts_on")


def rule_set_on(on: date) -> RuleSet | None:
    """Give the set in force on the day; None before the first."""
    return RuleSet.objects.filter(state=RuleSetState.IN_FORCE, starts_on__lte=on).order_by("-starts_on").first()


def has_rules() -> bool:
    """True when any set is in force, now or later."""
    return RuleSet.objects.filter(state=RuleSetState.IN_FORCE).exists()


def rules_get(rule_set: RuleSet | None) -> list[TerritoryRule]:
    """Give the rules of a set in their order."""
    if rule_set is None:
        return []
    return list(TerritoryRule.objects.filter(rule_set=rule_set).select_related("territory").order_by("place"))


def routing_of(rules: Sequence[TerritoryRule], on: date, only: list[str] | None = None) -> Routing:
    """Find where accounts, all or some, belong by these rules and by the names of the day."""
    frame = accounts_frame(only)
    named = _named(on)
    typed = [rule_of(each) for each in rules]
    found = route(frame, typed, named)
    territories = found.territories(typed, named, frame["account_key"].tolist())
    won = [None if row == NOBODY else rules[row] for row in found.rule.tolist()]
    return Routing(frame, found, territories, won)


def rule_of(row: TerritoryRule) -> Rule:
    """The rule as the engine takes it."""
    conditions = tuple(
        Condition(each["field"], Test(each["test"]), tuple(each.get("values", ())), int(each.get("number", 0)))
        for each in row.conditions
    )
    return Rule(str(row.id), row.name, str(row.territory_id), conditions)


def accounts_touched(before: Sequence[TerritoryRule], after: Sequence[TerritoryRule]) -> list[str]:
    """Give the accounts that another order of rules may take elsewhere: those that meet a rule that moved, changed, came or went."""
    asked = differing([_lasting(each) for each in before], [_lasting(each) for each in after])
    if not asked:
        return []
    frame = accounts_frame(fields={condition.field for rule in asked for condition in rule.conditions})
    return [str(key) for key in frame["account_key"][meeting(frame, asked)]]


def _lasting(row: TerritoryRule) -> Rule:
    """The rule under the key that copies of it keep."""
    return replace(rule_of(row), key=str(row.key))


def rule_set_preview(rule_set: RuleSet) -> Preview:
    """Say what the set would come to on its first day: by rule, by territory, and what is wrong with it."""
    rules = rules_get(rule_set)
    routing = routing_of(rules, rule_set.starts_on)
    stands = _standing(rule_set.starts_on)
    names = {str(key): name for key, name in Territory.objects.values_list("id", "name")}
    keys = routing.accounts["account_key"].tolist()
    pairs = Counter((stands.get(key), now) for key, now in zip(keys, routing.territories, strict=True))
    moves = [
        Move(names.get(before or "", ""), names.get(after or "", ""), count)
        for (before, after), count in pairs.items()
        if before != after
    ]
    counted = zip(rules, routing.found.matched, routing.found.won, strict=True)
    lines = tuple(RuleLine(*each) for each in counted)
    unassigned = sum(each is None for each in routing.territories)
    ordered = tuple(sorted(moves, key=lambda move: (-move.count, move.before, move.after)))
    return Preview(lines, ordered, len(keys), unassigned, routing.found.findings)


def account_territories(on: date) -> QuerySet[AccountTerritory]:
    """Give where accounts belong on a day."""
    return AccountTerritory.objects.filter(during__contains=on).select_related("territory", "rule")


def rule_lines(rule_set: RuleSet | None, on: date) -> tuple[RuleLine, ...]:
    """Give the rules of a set in order, each with the accounts it holds on the day."""
    held = account_territories(on).values_list("rule__key").annotate(number=Count("id")).order_by()
    counts = dict(held)
    return tuple(RuleLine(rule, None, counts.get(rule.key, 0)) for rule in rules_get(rule_set))


def account_rows(accounts: Iterable[Any], on: date) -> list[AccountRow]:
    """Give accounts with where they belong on the day and who owns them."""
    versions = list(accounts)
    held = {
        row.account_id: row for row in account_territories(on).filter(account__in=[one.fact_id for one in versions])
    }
    owners = owners_of({row.territory_id for row in held.values()}, on)
    return [_account_row(version, held.get(version.fact_id), owners) for version in versions]


def _account_row(version: Any, held: AccountTerritory | None, owners: Mapping[UUID, list[Cover]]) -> AccountRow:
    if held is None:
        return AccountRow(version, "", "", "")
    owner = owner_said(owners.get(held.territory_id, []))
    return AccountRow(version, held.territory.name, held.rule.name if held.rule else "", owner)


def owner_said(covers: Sequence[Cover]) -> str:
    """Say who owns what these cover: the one with the largest share. Of equal ones nobody is made up: their number is said."""
    largest = [each for each in covers if each.assignment.share_rate == covers[0].assignment.share_rate]
    if len(largest) > 1:
        return gettext("%(n)s with equal shares") % {"n": len(largest)}
    return largest[0].holder_name or largest[0].assignment.position.name if largest else ""


def account_story(viewer: Viewer, account: Any, *, on: date) -> AccountStory:
    """Tell an account's owner on a day and how it came about; `account` is its current version, found within the viewer's reach."""
    key = account.fact_id
    rows = AccountTerritory.objects.filter(account=key).select_related("territory", "rule").order_by("-during")
    history = tuple(rows)
    current = next((row for row in history if on in row.during), None)
    rules = rules_get(rule_set_on(on))
    met = [rules[row] for row in rules_of(accounts_frame([str(key)]), [rule_of(each) for each in rules])]
    won = current.rule.key if current and current.rule else None
    named = NamedAccount.objects.filter(account=key, during__contains=on).select_related("territory").first()
    covers = owners_of({current.territory_id}, on).get(current.territory_id, []) if current else []
    lost = tuple(each for each in met if each.key != won)
    return AccountStory(key, account.name, current, named, lost, tuple(covers), history)


def owners_of(territories: set[UUID], on: date) -> dict[UUID, list[Cover]]:
    """Give who covers territories on the day, the largest share first."""
    seats = TerritoryAssignment.objects.filter(territory__in=territories, during__contains=on)
    covers = covers_of(seats, on)
    return {key: sorted(each, key=lambda cover: -cover.assignment.share_rate) for key, each in covers.items()}


def days_of_change(after: date) -> list[date]:
    """Give the later days on which rules or names begin or end, in order."""
    sets = RuleSet.objects.filter(state=RuleSetState.IN_FORCE, starts_on__gt=after).values_list("starts_on", flat=True)
    names = NamedAccount.objects.filter(Q(during__endswith__gt=after) | Q(during__startswith__gt=after))
    edges = {day for span in names.values_list("during", flat=True) for day in (span.lower, span.upper) if day}
    return sorted(day for day in {*sets, *edges} if day > after)


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
}
assert set(NUMBERS) < FIELD_NAMES.keys()


def _named(on: date) -> dict[str, str]:
    rows = NamedAccount.objects.filter(during__contains=on).values_list("account_id", "territory_id")
    return {str(account): str(territory) for account, territory in rows}


def _standing(on: date) -> dict[str, str]:
    rows = AccountTerritory.objects.filter(during__contains=on).values_list("account_id", "territory_id")
    return {str(account): str(territory) for account, territory in rows}
