"""Moves units of the map to a territory: into a draft of rules, never into what is in force."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from planning.engine.places import Drafted, Level, units_moved
from planning.models import RulePurpose, RuleSet, Territory, TerritoryRule
from planning.selectors.maps import units_spelt
from planning.selectors.rule_sets import rules_get
from planning.services.rules import rule_place, rule_remove, rule_save, rule_set_draft
from planning.services.scenarios import scenario_rules
from spm.roles.policy import Viewer, require

MOST_UNITS = 300


@transaction.atomic
def units_move(
    *,
    level: Level,
    units: Sequence[str],
    territory_id: UUID,
    actor: Viewer,
    rule_set_id: UUID | None = None,
    scenario_id: UUID | None = None,
    starts_on: date | None = None,
) -> RuleSet:
    """Move units to a territory in a draft, in a scenario's own draft, or in a new draft from a day on; gives the draft.

    They become one rule before all others (one for each state at the level of counties); accounts named apart stay where they are.
    Raises ValidationError for a unit without accounts, and for a set that is in force.
    """
    require(actor, "territory.edit")
    wanted = list(dict.fromkeys(units))
    if not 1 <= len(wanted) <= MOST_UNITS:
        raise ValidationError({"units": f"Choose 1 to {MOST_UNITS} places on the map or in its table."})
    territory = Territory.objects.filter(pk=territory_id).first()
    if territory is None:
        raise ValidationError({"territory": "The territory is not known in this company. Choose another."})
    try:
        spelt = units_spelt(level, wanted)
    except KeyError as error:
        raise ValidationError({"units": f"No account lies in {error.args[0]}. Choose places of the table."}) from error
    draft = _draft(rule_set_id, scenario_id, starts_on, actor)
    before = rules_get(draft)
    old = [Drafted(str(one.pk), one.name, str(one.territory_id), tuple(one.conditions)) for one in before]
    made, kept = units_moved(old, spelt, str(territory.pk), f"Map: {territory.name}"[:200])
    _write(draft, before, made, kept, actor)
    return draft


def _draft(rule_set_id: UUID | None, scenario_id: UUID | None, starts_on: date | None, actor: Viewer) -> RuleSet:
    if scenario_id is not None:
        return scenario_rules(scenario_id=scenario_id, actor=actor)
    if rule_set_id is not None:
        return RuleSet.objects.get(pk=rule_set_id, purpose=RulePurpose.TERRITORY)
    if starts_on is None:
        raise ValidationError({"starts_on": "Say from which day on the new draft is to count."})
    return rule_set_draft(starts_on=starts_on, note="Moved on the map", actor=actor)


def _write(
    draft: RuleSet, before: Sequence[TerritoryRule], made: Sequence[Drafted], kept: Sequence[Drafted], actor: Viewer
) -> None:
    left = {each.key: each for each in kept}
    for rule in before:
        new = left.get(str(rule.pk))
        if new is None:
            rule_remove(rule_set_id=draft.pk, rule_id=rule.pk, actor=actor)
        elif list(new.conditions) != rule.conditions:
            _save(draft, new, actor, rule.pk)
    for each in made:
        rule = _save(draft, each, actor)
        rule_place(rule_set_id=draft.pk, rule_id=rule.pk, place=1, actor=actor)


def _save(draft: RuleSet, rule: Drafted, actor: Viewer, rule_id: UUID | None = None) -> TerritoryRule:
    return rule_save(
        rule_set_id=draft.pk,
        rule_id=rule_id,
        name=rule.name,
        territory_id=UUID(rule.territory),
        conditions=rule.conditions,
        actor=actor,
    )
