"""Plan effectiveness: what a period cost and did, by group, never by person; page, file and API say the same."""

import csv
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from incentives.models import Run, Statement
from planning.models import Calendar, Period
from spm.crm.models import Opportunity, OpportunityVersion
from spm.people.models import Employment, Participant, Position, PositionHolding, PositionUnit, Unit
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

KNOWN = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = {"period": "2026-Q3", "by": "tenure"}


@pytest.fixture
def period(acme: Organisation) -> Any:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        calendar = Calendar.objects.get_or_create(kind="QUARTERLY", defaults={"name": "Quarters"})[0]
        found = Period.objects.filter(key="2026-Q3").first()
        return found or Period.objects.create(
            calendar=calendar, key="2026-Q3", during=(date(2026, 7, 1), date(2026, 10, 1))
        )


def states(period: Any, people: int) -> None:
    """Five who began this year and earn 50.00 each at 100 %, the others since 2016 with 100.00; one of them 100.00 in euros beside."""
    run = Run.objects.create(period=period, facts_known_at=KNOWN, code_version="test")
    for place in range(people):
        person = Participant.objects.create(source_key=f"new-{place}", name=f"Person {place}")
        Employment.objects.create(participant=person, during=(date(2026 if place < 5 else 2016, 2, 1), None))
        state(run, person, 50_00 if place < 5 else 100_00)
    state(run, person, 100_00, currency="EUR")


def state(run: Any, person: Any, earned: int, currency: str = "USD", **values: Any) -> None:
    line = {"credit_minor": 1_000_00, "quota_value": 1_000_00, "attainment_rate": 10**8, "plan_version": str(uuid4())}
    line |= {"component": "base", "plan_name": "Plan"} | values
    Statement.objects.create(
        run=run, period=run.period, participant=person, number=1, currency=currency, credit_minor=1_000_00, earned_minor=earned,
        payable_minor=earned, content={"lines": [line]}, hash="x", issued_at=KNOWN,
    )  # fmt: skip


def test_cost_and_gaps_are_the_same_on_page_file_and_api(acme: Organisation, period: Any, sign_in: Any) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        states(period, 10)
        fact = Opportunity.objects.create(source="crm", source_key="D")
        values = {"status": "won", "amount_minor": 10_000_00, "currency": "USD", "close_on": "2026-08-01"}
        OpportunityVersion.objects.create(fact=fact, known_from=KNOWN, **values)
    eve = sign_in("eve")
    found = eve.get(reverse("api_insights_effectiveness"), ASKED).json()
    # 5 x 50.00 + 5 x 100.00 = 750.00 of 10,000.00 won and of 10 x 1,000.00 credited.
    assert (found["earned_minor"], found["cost_rate"], found["effective_rate"]) == (750_00, 7_500_000, 7_500_000)
    assert (found["in_other_currencies"], found["people"], found["reached"], found["correlation"]) == (1, 10, 10, None)
    assert {gap["group"]: (gap["mean_rate"], gap["is_flagged"]) for gap in found["gaps"]} == {
        "0 to 1 year": (50_000_000, True),
        "3 years and more": (-100_000_000, True),
    }
    page = eve.get(reverse("insights:effectiveness"), ASKED).content.decode()
    assert "7.5%" in page and "10 of 10 people reached their quota" in page and "Person 1" not in page
    file = eve.get(reverse("insights:effectiveness_export", args=["csv"]), ASKED).content.decode("utf-8-sig")
    assert [(row["Group"], row["Gap of means"]) for row in csv.DictReader(file.splitlines())] == [
        ("0 to 1 year", "0.5"),
        ("3 years and more", "-1"),
    ]


def test_few_people_are_told_of_nobody(acme: Organisation, period: Any, sign_in: Any) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        states(period, 4)
    fin = sign_in("fin")
    found = fin.get(reverse("api_insights_effectiveness"), ASKED).json()
    assert (found["earned_minor"], found["cost_rate"], found["correlation"], found["quarters"]) == (
        None,
        None,
        None,
        [],
    )
    assert found["reason"].startswith("Fewer than five people") and found["gaps"][0]["mean_rate"] is None
    assert "Too few people" in fin.get(reverse("insights:effectiveness"), ASKED).content.decode()
    assert fin.get(reverse("insights:effectiveness"), {"by": "mood"}).status_code == 404


