"""Writes territory rules, puts them in force on their day, and keeps which account belongs where from when on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from planning.engine.rules import LISTS, NUMBERS, TEXTS, Test
from planning.models import AccountTerritory, NamedAccount, RulePurpose, RuleSet, RuleSetState, Territory, TerritoryRule
from planning.selectors.rule_sets import has_rules, rule_set_on, rules_get
from planning.selectors.rules import Routing, accounts_touched, days_of_change, routing_of
from spm.crm.models import Account
from spm.roles.policy import Viewer, require
from spm.tenancy.copying import insert_columns

MOST_RULES = 1_000
MOST_VALUES = 500
LARGEST = 10**15


@dataclass(frozen=True)
class Routed:
    """What a routing wrote: how many accounts got another territory, over all days it looked at."""

    changed: int


@transaction.atomic
def rule_set_draft(
    *,
    starts_on: date,
    actor: Viewer,
    note: str = "",
    copied: UUID | None = None,
    purpose: str = RulePurpose.TERRITORY,
) -> RuleSet:
    """Begin a draft for a day, with the rules in force then as its first text, or with those of the set that is `copied`."""
    require(actor, "territory.edit")
    _lock()
    draft = RuleSet.objects.create(purpose=purpose, starts_on=starts_on, note=note, written_by_name=actor.name)
    rules = rules_get(rule_set_on(starts_on, purpose) if copied is None else RuleSet.objects.get(pk=copied))
    TerritoryRule.objects.bulk_create(
        TerritoryRule(
            rule_set=draft,
            key=each.key,
            place=each.place,
            name=each.name,
            territory_id=each.territory_id,
            segment=each.segment,
            conditions=each.conditions,
        )
        for each in rules
    )
    return draft


@transaction.atomic
def rule_save(
    *,
    rule_set_id: UUID,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
    actor: Viewer,
    territory_id: UUID | None = None,
    segment: str = "",
    rule_id: UUID | None = None,
) -> TerritoryRule:
    """Add a rule at the end of a draft, or change one; it leads to a territory, or in a set of segments to a segment.

    Raises ValidationError naming the condition that can't be asked.
    """
    draft = _draft(rule_set_id, actor)
    rules = TerritoryRule.objects.filter(rule_set=draft)
    checked = [_condition(number, each, actor.organisation.currency) for number, each in enumerate(conditions, 1)]
    segment = segment.strip()
    _refuse_target(draft.purpose, territory_id, segment)
    rule = (
        rules.select_for_update().get(pk=rule_id) if rule_id else TerritoryRule(rule_set=draft, place=rules.count() + 1)
    )
    if rule.place > MOST_RULES:
        raise ValidationError(f"A set has at most {MOST_RULES} rules. Join some, or name accounts apart.")
    rule.name, rule.territory_id, rule.segment, rule.conditions = name, territory_id, segment, checked
    rule.save()
    return rule


@transaction.atomic
def rule_place(*, rule_set_id: UUID, rule_id: UUID, place: int, actor: Viewer) -> TerritoryRule:
    """Move a rule of a draft to a place from 1; those between move up or down by one. Beyond the ends it goes to the end."""
    draft = _draft(rule_set_id, actor)
    rules = list(TerritoryRule.objects.select_for_update().filter(rule_set=draft).order_by("place"))
    rule = next((each for each in rules if each.id == rule_id), None)
    if rule is None:
        raise TerritoryRule.DoesNotExist
    rules.remove(rule)
    rules.insert(max(1, min(place, len(rules) + 1)) - 1, rule)
    _number(rules)
    return rule


@transaction.atomic
def rule_remove(*, rule_set_id: UUID, rule_id: UUID, actor: Viewer) -> None:
    """Take a rule out of a draft; those below move up."""
    draft = _draft(rule_set_id, actor)
    TerritoryRule.objects.select_for_update().get(rule_set=draft, pk=rule_id).delete()
    _number(list(TerritoryRule.objects.filter(rule_set=draft).order_by("place")))


@transaction.atomic
def rule_set_discard(*, rule_set_id: UUID, actor: Viewer) -> None:
    """Throw a draft away, with its rules."""
    draft = _draft(rule_set_id, actor)
    TerritoryRule.objects.filter(rule_set=draft).delete()
    draft.delete()


@transaction.atomic
def rule_set_start(*, rule_set_id: UUID, actor: Viewer) -> Routed:
    """Put a draft in force on its day, and keep where accounts belong from then on; what was before stays as it was.

    After the first set only the accounts are looked at that a rule touches which moved, changed, came or went: the others are where
    they were, and what is new or changed of them is routed by their import and at night.

    Raises ValidationError for a set without rules, for a day that has one in force, and for a day in the past that another set covers.
    """
    draft = _draft(rule_set_id, actor)
    if not TerritoryRule.objects.filter(rule_set=draft).exists():
        raise ValidationError("This draft has no rule, so nobody would cover any account. Add a rule first.")
    before = rule_set_on(draft.starts_on, draft.purpose)
    if before is not None and before.starts_on == draft.starts_on:
        raise ValidationError(
            f"Rules that begin on {draft.starts_on} are in force already. Begin a draft for a later day."
        )
    if before is not None and draft.starts_on < actor.on:
        raise ValidationError(
            f"{draft.starts_on} is past, and rules were in force then: history is not rewritten. Begin a draft for {actor.on} or later, "
            "and name the accounts apart whose past was wrong."
        )
    draft.state, draft.in_force_at = RuleSetState.IN_FORCE, timezone.now()
    draft.save(update_fields=["state", "in_force_at"])
    if draft.purpose == RulePurpose.SEGMENT:
        return _routed(draft.starts_on) if has_rules() else Routed(0)
    if before is None:
        return _routed(draft.starts_on)
    return _routed(draft.starts_on, accounts_touched(rules_get(before), rules_get(draft), draft.starts_on))


@transaction.atomic
def account_name(
    *, account_id: UUID, territory_id: UUID, start: date, reason: str, actor: Viewer, until: date | None = None
) -> NamedAccount:
    """Give an account to a territory on [start, until), whatever the rules say; raises ValidationError where it is named already."""
    require(actor, "territory.edit")
    _lock()
    if until is not None and until <= start:
        raise ValidationError("The end lies before the first day. Choose an end after the start.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why the rules don't hold for this account."})
    account, territory = Account.objects.get(pk=account_id), Territory.objects.get(pk=territory_id)
    during = DateRange(start, until)
    if NamedAccount.objects.filter(account=account, during__overlap=during).exists():
        raise ValidationError("The account is named apart on some of these days already. End that first.")
    named = NamedAccount.objects.create(account=account, territory=territory, during=during, reason=reason.strip())
    _routed(start, [str(account.pk)])
    return named


@transaction.atomic
def accounts_name(*, wanted: Mapping[str, UUID], start: date, reason: str, actor: Viewer) -> Routed:
    """Give many accounts (by id) to territories from a day on, whatever the rules say; refused as a whole where one is named already."""
    require(actor, "territory.edit")
    _lock()
    if start < actor.on:
        raise ValidationError(f"{start} is past, and history is not rewritten. Choose {actor.on} or later.")
    during = DateRange(start, None)
    named = NamedAccount.objects.filter(account_id__in=wanted, during__overlap=during).select_related("account")
    first = named.order_by("account__source_key").first()
    if first is not None:
        what = f"{named.count()} of these accounts are named apart already on or after {start}, first {first.account.source_key}."
        raise ValidationError(
            f"{what} Nothing was changed. End those names first, or leave these accounts where they are."
        )
    NamedAccount.objects.bulk_create(
        NamedAccount(account_id=account, territory_id=territory, during=during, reason=reason)
        for account, territory in sorted(wanted.items())
    )
    return _routed(start, sorted(wanted))


@transaction.atomic
def account_name_end(*, named_id: UUID, until: date, actor: Viewer) -> NamedAccount | None:
    """Let the rules hold again from `until` on; an end on or before the first day takes the name back altogether, and gives None."""
    require(actor, "territory.edit")
    _lock()
    named = NamedAccount.objects.select_for_update().get(pk=named_id)
    start, account = named.during.lower, str(named.account_id)
    if until <= start:
        named.delete()
        _routed(start, [account])
        return None
    named.during = DateRange(start, until)
    named.save(update_fields=["during"])
    _routed(until, [account])
    return named


@transaction.atomic
def accounts_route(*, on: date, actor: Viewer) -> Routed:
    """Look at every account as it is known now and keep where it belongs from the day on: new accounts, changed fields, withdrawn ones."""
    require(actor, "territory.edit")
    _lock()
    return _routed(on)


def _routed(on: date, only: list[str] | None = None) -> Routed:
    """Route from a day on, and again on every later day on which rules or names change."""
    changed = 0
    if only == []:
        return Routed(changed)
    for day in [on, *days_of_change(on)]:
        rules = rules_get(rule_set_on(day))
        changed += _keep(routing_of(rules, day, only), day, only)
    return Routed(changed)


_CUT = """
    with gone as (
        delete from planning_accountterritory where account_id = any(%(accounts)s::uuid[]) and lower(during) >= %(on)s
    )
    update planning_accountterritory set during = daterange(lower(during), %(on)s)
    where account_id = any(%(accounts)s::uuid[]) and lower(during) < %(on)s and during @> %(on)s::date
