"""What people are told: in the product at once, by mail after commit. Never with pay figures in mail."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantModel


class Notice(TenantModel):
    """A message to one member. `mailed_at` is empty until the mail left; `wants_mail` says whether one is due."""

    unaudited = "A message about a change that is audited itself."

    membership = models.ForeignKey("identity.Membership", models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=50)
    slot = models.CharField(max_length=150)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    wants_mail = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "membership", "kind", "slot"], name="notice_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "membership", "-created_at"], name="notice_inbox"),
            models.Index(
                fields=["organisation_id", "created_at"],
                condition=models.Q(wants_mail=True, mailed_at__isnull=True),
                name="notice_to_mail",
            ),
        ]


class NoticeChoice(TenantModel):
    """What a member chose: whether notices also come by mail. Without a row they do."""

    membership = models.ForeignKey("identity.Membership", models.CASCADE, related_name="+", db_constraint=False)
    wants_mail = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "membership"], name="notice_choice_once")
        ]
