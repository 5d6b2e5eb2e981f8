"""Capacity plans: heads of real positions, history with its sample size, hires, refusals; pages, file and API."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from incentives.models import Run, Statement
from planning.models import CalendarKind, CapacityHire, CapacityPlan, CapacityRole, Period, Quota
from planning.selectors.capacity import Figures, capacity_figures
from planning.services.calendars import calendar_extend
from planning.services.capacity import capacity_hire_set, capacity_plan_change, capacity_plan_create, capacity_role_set
from spm.people.models import Employment, Participant, Position, PositionHolding, Title, Unit
from tests.planning.test_rules import account

pytestmark = pytest.mark.django_db
YEAR = date(2027, 1, 1)


def title(code: str) -> Any:
    return Title.objects.get(code=code).pk


@pytest.fixture
def plan(in_acme: Any, viewer: Any) -> CapacityPlan:
    """A plan of 2027 for acme, whose reps Rex, Ria and Rob had 120,000 each in the quarters of 2026; managers had none."""
    periods = calendar_extend(kind=CalendarKind.QUARTERLY, start=date(2026, 1, 1), until=YEAR, actor=viewer("sol"))
    assert len(periods) == 4
    for seat in Position.objects.filter(code__in=["rex", "ria", "rob"]):
        for period in periods:
            Quota.objects.create(position=seat, period=period, value=30_000_00, currency="USD")
    return capacity_plan_create(name="Sales 2027", starts_on=YEAR, target_minor=600_000_00, actor=viewer("sol"))


def attained(person: str, period: str, rate: int) -> None:
    """A statement of a person for a period of 2026, with one line that was held against a quota."""
    of = Period.objects.get(key=period)
    run = Run.objects.create(period=of, facts_known_at=datetime(2026, 7, 1, tzinfo=UTC), code_version="test")
    lines = [
        {"quota_value": None, "attainment_rate": None},
        {"quota_value": 30_000_00, "attainment_rate": rate * 10**6},
    ]
    Statement.objects.create(
        participant=Participant.objects.get(source_key=person),
        period=of,
        number=1,
        run=run,
        currency="USD",
        credit_minor=0,
        earned_minor=0,
        payable_minor=0,
        content={"lines": lines},
        hash="0" * 64,
        issued_at=datetime(2026, 7, 1, tzinfo=UTC),
    )


def role(plan: CapacityPlan, viewer: Any, **values: Any) -> CapacityPlan:
    """Set the role of reps with the values."""
    values = {"quota_minor": 120_000_00, "attrition_rate": 0, **values}
    return capacity_role_set(
        plan_id=plan.pk, version=plan.version, title_id=title("rep"), values=values, actor=viewer("sol")
    )


def figures(plan: CapacityPlan, on: date = date(2026, 7, 15)) -> Figures:
    return capacity_figures(CapacityPlan.objects.get(pk=plan.pk), on=on)


def test_a_plan_begins_with_titles_that_had_quotas_and_says_what_history_does_not_know(plan: Any) -> None:
    """Given reps with quotas and no statement, then the role has their median quota, its attainment is unknown, and there is no gap."""
    assert list(CapacityRole.objects.values_list("title__code", "quota_minor")) == [("rep", 120_000_00)]
    found = figures(plan)
    assert [(each.heads, each.history.samples, each.attainment) for each in found.bases] == [(3, 0, None)]
    assert found.roles[0].total is None and found.gap is None and not found.starts
    assert [each.code for each in found.findings] == ["CAPACITY_ATTAINMENT_UNKNOWN"]


def test_attainment_is_the_median_of_statements_of_people_beyond_their_ramp(plan: Any, viewer: Any) -> None:
    """Given five statements of reps and one of a manager, then the median of five counts; of a newcomer within the ramp none does."""
    for person, period, rate in (
        ("rex", "2026-Q1", 80),
        ("rex", "2026-Q2", 120),
        ("ria", "2026-Q1", 90),
        ("ria", "2026-Q2", 100),
        ("rob", "2026-Q2", 60),
        ("mara", "2026-Q2", 300),
    ):
        attained(person, period, rate)
    role(plan, viewer)
    basis = figures(plan).bases[0]
    assert (basis.history.samples, basis.history.people, basis.attainment) == (5, 3, 0.9)
    found = figures(plan)
    assert found.roles[0].total == 3 * 120_000_00 * 9 // 10 and found.gap == 600_000_00 - 324_000_00
    assert found.starts[0].heads == (3,) and found.spread.p10 < found.carried < found.spread.p90
    assert not found.findings
    since = PositionHolding.objects.get(position__code="rob")
    since.during = DateRange(date(2026, 3, 1), None)
    since.save()
    role(CapacityPlan.objects.get(pk=plan.pk), viewer, ramp=[0, 50])
    basis = figures(plan).bases[0]
    assert (basis.history.samples, basis.attainment) == (4, 0.95)
    early = figures(plan, on=date(2026, 5, 1)).bases[0].history
    assert (early.samples, early.median) == (2, pytest.approx(0.85))


def test_who_leaves_counts_until_then_and_who_left_is_the_hazard(plan: Any, viewer: Any) -> None:
    """Given Rob's seat ending in March 2027, then two months are carried; after he left, one in some seventy months of heads leaves."""
    rob = PositionHolding.objects.get(position__code="rob")
    rob.during = DateRange(rob.during.lower, date(2027, 3, 10))
    rob.save()
    Employment.objects.filter(participant=rob.participant).update(during=DateRange(date(2016, 1, 1), date(2027, 3, 10)))
    role(plan, viewer, attainment_rate=10**8)
    found = figures(plan)
    assert found.carried == 2 * 120_000_00 + 20_000_00
    capacity_role_set(
        plan_id=plan.pk,
        version=plan.version + 1,
        title_id=title("rep"),
        values={"quota_minor": 120_000_00, "attrition_rate": None},
        actor=viewer("sol"),
    )
    assert figures(plan).bases[0].leaving.leavers == 0
    later = figures(plan, on=date(2027, 6, 1)).bases[0]
    assert later.leaving.leavers == 1 and later.leaving.whole_months == 69
    assert later.hazard == pytest.approx(1 / later.leaving.months)


