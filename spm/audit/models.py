"""Who changed what, when, before and after. Written by database triggers only (`spm/tenancy/walls.sql`), never by Python."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantModel


class AuditRow(models.Model):
    """What both audits have in common."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    user_id = models.BigIntegerField(null=True)
    via = models.CharField(max_length=20)
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    verb = models.CharField(max_length=6)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        abstract = True


class Entry(AuditRow, TenantModel):
    """One change of one row of a company."""

    append_only = True
    unaudited = "It is the audit."

    request_id = models.CharField(max_length=64, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "-at"], name="audit_entry_at"),
            models.Index(fields=["organisation_id", "table_name", "row_id"], name="audit_entry_row"),
        ]


class PlatformEntry(AuditRow):
    """One change of one row of a global table."""

    organisation_id = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation_id", "-at"], name="audit_platform_at")]
