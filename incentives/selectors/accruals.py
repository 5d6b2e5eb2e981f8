"""What a period's end leaves earned and not paid, as entries for the books of the company, and their reversal the day after."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from incentives.models import JournalKind, LedgerAccount
from spm.roles.policy import Viewer, require

OWED_THEN = (
    "(j.kind <> %(carry)s and not (j.kind = %(pay)s and (j.posted_at at time zone %(zone)s)::date >= %(until)s))"
)
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
COLUMNS = ("date", "entry", "account", "plan", "currency", "debit", "credit")


class AccrualLine(NamedTuple):
    """One side of an entry; of `debit_minor` and `credit_minor` one is 0. `plan` is empty for what belongs to none, such as payments."""

    on: date
    entry: str
    account: str
    plan: str
    currency: str
    debit_minor: int
    credit_minor: int


def accrual_lines(viewer: Viewer, period: Any) -> list[AccrualLine]:
    """Give the accrual on the last day of the period and its reversal on the day after; debits equal credits in each entry and currency.

    It counts the books that ended with the period or before, and payments that were confirmed by then: what is paid later for those books
    was owed at the end. Payments belong to no plan: they stand against what the plans earned.
    """
    require(viewer, "ledger.view")
    last, following = period.during.upper - timedelta(days=1), period.during.upper
    found = []
    for currency, plan, owed in _owed(period, viewer.organisation.time_zone):
        found += _entry(last, "accrual", plan, currency, owed)
        found += _entry(following, "reversal", plan, currency, -owed)
    return sorted(found, key=lambda line: (line.on, line.currency, line.plan, line.account != EXPENSE))


def _entry(on: date, entry: str, plan: str, currency: str, owed: int) -> list[AccrualLine]:
    up, down = max(owed, 0), max(-owed, 0)
    return [
        AccrualLine(on, entry, EXPENSE, plan, currency, up, down),
        AccrualLine(on, entry, ACCRUED, plan, currency, down, up),
    ]


def _owed(period: Any, zone: str) -> list[tuple[str, str, int]]:
    with connection.cursor() as cursor:
        accounts = [str(each) for each in OWED]
        kinds = {"pay": JournalKind.PAY.value, "carry": JournalKind.CARRY.value}
        asked = {"accounts": accounts, "until": period.during.upper, "zone": zone} | kinds
        cursor.execute(_OWED, asked)
        return list(cursor.fetchall())
