"""Quotas: what a position is expected to sell in a period."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class QuotaMeasure(models.TextChoices):
    """What a quota counts."""

    AMOUNT = "amount", "Amount"
    UNITS = "units", "Units"
    COUNT = "count", "Deals"
    MARGIN = "margin", "Margin"
    RECURRING = "recurring", "Recurring revenue"
    CONTRACT = "contract", "Contract value"
    DISTINCT = "distinct", "Customers, products, other distinct values"

    @property
    def is_money(self) -> bool:
        """True for an amount of a currency, False for a number."""
        return self not in (QuotaMeasure.UNITS, QuotaMeasure.COUNT, QuotaMeasure.DISTINCT)


class Quota(TenantModel):
    """The quota of a position, period and measure. Money is minor units of `currency`; numbers are whole.

    One quota per position, period and measure; history of values is in the audit.
    """

    position = TenantForeignKey("people.Position")
    period = TenantForeignKey("planning.Period")
    measure = models.CharField(max_length=20, choices=QuotaMeasure.choices, default=QuotaMeasure.AMOUNT)
    value = models.BigIntegerField()
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "position", "period", "measure"], name="quota_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="quota_not_negative"),
        ]


class QuotaStep(TenantModel):
    """What a quota is from a day of its period on, said for a whole period; the first step begins with the period.

    A quota that never changed within its period has no steps. With them its value is what they come to by days.
    """

    quota = TenantForeignKey(Quota, models.CASCADE)
    starts_on = models.DateField()
    value = models.BigIntegerField()
    reason = models.CharField(max_length=500, blank=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "quota", "starts_on"], name="quota_step_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="quota_step_not_negative"),
        ]
