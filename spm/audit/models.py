"""Who changed what, when, before and after. Written by database triggers only (`spm/tenancy/walls.sql`), never by Python."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantModel


class CurrentTransaction(models.Func):
    """SQL: the number of the transaction that writes, which never comes back while the database cluster lives."""

    template = "(pg_current_xact_id()::text::bigint)"
    arity = 0
    output_field = models.BigIntegerField()


class AuditRow(models.Model):
    """What both audits have in common. By `transaction_id` a later reader tells what was committed when; see `spm.audit.snapshots`."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    user_id = models.BigIntegerField(null=True)
    via = models.CharField(max_length=20)
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    verb = models.CharField(max_length=6)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    transaction_id = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

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
            models.Index(fields=["organisation_id", "table_name", "transaction_id"], name="audit_entry_transaction"),
        ]


class PlatformEntry(AuditRow):
    """One change of one row of a global table."""

    organisation_id = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation_id", "-at"], name="audit_platform_at")]
