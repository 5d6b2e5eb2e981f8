"""Calendars and periods. They belong to the company as a whole, so they take no viewer."""

from datetime import date
from uuid import UUID

import pandas as pd
from django.db.models import QuerySet

from planning.models import Calendar, Period
from spm.core import periods as cutting
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id


def calendar_list() -> QuerySet[Calendar]:
    """Give the calendars by name."""
    return Calendar.objects.order_by("name")


def calendar_cut(kind: str) -> cutting.Calendar:
    """Give how the company cuts its periods of a kind, also those that nobody has made yet."""
    company = Organisation.objects.get(pk=current_organisation_id())
    cut_from = Calendar.objects.filter(kind=kind).values_list("cut_from", flat=True).first()
    first_month = company.fiscal_year_starts_month
    return cutting.Calendar(
        cutting.CalendarKind(kind), first_month=first_month, cut_from=cut_from or cutting.FIRST_FORTNIGHT
    )


def period_list(*, kind: str | None = None, started_by: date | None = None) -> QuerySet[Period]:
    """Give the periods, latest first; `kind` keeps one way of cutting, `started_by` those that began on or before the day."""
    periods = Period.objects.select_related("calendar").order_by("-during")
    if kind is not None:
        periods = periods.filter(calendar__kind=kind)
    if started_by is not None:
        periods = periods.filter(during__startswith__lte=started_by)
    return periods


def period_get(period_id: UUID) -> Period:
    """Give the period; raises Period.DoesNotExist."""
    return Period.objects.select_related("calendar").get(pk=period_id)


def period_containing(day: date, *, kind: str) -> Period | None:
    """Give the period of that kind that holds the day."""
    return Period.objects.filter(calendar__kind=kind, during__contains=day).select_related("calendar").first()


def period_frame() -> pd.DataFrame:
    """Give all periods: period_id (text), period_key, calendar_kind, start_on, end_on (dates; end is the first day after)."""
    rows = [
        (str(one.id), one.key, one.calendar.kind, one.during.lower, one.during.upper)
        for one in Period.objects.select_related("calendar").order_by("calendar_id", "during")
    ]
    return pd.DataFrame(rows, columns=["period_id", "period_key", "calendar_kind", "start_on", "end_on"])
