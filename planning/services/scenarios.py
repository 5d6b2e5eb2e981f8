"""Writes scenarios: several people change them row by row, a second person approves them, and they become the live plan at once."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from planning.models import (
    CapacityPlan,
    ChangeKind,
    Period,
    QuotaMeasure,
    RuleSet,
    RuleSetState,
    Scenario,
    ScenarioChange,
    ScenarioState,
    Territory,
    TerritoryAssignment,
)
from planning.selectors.scenarios import SCENARIO, change_list, change_rows, live_values, scenario_digest
from planning.services.quotas import LARGEST, QuotaValue, Seen, quota_set_many
from planning.services.rules import rule_set_discard, rule_set_draft, rule_set_start
from planning.services.territories import (
    territory_assign,
    territory_assignment_end,
    territory_assignment_remove,
)
from spm.approvals.models import ApprovalRequest
from spm.approvals.selectors import approval_given
from spm.approvals.services import approval_ask, approval_withdraw
from spm.core.money import RATE_SCALE
from spm.people.models import Position
from spm.roles.policy import Viewer, require

RULES_KEY = "rules"


@transaction.atomic
def scenario_create(
    *, name: str, starts_on: date, actor: Viewer, note: str = "", capacity_plan_id: UUID | None = None
) -> Scenario:
    """Begin a scenario for a day: the live plan of that day, without a change yet."""
    require(actor, "scenario.edit")
    if not name.strip() or Scenario.objects.filter(name=name.strip()).exists():
        raise ValidationError({"name": "Give the scenario a name that no other one has."})
    if starts_on < actor.on:
        raise ValidationError(
            {"starts_on": f"{starts_on} is past, and history is not rewritten. Choose {actor.on} or later."}
        )
    if capacity_plan_id is not None and not CapacityPlan.objects.filter(pk=capacity_plan_id).exists():
        raise ValidationError({"capacity_plan": "The capacity plan is not known in this company. Choose another."})
    return Scenario.objects.create(
        name=name.strip(),
        starts_on=starts_on,
        note=note,
        capacity_plan_id=capacity_plan_id,
        written_by_name=actor.name,
    )


@transaction.atomic
def scenario_cover(
    *,
    scenario_id: UUID,
    territory_id: UUID,
    position_id: UUID,
    share_rate: int | None,
    version: int,
    actor: Viewer,
) -> ScenarioChange:
    """Let a position cover a territory by a share from the scenario's day on; None: not any more. `version` is 0 for a new change."""
    scenario = _draft(scenario_id, actor)
    if not Territory.objects.filter(pk=territory_id).exists():
        raise ValidationError({"territory": "The territory is not known in this company. Choose another."})
    if not Position.objects.filter(pk=position_id).exists():
        raise ValidationError({"position": "The position is not known in this company. Choose another."})
    if share_rate is not None and not 0 < share_rate <= RATE_SCALE:
        raise ValidationError({"share": "A share is more than 0 % and at most 100 %. Correct the share."})
    key = f"{territory_id}:{position_id}"
    return _set(scenario, ChangeKind.COVER, key, {"share_rate": share_rate}, version, actor)


@transaction.atomic
def scenario_quota(
    *,
    scenario_id: UUID,
    position_id: UUID,
    period_id: UUID,
    value: int | None,
    version: int,
    actor: Viewer,
    measure: QuotaMeasure = QuotaMeasure.AMOUNT,
) -> ScenarioChange:
    """Set a quota in the scenario, in the currency that it has or the company's; None: no quota. `version` is 0 for a new change."""
    scenario = _draft(scenario_id, actor)
    if not Position.objects.filter(pk=position_id).exists():
        raise ValidationError({"position": "The position is not known in this company. Choose another."})
    if not Period.objects.filter(pk=period_id).exists():
        raise ValidationError({"period": "The period is not known in this company. Choose another."})
    if value is not None and not 0 <= value <= LARGEST:
        raise ValidationError({"value": f"A quota is between 0 and {LARGEST}, money in minor units."})
    key = f"{position_id}:{period_id}:{measure}"
    has = live_values(ChangeKind.QUOTA, key, scenario.starts_on)["currency"]
    currency = (has or actor.organisation.currency) if measure.is_money and value is not None else ""
    return _set(scenario, ChangeKind.QUOTA, key, {"value": value, "currency": currency}, version, actor)


@transaction.atomic
def scenario_rules(*, scenario_id: UUID, actor: Viewer) -> RuleSet:
    """Begin the scenario's own draft of territory rules, with those in force on its day; once begun, it is that draft."""
    scenario = _draft(scenario_id, actor)
    mine = ScenarioChange.objects.filter(scenario=scenario, kind=ChangeKind.RULES).first()
    if mine is not None:
        return _rules_of(mine)
    draft = rule_set_draft(starts_on=scenario.starts_on, note=f"Of the scenario {scenario.name}"[:500], actor=actor)
    _set(scenario, ChangeKind.RULES, RULES_KEY, {"rule_set": str(draft.pk)}, 0, actor)
    return draft


