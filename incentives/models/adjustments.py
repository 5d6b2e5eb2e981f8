"""Pay that people grant or take back by hand: asked for by one, approved by another, posted as a journal, reversed by a further one."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class AdjustmentReason(models.TextChoices):
    """Why somebody is paid more or less than the plans say."""

    CORRECTION = "correction", "Correction of an error"
    DISPUTE = "dispute", "Outcome of a dispute"
    BONUS = "bonus", "Spot bonus"
    GUARANTEE = "guarantee", "Agreed guarantee"
    TRANSFER = "transfer", "Transfer or leave"
    REVERSAL = "reversal", "Reversal of an adjustment"
    OTHER = "other", "Other"


class AdjustmentBatch(TenantModel):
    """What is approved and posted together: one adjustment, or those of a file. `digest` is that of the file, so that it counts once."""

    append_only = True

    number = models.IntegerField()
    title = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, blank=True, default="")
    asked_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="adjustment_batch_number")
        ]

    def __str__(self) -> str:
        return f"Adjustment {self.number}"


class Adjustment(TenantModel):
    """An amount for a person, earned in a period, of a plan and component or of none. It counts once its batch is approved and posted."""

    append_only = True

    batch = TenantForeignKey(AdjustmentBatch)
    line = models.IntegerField()
    participant = TenantForeignKey("people.Participant")
    period = TenantForeignKey("planning.Period")
    plan = TenantForeignKey("incentives.Plan", null=True, blank=True)
    component = models.CharField(max_length=100, blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason_code = models.CharField(max_length=12, choices=AdjustmentReason.choices)
    reason = models.TextField()
    reverses = TenantForeignKey("incentives.Adjustment", null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "batch", "line"], name="adjustment_line"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="adjustment_not_zero"),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_has_reason"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "participant", "period"], name="adjustment_person"),
        ]
