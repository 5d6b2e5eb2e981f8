"""What a period's end leaves earned and not paid, as entries for the books of the company, and their reversal the day after."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from incentives.models import JournalKind, LedgerAccount
from incentives.selectors.company_currency import InCompany, in_company
from spm.roles.policy import Viewer, require

PAID_ON = "coalesce(j.paid_on, (j.posted_at at time zone %(zone)s)::date)"
"""The day on which a journal j of a payment was paid, in the company's time zone."""
OWED_THEN = f"(j.kind <> %(carry)s and not (j.kind = %(pay)s and {PAID_ON} >= %(until)s))"
"""Whether a journal j counts at the end: not a payment after it, which stands in the books that it pays and pays what was owed when they
ended, nor what carries a balance to later books, which owes no more and no less."""

_OWED = f"""
    select e.currency, coalesce(p.name, ''), sum(e.amount_minor)::bigint from incentives_ledgerentry e
    join incentives_journal j on j.organisation_id = e.organisation_id and j.id = e.journal_id
    join planning_period b on b.id = e.period_id
    left join incentives_planversion v on v.id = e.plan_version_id left join incentives_plan p on p.id = v.plan_id
    where e.account = any(%(accounts)s) and upper(b.during) <= %(until)s and {OWED_THEN}
    group by 1, 2 having sum(e.amount_minor) <> 0 order by 1, 2
"""
OWED = (LedgerAccount.EARNED, LedgerAccount.HELD, LedgerAccount.PAYABLE)
"""What the company owes: waiting, held back and payable. What was paid is on none of them."""

EXPENSE, ACCRUED = "Commission expense", "Accrued commissions"
COLUMNS = (
    *("date", "entry", "account", "plan", "currency", "debit", "credit"),
    *("company currency", "debit in it", "credit in it", "rate"),
)


class AccrualLine(NamedTuple):
    """One side of an entry; of `debit_minor` and `credit_minor` one is 0. `plan` is empty for what belongs to none, such as payments.

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


def accrual_lines(viewer: Viewer, period: Any) -> list[AccrualLine]:
    """Give the accrual on the last day of the period and its reversal on the day after; debits equal credits in each entry and currency.

    It counts the books that ended with the period or before, and what was paid by then: what is paid later for those books
    was owed at the end. Payments belong to no plan: they stand against what the plans earned.
    """
    require(viewer, "ledger.view")
    last, following = period.during.upper - timedelta(days=1), period.during.upper
    owed = _owed(period, viewer.organisation.time_zone)
    found = []
    for (_currency, plan, _minor), one in zip(
        owed, in_company([(each[0], each[2]) for each in owed], last), strict=True
    ):
        found += _entry(last, "accrual", plan, one, 1)
        found += _entry(following, "reversal", plan, one, -1)
    return sorted(found, key=lambda line: (line.on, line.currency, line.plan, line.account != EXPENSE))


def _entry(on: date, entry: str, plan: str, owed: InCompany, sign: int) -> list[AccrualLine]:
    """Both sides of an entry. The reversal takes back what was accrued, at the same rate."""
    up, down = max(sign * owed.minor, 0), max(-sign * owed.minor, 0)
    into = owed.company_minor
    up_there, down_there = (None, None) if into is None else (max(sign * into, 0), max(-sign * into, 0))
    said = (owed.company, owed.words)
    return [
        AccrualLine(on, entry, EXPENSE, plan, owed.currency, up, down, said[0], up_there, down_there, said[1]),
        AccrualLine(on, entry, ACCRUED, plan, owed.currency, down, up, said[0], down_there, up_there, said[1]),
    ]


def _owed(period: Any, zone: str) -> list[tuple[str, str, int]]:
    with connection.cursor() as cursor:
        accounts = [str(each) for each in OWED]
        kinds = {"pay": JournalKind.PAY.value, "carry": JournalKind.CARRY.value}
        asked = {"accounts": accounts, "until": period.during.upper, "zone": zone} | kinds
        cursor.execute(_OWED, asked)
        return list(cursor.fetchall())
