"""Where each pay period stands: a row for every step it took, never a change of one."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class BooksState(models.TextChoices):
    """Where a period stands. Entries of every kind are taken in the first two, payments in the approved and paid ones, none once locked."""

    OPEN = "open", "Open"
    CALCULATING = "calculating", "Calculating"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    PAID = "paid", "Paid"
    LOCKED = "locked", "Locked"


class PeriodStep(TenantModel):
    """A step of a period: from where to where, who, when, why, and what was shown. A period without steps is open.

    `totals` are the figures that were shown, `content` the digest of its books and statements, `approval` the decision it stands on.
    `is_single_operator` says that the policy let who closed or approved the period pay it.
    The database refuses ledger entries in a period whose latest step locked it (`spm_period_books`).
    """

    append_only = True
    unaudited = "Append-only, with who, when and why in each row: it is its own audit."

    period = TenantForeignKey("planning.Period")
    number = models.IntegerField()
    from_state = models.CharField(max_length=12, choices=BooksState.choices)
    to_state = models.CharField(max_length=12, choices=BooksState.choices)
    reason = models.TextField(blank=True)
    totals = models.JSONField(default=list)
    content = models.CharField(max_length=64, blank=True)
    approval = TenantForeignKey("approvals.ApprovalRequest", null=True, blank=True)
    by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    is_single_operator = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "period", "number"], name="period_step_number"),
            models.CheckConstraint(condition=~Q(from_state=models.F("to_state")), name="period_step_moves"),
            models.CheckConstraint(condition=Q(number__gte=1), name="period_step_counts"),
        ]

    @property
    def is_alone(self) -> bool:
        """Tell whether one person did what takes two, as the company's policy lets them."""
        return self.is_single_operator or (self.approval is not None and self.approval.is_single_operator)


class PayCalendar(TenantModel):
    """Periods of one calendar are paid in those of another, such as quarters month by month. Without a row a calendar pays itself."""

    calendar = TenantForeignKey("planning.Calendar")
    paid_in = TenantForeignKey("planning.Calendar")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "calendar"], name="pay_calendar_once"),
            models.CheckConstraint(condition=~Q(calendar=models.F("paid_in")), name="pay_calendar_another"),
        ]
