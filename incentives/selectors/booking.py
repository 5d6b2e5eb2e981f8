"""Reads what the general ledger is to book: entries of journals, what was earned and not paid, and the cost centres of people."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from incentives.engine.booking import Entry
from incentives.models import JournalKind, LedgerAccount
from incentives.selectors.owing import PAID_ON, owed_at_end
from spm.people.models import Participant, Unit

_ENTRIES = f"""
    select case when j.kind = %(pay)s then {PAID_ON} else %(last)s end, j.kind,
        e.participant_id::text, coalesce(p.code, ''), e.component, e.account, e.currency, sum(e.amount_minor)::bigint,
        case when %(by_earned)s then b.key else '' end, case when %(by_journal)s then j.number::text else '' end
    from incentives_journal j
    join incentives_ledgerentry e on e.organisation_id = j.organisation_id and e.journal_id = j.id
    join planning_period b on b.id = e.earned_in_id
    left join incentives_planversion v on v.id = e.plan_version_id left join incentives_plan p on p.id = v.plan_id
    where j.period_id = %(period)s and j.number > %(after)s and j.number <= %(until)s and j.kind <> all(%(beside)s)
    group by 1, 2, 3, 4, 5, 6, 7, 9, 10 having sum(e.amount_minor) <> 0
"""
_UNITS = """
    select distinct on (h.participant_id) h.participant_id, u.unit_id
    from people_positionholding h
    join people_positionunit u on u.position_id = h.position_id and u.during && h.during
    where h.participant_id = any(%(people)s) and lower(h.during * u.during) <= %(on)s
    order by h.participant_id, least(coalesce(upper(h.during * u.during), %(after)s), %(after)s) desc, h.is_main desc,
        lower(h.during * u.during) desc, u.unit_id
"""
ACCRUAL, REVERSAL = "accrual", "reversal"
BESIDE = [JournalKind.OPENING.value, JournalKind.CARRY.value]
"""The journals of which the general ledger books nothing."""


class Asked(NamedTuple):
    """By what entries are parted besides: the period in which they were earned, the journal."""

    earned_in: bool
    journal: bool


def entries_between(period: Any, after: int, until: int, asked: Asked, zone: str) -> list[Entry]:
    """Give the entries of a period's journals after one number up to another.

    They stand on the last day of the period, payments on the day on which they were paid, in the company's time zone. Opening
    balances are left out: the books of the company have them from the former system. So is what is carried from books to later ones.
    """
    values = {
        "pay": JournalKind.PAY.value,
        "beside": BESIDE,
        "zone": zone,
        "last": period.during.upper - timedelta(days=1),
        "by_earned": asked.earned_in,
        "by_journal": asked.journal,
        "period": period.id,
        "after": after,
        "until": until,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, values)
        return [Entry(*row) for row in cursor.fetchall()]


def entries_accrued(period: Any, asked: Asked, zone: str) -> list[Entry]:
    """Give what was earned and not paid when the period ended, against the expense, on its last day, and its reversal on the day after."""
    last, following = period.during.upper - timedelta(days=1), period.during.upper
    return [
        Entry(on, kind, one.participant, one.plan, one.component, side, one.currency, sign * one.minor, earned_in)
        for one in owed_at_end(period, zone)
        for earned_in in (one.earned_in if asked.earned_in else "",)
        for on, kind, turn in ((last, ACCRUAL, 1), (following, REVERSAL, -1))
        for side, sign in ((one.account, turn), (LedgerAccount.EXPENSE.value, -turn))
    ]


def cost_centres(people: Iterable[str], centres: Iterable[Mapping[str, str]], on: date) -> dict[str, str]:
    """Give the cost centre of each participant that has one: the person's own, else that of their unit on the day, or of the nearest
    unit above it. Whoever left before is with the last unit they were in."""
    asked = [UUID(each) for each in people]
    by_unit = {each["key"]: each["cost_centre"] for each in centres if each["kind"] == "unit"}
    by_person = {each["key"]: each["cost_centre"] for each in centres if each["kind"] == "person"}
    units = {unit.pk: unit for unit in Unit.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute(_UNITS, {"people": asked, "on": on, "after": on + timedelta(days=1)})
        seats = dict(cursor.fetchall())
    found = {}
    for person in Participant.objects.filter(pk__in=asked):
        centre = by_person.get(person.source_key) or _of_unit(units, seats.get(person.pk), by_unit)
        if centre:
            found[str(person.pk)] = centre
    return found


def _of_unit(units: Mapping[UUID, Unit], unit_id: UUID | None, by_unit: Mapping[str, str]) -> str:
    """The cost centre of a unit, or of the nearest above that has one; a circle of units ends the search."""
    seen: set[UUID] = set()
    while unit_id is not None and unit_id not in seen:
        seen.add(unit_id)
        unit = units[unit_id]
        if unit.code in by_unit:
            return by_unit[unit.code]
        unit_id = unit.parent_id
    return ""
