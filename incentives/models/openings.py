"""Balances that people bring from a former system on the cut-over day: asked for with a file, approved by another, posted as a journal."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class OpeningBatch(TenantModel):
    """The balances of one file, or those that take such a file back. `digest` is that of the file, so that it is taken once."""

    append_only = True

    number = models.IntegerField()
    title = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    reverses = TenantForeignKey("incentives.OpeningBatch", null=True, blank=True)
    asked_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="opening_batch_number")
        ]

    def __str__(self) -> str:
        return f"Opening balances {self.number}"


class OpeningBalance(TenantModel):
    """What one person brings of a plan and component, or of none, into the first period that is paid here.

    `draw_minor` is owed by the person; `paid_minor` was paid in the year so far by the former system and is posted nowhere. Nor are the
    credits so far in the running window of the component, and the quota and target pay of the same time: runs read them. Credits and quota
    are in the smallest units of the component's measure.
    """

    append_only = True

    batch = TenantForeignKey(OpeningBatch)
    line = models.IntegerField()
    participant = TenantForeignKey("people.Participant")
    period = TenantForeignKey("planning.Period")
    plan = TenantForeignKey("incentives.Plan", null=True, blank=True)
    component = models.CharField(max_length=100, blank=True)
    currency = models.CharField(max_length=3)
    payable_minor = models.BigIntegerField(default=0)
    held_minor = models.BigIntegerField(default=0)
    held_reason = models.CharField(max_length=300, blank=True)
    draw_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0)
    credit_value = models.BigIntegerField(default=0)
    quota_value = models.BigIntegerField(default=0)
    target_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "batch", "line"], name="opening_line"),
            models.CheckConstraint(condition=Q(held_minor=0) | ~Q(held_reason=""), name="opening_hold_has_reason"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "participant", "period"], name="opening_person"),
        ]
