"""What a period's end leaves earned and not paid, as entries for the books of the company, and their reversal the day after."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from incentives.models import Plan
from incentives.selectors.company_currency import InCompany, in_company
from incentives.selectors.owing import owed_at_end
from spm.roles.policy import Viewer, require

EXPENSE, ACCRUED = "Commission expense", "Accrued commissions"
COLUMNS = (
    *("date", "entry", "account", "plan", "currency", "debit", "credit"),
    *("company currency", "debit in it", "credit in it", "rate", "of no plan"),
)


class AccrualLine(NamedTuple):
    """One side of an entry; of `debit_minor` and `credit_minor` one is 0. `plan` is empty for what has none: `other` says what it is.

    The same in the currency of the company, with the rate in words; None where no rate is known on the last day of the period.
    """

    on: date
    entry: str
    account: str
    plan: str
    currency: str
    debit_minor: int
    credit_minor: int
    company: str
    debit_company_minor: int | None
    credit_company_minor: int | None
    rate: str
    other: str


def accrual_lines(viewer: Viewer, period: Any) -> list[AccrualLine]:
    """Give the accrual on the last day of the period and its reversal on the day after; debits equal credits in each entry and currency.

    It counts the books that ended with the period or before, and what was paid by then: what is paid later for those books
    was owed at the end. A payment lessens the plans whose earnings it paid: a person's oldest earnings first.
    """
    require(viewer, "ledger.view")
    last, following = period.during.upper - timedelta(days=1), period.during.upper
    owed = _owed(period, viewer.organisation.time_zone)
    found = []
    for of, one in zip(owed, in_company([(of[0], minor) for of, minor in owed.items()], last), strict=True):
        found += _entry(last, "accrual", of, one, 1)
        found += _entry(following, "reversal", of, one, -1)
    return sorted(found, key=lambda line: (line.on, line.currency, line.plan, line.other, line.account != EXPENSE))


def _entry(on: date, entry: str, of: tuple[str, str, str], owed: InCompany, sign: int) -> list[AccrualLine]:
    """Both sides of an entry. The reversal takes back what was accrued, at the same rate."""
    up, down = max(sign * owed.minor, 0), max(-sign * owed.minor, 0)
    into = owed.company_minor
    up_there, down_there = (None, None) if into is None else (max(sign * into, 0), max(-sign * into, 0))
    said, (_currency, plan, other) = (owed.company, owed.words), of
    return [
        AccrualLine(on, entry, EXPENSE, plan, owed.currency, up, down, said[0], up_there, down_there, said[1], other),
        AccrualLine(on, entry, ACCRUED, plan, owed.currency, down, up, said[0], down_there, up_there, said[1], other),
    ]


def _owed(period: Any, zone: str) -> dict[tuple[str, str, str], int]:
    """Give what was owed by currency, plan and what it is where it belongs to none."""
    names = dict(Plan.objects.values_list("code", "name")) | {"": ""}
    found: dict[tuple[str, str, str], int] = {}
    for one in owed_at_end(period, zone):
        of = (one.currency, names[one.plan], one.other)
        found[of] = found.get(of, 0) + one.minor
    return {of: minor for of, minor in sorted(found.items()) if minor}
