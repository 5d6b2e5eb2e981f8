"""Quota plans: a target handed down the hierarchy of a year, what people commit to, and the letters that follow its publication."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from planning.models.quotas import QuotaMeasure
from spm.people.models import Timeline, not_empty
from spm.tenancy.models import TenantForeignKey, TenantModel


class QuotaMethod(models.TextChoices):
    """By what a target is shared."""

    EVEN = "EVEN", "Evenly by person"
    HISTORY = "HISTORY", "Sales of the year before"
    TRAILING = "TRAILING", "Sales of the last 12 months"
    POTENTIAL = "POTENTIAL", "Potential of the territories"
    CUSTOM = "CUSTOM", "Own weights"


class Season(models.TextChoices):
    """By what a year is cut into periods."""

    EVEN = "EVEN", "Evenly"
    HISTORY = "HISTORY", "As the year before"
    SET = "SET", "By set weights"


POINTS = "points"


class QuotaPlanState(models.TextChoices):
    """Whether a plan is being written, its quotas count, or it was given up; its history is kept all the same."""

    DRAFT = "DRAFT", "Draft"
    PUBLISHED = "PUBLISHED", "Published"
    DISCARDED = "DISCARDED", "Thrown away"


class QuotaPlan(TenantModel):
    """A target of a year and how it is shared. Rates are at scale 10**8; `total` is minor units of `currency`, or a whole number.

    Season weights stand in the order of the periods; the history's are what everybody in the plan sold. `paddings` is over-assignment by
    level: the first is what the topmost seats carry together above the target, the next what the seats below them carry above theirs. A
    published plan never changes: a draft that `revises` it follows.
    """

    name = models.CharField(max_length=100)
    calendar = TenantForeignKey("planning.Calendar")
    year = models.PositiveSmallIntegerField()
    measure = models.CharField(max_length=20, choices=QuotaMeasure.choices, default=QuotaMeasure.AMOUNT)
    currency = models.CharField(max_length=3, blank=True)
    total = models.BigIntegerField()
    method = models.CharField(max_length=10, choices=QuotaMethod.choices, default=QuotaMethod.EVEN)
    season = models.CharField(max_length=10, choices=Season.choices, default=Season.EVEN)
    season_weights = models.JSONField(default=list)
    season_history = models.JSONField(default=list)
    paddings = models.JSONField(default=list)
    guardrail_rate = models.BigIntegerField(default=10**7)
    potential_unit = models.CharField(max_length=6, blank=True)
    """What potential is counted in: the currency of its minor units, or POINTS for hundredths of a point."""
    growth_rate = models.BigIntegerField(null=True, blank=True)
    """By how much a quota may differ from that of the year before without a reason; None: by any."""
    state = models.CharField(max_length=10, choices=QuotaPlanState.choices, default=QuotaPlanState.DRAFT)
    revises = TenantForeignKey("planning.QuotaPlan", null=True, blank=True)
    written_by_name = models.CharField(max_length=200)
    published_by_name = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(total__gte=0), name="quota_plan_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def weight_unit(self) -> str:
        """What weights are counted in: a currency, POINTS, or nothing for plain numbers."""
        if self.method == QuotaMethod.POTENTIAL:
            return self.potential_unit
        return self.currency if self.method in (QuotaMethod.HISTORY, QuotaMethod.TRAILING) else ""


class QuotaSeat(TenantModel):
    """A position in a plan: its weights, the value a person set, what the cascade gives it, and what its holder commits to."""

    plan = TenantForeignKey(QuotaPlan)
    position = TenantForeignKey("people.Position")
    parent = TenantForeignKey("planning.QuotaSeat", null=True, blank=True)
    history = models.BigIntegerField(default=0)
    trailing = models.BigIntegerField(default=0)
    potential = models.BigIntegerField(default=0)
    custom = models.BigIntegerField(default=1)
    manual = models.BigIntegerField(null=True, blank=True)
    value = models.BigIntegerField(default=0)
    kept = models.CharField(max_length=10, default="SHARED")
    commitment = models.BigIntegerField(null=True, blank=True)
    commitment_note = models.CharField(max_length=500, blank=True)
    committed_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "plan", "position"], name="quota_seat_once")
        ]


class QuotaCell(TenantModel):
    """A period of a seat: the value a person set, its part of the year, and what is carried after relief."""

    seat = TenantForeignKey(QuotaSeat)
    period = TenantForeignKey("planning.Period")
    manual = models.BigIntegerField(null=True, blank=True)
    value = models.BigIntegerField(default=0)
    carried = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "seat", "period"], name="quota_cell_once")
        ]


class ReliefKind(models.TextChoices):
    """Why somebody carries less than a full year."""

    JOINED = "JOINED", "Joined during the year"
    LEFT = "LEFT", "Leaves during the year"
    RAMP = "RAMP", "Ramp of a joiner"
    LEAVE = "LEAVE", "Leave"
    TERRITORY = "TERRITORY", "Territory lost"
    OTHER = "OTHER", "Other"


class QuotaRelief(Timeline):
    """What a seat does not carry, with the reason: `rate` (10**8 is all) of the days of `during`, or a stated `amount` spread over them."""

    seat = TenantForeignKey(QuotaSeat)
    kind = models.CharField(max_length=10, choices=ReliefKind.choices)
    rate = models.BigIntegerField(default=10**8)
    amount = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            not_empty("quota_relief_days"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="quota_relief_amount"),
            models.CheckConstraint(condition=Q(rate__gt=0, rate__lte=10**8), name="quota_relief_rate"),
        ]


class QuotaEdit(TenantModel):
    """One change of a plan and all that followed from it: who, when, why, and each value before and after.

    `changes` are mappings with seat, period (empty: the year), field, old and new. `undoes` is the number of the edit that it takes back.
    """

    append_only = True
    unaudited = "Append-only: who changed what, when and why stand in the row."

    plan = TenantForeignKey(QuotaPlan)
    number = models.PositiveIntegerField()
    what = models.CharField(max_length=200)
    why = models.CharField(max_length=500, blank=True)
    changes = models.JSONField(default=list)
    undoes = models.PositiveIntegerField(null=True, blank=True)
    by_user = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "plan", "number"], name="quota_edit_number")
        ]


class QuotaLetter(TenantModel):
    """What a person was told of the quotas of a published plan; `values` are period keys with amounts, in the order of the periods."""

    append_only = True
    unaudited = "Append-only: who sent it and when stand in the row."

    plan = TenantForeignKey(QuotaPlan)
    position = TenantForeignKey("people.Position")
    participant = TenantForeignKey("people.Participant")
    values = models.JSONField()
    total = models.BigIntegerField()
    reliefs = models.JSONField(default=list)
    due_on = models.DateField(null=True)
    sent_by_name = models.CharField(max_length=200)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "plan", "position", "participant"], name="quota_letter_once"
            )
        ]


class LetterStep(models.TextChoices):
    """What became of a letter."""

    ACCEPTED = "accepted", "Accepted"
    CHANGE_ASKED = "change_asked", "Change asked"
    ANSWERED = "answered", "Answered"
    CHANGE_AGREED = "change_agreed", "Change agreed"
    CHANGE_REFUSED = "change_refused", "Change refused"


class LetterEvent(TenantModel):
    """What somebody said about a letter, and when; the last one but an answer says where it stands."""

    append_only = True
    unaudited = "Append-only: who said what and when stand in the row."

    letter = TenantForeignKey(QuotaLetter)
    step = models.CharField(max_length=20, choices=LetterStep.choices)
    text = models.CharField(max_length=1000, blank=True)
    by_user = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "letter"], condition=Q(step="accepted"), name="quota_letter_accepted_once"
            )
        ]
