"""Currency rates of the company by day: entries that are never changed, the latest of a pair and day holds."""

from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from spm.tenancy.models import TenantModel


class CurrencyRateQuerySet(models.QuerySet["CurrencyRate"]):
    """Asks for the rates that hold."""

    def current(self) -> "CurrencyRateQuerySet":
        """Keep the latest entry of each pair and day; one without a rate was taken back and is left out."""
        later = CurrencyRate.objects.filter(
            from_currency=OuterRef("from_currency"),
            to_currency=OuterRef("to_currency"),
            rate_on=OuterRef("rate_on"),
            number__gt=OuterRef("number"),
        )
        return self.filter(~Exists(later), rate__isnull=False)


class CurrencyRate(TenantModel):
    """From `rate_on` until the pair's next rate, 1 of `from_currency` is worth `rate` of `to_currency`.

    Without a rate, the entry before is taken back. `table_name` names the list that it was taken from.
    `number` counts the entries of a pair and day.
    """

    append_only = True

    from_currency = models.CharField(max_length=3)
    to_currency = models.CharField(max_length=3)
    rate_on = models.DateField()
    rate = models.DecimalField(max_digits=24, decimal_places=12, null=True, blank=True)
    table_name = models.CharField(max_length=50)
    number = models.IntegerField()
    by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = CurrencyRateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "from_currency", "to_currency", "rate_on", "number"],
                name="currency_rate_number",
            ),
            models.CheckConstraint(condition=Q(rate__isnull=True) | Q(rate__gt=0), name="currency_rate_positive"),
            models.CheckConstraint(condition=~Q(from_currency=F("to_currency")), name="currency_rate_pair"),
            models.CheckConstraint(condition=Q(number__gte=1), name="currency_rate_counts"),
        ]

    @property
    def rate_text(self) -> str:
        """Give the rate without trailing zeros, never as a power of ten."""
        return "" if self.rate is None else f"{self.rate.normalize():f}"

    def __str__(self) -> str:
        return f"{self.from_currency} to {self.to_currency}, {self.rate_on}"
