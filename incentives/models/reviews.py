"""What an approver of a plan version was shown, kept with the request for as long as the request."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class Shown(models.TextChoices):
    """The parts of what is shown: its text when it was asked, then the figures of its job."""

    TEXT = "text", "Text"
    COST = "cost", "Cost"
    GAMING = "gaming", "Gaming"


class ReviewPart(TenantModel):
    """One part of what was shown with a request, as it was computed then; its content is laid down in `incentives.selectors.reviews`."""

    append_only = True
    unaudited = "Append-only, part of a request that names who asked and who decided: it is its own audit."

    request = TenantForeignKey("approvals.ApprovalRequest")
    part = models.CharField(max_length=10, choices=Shown.choices)
    content = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "request", "part"], name="review_part_once")
        ]
