"""The earnings of a run and what stands for them, as plain rows with keys as text: posting and statements go through all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from incentives.models import JournalKind, LedgerAccount, LedgerEntry, PlanVersion, Run, RunEarning
from incentives.selectors.ledger import Balance, balance_of

Group = tuple[str, str, str, str]
"""Participant, plan, component, currency."""

_EARNINGS = """
    select participant_id::text, plan_version_id::text, component, credit_minor, credit_count, quota_value, attainment_rate,
           earned_minor, currency, slices
    from {table} where run_id = %s
"""
_POSTED = """
    select e.participant_id::text, v.plan_id::text, e.component, e.currency, -sum(e.amount_minor)::bigint
    from {entry} e join incentives_journal j on j.id = e.journal_id join incentives_planversion v on v.id = e.plan_version_id
    where e.earned_in_id = %(period)s and e.account = %(account)s and j.kind = %(kind)s
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4
"""
_BALANCES = """
    select participant_id::text, currency, account, sum(amount_minor)::bigint from {entry}
    where {books} = %(period)s and (%(people)s::uuid[] is null or participant_id = any(%(people)s::uuid[])) group by 1, 2, 3
"""


class Earning(NamedTuple):
    """What a run found for a participant and component; `slices` is JSON."""

    participant_id: str
    plan_version_id: str
    component: str
    credit_minor: int
    credit_count: int
    quota_value: int | None
    attainment_rate: int | None
    earned_minor: int
    currency: str
    slices: str


@dataclass(frozen=True)
class Earned:
    """All earnings of a run, and the plan versions that they were earned under, by key."""

    rows: list[Earning]
    versions: dict[str, PlanVersion]

    @classmethod
    def of(cls, run: Run) -> "Earned":
        """Read them."""
        rows = [Earning(*row) for row in _rows(_EARNINGS.format(table=RunEarning._meta.db_table), [run.id])]
        versions = PlanVersion.objects.filter(pk__in={row.plan_version_id for row in rows})
        return cls(rows, {str(one.id): one for one in versions})


def people_of_run(run: Run) -> list[str] | None:
    """Give the people whom the run calculated when it was not everybody, else None."""
    return None if run.scope is None else list(run.scope["people"])


def posted_by_group(run: Run) -> dict[Group, int]:
    """Give what has been posted as earned in the run's period, of the people whom it calculated (minor units)."""
    asked = {
        "period": run.period_id,
        "people": people_of_run(run),
        "account": LedgerAccount.EXPENSE,
        "kind": JournalKind.EARN,
    }
    rows = _rows(_POSTED.format(entry=LedgerEntry._meta.db_table), asked)
    return {(who, plan, component, currency): total for who, plan, component, currency, total in rows}


def balances_of(
    period_id: UUID, people: Iterable[str] | None, *, is_earned_in: bool = False
) -> dict[tuple[str, str], Balance]:
    """Give the balance of a period's books per (participant, currency), of these people or of all.

    With `is_earned_in` that of all that was earned in the period, in whatever books it stands.
    """
    asked = {"period": period_id, "people": None if people is None else list(people)}
    books = "earned_in_id" if is_earned_in else "period_id"
    found: dict[tuple[str, str], dict[str, int]] = {}
    for who, currency, account, total in _rows(_BALANCES.format(entry=LedgerEntry._meta.db_table, books=books), asked):
        found.setdefault((who, currency), {})[account] = total
    return {place: balance_of(accounts) for place, accounts in found.items()}


def _rows(query: str, parameters: Any) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
