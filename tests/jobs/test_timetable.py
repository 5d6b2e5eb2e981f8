"""When the nightly job is due, per company, over both switches of the clock, and that two schedulers start it once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils.module_loading import import_string

from spm.jobs import tasks, timetable
from spm.jobs.models import Job
from spm.jobs.runner import Hold, Turn, job_work
from spm.jobs.timetable import nightly_due_on
from spm.notices.models import Notice
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

PRODUCT_KINDS = dict(timetable.KINDS)
PRODUCT_NIGHTLY = timetable.NIGHTLY


def slots(organisation: Organisation) -> list[str]:
    with organisation_scope(organisation.pk, actor=DIRECTOR):
        return list(Job.objects.filter(kind="nightly").order_by("slot").values_list("slot", flat=True))


def tick_through(start: datetime, hours: int, *, schedulers: int = 1) -> None:
    """Tick every ten minutes of the hours."""
    for minutes in range(0, hours * 60, 10):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            for _ in range(schedulers):
                tasks.timetable_tick()


@pytest.mark.parametrize(
    ("zone", "moment", "on"),
    [
        ("UTC", datetime(2026, 11, 2, 1, 59, tzinfo=UTC), None),
        ("UTC", datetime(2026, 11, 2, 2, 0, tzinfo=UTC), date(2026, 11, 2)),
        ("Europe/Berlin", datetime(2026, 11, 2, 0, 59, tzinfo=UTC), None),
        ("Europe/Berlin", datetime(2026, 11, 2, 1, 0, tzinfo=UTC), date(2026, 11, 2)),
        ("America/New_York", datetime(2026, 11, 2, 6, 59, tzinfo=UTC), None),
        ("America/New_York", datetime(2026, 11, 2, 7, 0, tzinfo=UTC), date(2026, 11, 2)),
        ("Pacific/Auckland", datetime(2026, 11, 2, 13, 0, tzinfo=UTC), date(2026, 11, 3)),
        ("Europe/Berlin", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), None),  # 01:59, and the next minute is 03:00
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), date(2026, 3, 29)),
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 0, tzinfo=UTC), date(2026, 10, 25)),  # 02:00 for the first time
        ("Europe/Berlin", datetime(2026, 10, 25, 1, 0, tzinfo=UTC), date(2026, 10, 25)),  # 02:00 for the second time
    ],
)
def test_due_at_two_in_the_morning_there(zone: str, moment: datetime, on: date | None) -> None:
    assert nightly_due_on(Organisation(time_zone=zone), now=moment) == on


@pytest.mark.parametrize("switch", [date(2026, 3, 29), date(2026, 10, 25)], ids=["spring", "autumn"])
def test_once_a_day_over_a_switch_of_the_clock(acme: Organisation, switch: date) -> None:
    start = datetime(switch.year, switch.month, switch.day, 12, tzinfo=UTC) - timedelta(days=2)
    tick_through(start, 72)
    days = [switch - timedelta(days=2), switch - timedelta(days=1), switch, switch + timedelta(days=1)]
    assert slots(acme) == [day.isoformat() for day in days]


def test_two_schedulers_start_a_day_once_in_every_company(acme: Organisation, globex: Organisation) -> None:
    tick_through(datetime(2026, 11, 2, 0, tzinfo=UTC), 8, schedulers=2)
    assert slots(acme) == slots(globex)[-1:] == ["2026-11-02"]


def test_nightly_is_made_of_its_parts(in_acme: Organisation, hold: Callable[..., Hold]) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 5, tzinfo=UTC), tick=False):
        tasks.timetable_tick()
    job = Job.objects.get(kind="nightly", slot="2026-11-02")
    assert job.requested_by is None
    assert job_work(hold(job)) is Turn.ENDED
    job.refresh_from_db()
    assert job.plan == ["Rows", "Rows: a", "Rows: b"]
    assert sorted(Notice.objects.values_list("title", flat=True)) == ["2026-11-02 a", "2026-11-02 b"]
    assert job.outcome == {"rows": 2}


def test_reconciler_counts_jobs_of_all_companies(acme: Organisation) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 8, tzinfo=UTC), tick=False):
        tasks.timetable_tick()
    tasks.reconcile()
    assert cache.get("jobs-by-state") == {("nightly", "queued"): 2}


@pytest.mark.parametrize("path", [*(kind.work for kind in PRODUCT_KINDS.values()), *PRODUCT_NIGHTLY])
def test_every_work_of_the_timetable_is_there(path: str) -> None:
    work = import_string(path)()
    assert callable(work.steps) and callable(work.run)
