"""Scenarios: what is to change of the live plan on a day. Only the changes are kept; everything else is the live plan as it is."""

from typing import ClassVar

from django.db import models

from planning.models.capacity import CapacityPlan
from spm.tenancy.models import TenantForeignKey, TenantModel


class ScenarioState(models.TextChoices):
    """Whether a scenario is being written or became the live plan."""

    DRAFT = "DRAFT", "Draft"
    PUBLISHED = "PUBLISHED", "Published"


class ChangeKind(models.TextChoices):
    """What a change is about."""

    COVER = "COVER", "Coverage"
    QUOTA = "QUOTA", "Quota"
    RULES = "RULES", "Territory rules"


class Scenario(TenantModel):
    """A named set of changes that hold from `starts_on` once it is published. `restores` names the one that it undoes."""

    name = models.CharField(max_length=200)
    starts_on = models.DateField()
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=ScenarioState.choices, default=ScenarioState.DRAFT)
    capacity_plan = TenantForeignKey(CapacityPlan, models.SET_NULL, null=True, blank=True)
    restores = TenantForeignKey("planning.Scenario", null=True, blank=True)
    written_by_name = models.CharField(max_length=200)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "name"], name="scenario_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioChange(TenantModel):
    """One thing that is to be otherwise: `key` names it within its kind, `values` what it is to be, `before` what it was live when
    somebody last looked. `version` rises with each edit; who made the last one, and the numbers of all authors, stand in the row.
    """

    scenario = TenantForeignKey(Scenario)
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    key = models.CharField(max_length=200)
    values = models.JSONField()
    before = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    author_ids = models.JSONField(default=list)
    changed_by_name = models.CharField(max_length=200)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "scenario", "kind", "key"], name="scenario_change_once")
        ]
