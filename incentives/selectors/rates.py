"""Currency rates as a run reads them."""

from collections.abc import Sequence
from datetime import timedelta

from incentives.engine.plan import Plan
from incentives.engine.words import RatePolicy
from incentives.selectors.windows import Window, csv_of
from spm.core.dated import day_of
from spm.crm.selectors.rates import rate_rows


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
