"""What is handed to payroll for an approved period, and what payroll answered: line by line, nothing changed afterwards."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from spm.tenancy.models import TenantForeignKey, TenantModel


class FileLook(TenantModel):
    """How a file for another system looks; the one with the highest number is taken by new files.

    `columns` are mappings with header, field and text, in order; `text` is what the field "text" writes.
    """

    append_only = True
    unaudited = "Append-only, with who and when in each row: it is its own audit."

    number = models.IntegerField()
    columns = models.JSONField()
    delimiter = models.CharField(max_length=1)
    decimal = models.CharField(max_length=1)
    has_header = models.BooleanField()
    has_trailer = models.BooleanField()
    set_by_name = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        abstract = True


class PayoutFormat(FileLook):
    """How the file for payroll looks."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="payout_format_number"),
            models.CheckConstraint(condition=~Q(delimiter=models.F("decimal")), name="payout_format_readable"),
        ]


class PayoutBatch(TenantModel):
    """What an approved period has payable, handed to payroll. `form` is the format as it was, so that its file stays the same."""

    append_only = True
    unaudited = "Append-only, with who and when in each row: it is its own audit."

    number = models.IntegerField()
    period = TenantForeignKey("planning.Period")
    form = models.JSONField()
    made_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    is_single_operator = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="payout_batch_number")
        ]

    def __str__(self) -> str:
        return f"Payout {self.number}"


class PayoutLine(TenantModel):
    """What one person is paid in one currency, with who they were when the batch was made."""

    append_only = True
    unaudited = "Append-only, part of its batch: it is its own audit."

    batch = TenantForeignKey(PayoutBatch)
    number = models.IntegerField()
    participant = TenantForeignKey("people.Participant")
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    employee_number = models.CharField(max_length=50, blank=True)
    email = models.CharField(max_length=254, blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "batch", "number"], name="payout_line_number"),
            models.UniqueConstraint(
                fields=["organisation_id", "batch", "participant", "currency"], name="payout_line_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_line_pays"),
        ]


class PayoutAnswer(TenantModel):
    """What payroll said of a line, once: paid under a reference, or rejected for a reason, which leaves it payable.

    `paid_minor` is what was paid where that is not what the line says; its reason stands beside it. `file_digest` is that of the file
    in which it came, so that a file is taken once.
    """

    append_only = True
    unaudited = "Append-only, with who and when in each row: it is its own audit."

    line = TenantForeignKey(PayoutLine)
    is_paid = models.BooleanField()
    paid_minor = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    journal = TenantForeignKey("incentives.Journal", null=True)
    by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    is_single_operator = models.BooleanField(default=False)
    file_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "line"], name="payout_answer_once"),
            models.CheckConstraint(
                condition=Q(is_paid=True, journal__isnull=False) | (Q(is_paid=False, journal=None) & ~Q(reason="")),
                name="payout_answer_said",
            ),
            models.CheckConstraint(
                condition=Q(paid_minor=None) | (Q(is_paid=True, paid_minor__gt=0) & ~Q(reason="")),
                name="payout_answer_otherwise",
            ),
        ]

    @property
    def paid_on(self) -> date | None:
        """Give the day on which it was paid: that of its confirmation where none was named; None of what was rejected."""
        if self.journal is None:
            return None
        return self.journal.paid_on or timezone.localtime(self.at).date()

    @property
    def amount_minor(self) -> int:
        """Give what was paid of its line."""
        if not self.is_paid:
            return 0
        return int(self.line.amount_minor if self.paid_minor is None else self.paid_minor)
