"""What was started late in the evening of UTC belongs to the day that it is in the company."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from incentives.services.expense.books import expense_start
from incentives.services.starting import run_start
from incentives.tasks import ReviewWork
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from spm.jobs.models import Job
from spm.tenancy.models import Organisation
from tests.incentives import world

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 8, 31, 20, 0, tzinfo=UTC)
"""In Auckland September has begun."""


def test_work_that_was_queued_is_done_for_the_day_of_the_company(viewer):
    sol = viewer("sol")
    Organisation.objects.filter(pk=sol.organisation.pk).update(time_zone="Pacific/Auckland")
    assert Organisation(time_zone="Pacific/Auckland").day_of(EVENING) == date(2026, 9, 1)
    periods = calendar_extend(kind=CalendarKind.MONTHLY, start=date(2026, 6, 1), until=date(2026, 10, 1), actor=sol)
    text = world.REPS.replace("until: 2027-01-01", "until: 2027-01-01\nperiod: MONTHLY")
    job = Job(kind="plan_review", arguments={"version": str(world.publish(sol, text).pk)}, queued_at=EVENING)
    assert ReviewWork().steps(job) == [*(str(one.pk) for one in sorted(periods, key=str)), "cost", "gaming"]


def test_the_title_of_a_job_says_the_time_of_the_company(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        here = timezone.localtime()
        slots = [run_start(period_id=period.pk, actor=sol).slot.split()[-1], expense_start(actor=viewer("fin")).slot]
    for slot in slots:
        assert abs(datetime.fromisoformat(slot) - here).total_seconds() < 120 and slot[-6:] == here.isoformat()[-6:]
