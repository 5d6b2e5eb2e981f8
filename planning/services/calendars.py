"""Makes calendars and their periods."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from planning.models import Calendar, CalendarKind, Period
from planning.selectors.calendars import calendar_cut
from spm.core.periods import FIRST_FORTNIGHT, FORTNIGHT
from spm.roles.policy import Viewer, require_for


@transaction.atomic
def calendar_extend(
    *, kind: CalendarKind, start: date, until: date, actor: Viewer, cut_from: date | None = None
) -> list[Period]:
    """Make sure that the company's calendar of this kind has every period that shares a day with [start, until).

    Existing periods stay as they are. Gives the periods that were added. `cut_from` is the first day of any two weeks of a calendar
    that is cut so; it is said once. Raises ValidationError where it would move the two weeks, or the calendar has none.
    """
    require_for(actor, "quota.edit", None)
    defaults = {"name": kind.label, "kind": kind, "cut_from": cut_from}
    calendar, is_new = Calendar.objects.get_or_create(code=kind.value.lower(), defaults=defaults)
    if cut_from is not None:
        _check_cut(calendar, cut_from, is_new=is_new)
    known = set(Period.objects.filter(calendar=calendar).values_list("key", flat=True))
    missing = [one for one in calendar_cut(kind.value).periods(start, until) if one.key not in known]
    rows = [Period(calendar=calendar, key=one.key, during=DateRange(one.start, one.end)) for one in missing]
    return Period.objects.bulk_create(rows)


def _check_cut(calendar: Calendar, cut_from: date, *, is_new: bool) -> None:
    if calendar.kind != CalendarKind.BIWEEKLY:
        raise ValidationError({"cut_from": "Only two weeks are cut from a day of one's own. Leave it out."})
    stands = calendar.cut_from or FIRST_FORTNIGHT
    if not is_new and (cut_from - stands) % FORTNIGHT:
        raise ValidationError(
            {
                "cut_from": f"The two weeks of this company are cut from {stands}, and quotas and pay hang on them. Leave it out."
            }
        )
