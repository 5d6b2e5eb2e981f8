"""Pay that somebody keeps back by hand: asked for by one, approved by another, released by a further request."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class Hold(TenantModel):
    """Whose pay is kept back and why: all of a person's, or that of one plan, component or deal, of one person or of everybody.

    It counts once it is approved, in the books of the pay periods that end on `starts_on` or later, until a release of it is approved.
    """

    append_only = True

    number = models.IntegerField()
    participant = TenantForeignKey("people.Participant", null=True, blank=True)
    plan = TenantForeignKey("incentives.Plan", null=True, blank=True)
    component = models.CharField(max_length=100, blank=True)
    deal = TenantForeignKey("crm.Opportunity", null=True, blank=True)
    starts_on = models.DateField()
    reason = models.TextField()
    asked_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="hold_number"),
            models.CheckConstraint(
                condition=Q(participant__isnull=False) | Q(plan__isnull=False) | Q(deal__isnull=False),
                name="hold_of_something",
            ),
            models.CheckConstraint(condition=Q(component="") | Q(plan__isnull=False), name="hold_component_of_plan"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
        ]

    def __str__(self) -> str:
        return f"Hold {self.number}"


class HoldRelease(TenantModel):
    """The request to release a hold; the first that is approved ends it."""

    append_only = True

    hold = TenantForeignKey(Hold)
    reason = models.TextField()
    asked_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(reason=""), name="hold_release_has_reason")]