def test_a_stale_change_is_refused_by_name_and_changes_nothing(plan: Any, viewer: Any) -> None:
    """Given a plan that somebody changed, when another one changes the version they saw, then it is refused and stays."""
    actor = viewer("sol")
    capacity_plan_change(plan_id=plan.pk, version=1, values={"target_minor": 1_00}, actor=actor)
    with pytest.raises(ValidationError, match="Sales 2027.*version 1, now 2"):
        capacity_plan_change(plan_id=plan.pk, version=1, values={"target_minor": 2_00}, actor=actor)
    assert CapacityPlan.objects.get(pk=plan.pk).target_minor == 1_00
    for values in ({"season": [1] * 11}, {"season": [0] * 12}, {"name": " "}, {"target_minor": -1}):
        with pytest.raises(ValidationError):
            capacity_plan_change(plan_id=plan.pk, version=2, values=values, actor=actor)
    hire = {"plan_id": plan.pk, "version": 2, "title_id": title("rep"), "heads": 1, "actor": actor}
    with pytest.raises(ValidationError, match="until 2028-01-01"):
        capacity_hire_set(**hire, starts_on=date(2028, 1, 1))
    with pytest.raises(ValidationError, match="no role"):
        capacity_hire_set(**hire | {"title_id": title("manager")}, starts_on=YEAR)
    assert CapacityPlan.objects.get(pk=plan.pk).version == 2 and not CapacityHire.objects.exists()


