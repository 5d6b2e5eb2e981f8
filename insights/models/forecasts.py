"""Forecasts and how wrong they were before."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class ForecastModel(models.TextChoices):
    """How a forecast is made; see `insights.engine`."""

    SEASONAL_NAIVE = "seasonal_naive", "Same period a year ago"
    WEIGHTED_PIPELINE = "weighted_pipeline", "Weighted pipeline"
    TIME_SERIES = "time_series", "Months before"
    LIKELIHOOD = "likelihood", "Likelihood of deals"


class Forecast(TenantModel):
    """A forecast of won amount for a period, made on a day. Amounts are minor units; null means unknown, `reason` says why.

    `unit` empty means the whole company. `wmape_rate` and `bias_rate` (scale 10**8) are of a back-test over `test_count` periods.
    `low_minor` to `high_minor` is to hold 80 % of what comes, `low_95_minor` to `high_95_minor` 95 %; `held_80` of `tried_80` past
    periods did, each with a range from the periods before it. `skill_rate` is by which part the model was less wrong than seasonal naive
    in the same periods. `record_because` says why the record of what was forecast before chose this model; empty for the others.
    """

    unaudited = "Written by the nightly job from facts; made once per day."

    made_on = models.DateField()
    period = TenantForeignKey("planning.Period")
    unit = TenantForeignKey("people.Unit", null=True)
    model = models.CharField(max_length=20, choices=ForecastModel.choices)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(null=True)
    low_minor = models.BigIntegerField(null=True)
    high_minor = models.BigIntegerField(null=True)
    low_95_minor = models.BigIntegerField(null=True)
    high_95_minor = models.BigIntegerField(null=True)
    held_80 = models.IntegerField(default=0)
    tried_80 = models.IntegerField(default=0)
    held_95 = models.IntegerField(default=0)
    tried_95 = models.IntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    wmape_rate = models.BigIntegerField(null=True)
    bias_rate = models.BigIntegerField(null=True)
    test_count = models.IntegerField(default=0)
    skill_rate = models.BigIntegerField(null=True)
    record_because = models.CharField(max_length=300, blank=True)

    chosen_because = ""
    """Why it stands first among those of its period; the selector says so of the first."""

    @property
    def loses_to_naive(self) -> bool:
        """Tell whether the model was not less wrong than seasonal naive in the same periods."""
        return self.skill_rate is not None and self.skill_rate <= 0

    @property
    def standing(self) -> tuple[bool, bool, bool, bool, int]:
        """Give what forecasts of a period are ordered by: known ones first, of them the record's choice, then by trials.

        In trials the least wrong comes first, no better than naive later, the untested last.
        """
        trials = (self.wmape_rate is None, self.loses_to_naive, self.wmape_rate or 0)
        return (self.amount_minor is None, not self.record_because, *trials)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "made_on", "period", "unit", "model"],
                name="forecast_once",
                nulls_distinct=False,
            )
        ]
