"""Personal terms of pay: target pay, ramps and leave, each dated, of a person or of a position."""

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incentives.engine.words import PayRatePolicy
from spm.core.money import RATE_SCALE
from spm.people.models import Timeline, no_overlap, not_empty
from spm.tenancy.models import TenantForeignKey, TenantModel


def one_holder(name: str) -> models.CheckConstraint:
    """Give the constraint that asks for either a person or a position."""
    either = Q(participant__isnull=False, position__isnull=True) | Q(participant__isnull=True, position__isnull=False)
    return models.CheckConstraint(condition=either, name=name)


class TargetPer(models.TextChoices):
    """What target pay is for."""

    YEAR = "year", _("A fiscal year")
    PERIOD = "period", _("Each pay period")


class TargetPay(Timeline):
    """What a year or a pay period at 100 % pays: target incentive beside base, in sum the on-target earnings. `name` is the plan's word."""

    participant = TenantForeignKey("people.Participant", null=True, blank=True)
    position = TenantForeignKey("people.Position", null=True, blank=True)
    name = models.CharField(max_length=100)
    target_minor = models.BigIntegerField()
    base_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    per = models.CharField(max_length=10, choices=TargetPer.choices, default=TargetPer.YEAR)

    class Meta:
        constraints: ClassVar = [
            one_holder("target_pay_holder"),
            not_empty("target_pay_days"),
            no_overlap("target_pay_person", "participant", "name", condition=Q(participant__isnull=False)),
            no_overlap("target_pay_position", "position", "name", condition=Q(position__isnull=False)),
            models.CheckConstraint(condition=Q(target_minor__gte=0, base_minor__gte=0), name="target_pay_amounts"),
        ]


class RampSchedule(TenantModel):
    """Which part of the quota is asked for in each month in the role, at RATE_SCALE; afterwards all of it."""

    code = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    shares = ArrayField(models.BigIntegerField())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id", "code"], name="ramp_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def months(self) -> str:
        """The shares as people write them."""
        return ", ".join(f"{Decimal(share) / (RATE_SCALE // 100):f} %" for share in self.shares)


class Ramp(Timeline):
    """Who ramps, from which day on; an end before the schedule's own ends it early."""

    participant = TenantForeignKey("people.Participant", null=True, blank=True)
    position = TenantForeignKey("people.Position", null=True, blank=True)
    schedule = TenantForeignKey(RampSchedule)

    class Meta:
        constraints: ClassVar = [
            one_holder("ramp_holder"),
            not_empty("ramp_days"),
            no_overlap("ramp_person", "participant", condition=Q(participant__isnull=False)),
            no_overlap("ramp_position", "position", condition=Q(position__isnull=False)),
        ]


class Leave(Timeline):
    """The days on which a person is away, and whether these days reduce the quota and the target pay."""

    participant = TenantForeignKey("people.Participant")
    relieves_quota = models.BooleanField(default=True)
    relieves_target = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [no_overlap("leave_once", "participant"), not_empty("leave_days")]


class PayCurrency(Timeline):
    """The currency that a person is paid in, whatever their plans earn in; without one each amount is paid in its own.

    It is the person's and not the position's: who takes over a seat in another country is paid where they are employed.
    """

    participant = TenantForeignKey("people.Participant")
    currency = models.CharField(max_length=3)

    class Meta:
        constraints: ClassVar = [no_overlap("pay_currency_once", "participant"), not_empty("pay_currency_days")]


class PayRateRule(Timeline):
    """The currency rate that pay is converted at, from a day on; without one that of the last day of the pay period."""

    policy = models.CharField(max_length=20, choices=[(each.value, each.value) for each in PayRatePolicy])
    set_by_name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [no_overlap("pay_rate_once"), not_empty("pay_rate_days")]
