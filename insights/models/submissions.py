"""What people forecast: how the company counts, what each person submitted, and what stood on the days it was due."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class RollUp(models.TextChoices):
    """Whether a category counts its own deals, or also those of the surer ones."""

    SINGLE = "SINGLE", "Each category alone"
    CUMULATIVE = "CUMULATIVE", "Each with the surer ones"


class ForecastCategory(models.TextChoices):
    """How sure a deal is. Closed is won; what is omitted is in no sum."""

    CLOSED = "CLOSED", "Closed"
    COMMIT = "COMMIT", "Commit"
    BEST = "BEST", "Best case"
    PIPELINE = "PIPELINE", "Pipeline"
    OMITTED = "OMITTED", "Left out"


class ForecastPolicy(TenantModel):
    """How the company forecasts; where there is no row, the defaults hold.

    `categories` maps the words of the source in lower case, of its forecast categories and stages, to a category; an open deal that has
    none of them is pipeline. Forecasts are due at the end of `due_weekday` (0 is Monday), and asked for `remind_days` before.
    """

    roll_up = models.CharField(max_length=10, choices=RollUp.choices, default=RollUp.CUMULATIVE)
    categories = models.JSONField(default=dict)
    due_weekday = models.PositiveSmallIntegerField(default=4)
    remind_days = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id"], name="forecast_policy_one"),
            models.CheckConstraint(condition=Q(due_weekday__lte=6, remind_days__lte=6), name="forecast_policy_days"),
        ]


class ForecastSubmission(TenantModel):
    """A number somebody gave for what a person, with everybody below, will win in a period; the latest `number` holds.

    An override is the word of somebody above, and leaves what the person said as it was. Null takes the number back.
    """

    append_only = True

    period = TenantForeignKey("planning.Period")
    participant = TenantForeignKey("people.Participant")
    category = models.CharField(max_length=10, choices=ForecastCategory.choices)
    is_override = models.BooleanField(default=False)
    number = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=500, blank=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "period", "participant", "category", "is_override", "number"],
                name="forecast_submission_once",
            ),
            models.CheckConstraint(condition=Q(category__in=["COMMIT", "BEST"]), name="forecast_submission_category"),
            models.CheckConstraint(
                condition=Q(amount_minor=None) | Q(amount_minor__gte=0), name="forecast_submission_not_negative"
            ),
        ]


class ForecastShare(TenantModel):
    """A person's own part of the company's forecast by the model that stood first, as made last; the parts sum to it to the cent."""

    unaudited = "Written by the nightly job from facts; the latest replaces those before."

    made_on = models.DateField()
    period = TenantForeignKey("planning.Period")
    participant = TenantForeignKey("people.Participant", null=True)
    model = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "period", "participant"], name="forecast_share_once", nulls_distinct=False
            )
        ]


class ForecastSnapshot(TenantModel):
    """What stood for a person at the end of a day on which forecasts were due, with the hierarchy of that day; it never changes.

    `own` and `team` are the deals' amounts by category, of the person alone and with everybody below; `submitted` and `overridden` the
    numbers given, by category; `model_minor` the team's part of the company's forecast. No person: deals of nobody in a seat.
    """

    append_only = True
    unaudited = "Written once by the nightly job, and never changed."

    day = models.DateField()
    period = TenantForeignKey("planning.Period")
    participant = TenantForeignKey("people.Participant", null=True)
    manager = TenantForeignKey("people.Participant", null=True)
    currency = models.CharField(max_length=3)
    own = models.JSONField(default=dict)
    team = models.JSONField(default=dict)
    submitted = models.JSONField(default=dict)
    overridden = models.JSONField(default=dict)
    model_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "day", "period", "participant"],
                name="forecast_snapshot_once",
                nulls_distinct=False,
            )
        ]
