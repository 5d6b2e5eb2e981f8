"""A night reads the deals of all open periods once, and sees all the same what changes while it works."""

from datetime import date, timedelta

import pytest

from incentives.models import Run, RunCredit
from incentives.selectors import nights
from incentives.selectors.facts import inputs_read
from incentives.selectors.nights import night_forget, night_inputs
from incentives.services.runs import run_recompute
from incentives.tasks import CalculatePart
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from spm.crm.deal_changes import facts_changed
from spm.crm.selectors.facts import facts_moment
from spm.tenancy.models import Organisation
from tests.incentives import world

pytestmark = pytest.mark.django_db
NIGHT = date(2026, 12, 31)


@pytest.fixture
def company(viewer):
    sol = viewer("sol")
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.publish(sol, world.REPS.replace("from: 2026-07-01", "from: 2026-01-01"))
    for number, month in enumerate((2, 5, 8, 11)):
        world.deal(f"D-{number}", "rex", 100_000 * (number + 1), on=date(2026, month, 3))
    night_forget()
    yield Organisation.objects.get(slug="acme")
    night_forget()


def calculated(company, steps):
    return [CalculatePart().run(company, NIGHT, step).outcome for step in steps if step.startswith("calculate")]


def test_all_periods_cut_their_window_out_of_one_reading(company, monkeypatch):
    alone = []
    monkeypatch.setattr(nights, "tables_read", lambda asked, **how: alone.append(asked) or read(asked, **how))
    steps = CalculatePart().steps(company, NIGHT)
    calculated(company, steps)
    assert len(alone) == 1 and len(steps) > 4
    assert not nights._held
    for run in Run.objects.all():
        assert run.credit_count == RunCredit.objects.filter(run_id=run.id).count()
        assert run_recompute(run) == run.results_digest
    assert sum(Run.objects.values_list("credit_count", flat=True)) >= 4


def test_what_becomes_known_while_the_night_works_is_read(company):
    steps = CalculatePart().steps(company, NIGHT)
    calculated(company, steps[:2])
    assert nights._held
    world.deal("D-3", "rex", 7_700_000, on=date(2026, 11, 3))
    calculated(company, steps[2:])
    last = Run.objects.order_by("-period__during").first()
    assert last.period.during.lower == date(2026, 10, 1)
    assert RunCredit.objects.filter(run_id=last.id, credit_minor=7_700_000).exists()
    moment = facts_moment()
    for run in Run.objects.select_related("period"):
        night = night_inputs(period=run.period, known_at=moment, night=NIGHT)
        assert night.frames == inputs_read(period=run.period, known_at=moment).frames


def test_moments_out_of_order_prove_nothing(company):
    now = facts_moment()
    assert not facts_changed(since=now, until=facts_moment())
    assert facts_changed(since=now + timedelta(seconds=1), until=now)


read = nights.tables_read
