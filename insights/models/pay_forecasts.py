"""What pay is expected to come to, and from what that was made."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class ChanceSource(models.TextChoices):
    """Where the chance of an open deal comes from."""

    LIKELIHOOD = "LIKELIHOOD", "Likelihood of each deal"
    STAGE_SHARE = "STAGE_SHARE", "Share of decided deals won, by stage"


class PayScope(models.TextChoices):
    """Whose pay: a person's, that of everybody below a manager, or the whole company's."""

    PERSON = "PERSON", "Person"
    TEAM = "TEAM", "Team"
    COMPANY = "COMPANY", "Company"


class PayForecastBasis(TenantModel):
    """What the pay forecast of a period rests on, as made on a day. The latest is current; of those before the record keeps some.

    `deals` open deals were drawn `scenarios` times from `seed`, `at_share` of them at a plain share. `source_reason` says why it is not the
    likelihood, `in_full` that some plan was calculated in full for each scenario. `reason` says why nothing is expected; empty where it is.
    `settled_at` is when the statements were issued that its rows were last held against.
    """

    unaudited = "Written by the nightly job from facts."

    period = TenantForeignKey("planning.Period")
    as_on = models.DateField()
    seed = models.BigIntegerField()
    scenarios = models.IntegerField(default=0)
    deals = models.IntegerField(default=0)
    at_share = models.IntegerField(default=0)
    source = models.CharField(max_length=12, choices=ChanceSource.choices, blank=True)
    source_reason = models.CharField(max_length=300, blank=True)
    in_full = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    is_current = models.BooleanField(default=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "period", "as_on"], name="pay_forecast_basis_once"),
            models.UniqueConstraint(
                fields=["organisation_id", "period"],
                name="pay_forecast_basis_current",
                condition=models.Q(is_current=True),
            ),
        ]


class PayForecast(TenantModel):
    """What a person, a team (everybody below `participant`) or the company is expected to earn in a period, in one currency.

    Minor units; null is unknown, and `reason` says why. `earned_minor` is earned so far, with every open deal lost; `low_minor` and
    `high_minor` hold 80 % of the scenarios. Sums are drawn jointly: medians of parts don't sum to the median of the whole. `unknown` of
    `people` could not be calculated and are in no amount. `actual_minor` is what the statements of the ended period came to; null before,
    and where somebody's is unknown.
    """

    unaudited = "Written by the nightly job from facts."

    basis = TenantForeignKey("insights.PayForecastBasis", on_delete=models.CASCADE)
    scope = models.CharField(max_length=7, choices=PayScope.choices)
    participant = TenantForeignKey("people.Participant", null=True)
    currency = models.CharField(max_length=3)
    people = models.IntegerField(default=1)
    unknown = models.IntegerField(default=0)
    earned_minor = models.BigIntegerField(null=True)
    low_minor = models.BigIntegerField(null=True)
    median_minor = models.BigIntegerField(null=True)
    high_minor = models.BigIntegerField(null=True)
    actual_minor = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "basis", "scope", "participant", "currency"],
                name="pay_forecast_once",
                nulls_distinct=False,
            )
        ]
