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

from planning.engine.rules import NOBODY, Routed, Rule, differing, meeting, route, rules_of
from planning.models import (
    AccountTerritory,
    NamedAccount,
    RulePurpose,
    RuleSet,
    RuleSetState,
    Territory,
    TerritoryAssignment,
    TerritoryRule,
)
from planning.selectors.rule_sets import condition_text, rule_of, rule_set_on, rules_get, with_lists
from planning.selectors.segments import SegmentFound, segment_routing, segmented, segments_found, segments_now
from planning.selectors.territories import Cover, covers_of
from spm.core.findings import Finding
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
    segment: str = ""
    owners: frozenset[UUID] = frozenset()
    """The people who own it: of equal shares, all."""


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
    segment: SegmentFound

    @property
    def owner(self) -> str:
        """Who owns the account; empty where nobody covers its territory."""
        return owner_said(self.covers)


def routing_of(rules: Sequence[TerritoryRule], on: date, only: list[str] | None = None) -> Routing:
    """Find where accounts, all or some, belong by these rules and by the names of the day."""
    frame = segmented(accounts_frame(only), on)
    named = _named(on)
    typed = [rule_of(each) for each in rules]
    found = route(with_lists(frame, typed), typed, named)
    territories = found.territories(typed, named, frame["account_key"].tolist())
    won = [None if row == NOBODY else rules[row] for row in found.rule.tolist()]
    return Routing(frame, found, territories, won)


def accounts_touched(before: Sequence[TerritoryRule], after: Sequence[TerritoryRule], on: date) -> list[str]:
    """Give the accounts that another order of rules may take elsewhere on a day: they meet a rule that moved, changed, came or went."""
    asked = differing([_lasting(each) for each in before], [_lasting(each) for each in after])
    if not asked:
        return []
    fields = {condition.field for rule in asked for condition in rule.conditions}
    frame = segmented(accounts_frame(), on) if "segment" in fields else accounts_frame(fields=fields)
    return [str(key) for key in frame["account_key"][meeting(with_lists(frame, asked), asked)]]


def _lasting(row: TerritoryRule) -> Rule:
    """The rule under the key that copies of it keep."""
    return replace(rule_of(row), key=str(row.key))


def rule_set_preview(rule_set: RuleSet) -> Preview:
    """Say what the set would come to on its first day: by rule, by territory, and what is wrong with it."""
    if rule_set.purpose == RulePurpose.SEGMENT:
        return _segment_preview(rule_set)
    rules = rules_get(rule_set)
    routing = routing_of(rules, rule_set.starts_on)
    stands = _standing(rule_set.starts_on)
    names = {str(key): name for key, name in Territory.objects.values_list("id", "name")}
    keys = routing.accounts["account_key"].tolist()
    pairs = [
        (names.get(stands.get(key) or "", ""), names.get(now or "", ""))
        for key, now in zip(keys, routing.territories, strict=True)
    ]
    return _previewed(rules, routing.found, pairs, routing.found.findings)


def _segment_preview(rule_set: RuleSet) -> Preview:
    rules, frame = rules_get(rule_set), accounts_frame()
    found, after, findings = segment_routing(frame, rules)
    before = segmented(frame, rule_set.starts_on)["segment"].tolist()
    return _previewed(rules, found, list(zip(before, after, strict=True)), findings)


def _previewed(
    rules: Sequence[TerritoryRule], found: Routed, pairs: Sequence[tuple[str, str]], findings: tuple[Finding, ...]
) -> Preview:
    """What rules come to, from the names of before and after of every account."""
    counts = Counter(pair for pair in pairs if pair[0] != pair[1])
    moves = [Move(before, after, count) for (before, after), count in counts.items()]
    ordered = tuple(sorted(moves, key=lambda move: (-move.count, move.before, move.after)))
    lines = tuple(RuleLine(*each) for each in zip(rules, found.matched, found.won, strict=True))
    return Preview(lines, ordered, len(pairs), sum(not after for _before, after in pairs), findings)


def account_territories(on: date) -> QuerySet[AccountTerritory]:
    """Give where accounts belong on a day."""
    return AccountTerritory.objects.filter(during__contains=on).select_related("territory", "rule")


def rule_lines(rule_set: RuleSet | None, on: date) -> tuple[RuleLine, ...]:
    """Give the rules of a set in order, each with the accounts it holds on the day."""
    if rule_set is not None and rule_set.purpose == RulePurpose.SEGMENT:
        rules = rules_get(rule_set)
        return tuple(
            RuleLine(rule, None, won)
            for rule, won in zip(rules, segment_routing(accounts_frame(), rules)[0].won, strict=True)
        )
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
    segments = segments_now([str(one.fact_id) for one in versions], on)
    return [_account_row(one, held.get(one.fact_id), owners, segments.get(str(one.fact_id), "")) for one in versions]


def _account_row(
    version: Any, held: AccountTerritory | None, owners: Mapping[UUID, list[Cover]], segment: str
) -> AccountRow:
    if held is None:
        return AccountRow(version, "", "", "", segment)
    covers = owners.get(held.territory_id, [])
    people = frozenset(each.holder_id for each in _largest(covers) if each.holder_id)
    rule = held.rule.name if held.rule else ""
    return AccountRow(version, held.territory.name, rule, owner_said(covers), segment, people)


def _largest(covers: Sequence[Cover]) -> list[Cover]:
    return [each for each in covers if each.assignment.share_rate == covers[0].assignment.share_rate]


def owner_said(covers: Sequence[Cover]) -> str:
    """Say who owns what these cover: the one with the largest share. Of equal ones nobody is made up: their number is said."""
    largest = _largest(covers)
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
    frame = accounts_frame([str(key)])
    [segment] = segments_found(frame, on)
    typed = [rule_of(each) for each in rules]
    asked = with_lists(frame.assign(segment=[segment.segment]), typed)
    met = [rules[row] for row in rules_of(asked, typed)]
    won = current.rule.key if current and current.rule else None
    named = NamedAccount.objects.filter(account=key, during__contains=on).select_related("territory").first()
    covers = owners_of({current.territory_id}, on).get(current.territory_id, []) if current else []
    lost = tuple(each for each in met if each.key != won)
    return AccountStory(key, account.name, current, named, lost, tuple(covers), history, segment)


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


def _named(on: date) -> dict[str, str]:
    rows = NamedAccount.objects.filter(during__contains=on).values_list("account_id", "territory_id")
    return {str(account): str(territory) for account, territory in rows}


def _standing(on: date) -> dict[str, str]:
    rows = AccountTerritory.objects.filter(during__contains=on).values_list("account_id", "territory_id")
    return {str(account): str(territory) for account, territory in rows}
