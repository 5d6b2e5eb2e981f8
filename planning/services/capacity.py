"""Writes capacity plans, their roles and their hiring plans. Each change says which version it saw; a stale one is refused."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from planning.engine.staffing import MONTHS
from planning.models import CapacityHire, CapacityPlan, CapacityRole
from planning.selectors.staffing import quota_of_titles
from spm.core.money import is_currency
from spm.core.periods import months_from
from spm.people.models import Title, Unit
from spm.roles.policy import Viewer, require

LARGEST = 10**15
MOST_HEADS = 100_000
MOST_WEIGHT = 10**6
EARLIEST, LATEST = 2000, 2200
"""The years in which a plan may begin."""


@transaction.atomic
def capacity_plan_create(
    *, name: str, starts_on: date, target_minor: int, actor: Viewer, currency: str = ""
) -> CapacityPlan:
    """Begin a plan of a year, with a role for each title whose positions had quotas in the whole year before."""
    require(actor, "capacity.edit")
    currency = currency or actor.organisation.currency
    if not is_currency(currency):
        raise ValidationError({"currency": f"“{currency}” is no currency. Write its three letters."})
    plan = CapacityPlan(currency=currency, written_by_name=actor.name)
    _fill(plan, {"name": name, "starts_on": starts_on, "target_minor": target_minor})
    plan.save()
    quotas = quota_of_titles(starts_on, currency)
    CapacityRole.objects.bulk_create(
        CapacityRole(plan=plan, title_id=title, quota_minor=quota) for title, quota in sorted(quotas.items())
    )
    return plan


@transaction.atomic
def capacity_plan_change(*, plan_id: UUID, version: int, values: Mapping[str, Any], actor: Viewer) -> CapacityPlan:
    """Change name, target, season, calls or calls_per_head; raises ValidationError where somebody else changed the plan since."""
    plan = _locked(plan_id, version, actor)
    _fill(plan, values)
    return _saved(plan)


@transaction.atomic
def capacity_role_set(
    *, plan_id: UUID, version: int, title_id: UUID, values: Mapping[str, Any], actor: Viewer
) -> CapacityPlan:
    """Set what one full head of a title carries: quota_minor, ramp, attainment_rate, attrition_rate, availability_rate."""
    plan = _locked(plan_id, version, actor)
    if not Title.objects.filter(pk=title_id).exists():
        raise ValidationError({"title": "The title is not known in this company. Choose another."})
    _role_check(values)
    CapacityRole.objects.update_or_create(plan=plan, title_id=title_id, defaults=dict(values))
    return _saved(plan)


@transaction.atomic
def capacity_role_remove(*, plan_id: UUID, version: int, title_id: UUID, actor: Viewer) -> CapacityPlan:
    """Take a role and its hires out of a plan."""
    plan = _locked(plan_id, version, actor)
    CapacityRole.objects.get(plan=plan, title_id=title_id).delete()
    CapacityHire.objects.filter(plan=plan, title_id=title_id).delete()
    return _saved(plan)


@transaction.atomic
def capacity_hire_set(
    *,
    plan_id: UUID,
    version: int,
    title_id: UUID,
    starts_on: date,
    heads: int,
    actor: Viewer,
    unit_id: UUID | None = None,
) -> CapacityPlan:
    """Let so many heads of a role start in the month of a day, at a place or anywhere; 0 takes them out of the hiring plan."""
    plan = _locked(plan_id, version, actor)
    if not CapacityRole.objects.filter(plan=plan, title_id=title_id).exists():
        raise ValidationError({"title": "This title has no role in the plan. Add the role first."})
    if unit_id is not None and not Unit.objects.filter(pk=unit_id).exists():
        raise ValidationError({"unit": "The place is not known in this company. Choose another."})
    month, end = starts_on.replace(day=1), months_from(plan.starts_on, MONTHS)
    if not plan.starts_on <= month < end:
        raise ValidationError({"starts_on": f"The plan goes from {plan.starts_on} until {end}. Choose a month of it."})
    if not 0 <= heads <= MOST_HEADS:
        raise ValidationError({"heads": f"Write 0 to {MOST_HEADS:,} heads."})
    key: dict[str, Any] = {"plan": plan, "title_id": title_id, "unit_id": unit_id, "starts_on": month}
    if heads:
        CapacityHire.objects.update_or_create(**key, defaults={"heads": heads})
    else:
        CapacityHire.objects.filter(**key).delete()
    return _saved(plan)


@transaction.atomic
def capacity_plan_discard(*, plan_id: UUID, version: int, actor: Viewer) -> None:
    """Throw a plan away, with its roles and hires; the audit keeps them."""
    plan = _locked(plan_id, version, actor)
    CapacityHire.objects.filter(plan=plan).delete()
    CapacityRole.objects.filter(plan=plan).delete()
    plan.delete()


def _locked(plan_id: UUID, version: int, actor: Viewer) -> CapacityPlan:
    require(actor, "capacity.edit")
    plan = CapacityPlan.objects.select_for_update().get(pk=plan_id)
    if plan.version != version:
        raise ValidationError(
            f"“{plan.name}” was changed since you opened it (version {version}, now {plan.version}). "
            "Open it again, look at what changed, and repeat your change."
        )
    return plan


def _saved(plan: CapacityPlan) -> CapacityPlan:
    plan.version += 1
    plan.save()
    return plan


def _fill(plan: CapacityPlan, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(plan, name, value)
    plan.name = plan.name.strip()
    if not plan.name or CapacityPlan.objects.filter(name=plan.name).exclude(pk=plan.pk).exists():
        raise ValidationError({"name": "Give the plan a name that no other plan has."})
    if plan.starts_on.day != 1:
        raise ValidationError({"starts_on": "A plan begins on the first of a month."})
    if not EARLIEST <= plan.starts_on.year <= LATEST:
        raise ValidationError({"starts_on": f"A plan begins in a year from {EARLIEST} to {LATEST}."})
    if not 0 <= plan.target_minor <= LARGEST:
        raise ValidationError({"target": f"The target is between 0 and {LARGEST} minor units."})
    _season_check(plan.season)
    if any(not 0 <= int(calls) <= MOST_WEIGHT for calls in plan.calls.values()):
        raise ValidationError({"calls": f"Write 0 to {MOST_WEIGHT:,} calls for each segment."})


def _season_check(season: Sequence[int]) -> None:
    if season and (len(season) != MONTHS or not all(0 <= each <= MOST_WEIGHT for each in season) or not any(season)):
        raise ValidationError(
            {"season": "Write twelve whole weights from 0, not all of them 0, or none for even months."}
        )


def _role_check(values: Mapping[str, Any]) -> None:
    if not 0 <= values.get("quota_minor", 0) <= LARGEST:
        raise ValidationError({"quota": f"The quota is between 0 and {LARGEST} minor units."})
    ramp = values.get("ramp", [])
    if len(ramp) > 24 or not all(0 <= each <= 100 for each in ramp):
        raise ValidationError({"ramp": "Write up to 24 whole percentages from 0 to 100, one for each month in role."})
    for name, most in (("attainment_rate", 10**9), ("attrition_rate", 10**8 - 1), ("availability_rate", 10**8)):
        value = values.get(name)
        if value is not None and not 0 <= value <= most:
            raise ValidationError({name.removesuffix("_rate"): f"Write a share from 0 % to {most / 10**6:g} %."})
    if values.get("availability_rate") == 0:
        raise ValidationError({"availability": "Write more than 0 %: nobody would be there."})
