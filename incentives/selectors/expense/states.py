"""Where every capitalised cost of a book stands before a month is closed."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

_STATES = """
    select a.id, a.opportunity_id, a.contract_id, a.currency,
           t.number, t.start_on, t.base_on, t.until_on, t.contract_until, t.convention, t.carried_minor, t.reason,
           coalesce(sum(e.amount_minor) filter (where e.kind in ('ADDED', 'CLAWED_BACK') and e.month < %(month)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.kind in ('ADDED', 'CLAWED_BACK') and e.month = %(month)s), 0)::bigint,
           coalesce(-sum(e.amount_minor) filter (where e.kind in ('AMORTISED', 'IMPAIRED', 'WRITTEN_OFF')), 0)::bigint
    from incentives_expenseasset a
    join lateral (select * from incentives_expenseterm x where x.asset_id = a.id order by x.number desc limit 1) t on true
    left join incentives_expenseentry e on e.asset_id = a.id and e.month >= t.month and e.month <= %(month)s
    where a.book_id = %(book)s and a.reason = 'CAPITALISED'
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
    order by a.id
"""


class State(NamedTuple):
    """A cost with its latest terms, and what moved since they began: before the month, and what came in it."""

    asset_id: UUID
    opportunity_id: UUID
    contract_id: UUID | None
    currency: str
    number: int
    start_on: date
    base_on: date
    until_on: date
    contract_until: date | None
    convention: str
    carried_minor: int
    term_reason: str
    came_before: int
    came_now: int
    expensed: int

    @property
    def opening(self) -> int:
        """Give what is carried when the month begins."""
        return self.carried_minor + self.came_before - self.expensed


def states_read(book_id: UUID, month: date) -> list[State]:
    """Give every cost of the book that anything is left of, or that moved in the month."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, {"book": book_id, "month": month})
        rows: list[Any] = cursor.fetchall()
    states = [State(*row) for row in rows]
    return [state for state in states if state.opening or state.came_now]
