"""Disputes of statement lines: who doubts what, what was said and shown, who answers by when, and what mended it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from spm.tenancy.models import TenantForeignKey, TenantModel


class DisputeReason(models.TextChoices):
    """What a dispute is about: as its raiser sees it, and as the answer found it."""

    SPLIT = "split", _("Split or share of a deal")
    TERRITORY = "territory", _("Territory or owner")
    TIMING = "timing", _("Timing: period, invoice or refund")
    PLAN_CHANGE = "plan_change", _("Plan, rate or quota changed")
    CURRENCY = "currency", _("Currency or exchange rate")
    DATA = "data", _("Data: a deal is missing or wrong")
    OTHER = "other", _("Something else")


class DisputeState(models.TextChoices):
    """Where a dispute stands: open waits for the company, answered for who raised it; the others are closed."""

    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class LineSection(models.TextChoices):
    """Where on a statement a line stands."""

    LINES = "lines", _("How it was earned")
    PRIOR = "prior", _("Earlier periods")
    OTHERS = "others", _("Beside the plans")


class DisputeFix(models.TextChoices):
    """What mends what an accepted dispute found."""

    ADJUSTMENT = "adjustment", _("An adjustment of pay")
    CREDIT = "credit", _("A manual credit")
    SOURCE = "source", _("A correction at the source")
    NOTHING = "nothing", _("Nothing needs to change")


LIVE = (DisputeState.OPEN, DisputeState.ANSWERED)
DECIDED = (DisputeState.ACCEPTED, DisputeState.REJECTED)


class Dispute(TenantModel):
    """A line of a statement that somebody doubts, with its figures as they were shown; `line_key` names the line in every version.

    `round` counts how often it was opened. `claimed_minor` is what the line should have come to, where who raised it says so. `cause` is
    what the answer found; until then the reason stands for it.
    """

    number = models.IntegerField()
    participant = TenantForeignKey("people.Participant")
    period = TenantForeignKey("planning.Period")
    statement = TenantForeignKey("incentives.Statement")
    section = models.CharField(max_length=10, choices=LineSection.choices, default=LineSection.LINES)
    place = models.IntegerField()
    line_key = models.CharField(max_length=64)
    label = models.CharField(max_length=300)
    plan = TenantForeignKey("incentives.Plan", null=True, blank=True)
    component = models.CharField(max_length=100, blank=True)
    currency = models.CharField(max_length=3)
    earned_minor = models.BigIntegerField()
    claimed_minor = models.BigIntegerField(null=True)
    deal = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=12, choices=DisputeReason.choices)
    raised_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    raised_by_name = models.CharField(max_length=200)
    raised_at = models.DateTimeField(auto_now_add=True)
    raised_on = models.DateField()
    state = models.CharField(max_length=10, choices=DisputeState.choices, default=DisputeState.OPEN)
    round = models.IntegerField(default=1)
    assignee = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    assignee_name = models.CharField(max_length=200, blank=True)
    due_on = models.DateField()
    cause = models.CharField(max_length=12, choices=DisputeReason.choices, blank=True)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="dispute_number"),
            models.UniqueConstraint(
                fields=["organisation_id", "participant", "period", "currency", "line_key"],
                condition=Q(state__in=["open", "answered"]),
                name="dispute_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "answered"], closed_on=None)
                | Q(state__in=["accepted", "rejected", "withdrawn"], closed_on__isnull=False),
                name="dispute_closed_has_day",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "state", "due_on"], name="dispute_due"),
            models.Index(fields=["organisation_id", "participant", "period"], name="dispute_person"),
        ]

    def __str__(self) -> str:
        return f"Dispute {self.number}"

    @property
    def is_live(self) -> bool:
        """Tell whether it is not closed."""
        return self.state in LIVE

    @property
    def amount_minor(self) -> int | None:
        """Give the amount in dispute, without sign; None where nobody said what the line should come to."""
        return None if self.claimed_minor is None else abs(self.claimed_minor - self.earned_minor)


class DisputeStep(models.TextChoices):
    """What happened with a dispute."""

    RAISED = "raised", _("Raised")
    SAID = "said", _("Added")
    ASSIGNED = "assigned", _("Assigned")
    ANSWERED = "answered", _("Answered")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REOPENED = "reopened", _("Reopened")
    MENDED = "mended", _("Fix named")


class DisputeEvent(TenantModel):
    """One step of a dispute: who said, showed or decided what, and when. In one round exactly one step closes it."""

    append_only = True
    unaudited = "Append-only: who did what and when stand in the row."

    dispute = TenantForeignKey(Dispute)
    round = models.IntegerField()
    step = models.CharField(max_length=10, choices=DisputeStep.choices)
    text = models.TextField(blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    content = models.BinaryField(default=bytes)
    cause = models.CharField(max_length=12, choices=DisputeReason.choices, blank=True)
    fix = models.CharField(max_length=10, choices=DisputeFix.choices, blank=True)
    adjustment = TenantForeignKey("incentives.AdjustmentBatch", null=True, blank=True)
    credit = TenantForeignKey("incentives.ManualCredit", null=True, blank=True)
    deal = TenantForeignKey("crm.Opportunity", null=True, blank=True)
    by_user = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "dispute", "round"],
                condition=Q(step__in=["accepted", "rejected", "withdrawn"]),
                name="dispute_closed_once",
            ),
            models.CheckConstraint(
                condition=(Q(adjustment=None) | Q(fix="adjustment"))
                & (Q(credit=None) | Q(fix="credit"))
                & (Q(deal=None) | Q(fix="source")),
                name="dispute_fix_is_one",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation_id", "dispute", "at"], name="dispute_events")]


class DisputePolicy(TenantModel):
    """How many days the company takes to answer; without a row five."""

    days_to_answer = models.IntegerField(default=5)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id"], name="dispute_policy_once"),
            models.CheckConstraint(
                condition=Q(days_to_answer__gte=1, days_to_answer__lte=90), name="dispute_policy_days"
            ),
        ]
