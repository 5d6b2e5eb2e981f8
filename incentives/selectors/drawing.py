"""What draws are settled from: what the ledger paid a person of a plan in each pay period, what is owed, and what was advanced."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from incentives.models import JournalKind, LedgerAccount
from incentives.selectors.settling import PLAN_DRAW

_PAID = """
    select e.participant_id::text, v.plan_id::text, e.currency, e.period_id::text,
           coalesce(sum(e.amount_minor) filter (where e.account = %(payable)s and e.component <> %(draw)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(payable)s), 0)::bigint,
           coalesce(-sum(e.amount_minor) filter (where e.account = %(owed)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(payable)s and j.kind = %(advance)s), 0)::bigint,
           coalesce(-sum(e.amount_minor) filter (where e.account = %(payable)s and j.kind = %(recover)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(owed)s and j.kind = %(write_off)s), 0)::bigint,
           coalesce(-sum(e.amount_minor) filter (where e.account = %(owed)s and j.kind = %(opening)s), 0)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    join incentives_planversion v on v.id = e.plan_version_id
    where e.period_id = any(%(books)s::uuid[]) and v.plan_id = any(%(plans)s::uuid[]) and j.kind <> all(%(beside)s)
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4
"""
_ON_PLAN = """
    select distinct on (r.participant_id, v.plan_id) r.participant_id::text, v.plan_id::text, r.currency, r.plan_version_id::text
    from incentives_runearning r join incentives_run n on n.id = r.run_id join incentives_planversion v on v.id = r.plan_version_id
    where n.period_id = %(period)s and n.state = 'posted' and v.plan_id = any(%(plans)s::uuid[])
      and (%(people)s::uuid[] is null or r.participant_id = any(%(people)s::uuid[]))
    order by r.participant_id, v.plan_id, n.facts_known_at desc, r.plan_version_id desc
"""
Place = tuple[str, str, str]
"""Participant, plan, currency."""


class Month(NamedTuple):
    """What the books of one pay period have of a place: pay without draws, pay in all, what it added to the balance owed, what was
    advanced, recovered and forgiven, and what was owed when it was brought in from a former system (minor units)."""

    pay: int = 0
    payable: int = 0
    owed: int = 0
    advanced: int = 0
    recovered: int = 0
    forgiven: int = 0
    opened: int = 0


def months_of(
    books: Sequence[Any], plans: Iterable[str], people: Sequence[str] | None
) -> dict[Place, dict[str, Month]]:
    """Give what the books have of each place, by period; payments and holds by hand are left out."""
    asked = {
        "books": [period.id for period in books],
        "plans": list(plans),
        "people": None if people is None else list(people),
        "draw": PLAN_DRAW,
        "payable": LedgerAccount.PAYABLE,
        "owed": LedgerAccount.DRAW,
        "advance": JournalKind.DRAW,
        "recover": JournalKind.RECOVER,
        "write_off": JournalKind.WRITE_OFF,
        "opening": JournalKind.OPENING,
        "beside": [JournalKind.PAY, JournalKind.HAND_HOLD],
    }
    found: dict[Place, dict[str, Month]] = {}
    for who, plan, currency, period, *figures in _rows(_PAID, asked):
        found.setdefault((who, plan, currency), {})[period] = Month(*figures)
    return found


def on_plan(period: Any, plans: Iterable[str], people: Sequence[str] | None) -> dict[Place, str]:
    """Give the version that pays each place of the period, from the runs that were posted."""
    asked = {"period": period.id, "plans": list(plans), "people": None if people is None else list(people)}
    return {(who, plan, currency): version for who, plan, currency, version in _rows(_ON_PLAN, asked)}


def _rows(query: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
