"""Capacity plans: which heads carry which quota in a year, and whom to hire when. A plan is a draft for people; nobody is paid by it."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class CapacityPlan(TenantModel):
    """Twelve months from `starts_on`, the first of a month, against a target in minor units of `currency`.

    `season` is empty or twelve whole weights of the months. `calls` says by segment how many calls an account takes in a year,
    `calls_per_head` how many a head makes; both are for the workload method. `version` rises with each change of the plan or its rows.
    """

    name = models.CharField(max_length=200)
    starts_on = models.DateField()
    currency = models.CharField(max_length=3)
    target_minor = models.BigIntegerField()
    season = models.JSONField(default=list, blank=True)
    calls = models.JSONField(default=dict, blank=True)
    calls_per_head = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    written_by_name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "name"], name="capacity_plan_name"),
            models.CheckConstraint(condition=Q(target_minor__gte=0), name="capacity_plan_target"),
        ]

    def __str__(self) -> str:
        return self.name


class CapacityRole(TenantModel):
    """What one full head of a title carries in the plan. Rates are at scale 10**8.

    `ramp` is the percentage of each month in role before it is full. Without `attainment_rate` or `attrition_rate` (the share that leaves
    in a year) the plan takes what history shows.
    """

    plan = TenantForeignKey(CapacityPlan, models.CASCADE)
    title = TenantForeignKey("people.Title")
    quota_minor = models.BigIntegerField()
    ramp = models.JSONField(default=list, blank=True)
    attainment_rate = models.BigIntegerField(null=True, blank=True)
    attrition_rate = models.BigIntegerField(null=True, blank=True)
    availability_rate = models.BigIntegerField(default=10**8)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "plan", "title"], name="capacity_role_once"),
            models.CheckConstraint(condition=Q(quota_minor__gte=0), name="capacity_role_quota"),
            models.CheckConstraint(condition=Q(attainment_rate__gte=0), name="capacity_role_attainment"),
            models.CheckConstraint(
                condition=Q(attrition_rate__gte=0, attrition_rate__lt=10**8), name="capacity_role_attrition"
            ),
            models.CheckConstraint(
                condition=Q(availability_rate__gt=0, availability_rate__lte=10**8), name="capacity_role_availability"
            ),
        ]


class CapacityHire(TenantModel):
    """Heads of a role who are to start on the first of a month of the plan, at a place or anywhere."""

    plan = TenantForeignKey(CapacityPlan, models.CASCADE)
    title = TenantForeignKey("people.Title")
    unit = TenantForeignKey("people.Unit", null=True, blank=True)
    starts_on = models.DateField()
    heads = models.PositiveIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "plan", "title", "unit", "starts_on"],
                nulls_distinct=False,
                name="capacity_hire_once",
            ),
            models.CheckConstraint(condition=Q(heads__gt=0), name="capacity_hire_heads"),
        ]
