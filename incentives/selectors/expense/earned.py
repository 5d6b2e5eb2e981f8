"""What the ledger posted as expense of a period, in whatever books it stands, and the parts that the posted runs gave to deals."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils import timezone

from incentives.engine.expense.allocating import Group, Part
from incentives.engine.expense.policy import month_number
from incentives.models import ExpenseTake, LedgerAccount, LedgerEntry, ManualCredit, Run, RunState
from planning.selectors import period_list
from spm.crm.deal_keys import deals_named
from spm.crm.models import ContractVersion, Opportunity

_POSTED = """
    select e.participant_id::text, coalesce(v.plan_id::text, ''), e.component, e.currency, -sum(e.amount_minor)::bigint
    from incentives_ledgerentry e left join incentives_planversion v on v.id = e.plan_version_id
    where e.earned_in_id = %(period)s and e.account = %(account)s
    group by 1, 2, 3, 4
"""
_CHOSEN = """
    select distinct on (e.participant_id, v.plan_id, e.component, e.currency)
           e.participant_id::text, v.plan_id::text, e.component, e.currency, e.run_id::text
    from incentives_runearning e
    join incentives_run r on r.id = e.run_id join incentives_planversion v on v.id = e.plan_version_id
    where e.run_id = any(%(runs)s::uuid[])
    order by e.participant_id, v.plan_id, e.component, e.currency, r.facts_known_at desc, r.started_at desc
"""
"""The run that last calculated each group. It is put together with the credits here: the database knows nothing yet of how many rows a
new run has, and would look through all of them for each group."""
_PARTS = """
    select c.run_id::text, c.participant_id::text, v.plan_id::text, c.component, c.currency, c.opportunity_id::text,
           date_trunc('month', c.credit_on)::date, c.via_participant_id is not null, sum(c.earned_minor)::bigint
    from incentives_runcredit c join incentives_planversion v on v.id = c.plan_version_id
    where c.run_id = any(%(runs)s::uuid[])
    group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(c.earned_minor) <> 0
"""


class CreditRow(NamedTuple):
    """What credits of one fact, month and way earned a group."""

    participant_id: str
    plan_id: str
    component: str
    currency: str
    key: str
    month: Any
    is_override: bool
    earned_minor: int


def periods_posted(starts_on: Any, until: Any) -> QuerySet[Any]:
    """Give the periods of which something was posted that begin on a day of [starts_on, until), earliest first."""
    posted = LedgerEntry.objects.values("earned_in")
    return (
        period_list().filter(pk__in=posted, during__startswith__gte=starts_on, during__startswith__lt=until).reverse()
    )


def expense_posted(period_id: Any) -> dict[Group, int]:
    """Give what stands on the ledger's expense account for the period, by participant, plan, component and currency."""
    asked = {"period": period_id, "account": LedgerAccount.EXPENSE}
    return {
        (who, plan, component, currency): total
        for who, plan, component, currency, total in _rows(_POSTED, asked)
        if total
    }


def parts_posted(period_id: Any) -> list[Part]:
    """Give the parts of the period's earnings by deal: of every group those of the latest posted run that calculated it."""
    runs = [
        str(key) for key in Run.objects.filter(period_id=period_id, state=RunState.POSTED).values_list("pk", flat=True)
    ]
    if not runs:
        return []
    chosen = {
        (who, plan, component, currency): run for who, plan, component, currency, run in _rows(_CHOSEN, {"runs": runs})
    }
    parts = _rows(_PARTS, {"runs": sorted(set(chosen.values()))})
    rows = [CreditRow(*row) for run, *row in parts if chosen.get(tuple(row[:4])) == run]
    deals = deals_behind({row.key for row in rows})
    return [_part(row, deals) for row in rows]


def _part(row: CreditRow, deals: dict[str, str]) -> Part:
    group = (row.participant_id, row.plan_id, row.component, row.currency)
    return Part(group, month_number(row.month), row.earned_minor, deals.get(row.key, ""), row.is_override)


def deals_behind(keys: Iterable[str]) -> dict[str, str]:
    """Give the deal of each credited fact: of a deal itself, of what its orders and returns are, of a manual credit that names one.

    A deal that its source has withdrawn is still the deal that was paid.
    """
    wanted = list(keys)
    found = {key: one.deal_id for key, one in deals_named(wanted, timezone.now()).items() if one.deal_id}
    rest = [key for key in wanted if key not in found]
    found |= {str(key): str(key) for key in Opportunity.objects.filter(pk__in=rest).values_list("pk", flat=True)}
    granted = ManualCredit.objects.filter(pk__in=rest, opportunity__isnull=False)
    return found | {str(key): str(deal) for key, deal in granted.values_list("pk", "opportunity_id")}


def fingerprint(period_id: Any, policies: str) -> str:
    """Give the digest of what decides what a book takes from a period: its journals and posted runs, the contracts, the policies."""
    journals = LedgerEntry.objects.filter(earned_in_id=period_id).aggregate(last=Max("journal__number"))["last"]
    runs = Run.objects.filter(period_id=period_id, state=RunState.POSTED).aggregate(last=Max("facts_known_at"))["last"]
    known = ContractVersion.objects.aggregate(known=Max("known_from"), ended=Max("known_until"))
    words = [str(each) for each in (journals, runs, known["known"], known["ended"], policies)]
    return sha256("\n".join(words).encode()).hexdigest()


def taken_prints(book_id: Any) -> dict[Any, str]:
    """Give what a book last read of each period, as fingerprints."""
    rows = ExpenseTake.objects.filter(book_id=book_id).order_by("taken_at").values_list("period_id", "fingerprint")
    return dict(rows)


def _rows(query: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
