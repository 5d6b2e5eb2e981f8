"""What a person owes of draws when the books of a period end: advanced, and neither recovered nor forgiven by then."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from incentives.models import JournalKind, LedgerAccount

_OWED = """
    select coalesce(-sum(e.amount_minor) filter (where e.period_id <> %(period)s), 0)::bigint,
           coalesce(-sum(e.amount_minor) filter (where e.period_id = %(period)s and j.kind = %(opening)s), 0)::bigint,
           coalesce(-sum(e.amount_minor) filter (where e.period_id = %(period)s and j.kind <> %(opening)s), 0)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id join planning_period b on b.id = e.period_id
    where e.participant_id = %(who)s and e.account = %(draw)s and e.currency = %(currency)s
      and b.calendar_id = %(calendar)s and lower(b.during) <= %(start)s
      and (%(known_at)s::timestamptz is null or j.posted_at <= %(known_at)s::timestamptz)
"""


class DrawsOwed(NamedTuple):
    """Of draws, minor units: owed before a period's books, brought forward into them, and advanced in them less what they recovered."""

    before_minor: int
    brought_minor: int
    moved_minor: int

    @property
    def owed_minor(self) -> int:
        """Give what is owed when the books end."""
        return sum(self)


def draws_owed(period: Any, participant_id: UUID, currency: str, *, known_at: datetime | None) -> DrawsOwed:
    """Give what a person owes of draws by the books of a period and those before it in its calendar, as the ledger stood then."""
    asked = {
        "period": period.pk,
        "calendar": period.calendar_id,
        "start": period.during.lower,
        "who": participant_id,
        "currency": currency,
        "known_at": known_at,
        "draw": LedgerAccount.DRAW,
        "opening": JournalKind.OPENING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OWED, asked)
        return DrawsOwed(*cursor.fetchone())
