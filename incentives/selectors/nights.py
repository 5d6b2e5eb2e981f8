"""The deals of a whole night, read once: each open period cuts its window out of them, as long as no fact has changed since.

What is held is held by this process, for one company, until the night is over; whoever does not find it reads the window alone, and comes
to the same bytes.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import connection

from incentives.engine.asking import asked_of
from incentives.models import PlanState, PlanVersion
from incentives.selectors.deals import deals_asked, deals_read
from incentives.selectors.facts import Inputs, days_of, periods_open, plans_of, plans_of_versions, surroundings_read
from spm.core.dated import day_of
from spm.crm.deal_changes import facts_changed
from spm.crm.deal_frames import DealsAsked, has_facts
from spm.crm.deal_packs import DealTables, tables_read
from spm.tenancy.scope import current_organisation_id

MOST = 8_000_000
"""More versions of deals than this are not held in memory at once."""


@dataclass(frozen=True)
class _Held:
    """What was read for a company's night, and of which moment."""

    company: int
    night: date
    known_at: datetime
    tables: DealTables


_held: list[_Held] = []


def night_inputs(*, period: Any, known_at: datetime, night: date) -> Inputs:
    """Read what `inputs_read` reads, the deals once for all periods that are open on the day of the night."""
    around = surroundings_read(period=period, known_at=known_at)
    since = day_of(days_of(around["window"])[0])
    plans = plans_of(Inputs(around))
    deals = deals_read(plans, period=period, since=since, known_at=known_at, read=partial(_tables, night))
    return Inputs({**deals, **around})


def night_forget() -> None:
    """Let go of what was read for a night."""
    _held.clear()


def _tables(night: date, asked: DealsAsked, *, by_line: bool) -> DealTables:
    """The tables of the night where they hold the window as known at the moment, else those of the window alone."""
    company = current_organisation_id()
    if not any((each.company, each.night) == (company, night) for each in _held):
        _held[:] = [*_read(company, night, asked.known_at)]
    for each in _held:
        holds = each.company == company and each.tables.holds(asked, by_line=by_line)
        if holds and not facts_changed(since=each.known_at, until=asked.known_at):
            return each.tables
    return tables_read(asked, by_line=by_line)


def _read(company: int, night: date, known_at: datetime) -> list[_Held]:
    periods = periods_open(night)
    if len(periods) < 2 or _versions_known() > MOST:
        return []
    published = PlanVersion.objects.filter(state=PlanState.PUBLISHED).select_related("plan")
    plans = plans_of_versions(published)
    start = min([*(period.during.lower for period in periods), *(day_of(plan.start) for plan in plans)])
    end = max(period.during.upper for period in periods)
    by_line = asked_of(plans).by_line and has_facts("crm_orderlineversion", known_at)
    asked = deals_asked(plans, since=start, end=end, known_at=known_at)
    return [_Held(company, night, known_at, tables_read(asked, by_line=by_line, whole=True))]


def _versions_known() -> int:
    """How many versions of deals the database has, of all companies, as it estimates."""
    with connection.cursor() as cursor:
        cursor.execute("select reltuples::bigint from pg_class where oid = 'crm_opportunityversion'::regclass")
        return int(cursor.fetchone()[0])
