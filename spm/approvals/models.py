"""What was asked for, and how it was decided: exactly once, and never by who asked for it or wrote it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from spm.tenancy.models import TenantModel


class ApprovalState(models.TextChoices):
    """Where a request stands; what is decided stays decided, and a thing that changes is asked for anew."""

    OPEN = "open", "Open"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ApprovalRequest(TenantModel):
    """A wish that somebody else decides. The module whose thing it is reads the answer; nothing is called.

    `kind` and `key` name the thing, `content` is the digest of exactly what was shown, `action` the right to decide, and `barred_ids` the
    users who may not: who asked and who wrote it. `is_single_operator` says that the company's recorded policy let one person do both.
    """

    kind = models.CharField(max_length=50)
    key = models.UUIDField()
    content = models.CharField(max_length=64)
    action = models.CharField(max_length=50)
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    totals = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    asked_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(auto_now_add=True)
    barred_ids = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.OPEN)
    decided_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    is_single_operator = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "kind", "key"], condition=Q(state="open"), name="approval_one_open"
            ),
            models.CheckConstraint(
                condition=Q(is_single_operator=True) | Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="approval_never_ones_own",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "withdrawn")) | Q(decided_at__isnull=False), name="approval_decided"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "state", "-asked_at"], name="approval_inbox"),
            models.Index(fields=["organisation_id", "kind", "key", "-asked_at"], name="approval_of_thing"),
        ]

    def __str__(self) -> str:
        return self.title
