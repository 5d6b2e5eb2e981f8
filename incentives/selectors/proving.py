"""Whether the latest statements of a period say what stands on the ledger, line by line."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from incentives.models import JournalKind, LedgerAccount, LedgerEntry, Statement
from planning.selectors import period_list

_UNEQUAL = """
    with latest as (
        select distinct on (s.participant_id, s.currency) s.id, s.participant_id, s.currency, s.content, r.facts_known_at
        from incentives_statement s join incentives_run r on r.id = s.run_id
        where s.period_id = %(period)s order by s.participant_id, s.currency, s.number desc
    ), said as (
        select l.id, each->>'plan' as plan, each->>'component' as component, max(each->>'component_name') as name,
               sum((each->>'earned_minor')::bigint)::bigint as amount
        from latest l, jsonb_array_elements(l.content->'lines') each group by 1, 2, 3
    ), stands as (
        select l.id, v.plan_id::text as plan, e.component, -sum(e.amount_minor)::bigint as amount
        from {entry} e join incentives_journal j on j.id = e.journal_id join incentives_run r on r.id = j.run_id
        join incentives_planversion v on v.id = e.plan_version_id
        join latest l on l.participant_id = e.participant_id and l.currency = e.currency and r.facts_known_at <= l.facts_known_at
        where e.earned_in_id = %(period)s and e.account = %(account)s and j.kind = %(kind)s group by 1, 2, 3
    )
    select l.id::text, w.name, l.currency, coalesce(said.name, component), coalesce(said.amount, 0), coalesce(stands.amount, 0)
    from said full join stands using (id, plan, component) join latest l using (id) join people_participant w on w.id = l.participant_id
    where coalesce(said.amount, 0) <> coalesce(stands.amount, 0)
    order by w.name, l.currency, 4, l.id
"""
"""What later runs posted of a period whose books are shut is another statement's adjustment, so each is held against its own run."""


@dataclass(frozen=True)
class Unequal:
    """A line of a latest statement that is not what the ledger has of it; minor units."""

    statement_id: UUID
    person: str
    currency: str
    component_name: str
    said_minor: int
    posted_minor: int


def statements_unequal(period_id: UUID) -> list[Unequal]:
    """Give the lines of a period's latest statements that differ from what was posted as earned of them, by name; [] is the proof."""
    asked: dict[str, Any] = {"period": period_id, "account": LedgerAccount.EXPENSE, "kind": JournalKind.EARN}
    with connection.cursor() as cursor:
        cursor.execute(_UNEQUAL.format(entry=LedgerEntry._meta.db_table), asked)
        return [Unequal(UUID(key), *rest) for key, *rest in cursor.fetchall()]


def periods_stated() -> list[Any]:
    """Give the periods that have statements, the earliest first."""
    known = set(Statement.objects.values_list("period_id", flat=True).distinct().order_by())
    return [period for period in period_list() if period.id in known]