"""


def _keep(routing: Routing, on: date, only: list[str] | None) -> int:
    """Write what differs from what stands on the day, in whole sets; gives the number of accounts that differ."""
    rows = AccountTerritory.objects.filter(during__contains=on)
    if only is not None:
        rows = rows.filter(account_id__in=only)
    stands = {
        str(account): (str(territory), key)
        for account, territory, key in rows.values_list("account_id", "territory_id", "rule__key")
    }
    keys = routing.accounts["account_key"].tolist()
    wanted = {
        key: (territory, rule)
        for key, territory, rule in zip(keys, routing.territories, routing.rules, strict=True)
        if territory is not None
    }
    differs = sorted(key for key in wanted.keys() | stands.keys() if _said(wanted.get(key)) != stands.get(key))
    if not differs:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_CUT, {"accounts": differs, "on": on})
    fresh = [(key, *wanted[key]) for key in differs if key in wanted]
    if fresh:
        accounts, territories, rules = zip(*fresh, strict=True)
        insert_columns(
            AccountTerritory._meta.db_table,
            {
                "account_id": ("uuid", accounts),
                "territory_id": ("uuid", territories),
                "rule_id": ("uuid", [None if rule is None else str(rule.id) for rule in rules]),
                "during": ("daterange", [f"[{on},)"] * len(fresh)),
            },
        )
    return len(differs)


def _said(place: tuple[str, TerritoryRule | None] | None) -> tuple[str, UUID | None] | None:
    """A territory and the lasting key of the rule that leads there: a copied rule is the same rule."""
    return None if place is None else (place[0], None if place[1] is None else place[1].key)


def _lock() -> None:
    """Let one change of rules or names wait for another of the company."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('territory rules'), current_setting('app.organisation_id')::bigint::int)"
        )


