"""Makes calendars and their periods."""

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from planning.models import Calendar, CalendarKind, Period
from spm.core import periods
from spm.roles.policy import Viewer, require


@transaction.atomic
def calendar_extend(*, kind: CalendarKind, start: date, until: date, actor: Viewer) -> list[Period]:
    """Make sure that the company's calendar of this kind has every period that shares a day with [start, until).

    Existing periods stay as they are. Gives the periods that were added.
    """
    require(actor, "quota.edit")
    calendar, _ = Calendar.objects.get_or_create(code=kind.value.lower(), defaults={"name": kind.label, "kind": kind})
    known = set(Period.objects.filter(calendar=calendar).values_list("key", flat=True))
    cut = periods.Calendar(periods.CalendarKind(kind.value), first_month=actor.organisation.fiscal_year_starts_month)
    missing = [one for one in cut.periods(start, until) if one.key not in known]
    rows = [Period(calendar=calendar, key=one.key, during=DateRange(one.start, one.end)) for one in missing]
    return Period.objects.bulk_create(rows)
