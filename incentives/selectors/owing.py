"""What was earned and not paid when a period ended, by person, plan and component, with payments taken from the earnings that they paid."""

from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection

from incentives.engine.paid_from import BEYOND, Payable, Source, paid_from
from incentives.models import JournalKind, LedgerAccount
from incentives.selectors.converting import COMPONENT

PAID_ON = "coalesce(j.paid_on, (j.posted_at at time zone %(zone)s)::date)"
"""The day on which a journal j of a payment was paid, in the company's time zone."""
_OWED_THEN = f"(j.kind <> %(carry)s and not (j.kind = %(pay)s and {PAID_ON} >= %(until)s))"
"""Whether a journal j counts at the end: not a payment after it, which stands in the books that it pays and pays what was owed when they
ended, nor what carries a balance to later books, which owes no more and no less."""

_ROWS = f"""
    select e.participant_id::text as who, e.currency, coalesce(p.code, '') as plan, e.component, f.key as earned_in,
        lower(f.during) as earned_on, case when p.id is null then j.kind else '' end as other, e.account, e.amount_minor as minor,
        j.number, upper(b.during) as until,
        j.kind = %(pay)s or (j.kind = %(convert)s and e.component = %(component)s || e.currency) as is_payment
    from incentives_ledgerentry e
    join incentives_journal j on j.organisation_id = e.organisation_id and j.id = e.journal_id
    join planning_period b on b.id = e.period_id join planning_period f on f.id = e.earned_in_id
    left join incentives_planversion v on v.id = e.plan_version_id left join incentives_plan p on p.id = v.plan_id
    where e.account = any(%(accounts)s) and upper(b.during) <= %(until)s and {_OWED_THEN}
"""
_WAITING = f"""
    select who, currency, plan, component, earned_in, other, account, sum(minor)::bigint from ({_ROWS}) r
    where account <> %(payable)s group by 1, 2, 3, 4, 5, 6, 7 having sum(minor) <> 0
"""
_PAYABLE = f"""
    with rows as (select * from ({_ROWS}) r where account = %(payable)s),
    standing as (
        select *, sum(minor) over so_far as due, max(until) over so_far as latest from rows
        window so_far as (partition by who, currency order by number)
    ),
    settled as (
        select who, currency, max(number) as number from standing
        where is_payment and minor < 0 and due = 0 and latest <= until group by 1, 2
    )
    select r.who, r.currency, r.number, r.earned_on, r.earned_in, r.plan, r.component, r.other, r.until, r.minor, r.is_payment
    from rows r left join settled s on s.who = r.who and s.currency = r.currency
    where s.number is null or r.number > s.number order by 1, 2
"""
"""What is payable since the last payment of each person that left nothing of the books up to its own: before it, nothing is left."""

OWED = (LedgerAccount.EARNED, LedgerAccount.HELD, LedgerAccount.PAYABLE)
"""What the company owes: waiting, held back and payable. What was paid is on none of them."""
_LABELS = {
    **{each.value: str(each.label) for each in JournalKind},
    JournalKind.RELEASE.value: str(JournalKind.OPENING.label),
    BEYOND: BEYOND,
    "": "",
}
"""What belongs to no plan, by the kind of its journal; of no plan only opening balances are released."""


class Owed(NamedTuple):
    """An amount on an account of what is owed, in minor units; `other` says what it is where it belongs to no plan, by its code."""

    participant: str
    currency: str
    plan: str
    component: str
    earned_in: str
    other: str
    account: str
    minor: int


def owed_at_end(period: Any, zone: str) -> list[Owed]:
    """Give what was owed when the period ended, of the books that ended by then; payments pay the oldest earnings of a person first."""
    asked = {
        "accounts": [str(each) for each in OWED],
        "payable": LedgerAccount.PAYABLE.value,
        "until": period.during.upper,
        "zone": zone,
        "pay": JournalKind.PAY.value,
        "carry": JournalKind.CARRY.value,
        "convert": JournalKind.CONVERT.value,
        "component": COMPONENT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, asked)
        found = [one._replace(other=_LABELS[one.other]) for one in map(Owed._make, cursor.fetchall())]
        cursor.execute(_PAYABLE, asked)
        rows = cursor.fetchall()
    for (who, currency), own in groupby(rows, key=lambda row: row[:2]):
        left = paid_from(_payable(*row[2:]) for row in own)
        found += [
            Owed(
                who, currency, one.plan, one.component, one.earned_in, _LABELS[one.other], LedgerAccount.PAYABLE, minor
            )
            for one, minor in left.items()
        ]
    return sorted(found)


def _payable(
    number: int,
    earned_on: date,
    earned_in: str,
    plan: str,
    component: str,
    other: str,
    until: date,
    minor: int,
    is_payment: bool,
) -> Payable:
    return Payable(number, Source(earned_on, earned_in, plan, component, other), until, minor, is_payment)
