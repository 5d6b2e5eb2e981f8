"""Whose books hold something and have no statement: what was brought in, held or carried before any run could stand for a statement."""

from typing import Any

from django.db import connection

from incentives.models import JournalKind
from incentives.selectors.periods import TAKING, steps_latest
from planning.selectors import period_list

_UNSTATED = """
    select distinct e.period_id, e.participant_id::text
    from incentives_journal j join incentives_ledgerentry e on e.organisation_id = j.organisation_id and e.journal_id = j.id
    where j.run_id is null and j.kind <> %(pay)s and not exists (
        select 1 from incentives_statement s
        where s.participant_id = e.participant_id and s.period_id = e.period_id and s.currency = e.currency
    )
"""


def people_unstated() -> list[tuple[Any, set[str]]]:
    """Give the periods whose books take entries with the people who have something in them and no statement, earliest first."""
    found: dict[Any, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_UNSTATED, {"pay": JournalKind.PAY})
        for period, who in cursor.fetchall():
            found.setdefault(period, set()).add(who)
    last = steps_latest(found)
    periods = period_list().filter(pk__in=found).order_by("during")
    return [(one, found[one.id]) for one in periods if one.id not in last or last[one.id].to_state in TAKING]
