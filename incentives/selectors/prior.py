"""What stands in the books of a period beside its own earnings: what earlier periods earned or lost since, and what was posted by hand."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from incentives.engine.plan import PLAN_LIMITS
from incentives.models import JournalKind, LedgerAccount, PlanVersion
from incentives.selectors.adjustments import adjustment_reasons, batch_of_slot
from incentives.selectors.openings import openings_said
from incentives.selectors.rare import Rare
from planning.selectors import period_list

Place = tuple[str, str]
"""Participant and currency."""

_PRIOR = """
    select e.participant_id::text, e.currency, e.earned_in_id::text, v.plan_id::text, e.component,
           max(e.plan_version_id::text), -sum(e.amount_minor)::bigint, (array_agg(j.run_id::text order by j.number desc))[1]
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    join incentives_planversion v on v.id = e.plan_version_id
    where e.period_id = %(period)s and e.account = %(account)s and j.kind = %(kind)s and e.earned_in_id <> e.period_id
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4, 5 having sum(e.amount_minor) <> 0 order by 1, 2, 3, 4, 5
"""
_BEFORE = """
    select e.participant_id::text, e.currency, e.earned_in_id::text, v.plan_id::text, e.component,
           -sum(e.amount_minor)::bigint, (array_agg(j.run_id::text order by j.number desc))[1]
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    join incentives_planversion v on v.id = e.plan_version_id
    join planning_period b on b.id = e.period_id, planning_period p
    where p.id = %(period)s and e.period_id <> p.id and lower(b.during) <= lower(p.during)
      and e.account = %(account)s and j.kind = %(kind)s and e.earned_in_id = any(%(earned_in)s::uuid[])
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4, 5
"""
_OTHERS = """
    select e.participant_id::text, e.currency, j.kind, j.reason, e.component, -sum(e.amount_minor)::bigint, min(j.number),
           array_agg(distinct j.slot), array_agg(distinct e.earned_in_id::text)
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    where e.period_id = %(period)s and e.account = %(account)s and j.kind <> %(kind)s
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4, 5 having sum(e.amount_minor) <> 0 order by 7, 1, 2, 5
"""


class Beside(NamedTuple):
    """What a statement shows beside its own lines, as it is kept in its content."""

    prior: list[dict[str, Any]]
    others: list[dict[str, Any]]
    opening: Sequence[dict[str, Any]] = ()

    @property
    def content(self) -> dict[str, Any]:
        """Give the entries of the content; without any a statement says nothing of them."""
        named = {"prior": self.prior, "others": self.others, "opening": list(self.opening)}
        return {name: rows for name, rows in named.items() if rows}


def beside_of(period_id: UUID, people: Iterable[str] | None, rare: Rare) -> dict[Place, Beside]:
    """Give, per person and currency, what the books of a period hold beside what the period itself earned.

    A prior-period adjustment says what stood before these books, what stands with them, and which runs tell why.
    """
    asked = {
        "period": str(period_id),
        "people": None if people is None else list(people),
        "account": LedgerAccount.EXPENSE,
        "kind": JournalKind.EARN,
    }
    found: dict[Place, Beside] = {}
    prior = _rows(_PRIOR, asked)
    earned_in = sorted({row[2] for row in prior})
    before = {row[:5]: row[5:] for row in (_rows(_BEFORE, asked | {"earned_in": earned_in}) if prior else ())}
    words = _Words({row[5] for row in prior}, earned_in)
    for row in prior:
        found.setdefault(row[:2], Beside([], [])).prior.append(words.line(row, *before.get(row[:5], (0, None))))
    others = _rows(_OTHERS, asked)
    reasons = adjustment_reasons(slot for *_, slots, _periods in others for slot in slots)
    for who, currency, kind, reason, component, amount, _, slots, periods in others:
        line = {"kind": kind, "reason": reason, "component": component, "earned_minor": amount}
        places = [(batch_of_slot(slot), period, who, currency, component) for slot in slots for period in periods]
        why = _whys((each for place in places for each in reasons.get(place, ())), amount)
        line |= {"why": why} if why else {}
        found.setdefault((who, currency), Beside([], [])).others.append(line)
    for place, lines in (openings_said(period_id, people) if rare.openings else {}).items():
        found[place] = found.get(place, Beside([], []))._replace(opening=lines)
    return found


def _whys(reasons: Iterable[tuple[str, str, int]], amount: int) -> list[list[Any]]:
    """Why a line was granted, code and words; where it is for several reasons that come to it, with what each is of it."""
    sums: dict[tuple[str, str], int] = {}
    for code, words, minor in reasons:
        sums[code, words] = sums.get((code, words), 0) + minor
    if len(sums) < 2 or sum(sums.values()) != amount:
        return [[code, words] for code, words in sums]
    return [[code, words, minor] for (code, words), minor in sums.items()]


class _Words:
    """The names of plans, components and periods that adjustments are about."""

    def __init__(self, version_ids: set[str], period_ids: list[str]) -> None:
        versions = PlanVersion.objects.filter(pk__in=version_ids)
        self._documents = {str(one.pk): one.definition for one in versions}
        self._periods = {str(one.pk): one.key for one in period_list().filter(pk__in=period_ids)}

    def line(self, row: tuple[Any, ...], before_minor: int, since: str | None) -> dict[str, Any]:
        """Give an adjustment as a statement keeps it."""
        _, _, earned_in, plan, component, version, difference, run = row
        document = self._documents[version]
        names = {one.get("key"): one.get("name", one.get("key")) for one in document["components"]} | PLAN_LIMITS
        return {
            "earned_in": earned_in,
            "earned_in_key": self._periods[earned_in],
            "plan": plan,
            "plan_name": document.get("name", document["plan"]),
            "component": component,
            "component_name": names.get(component, component),
            "before_minor": before_minor,
            "after_minor": before_minor + difference,
            "difference_minor": difference,
            "run": run,
            "since": since,
        }


def _rows(query: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
