"""What the ledger handed to the general ledger: numbered exports, each of the journals up to one of them; nothing changed afterwards."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from incentives.models.payouts import FileLook
from spm.tenancy.models import TenantForeignKey, TenantModel


class ExportBasis(models.TextChoices):
    """When the books of the company know an expense, and so what an export holds."""

    EARNED = "earned", "When it is earned: every journal"
    PAID = "paid", "When it is paid: the accrual at period end and its reversal"


class LedgerFormat(FileLook):
    """How the ledger is mapped and how its file looks; the one with the highest number is taken by new exports.

    `accounts` are mappings with account, plan, component, gl_account and cost_centre; `centres` with unit or person, and cost_centre.
    """

    basis = models.CharField(max_length=6, choices=ExportBasis.choices)
    accounts = models.JSONField()
    centres = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="ledger_format_number"),
            models.CheckConstraint(condition=~Q(delimiter=F("decimal")), name="ledger_format_readable"),
        ]


class LedgerExport(TenantModel):
    """The journals of a period from `after_number` (not counted) up to `until_number`, handed to the general ledger.

    On the basis of what was paid it holds the accrual as it was known with that journal. `form` is the format as it was.
    """

    append_only = True
    unaudited = "Append-only, with who and when in each row: it is its own audit."

    number = models.IntegerField()
    period = TenantForeignKey("planning.Period")
    basis = models.CharField(max_length=6, choices=ExportBasis.choices)
    after_number = models.BigIntegerField()
    until_number = models.BigIntegerField()
    form = models.JSONField()
    made_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="ledger_export_number"),
            models.CheckConstraint(condition=Q(until_number__gte=F("after_number")), name="ledger_export_forward"),
        ]

    def __str__(self) -> str:
        return f"Export {self.number}"


class LedgerExportLine(TenantModel):
    """One line: an account of the general ledger debited or credited; `details` is what the columns ask for besides, by field."""

    append_only = True
    unaudited = "Append-only, part of its export: it is its own audit."

    export = TenantForeignKey(LedgerExport)
    number = models.IntegerField()
    on = models.DateField()
    gl_account = models.CharField(max_length=60)
    cost_centre = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3)
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()
    details = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "export", "number"], name="ledger_export_line_number"),
            models.CheckConstraint(
                condition=Q(debit_minor__gt=0, credit_minor=0) | Q(debit_minor=0, credit_minor__gt=0),
                name="ledger_export_line_side",
            ),
        ]


class LedgerExportWithdrawal(TenantModel):
    """Says that the general ledger did not take an export, and why: its journals come again with the next one."""

    append_only = True
    unaudited = "Append-only, with who and when in each row: it is its own audit."

    export = TenantForeignKey(LedgerExport)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "export"], name="ledger_export_withdrawn_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="ledger_export_withdrawn_why"),
        ]