@transaction.atomic
def scenario_take_back(*, scenario_id: UUID, change_id: UUID, version: int, actor: Viewer) -> None:
    """Take a change out of the scenario: the thing stays as it is live."""
    scenario = _draft(scenario_id, actor)
    change = ScenarioChange.objects.select_for_update().get(scenario=scenario, pk=change_id)
    _refuse_stale(change, version)
    _drop_rules(change, actor)
    change.delete()
    approval_withdraw(kind=SCENARIO, key=scenario.pk)


@transaction.atomic
def scenario_rebase(*, scenario_id: UUID, actor: Viewer) -> int:
    """Take what is live now as what the changes replace; gives how many had gone stale. An approval of before falls."""
    scenario = _draft(scenario_id, actor)
    stale = 0
    for change in change_list(scenario):
        now = live_values(change.kind, change.key, scenario.starts_on)
        if now != change.before:
            change.before, change.version = now, change.version + 1
            change.save(update_fields=["before", "version"])
            stale += 1
    if stale:
        approval_withdraw(kind=SCENARIO, key=scenario.pk)
    return stale


@transaction.atomic
def scenario_ask(*, scenario_id: UUID, actor: Viewer, reason: str = "") -> ApprovalRequest:
    """Ask a second person to approve the scenario as it is; whoever changed a row of it does not decide."""
    scenario = _draft(scenario_id, actor)
    _refuse_moved(scenario)
    authors = {author for change in change_list(scenario) for author in change.author_ids}
    return approval_ask(
        kind=SCENARIO,
        key=scenario.pk,
        content=scenario_digest(scenario),
        action="scenario.approve",
        title=f"Scenario {scenario.name}, from {scenario.starts_on}",
        url=reverse("planning:scenario", args=[scenario.pk]),
        reason=reason or scenario.note,
        authors=sorted(authors),
        actor=actor,
    )


@transaction.atomic
def scenario_publish(*, scenario_id: UUID, actor: Viewer) -> Scenario:
    """Make an approved scenario the live plan from its day on, all of it or nothing, by the services that people use.

    Raises ValidationError where its day is past, a change is stale, or it was not approved exactly so.
    """
    require(actor, "scenario.publish")
    scenario = _draft(scenario_id, actor)
    if scenario.starts_on < actor.on:
        raise ValidationError(
            f"{scenario.starts_on} is past, and history is not rewritten. Begin a scenario for {actor.on} or later."
        )
    _refuse_moved(scenario)
    if approval_given(SCENARIO, scenario.pk, scenario_digest(scenario)) is None:
        raise ValidationError("It was not approved as it is now. Ask for approval, or for a new one after a change.")
    changes = change_list(scenario)
    for change in changes:
        if change.kind == ChangeKind.COVER:
            _publish_cover(change, scenario.starts_on, actor)
    _publish_quotas([each for each in changes if each.kind == ChangeKind.QUOTA], actor)
    for change in changes:
        if change.kind == ChangeKind.RULES:
            rule_set_start(rule_set_id=_rules_of(change).pk, actor=actor)
    scenario.state, scenario.published_at = ScenarioState.PUBLISHED, timezone.now()
    scenario.published_by_name = actor.name
    scenario.save(update_fields=["state", "published_at", "published_by_name"])
    return scenario


@transaction.atomic
def scenario_undo(*, scenario_id: UUID, starts_on: date, actor: Viewer) -> Scenario:
    """Begin a scenario that brings back from a day on what a published one replaced. It is approved and published like any other.

    Raises ValidationError where there is nothing to bring back, and for rules where none were in force before.
    """
    done = Scenario.objects.get(pk=scenario_id)
    if done.state != ScenarioState.PUBLISHED:
        raise ValidationError(
            f"“{done.name}” was not published, so there is nothing to undo. Change it, or throw it away."
        )
    name = f"Undo of {done.name}"[:190]
    taken = Scenario.objects.filter(name__startswith=name).count()
    undo = scenario_create(name=f"{name} {taken + 1}" if taken else name, starts_on=starts_on, actor=actor)
    undo.restores = done
    undo.save(update_fields=["restores"])
    for change in change_list(done):
        _bring_back(undo, change, actor)
    if not change_list(undo):
        raise ValidationError("Everything is as it was before it already. There is nothing to bring back.")
    return undo


@transaction.atomic
def scenario_discard(*, scenario_id: UUID, actor: Viewer) -> None:
    """Throw a draft away, with its changes and its draft of rules; the audit keeps them."""
    scenario = _draft(scenario_id, actor)
    for change in change_list(scenario):
        _drop_rules(change, actor)
        change.delete()
    approval_withdraw(kind=SCENARIO, key=scenario.pk)
    scenario.delete()


def _draft(scenario_id: UUID, actor: Viewer) -> Scenario:
    require(actor, "scenario.edit")
    scenario = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario_id)
    if scenario.state != ScenarioState.DRAFT:
        raise ValidationError(f"“{scenario.name}” is published and doesn't change. Begin another one, or undo it.")
    return scenario


