"""Targets of figures of performance, which warn when they are missed."""

from typing import ClassVar

from django.db import models

from insights.engine.kpis import Missed
from spm.tenancy.models import TenantForeignKey, TenantModel


class KpiTarget(TenantModel):
    """What a figure is meant to be for a person, for everybody below too (`has_team`), or for the company (nobody named).

    `kpi` is a key of the catalogue, or "own" with a `formula` and the `unit` that it is read in. `number` is minor units of money, else at
    scale 10**8. `membership` set it and is told; so is the person.
    """

    kpi = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    formula = models.CharField(max_length=500, blank=True)
    unit = models.CharField(max_length=16, blank=True)
    participant = TenantForeignKey("people.Participant", null=True)
    has_team = models.BooleanField(default=False)
    missed_when = models.CharField(max_length=5, choices=[(one.value, one.label) for one in Missed])
    number = models.BigIntegerField()
    set_on = models.DateField()
    membership = models.ForeignKey(
        "identity.Membership", models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "kpi", "formula", "participant", "has_team", "missed_when"],
                name="kpi_target_once",
                nulls_distinct=False,
            )
        ]
