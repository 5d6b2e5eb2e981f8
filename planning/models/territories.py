"""Territories and who covers them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.people.models import Timeline, no_overlap, not_empty
from spm.tenancy.models import TenantForeignKey, TenantModel


class Territory(TenantModel):
    """A part of the market. `unit` ties it to a regional office, where the company is organised that way."""

    code = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    parent = TenantForeignKey("planning.Territory", null=True, blank=True)
    unit = TenantForeignKey("people.Unit", null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id", "code"], name="territory_code")]

    def __str__(self) -> str:
        return self.name


class TerritoryAssignment(Timeline):
    """A position covers a territory by a share (integer at scale 10**8) on the days of `during`."""

    territory = TenantForeignKey(Territory)
    position = TenantForeignKey("people.Position")
    share_rate = models.BigIntegerField(default=10**8)

    class Meta:
        constraints: ClassVar = [
            no_overlap("territory_assignment_once", "territory", "position"),
            not_empty("territory_assignment_days"),
            models.CheckConstraint(
                condition=Q(share_rate__gt=0, share_rate__lte=10**8), name="territory_assignment_share"
            ),
        ]