def _set(
    scenario: Scenario, kind: ChangeKind, key: str, values: Mapping[str, Any], version: int, actor: Viewer
) -> ScenarioChange:
    """Write a change; one that somebody else has made or edited meanwhile is refused."""
    change = ScenarioChange.objects.select_for_update().filter(scenario=scenario, kind=kind, key=key).first()
    if change is None:
        if version:
            raise ValidationError(
                "Somebody has taken this change out since you looked. Reload, and add it again if it is still wanted."
            )
        before = live_values(kind, key, scenario.starts_on)
        change = ScenarioChange(scenario=scenario, kind=kind, key=key, before=before, version=0)
    else:
        _refuse_stale(change, version)
    change.values, change.version, change.changed_by_name = dict(values), change.version + 1, actor.name
    change.author_ids = sorted({*change.author_ids, *([actor.user_id] if actor.user_id is not None else [])})
    change.save()
    approval_withdraw(kind=SCENARIO, key=scenario.pk)
    return change


def _refuse_stale(change: ScenarioChange, version: int) -> None:
    if change.version == version:
        return
    row = next(each for each in change_rows(change.scenario) if each.change.pk == change.pk)
    raise ValidationError(
        f"{row.about} was changed by {change.changed_by_name} to {row.after} since you looked. Nothing was saved. "
        "Reload, look at it, and change it again if it is still wrong."
    )


def _refuse_moved(scenario: Scenario) -> None:
    """Refuse a scenario without changes, and one whose base has changed: each stale row is named."""
    rows = change_rows(scenario)
    if not rows:
        raise ValidationError("It changes nothing yet. Change who covers what, a quota, or the rules.")
    stale = [row for row in rows if row.is_stale]
    if stale:
        raise ValidationError(
            [
                f"{row.about} was {row.before} live when it was changed here, and is {row.now} now. "
                "Look at it, and take what is live now as the new base."
                for row in stale
            ]
        )


def _rules_of(change: ScenarioChange) -> RuleSet:
    draft = RuleSet.objects.filter(pk=change.values["rule_set"]).first()
    if draft is None or draft.state != RuleSetState.DRAFT:
        raise ValidationError(
            "The scenario's draft of rules is gone or in force already. Take the change of rules out."
        )
    return draft


def _drop_rules(change: ScenarioChange, actor: Viewer) -> None:
    if change.kind == ChangeKind.RULES:
        draft = RuleSet.objects.filter(pk=change.values["rule_set"], state=RuleSetState.DRAFT).first()
        if draft is not None:
            rule_set_discard(rule_set_id=draft.pk, actor=actor)


def _publish_cover(change: ScenarioChange, on: date, actor: Viewer) -> None:
    """End what holds on the day, and let the new share hold until the end that it had."""
    territory, position = (UUID(each) for each in change.key.split(":"))
    mine = TerritoryAssignment.objects.filter(territory=territory, position=position)
    held = mine.filter(during__contains=on).first()
    later = mine.filter(during__startswith__gt=on).order_by("during").first()
    until = held.during.upper if held is not None else later.during.lower if later is not None else None
    if held is not None and held.during.lower == on:
        territory_assignment_remove(assignment_id=held.pk, actor=actor)
    elif held is not None:
        territory_assignment_end(assignment_id=held.pk, until=on, actor=actor)
    share = change.values["share_rate"]
    if share is not None:
        territory_assign(
            territory_id=territory, position_id=position, start=on, until=until, share_rate=share, actor=actor
        )


def _publish_quotas(changes: list[ScenarioChange], actor: Viewer) -> None:
    groups: dict[tuple[str, str], list[QuotaValue]] = defaultdict(list)
    for change in changes:
        position, period, measure = change.key.split(":")
        seen, value = Seen(change.before["value"]), change.values["value"]
        currency = change.values["currency"] or change.before["currency"]
        groups[measure, currency].append(QuotaValue(UUID(position), UUID(period), value, seen))
    for (measure, currency), values in sorted(groups.items()):
        quota_set_many(values=values, measure=QuotaMeasure(measure), currency=currency, actor=actor)


def _bring_back(undo: Scenario, change: ScenarioChange, actor: Viewer) -> None:
    if change.kind == ChangeKind.RULES:
        if change.before["rule_set"] is None:
            raise ValidationError(
                "No rules were in force before it, and that can't be brought back. Begin a draft of rules that fits instead."
            )
        draft = rule_set_draft(
            starts_on=undo.starts_on,
            note=f"Of the scenario {undo.name}"[:500],
            copied=UUID(change.before["rule_set"]),
            actor=actor,
        )
        _set(undo, ChangeKind.RULES, RULES_KEY, {"rule_set": str(draft.pk)}, 0, actor)
    elif live_values(change.kind, change.key, undo.starts_on) != change.before:
        _set(undo, ChangeKind(change.kind), change.key, change.before, 0, actor)