def test_operations_hires_tries_and_exports_on_the_pages(plan: Any, viewer: Any, sign_in: Any) -> None:
    """Given a plan, when operations states a role, hires by form and file and tries a change, then page and file show what it comes to."""
    browser, page = sign_in("sol"), reverse("planning:capacity_plan", args=[plan.pk])
    assert "not known" in browser.get(page).content.decode()
    form = {"title": title("rep"), "quota": "120,000", "attainment": "100", "attrition": "0", "availability": "100"}
    edit = reverse("planning:capacity_role", args=[plan.pk, title("rep")])
    assert browser.post(edit, {**form, "ramp": "0, 50", "version": 1}).status_code == 302
    hire = {"title": title("rep"), "month": "2027-03-01", "heads": 2, "version": 2}
    assert browser.post(page, hire).status_code == 302
    assert "was changed since" in browser.post(page, hire).content.decode()
    text = browser.get(page, {"hire_months": "1"}).content.decode()
    assert "You are trying a change" in text and "March 2027" in text and "too late" in text
    rows = (
        browser.get(reverse("planning:capacity_export", args=[plan.pk, "csv"])).content.decode("utf-8-sig").splitlines()
    )
    assert rows[0] == "Month,Rep,Can be carried,P10,P90,Target,Missing"
    assert [row.split(",")[2] for row in rows[1:7]] == [
        "30000.00",
        "30000.00",
        "30000.00",
        "40000.00",
        "50000.00",
        "50000.00",
    ]
    body = "plan,title,unit,month,heads\nSales 2027,rep,West,2027-03-15,4\nSales 2027,rep,,2027-03-01,0\n"
    upload = reverse("planning:hire_file")
    assert browser.post(upload, {"file": SimpleUploadedFile("hires.csv", body.encode())}).status_code == 200
    assert list(CapacityHire.objects.values_list("unit__name", "heads")) == [("West", 4)]
    again = browser.post(upload, {"file": SimpleUploadedFile("hires.csv", body.encode())}).content.decode()
    assert "2 as they were" in again


def test_the_api_gives_figures_with_a_change_and_the_workload_beside(plan: Any, sign_in: Any) -> None:
    """Given a plan with calls, then the API gives months, range, workload, and refuses a stale change and an unknown field."""
    account("Aquila", segment="Enterprise")
    api, path = sign_in("sol"), f"/api/v1/planning/capacity-plans/{plan.pk}/"

    def send(verb: str, where: str, body: Any) -> Any:
        return getattr(api, verb)(where, body, content_type="application/json")

    calls = {"version": 1, "calls": {"enterprise": 36}, "calls_per_head": 12}
    assert send("patch", path, calls).json()["version"] == 2
    assert send("patch", path, calls).status_code == 400
    rep = {"version": 2, "title": str(title("rep")), "quota_minor": 120_000_00, "attrition_rate": 0}
    assert send("post", f"{path}roles/", {**rep, "attainment_rate": 10**8}).status_code == 200
    west = str(Unit.objects.get(code="west").pk)
    hire = {"version": 3, "title": rep["title"], "unit": west, "starts_on": "2027-07-01", "heads": 1}
    assert send("post", f"{path}hires/", hire).json()["version"] == 4
    found = api.get(path).json()
    assert found["workload"] == {"calls": 36, "heads": 3} and found["gap"] == 600_000_00 - 420_000_00
    assert [each["carried"] for each in found["months"]] == [30_000_00] * 6 + [40_000_00] * 6
    assert (found["trials"], found["seed"], len(found["effects"])) == (2000, 1, 6)
    assert api.get(path, {"quota": "10"}).json()["gap"] == 600_000_00 - 462_000_00
    assert api.get(path, {"quotas": "10"}).status_code == 400
    assert sign_in("rex").get(path).status_code == 403
    assert api.delete(path).status_code == 400 and api.delete(f"{path}?version=4").status_code == 204
    assert not CapacityRole.objects.exists()
