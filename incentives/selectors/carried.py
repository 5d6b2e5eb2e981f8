"""What is left payable or owed in the books of periods, and which later books take it."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from incentives.models import BooksState, LedgerAccount
from incentives.selectors.periods import UNLOCKED, Books, books_of
from planning.selectors import period_list

_LEFT = """
    select e.participant_id, e.currency, e.period_id, sum(e.amount_minor)::bigint from incentives_ledgerentry e
    where e.account = %(account)s and e.period_id = any(%(periods)s::uuid[])
    group by 1, 2, 3 having sum(e.amount_minor) <> 0 order by 1, 2, 3
"""


class Left(NamedTuple):
    """What is payable to a person, or below 0 owed by them, in the books of one period (minor units)."""

    participant_id: UUID
    currency: str
    period_id: UUID
    amount_minor: int


def left_in(period: Any) -> list[Left]:
    """Give what the books of a period have left of everybody."""
    return _left([period.id])


def left_totals(period: Any) -> dict[str, int]:
    """Give by currency what the books of a period have left (minor units), also where people's amounts come to nothing together."""
    found: dict[str, int] = {}
    for one in left_in(period):
        found[one.currency] = found.get(one.currency, 0) + one.amount_minor
    return found


def left_before(period: Any, places: Collection[tuple[UUID, str]]) -> list[Left]:
    """Give what the approved books before a period in its calendar have left of people and currencies. Locked ones have nothing."""
    earlier = period_list().filter(calendar_id=period.calendar_id, during__startswith__lt=period.during.lower)
    asked = [each.period.id for each in books_of(earlier) if each.state in UNLOCKED]
    return [one for one in _left(asked) if (one.participant_id, one.currency) in places]


def books_after(period: Any) -> Books | None:
    """Give the first books after a period in its calendar that are not locked; None where there are none."""
    later = period_list().filter(calendar_id=period.calendar_id, during__startswith__gte=period.during.upper)
    return next((one for one in books_of(later.order_by("during")) if one.state != BooksState.LOCKED), None)


def _left(periods: list[UUID]) -> list[Left]:
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, {"account": LedgerAccount.PAYABLE, "periods": periods})
        return [Left(*row) for row in cursor.fetchall()]