def test_attainment_of_few_people_with_a_quota_is_not_told(acme: Organisation, period: Any, sign_in: Any) -> None:
    """Four have a quota, two more have a statement without one: what was paid is told, how attainment lies is not."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        states(period, 4)
        for key in ("y", "z"):
            person = Participant.objects.create(source_key=key, name=key)
            state(Run.objects.get(), person, 50_00, quota_value=None, attainment_rate=None)
    fin = sign_in("fin")
    found = fin.get(reverse("api_insights_effectiveness"), ASKED).json()
    assert (found["earned_minor"], found["people"], found["without_quota"]) == (300_00, 4, 2)
    assert (found["reached"], found["median_rate"], found["correlation"]) == (None, None, None)
    page = fin.get(reverse("insights:effectiveness"), ASKED).content.decode()
    assert "Fewer than five people have a quota" in page and "reached their quota" not in page and "95-105" not in page


def seated(people: list[tuple[str, date]]) -> None:
    """People of the unit and with the first day named, the pay of each 1.00 more than that of the one before."""
    run = Run.objects.create(period=Period.objects.get(key="2026-Q3"), facts_known_at=KNOWN, code_version="test")
    for place, (unit, since) in enumerate(people):
        person = Participant.objects.create(source_key=f"at-{place}", name=f"Person {place}")
        Employment.objects.create(participant=person, during=(since, None))
        seat = Position.objects.create(code=f"at-{place}", name=f"Seat {place}")
        PositionHolding.objects.create(position=seat, participant=person, during=(since, None))
        of = Unit.objects.get_or_create(code=unit, defaults={"name": unit})[0]
        PositionUnit.objects.create(position=seat, unit=of, during=(since, None))
        state(run, person, 100_00 + place * 1_00)


OLD, NEW = date(2016, 2, 1), date(2026, 2, 1)


@pytest.mark.usefixtures("period")
def test_groups_of_one_beside_large_ones_are_told_nowhere(acme: Organisation, sign_in: Any) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        seated([("A", OLD), ("B", OLD), *[("C", OLD)] * 20, *[("D", OLD)] * 20])
    fin, by_unit = sign_in("fin"), {"period": "2026-Q3", "by": "unit"}
    found = fin.get(reverse("api_insights_effectiveness"), by_unit).json()
    assert found["people"] == 42
    assert [gap["group"] for gap in found["gaps"] if gap["mean_rate"] is not None] == ["D"]
    told = ("mean_rate", "median_rate", "adjusted_rate", "low_rate", "high_rate")
    assert {gap[name] for gap in found["gaps"] if gap["group"] != "D" for name in told} == {None}
    page = fin.get(reverse("insights:effectiveness"), by_unit).content.decode()
    assert page.count("Not shown: too few people") == 3
    file = fin.get(reverse("insights:effectiveness_export", args=["csv"]), by_unit).content.decode("utf-8-sig")
    rows = list(csv.DictReader(file.splitlines()))
    assert [row["Group"] for row in rows if row["Gap of means"] or row["Adjusted gap"] or row["Flagged"]] == ["D"]


@pytest.mark.usefixtures("period")
def test_a_category_that_differs_in_one_person_is_not_told_beside_another(acme: Organisation, sign_in: Any) -> None:
    """All of C but one are new: pay of C less pay of the new ones would be that one's."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        seated([*[("C", NEW)] * 19, ("C", OLD), *[("D", OLD)] * 20])
    fin = sign_in("fin")
    gaps = {
        by: [
            gap["mean_rate"] is None
            for gap in fin.get(reverse("api_insights_effectiveness"), ASKED | {"by": by}).json()["gaps"]
        ]
        for by in ("unit", "tenure")
    }
    assert gaps == {"unit": [False, False], "tenure": [True, True]}
    page = fin.get(reverse("insights:effectiveness"), ASKED).content.decode()
    assert page.count("Not shown: too few people") == 2
