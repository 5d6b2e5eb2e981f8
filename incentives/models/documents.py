"""Plan documents: what a person was sent of a plan, byte by byte, what became of it, and what pay makes of one that is not accepted."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from spm.tenancy.models import TenantForeignKey, TenantModel


class AcceptancePolicy(models.TextChoices):
    """What pay makes of a plan document that is not accepted."""

    WARN = "warn", _("Warn: pay, and name the person")
    HOLD_UNTIL_ACCEPTED = "hold_until_accepted", _("Hold: pay nothing until it is accepted")
    PAY_ANYWAY = "pay_anyway", _("Pay anyway")


class DocumentPolicy(TenantModel):
    """The company's choice; without a row pay is not held and nobody is named."""

    policy = models.CharField(max_length=30, choices=AcceptancePolicy.choices, default=AcceptancePolicy.PAY_ANYWAY)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id"], name="document_policy_once")]


class PlanDocument(TenantModel):
    """One document as it was sent: `blocks` is what it says, with its `digest`, `content` the exact file, with its `hash`."""

    append_only = True
    unaudited = "Append-only: who sent it and when stand in the row."

    participant = TenantForeignKey("people.Participant")
    plan = TenantForeignKey("incentives.Plan")
    plan_version = TenantForeignKey("incentives.PlanVersion")
    number = models.IntegerField()
    blocks = models.JSONField()
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    hash = models.CharField(max_length=64)
    due_on = models.DateField(null=True)
    sent_by_name = models.CharField(max_length=200)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "participant", "plan", "number"], name="plan_document_number"
            )
        ]


class DocumentStep(models.TextChoices):
    """What became of a document."""

    READ = "read", _("Read")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    REMINDED = "reminded", _("Reminded")


class DocumentEvent(TenantModel):
    """What somebody did with a document and when. An answer names the digest of the exact bytes it is about; no address is kept."""

    append_only = True
    unaudited = "Append-only: who did what and when stand in the row."

    document = TenantForeignKey(PlanDocument)
    step = models.CharField(max_length=10, choices=DocumentStep.choices)
    hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=1000, blank=True)
    by_user = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "document"],
                condition=Q(step__in=["accepted", "declined"]),
                name="document_answered_once",
            ),
            models.UniqueConstraint(
                fields=["organisation_id", "document"], condition=Q(step="read"), name="document_read_once"
            ),
        ]
