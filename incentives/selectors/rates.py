"""Currency rates as a run reads them, and those that it kept with its credits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from django.utils.translation import gettext as _

from incentives.engine.conversions import converted
from incentives.engine.plan import Plan
from incentives.engine.words import RatePolicy
from incentives.models import RunRate
from incentives.selectors.windows import Window, csv_of
from spm.core.dated import day_of
from spm.core.fx import rate_text
from spm.crm.selectors.rates import rate_rows
from spm.web.templatetags.figures import day_text, money_text


def rates_frame(plans: Sequence[Plan], window: Window) -> dict[str, bytes]:
    """Give the rates that hold on the days that are read, or that a plan fixes; a company without rates has no such frame."""
    policies = {plan.currency_rate for plan in plans}
    starts, ends = [window.start], [window.until]
    if RatePolicy.PERIOD_AVERAGE in policies:  # a window may begin within its first period
        starts += [one.start for one in window.periods if one.end > window.start]
    fixed = [day_of(plan.fixed_on) for plan in plans if plan.fixed_on is not None]
    ends += [day + timedelta(days=1) for day in fixed]
    rows = rate_rows(start=min(starts + fixed), until=max(ends))
    return {"fx": csv_of(rows, ["from_currency", "to_currency", "on", "rate", "table", "pivot"])} if rows else {}


@dataclass(frozen=True)
class Converted:
    """What a credited deal states in its own currency, the rate that the run kept, and what it comes to.

    A mean is of the days from `taken_on` to `taken_through`; `taken_on` is the day of one rate of the year, `rate_on` that of a spot.
    """

    stated_minor: int
    from_currency: str
    to_currency: str
    converted_minor: int
    rate: str
    policy: str
    taken_on: date
    taken_through: date
    rate_on: date
    table_name: str

    @property
    def words(self) -> str:
        """Tell amount, rate, its policy, day and table, and what it comes to."""
        sentences = {
            RatePolicy.SPOT: _("%(stated)s at %(rate)s, spot of %(rate_on)s%(table)s = %(converted)s"),
            RatePolicy.PERIOD_AVERAGE: _(
                "%(stated)s at %(rate)s, mean of %(first)s to %(last)s%(table)s = %(converted)s"
            ),
            RatePolicy.PLAN_YEAR: _("%(stated)s at %(rate)s, rate of the year of %(first)s%(table)s = %(converted)s"),
        }
        return sentences[RatePolicy(self.policy)] % {
            "stated": money_text(self.stated_minor, self.from_currency),
            "rate": self.rate,
            "rate_on": day_text(self.rate_on),
            "first": day_text(self.taken_on),
            "last": day_text(self.taken_through),
            "table": f" ({self.table_name})" if self.table_name else "",
            "converted": money_text(self.converted_minor, self.to_currency),
        }


def converted_at(rate: RunRate, stated_minor: int, converted_minor: int | None) -> Converted:
    """Give a conversion at a rate that a run kept; a run from before runs kept what it came to is asked at the rate."""
    exact, source, target = Fraction(rate.rate), rate.from_currency, rate.to_currency
    return Converted(
        stated_minor,
        source,
        target,
        converted(stated_minor, exact, source, target) if converted_minor is None else converted_minor,
        rate_text(exact),
        rate.policy,
        rate.taken_on,
        rate.taken_on if rate.taken_until is None else rate.taken_until - timedelta(days=1),
        rate.rate_on,
        rate.table_name,
    )


def rates_kept(run_id: UUID, plan_version_id: UUID) -> dict[int, RunRate]:
    """Give the rates that a run converted credits of a plan version at, by their numbers."""
    return {one.number: one for one in RunRate.objects.filter(run=run_id, plan_version=plan_version_id)}
