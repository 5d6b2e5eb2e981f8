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


class Seal(TenantModel):
    """One link of the company's chain: `rows` holds key, digest and marks of each row of `source` that was sealed."""

    append_only = True
    unaudited = "It seals the audit, and is chained by hash itself."

    number = models.BigIntegerField()
    source = models.CharField(max_length=63)
    cluster = models.CharField(max_length=32)
    until = models.BigIntegerField()
    count = models.IntegerField()
    rows = models.BinaryField()
    sealed_at = models.DateTimeField()
    sealed_by = models.CharField(max_length=200)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id", "number"], name="seal_number")]


class SealCheck(TenantModel):
    """One verification of so many seals from the first one on; `fault` names the first row that is not as it was sealed, or is empty."""

    append_only = True
    unaudited = "It is a record of looking, and changes nothing."

    checked_at = models.DateTimeField()
    checked_by = models.CharField(max_length=200)
    first = models.BigIntegerField()
    seals = models.BigIntegerField()
    rows = models.BigIntegerField()
    is_complete = models.BooleanField()
    fault = models.TextField(default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation_id", "-checked_at"], name="seal_check_at")]
