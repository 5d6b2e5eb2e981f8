"""manage.py nightly: the same job as the timetable's, by hand."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from spm.jobs.models import Job
from spm.notices.models import Notice
from spm.tenancy.models import Organisation

DAY = date(2026, 11, 2)


def nightly(**options: object) -> str:
    out = StringIO()
    call_command("nightly", organisation="acme", on=DAY, stdout=out, **options)
    return out.getvalue()


def test_here_does_the_work_and_shows_it(in_acme: Organisation) -> None:
    text = nightly(here=True)
    assert "done: 3 of 3 steps" in text and "rows: 2" in text
    assert Notice.objects.count() == 2


def test_twice_is_once_unless_asked(in_acme: Organisation) -> None:
    nightly(here=True)
    nightly(here=True)
    assert Notice.objects.count() == 2
    nightly(here=True, again=True)
    assert Notice.objects.count() == 4
    assert list(Job.objects.order_by("queued_at").values_list("slot", flat=True)) == [
        "2026-11-02",
        "2026-11-02 again 1",
    ]


def test_a_failed_job_is_tried_again(in_acme: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spm.jobs.timetable.NIGHTLY", ("tests.jobs.works.RowsPart", "tests.jobs.works.Absent"))
    with pytest.raises(CommandError, match="failed"):
        nightly(here=True)
    monkeypatch.setattr("spm.jobs.timetable.NIGHTLY", ("tests.jobs.works.RowsPart", "tests.jobs.works.Growing"))
    with pytest.raises(CommandError, match="failed"):
        nightly(here=True)
    assert (Job.objects.count(), Notice.objects.count()) == (1, 2)


def test_unknown_company(acme: Organisation) -> None:
    with pytest.raises(CommandError, match="There is no company nobody. Companies: acme, globex."):
        call_command("nightly", organisation="nobody")
