"""Statements: what a participant was told for a period, as of a run. A new run that changes a figure makes a new version."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class Statement(TenantModel):
    """One version of a participant's statement. `content` holds the lines as shown; `hash` proves them.

    A participant who is paid in two currencies for a period has a statement in each.
    """

    append_only = True
    unaudited = "Append-only and hashed: each version stays."
    in_bulk = "Thousands of rows are written at once, by one statement."

    participant = TenantForeignKey("people.Participant", db_index=False)
    period = TenantForeignKey("planning.Period", db_index=False)
    number = models.IntegerField()
    run = TenantForeignKey("incentives.Run", db_index=False)
    currency = models.CharField(max_length=3)
    credit_minor = models.BigIntegerField()
    earned_minor = models.BigIntegerField()
    payable_minor = models.BigIntegerField()
    content = models.JSONField()
    hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "participant", "period", "currency", "number"], name="statement_number"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "period", "participant", "-number"], name="statement_latest")
        ]
