"""What was asked for, and how it was decided: exactly once, and never by who asked for it or wrote it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from spm.core.findings import Finding
from spm.people.models import Timeline, no_overlap, not_empty
from spm.tenancy.models import TenantForeignKey, TenantModel

KINDS: dict[str, tuple[str, str]] = {
    "plan_version": ("Plan version", "plan.approve"),
    "plan_rates": ("Rates over 1,000 %", "plan.approve"),
    "quota_plan": ("Quota plan", "quota.approve"),
    "manual_credit": ("Manual credit", "credit.approve"),
    "score": ("Score", "score.approve"),
    "adjustment": ("Manual adjustment", "adjustment.approve"),
    "opening": ("Opening balances", "opening.approve"),
    "hold": ("Hold of pay", "hold.approve"),
    "hold_release": ("Release of held pay", "hold.approve"),
    "scenario": ("Planning scenario", "scenario.approve"),
    "period": ("Books of a period", "period.approve"),
    "period reopening": ("Reopening of a period", "period.reopen"),
}
"""What routes may be set for: the kind's name for people and the right that decides it where no route says otherwise."""


class ApprovalState(models.TextChoices):
    """Where a request stands; what is decided stays decided, and a thing that changes is asked for anew."""

    OPEN = "open", "Open"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Basis(models.TextChoices):
    """Who answers a step of a route."""

    RIGHT = "right", "Whoever holds the right"
    ROLE = "role", "Whoever has the role"
    LINE = "line", "Who stands above in the reporting line"


class Measure(models.TextChoices):
    """Which amount of a request the limits of a route are held against."""

    LARGEST = "largest", "The largest single line"
    TOTAL = "total", "All lines together"


class ApprovalRoute(Timeline):
    """Who answers requests of a kind, in which order, on the days of `during`. Never changed: it is ended and another one set.

    `limits` are mappings with currency and from_minor: it holds from these amounts on, and in any amount where there are none. `steps` are
    mappings with basis, role and level (1 is the manager). The first route by `position` that holds is taken.
    """

    kind = models.CharField(max_length=50)
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=1)
    measure = models.CharField(max_length=10, choices=Measure.choices, default=Measure.LARGEST)
    limits = models.JSONField(default=list)
    asked_by_role = models.CharField(max_length=30, blank=True)
    steps = models.JSONField()
    set_by_name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [no_overlap("approval_route_place", "kind", "position")]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_label(self) -> str:
        """Give the name of the kind for people."""
        return KINDS[self.kind][0] if self.kind in KINDS else self.kind

    @property
    def labels(self) -> list[str]:
        """Give who answers, step by step."""
        return [str(ApprovalStep(**step)) for step in self.steps]


class ApprovalRequest(TenantModel):
    """A wish that somebody else decides. The module whose thing it is reads the answer, or says what follows it (`following`).

    `kind` and `key` name the thing, `content` is the digest of exactly what was shown, `action` the right to decide, and `barred_ids` the
    users who may not: who asked and who wrote it. `about` is the person concerned, whose reporting line a route may follow.
    `is_single_operator` says that the company's recorded policy let one person do both. `findings` are not kept: what to know about what
    followed, for whoever has just approved it.
    """

    findings: tuple[Finding, ...] = ()
    kind = models.CharField(max_length=50)
    key = models.UUIDField()
    content = models.CharField(max_length=64)
    action = models.CharField(max_length=50)
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    totals = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    about = TenantForeignKey("people.Participant", null=True)
    route = TenantForeignKey(ApprovalRoute, null=True)
    asked_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(auto_now_add=True)
    barred_ids = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.OPEN)
    decided_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    is_single_operator = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "kind", "key"], condition=Q(state="open"), name="approval_one_open"
            ),
            models.CheckConstraint(
                condition=Q(is_single_operator=True) | Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="approval_never_ones_own",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "withdrawn")) | Q(decided_at__isnull=False), name="approval_decided"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "state", "-asked_at"], name="approval_inbox"),
            models.Index(fields=["organisation_id", "kind", "key", "-asked_at"], name="approval_of_thing"),
        ]

    def __str__(self) -> str:
        return self.title


class ApprovalStep(TenantModel):
    """One answer that a request needs; the steps are answered in the order of their numbers, each by somebody else.

    `asked_ids` are the users named beyond the basis: the manager of a step by reporting line from the day its turn came, and whom it was
    passed up to. `decided_for` is the person for whom a deputy answered. `note` says what differs from the route and why.
    """

    request = TenantForeignKey(ApprovalRequest)
    number = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=10, choices=Basis.choices)
    role = models.CharField(max_length=30, blank=True)
    level = models.PositiveSmallIntegerField(default=0)
    asked_ids = ArrayField(models.BigIntegerField(), default=list)
    barred_ids = ArrayField(models.BigIntegerField(), default=list)
    note = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)
    escalated_on = models.DateField(null=True)
    is_approved = models.BooleanField(null=True)
    decided_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=200, blank=True)
    decided_for = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    decided_for_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    is_single_operator = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "request", "number"], name="approval_step_number"),
            models.UniqueConstraint(
                fields=["organisation_id", "request", "decided_by"],
                condition=Q(is_single_operator=False),
                name="approval_step_each_another",
            ),
            models.CheckConstraint(
                condition=Q(is_approved=None) | Q(decided_at__isnull=False), name="approval_step_decided"
            ),
        ]

    def __str__(self) -> str:
        if self.basis == Basis.LINE:
            return "Manager" if self.level == 1 else f"Manager, {self.level} levels up"
        return self.role.replace("_", " ").capitalize() if self.basis == Basis.ROLE else "Whoever holds the right"


class Deputy(Timeline):
    """Who answers for whom, on the days of `during`. `actions` are the rights it is about; none named means all that the person has."""

    person = models.ForeignKey("identity.User", models.PROTECT, related_name="+")
    deputy = models.ForeignKey("identity.User", models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=200)
    deputy_name = models.CharField(max_length=200)
    actions = ArrayField(models.CharField(max_length=50), default=list)
    reason = models.CharField(max_length=300, blank=True)
    named_by_name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            no_overlap("deputy_once", "person", "deputy"),
            not_empty("deputy_days"),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="deputy_another"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_name} for {self.person_name}"


class ReminderPolicy(TenantModel):
    """After how many days a request is brought to mind again, and after how many it is passed up the reporting line; 0 is never."""

    remind_after_days = models.PositiveSmallIntegerField(default=3)
    escalate_after_days = models.PositiveSmallIntegerField(default=7)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id"], name="reminder_policy_one")]
