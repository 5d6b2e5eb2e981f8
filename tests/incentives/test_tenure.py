"""Runs that pay by months of employment: read from employments, kept with the run, asked for where they lack, told in an example."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from incentives.models import RunInput
from incentives.services.cases import plan_example_add
from incentives.services.plans import plan_create
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.people.models import Employment, Participant
from spm.people.services import employment_begin
from tests.incentives import world

pytestmark = pytest.mark.django_db
NEW = """
plan: first-year
name: First year
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - {key: new, name: New, tenure: {below: 12}, rate: 10 %}
  - {key: later, name: Later, tenure: {at_least: 12}, rate: 4 %}
"""


def test_a_run_pays_by_the_months_and_a_later_first_day_is_posted_as_a_difference(acme, viewer, sign_in):
    sol = viewer("sol")
    rex, ria = (Participant.objects.get(source_key=name) for name in ("rex", "ria"))
    Employment.objects.filter(participant=ria).delete()
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    period = Period.objects.get(key="2026-Q3")
    world.publish(sol, NEW)
    world.deal("D-1", "rex", 100_000)
    world.deal("D-2", "ria", 100_000)
    run, _ = world.calculate(period, sol)
    # rex has been employed for years: 1,000.00 at 4 %; of ria nothing is known, and nothing is paid
    assert world.earned(period) == {"Rex": 4_000, "Ria": 0, "Rob": 0}
    lacking = [each for each in run.findings if each["code"] == "HIRE_DATE_MISSING"]
    assert {each["about"]["participant_key"] for each in lacking} == {str(ria.pk)} and len(lacking) == 2
    assert RunInput.objects.filter(name="employments").exists()
    page, form = f"/people/{ria.pk}/edit/", {"name": "Ria", "employed_from": "2025-09-01"}
    assert sign_in("sol").post(page, form).status_code == 302
    assert 'value="2025-09-01"' in sign_in("sol").get(page).content.decode()
    employment_begin(participant_id=rex.pk, start=date(2025, 8, 4), actor=sol)
    again, _ = world.calculate(period, sol)
    # ria had 11 months on 3 August, rex has 11, too, by what is known now: 10 % each
    assert [each for each in again.findings if each["code"] == "HIRE_DATE_MISSING"] == []
    assert world.earned(period) == {"Rex": 10_000, "Ria": 10_000, "Rob": 0}
    draft, _ = plan_create(document=NEW.replace("first-year", "draft"), actor=sol)
    draft, _ = plan_example_add(version_id=draft.pk, participant_id=rex.pk, period_id=period.pk, actor=sol)
    [example] = draft.definition["examples"]
    assert example["given"]["people"] == {"seller": {"hired": "2025-08-04"}}
    assert example["then"] == {"people": {"seller": {"later": "0.00", "new": "100.00"}}}


def test_an_employment_neither_ends_before_it_begins_nor_begins_in_an_earlier_one(acme, viewer, sign_in):
    sol, rex = viewer("sol"), Participant.objects.get(source_key="rex")
    Employment.objects.filter(participant=rex).delete()
    Employment.objects.create(participant=rex, during=(date(2020, 1, 1), date(2022, 1, 1)))
    Employment.objects.create(participant=rex, during=(date(2023, 1, 1), date(2026, 1, 1)))
    for start, said in ((date(2026, 1, 1), "ends on 2026-01-01"), (date(2021, 5, 1), "lasts until 2022-01-01")):
        with pytest.raises(ValidationError, match=said):
            employment_begin(participant_id=rex.pk, start=start, actor=sol)
    employment_begin(participant_id=rex.pk, start=date(2022, 6, 1), actor=sol)
    spans = [each.during for each in Employment.objects.filter(participant=rex).order_by("during")]
    assert [(each.lower, each.upper) for each in spans] == [
        (date(2020, 1, 1), date(2022, 1, 1)),
        (date(2022, 6, 1), date(2026, 1, 1)),
    ]
    made = {"name": "New Nora", "employed_from": "2026-03-01"}
    answer = sign_in("sol").post("/api/v1/people/participants/", made, content_type="application/json")
    assert answer.status_code == 201
    [nora] = Employment.objects.filter(participant=answer.json()["id"])
    assert (nora.during.lower, nora.during.upper) == (date(2026, 3, 1), None)
