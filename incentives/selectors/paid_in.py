"""What a statement says of pay in another currency: what was earned, the rate, and what is paid, in the words of the reader."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from incentives.engine.words import PayRatePolicy
from incentives.models import Statement
from spm.core.fx import rate_text
from spm.core.money import minor_digits
from spm.web.templatetags.figures import day_text, exact_money_text, money_text

PLACES = 6
"""Decimals of a major unit that what was rounded is told with: more than any rate of a payslip needs to be followed."""

DAYS = ("taken_on", "taken_through", "rate_on")


@dataclass(frozen=True)
class PaidIn:
    """A conversion of a statement: of its own period or, where `is_prior`, of books that are shut and whose rate was corrected.

    Without a rate `missing` says which, and nothing is converted or paid. `exact` is what comes before the one rounding, in major units.
    """

    from_currency: str
    to_currency: str
    from_minor: int
    to_minor: int = 0
    before_minor: int = 0
    from_change_minor: int = 0
    to_change_minor: int = 0
    converted_in: str = ""
    is_prior: bool = False
    rate: str = ""
    exact: Decimal = Decimal(0)
    policy: str = ""
    taken_on: date | None = None
    taken_through: date | None = None
    rate_on: date | None = None
    table_name: str = ""
    missing: str = ""

    @property
    def words(self) -> str:
        """Tell amount, rate, its days and table, and what it comes to before and after the one rounding."""
        if self.missing:
            return _("%(amount)s is not paid: %(missing)s") % {"amount": self.earned, "missing": self.missing}
        if not self.rate:
            return _("No longer converted into %(currency)s.") % {"currency": self.to_currency}
        return _("%(amount)s at %(rate)s, %(when)s%(table)s = %(paid)s%(rounded)s") % {
            "amount": self.earned,
            "rate": self.rate,
            "when": self.when,
            "table": f" ({self.table_name})" if self.table_name else "",
            "paid": self.paid,
            "rounded": self.rounded,
        }

    @property
    def when(self) -> str:
        """Tell which day's rate it is; nothing without one."""
        if self.taken_on is None or self.taken_through is None or self.rate_on is None:
            return ""
        if self.policy == PayRatePolicy.PERIOD_AVERAGE:
            return _("mean of %(first)s to %(last)s") % {
                "first": day_text(self.taken_on),
                "last": day_text(self.taken_through),
            }
        return _("rate of %(rate_on)s for the end of the period, %(end)s") % {
            "rate_on": day_text(self.rate_on),
            "end": day_text(self.taken_on),
        }

    @property
    def earned(self) -> str:
        """Give the amount that is converted."""
        return money_text(self.from_minor, self.from_currency)

    @property
    def paid(self) -> str:
        """Give what it comes to."""
        return money_text(self.to_minor, self.to_currency)

    @property
    def rounded(self) -> str:
        """Tell what was rounded; nothing where nothing was."""
        if self.exact == Decimal(self.to_minor).scaleb(-minor_digits(self.to_currency)):
            return ""
        return _(", rounded from %(exact)s") % {"exact": exact_money_text(self.exact, self.to_currency)}

    def moved_minor(self, currency: str) -> int:
        """Give what these books moved of what is payable in one of the two currencies."""
        return self.from_change_minor if currency == self.from_currency else self.to_change_minor

    @property
    def correction(self) -> str:
        """Tell what stood before and by how much it moved, of books that are shut; nothing for the period itself."""
        if not self.is_prior:
            return ""
        return _("%(period)s: %(before)s until now, %(difference)s here") % {
            "period": self.converted_in,
            "before": money_text(self.before_minor, self.to_currency),
            "difference": ("+" if self.to_change_minor > 0 else "")
            + money_text(self.to_change_minor, self.to_currency),
        }


def paid_in_of(statement: Statement) -> tuple[PaidIn, ...]:
    """Give the conversions that a statement says."""
    return tuple(_paid_in(row) for row in statement.content.get("conversions", ()))


def _paid_in(row: dict[str, Any]) -> PaidIn:
    if "missing" in row:
        return PaidIn(row["from_currency"], row["to_currency"], row["from_minor"], missing=row["missing"])
    exact = (row["to_minor"] - Fraction(row["rounding"])) / 10 ** minor_digits(row["to_currency"])
    told = {**row, **{name: date.fromisoformat(row[name]) for name in DAYS if row[name]}}
    del told["rounding"]
    told["rate"] = rate_text(Fraction(row["rate"])) if row["rate"] else ""
    told["exact"] = round(Decimal(exact.numerator) / Decimal(exact.denominator), PLACES)
    return PaidIn(**told)


def statements_in(statement: Statement, others: tuple[PaidIn, ...]) -> dict[str, Any]:
    """Give the latest statements of the same person and period in the other currencies of the conversions, by currency."""
    asked = {each for one in others for each in (one.from_currency, one.to_currency)} - {statement.currency}
    if not asked:
        return {}
    rows = Statement.objects.filter(
        participant=statement.participant_id, period=statement.period_id, currency__in=sorted(asked)
    )
    return {currency: key for currency, key in rows.order_by("number").values_list("currency", "pk")}
