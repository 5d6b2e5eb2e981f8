"""The ledger: double entry, append-only. Each journal sums to 0 per currency; the database checks it at commit."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from spm.tenancy.models import TenantForeignKey, TenantModel


class JournalKind(models.TextChoices):
    """Why a journal was posted."""

    EARN = "earn", "Earned"
    RELEASE = "release", "Released"
    HOLD = "hold", "Held back"
    HAND_HOLD = "hand_hold", "Held by hand"
    ADJUST = "adjust", "Adjusted by hand"
    DRAW = "draw", "Draw advanced"
    RECOVER = "recover", "Draw recovered"
    CLAWBACK = "clawback", "Clawed back"
    PAY = "pay", "Paid"
    CARRY = "carry", "Carried to later books"
    WRITE_OFF = "write_off", "Written off"
    OPENING = "opening", "Opening balance"
    CONVERT = "convert", "Converted"


class LedgerAccount(models.TextChoices):
    """The accounts. Expense and clearing are the company's, the others the participant's."""

    EARNED = "earned", "Earned, not released"
    HELD = "held", "Held"
    PAYABLE = "payable", "Payable"
    PAID = "paid", "Paid"
    DRAW = "draw", "Draw"
    RECOVERED = "recovered", "Recovered"
    WRITTEN_OFF = "written_off", "Written off"
    EXPENSE = "expense", "Expense"
    CLEARING = "clearing", "Company clearing"


class Journal(TenantModel):
    """One batch of entries. `slot` is unique, so that posting twice posts once; the hash chain is per company.

    `paid_on` is the day on which a payment left the company; null where it is the day on which it was posted, and of all other kinds.
    """

    append_only = True
    unaudited = "The ledger is append-only and hash-chained per journal: it is its own audit."

    number = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=JournalKind.choices)
    slot = models.CharField(max_length=150)
    run = TenantForeignKey("incentives.Run", null=True)
    period = TenantForeignKey("planning.Period")
    reason = models.CharField(max_length=300)
    posted_at = models.DateTimeField()
    paid_on = models.DateField(null=True)
    actor = models.CharField(max_length=200)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="journal_number"),
            models.UniqueConstraint(fields=["organisation_id", "kind", "slot"], name="journal_slot"),
        ]

    @property
    def booked_on(self) -> date:
        """Give the day on which the general ledger has it: the last of its period, of a payment the one on which it was paid."""
        if self.kind != JournalKind.PAY:
            return self.period.during.upper - timedelta(days=1)
        return self.paid_on or timezone.localtime(self.posted_at).date()


class LedgerEntry(TenantModel):
    """One leg. Positive amounts increase what stands on the account for the participant; each journal's legs sum to 0 per currency.

    `period` is the pay period in whose books it stands, `earned_in` the period that was earned: another one for what is paid later.
    """

    append_only = True
    unaudited = "The ledger is append-only and hash-chained per journal: it is its own audit."
    in_bulk = "Thousands of rows are written at once, by one statement."

    journal = TenantForeignKey(Journal, db_index=False)
    participant = TenantForeignKey("people.Participant", db_index=False)
    period = TenantForeignKey("planning.Period", db_index=False)
    earned_in = TenantForeignKey("planning.Period", db_index=False)
    plan_version = TenantForeignKey("incentives.PlanVersion", null=True, db_index=False)
    component = models.CharField(max_length=100)
    account = models.CharField(max_length=12, choices=LedgerAccount.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "participant", "period", "account"], name="ledger_participant"),
            models.Index(fields=["organisation_id", "journal"], name="ledger_journal"),
            models.Index(fields=["organisation_id", "earned_in", "participant"], name="ledger_earned_in"),
        ]


class PayConversion(TenantModel):
    """What a journal of conversions says of one amount: whose pay of which books, as a whole and by how much this journal moves what is
    payable in either currency.

    `period` is the books that took it, `converted_in` those that made it payable: others where the rate of shut books was corrected. `rate`
    is the exact fraction, of `rate_on` or the mean of [taken_on, taken_until); without one nothing is left converted.
    """

    append_only = True
    unaudited = "Append-only, part of its journal: it is its own audit."

    journal = TenantForeignKey(Journal)
    participant = TenantForeignKey("people.Participant")
    period = TenantForeignKey("planning.Period")
    converted_in = TenantForeignKey("planning.Period")
    from_currency = models.CharField(max_length=3)
    to_currency = models.CharField(max_length=3)
    from_minor = models.BigIntegerField()
    to_minor = models.BigIntegerField()
    from_change_minor = models.BigIntegerField()
    to_change_minor = models.BigIntegerField()
    policy = models.CharField(max_length=20)
    rate = models.TextField()
    taken_on = models.DateField(null=True)
    taken_until = models.DateField(null=True)
    rate_on = models.DateField(null=True)
    table_name = models.TextField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "period", "participant"], name="pay_conversion_books"),
        ]
