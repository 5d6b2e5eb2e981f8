"""Credits that people grant: asked for by one, approved by another, never changed, taken back by a reversal."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class ManualCredit(TenantModel):
    """An amount of credit for a person, in one measure of the plan that pays them on the day. It counts once it is approved."""

    append_only = True

    number = models.IntegerField()
    participant = TenantForeignKey("people.Participant")
    opportunity = TenantForeignKey("crm.Opportunity", null=True, blank=True)
    measure = models.CharField(max_length=100)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    credit_on = models.DateField()
    reason = models.TextField()
    reverses = TenantForeignKey("incentives.ManualCredit", null=True, blank=True)
    asked_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="manual_credit_number"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="manual_credit_not_zero"),
            models.CheckConstraint(condition=~Q(reason=""), name="manual_credit_reason"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "credit_on"], name="manual_credit_day"),
            models.Index(fields=["organisation_id", "participant", "-credit_on"], name="manual_credit_person"),
        ]

    def __str__(self) -> str:
        return f"Manual credit {self.number}"
