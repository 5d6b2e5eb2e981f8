"""Calendars of a company and their periods. Quota, credit and pay may each follow another calendar."""

from typing import ClassVar

from django.db import models

from spm.people.models import Timeline, no_overlap, not_empty
from spm.tenancy.models import TenantForeignKey, TenantModel


class CalendarKind(models.TextChoices):
    """How a calendar cuts its periods; computed by `spm.core.periods`."""

    MONTHLY = "MONTHLY", "Months"
    QUARTERLY = "QUARTERLY", "Quarters"
    YEARLY = "YEARLY", "Years"
    WEEKLY = "WEEKLY", "Weeks"
    BIWEEKLY = "BIWEEKLY", "Two weeks"
    SEMI_MONTHLY = "SEMI_MONTHLY", "Half months"
    FOUR_FOUR_FIVE = "445", "4-4-5 weeks"


class Calendar(TenantModel):
    """A named way to cut time."""

    code = models.CharField(max_length=50)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=CalendarKind.choices)
    cut_from = models.DateField(null=True)
    """The first day of any of its two weeks; None for the usual one, and for other kinds."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id", "code"], name="calendar_code")]

    def __str__(self) -> str:
        return self.name


class Period(Timeline):
    """One period of a calendar, such as `2017-Q1`."""

    calendar = TenantForeignKey(Calendar)
    key = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "calendar", "key"], name="period_key"),
            no_overlap("period_no_overlap", "calendar"),
            not_empty("period_days"),
        ]

    def __str__(self) -> str:
        return self.key