def _draft(rule_set_id: UUID, actor: Viewer) -> RuleSet:
    require(actor, "territory.edit")
    _lock()
    found = RuleSet.objects.select_for_update().get(pk=rule_set_id)
    if found.state != RuleSetState.DRAFT:
        raise ValidationError(
            f"The rules that begin on {found.starts_on} are in force and don't change. Begin a draft."
        )
    return found


def _refuse_target(purpose: str, territory_id: UUID | None, segment: str) -> None:
    if purpose == RulePurpose.SEGMENT:
        if territory_id or not segment:
            raise ValidationError({"segment": "A rule of segments names a segment and no territory. Name the segment."})
        if len(segment) > 100:
            raise ValidationError({"segment": "The name of a segment has at most 100 letters. Shorten it."})
    elif segment or territory_id is None or not Territory.objects.filter(pk=territory_id).exists():
        raise ValidationError({"territory": "The territory is not known in this company. Choose another."})


def _number(rules: Sequence[TerritoryRule]) -> None:
    for place, rule in enumerate(rules, 1):
        rule.place = place
    TerritoryRule.objects.bulk_update(rules, ["place"])


def _condition(number: int, given: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """A condition in its one form; money names the company's currency."""
    where = f"Condition {number}"
    field, test = str(given.get("field", "")), str(given.get("test", ""))
    if field not in TEXTS + LISTS + NUMBERS:
        raise ValidationError(
            {"conditions": f"{where} asks the field “{field}”. There are: {', '.join(TEXTS + LISTS + NUMBERS)}."}
        )
    tests = (
        (Test.AT_LEAST, Test.BELOW, Test.IS_EMPTY)
        if field in NUMBERS
        else (Test.IS, Test.IS_NOT, Test.STARTS, Test.IS_EMPTY)
    )
    if test not in tests:
        raise ValidationError({"conditions": f"{where} can't ask “{test}” of {field}. It can ask: {', '.join(tests)}."})
    if test == Test.IS_EMPTY:
        return {"field": field, "test": test}
    if field in NUMBERS:
        unit = {"currency": currency} if field == "annual_revenue_minor" else {}
        return {"field": field, "test": test, "number": _whole(where, given.get("number")), **unit}
    values = list(dict.fromkeys(str(each).strip() for each in given.get("values", ()) if str(each).strip()))
    if not 1 <= len(values) <= MOST_VALUES:
        raise ValidationError({"conditions": f"{where} needs 1 to {MOST_VALUES} values to compare {field} with."})
    return {"field": field, "test": test, "values": values}


def _whole(where: str, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= LARGEST:
        raise ValidationError(
            {"conditions": f"{where} needs a whole number from 0 to {LARGEST}; money in minor units."}
        )
    return given
