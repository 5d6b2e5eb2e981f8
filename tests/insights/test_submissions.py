"""The forecast sheet: roll-up within reach, numbers given and overridden, what is told of concurrent changes, what is locked for good."""

import csv
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from insights.engine.rollup import CLOSED
from insights.forms.forecasts import word_field
from insights.models import ForecastShare, ForecastSnapshot, ForecastSubmission
from insights.selectors.forecast_sheet import SheetAsked, forecast_period, forecast_policy, forecast_sheet
from insights.services.submissions import due_before, forecast_lock, forecast_remind
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.audit.models import Entry
from spm.crm.models import FactCommit, Opportunity, OpportunityVersion
from spm.notices.models import Notice
from spm.people.models import Participant, ReportingLine
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

API = reverse("api_insights_forecast")
PAGE = reverse("insights:forecast")


@pytest.fixture
def today(acme: Organisation) -> date:
    return timezone.now().astimezone(ZoneInfo(acme.time_zone)).date()


@pytest.fixture
def deals(acme: Organisation, today: date) -> None:
    """Rex: one won, one committed, one in euros, one without amount. Ria: best case by her stage. Rob: pipeline. Nobody: commit."""
    rows = [
        ("won", "rex", {"status": "won", "amount_minor": 100_00, "close_on": today}),
        ("sure", "rex", {"forecast_category": "Commit", "amount_minor": 40_00}),
        ("euros", "rex", {"currency": "EUR"}),
        ("blank", "rex", {"amount_minor": None}),
        ("stage", "ria", {"stage": "Negotiation", "amount_minor": 30_00}),
        ("early", "rob", {"amount_minor": 7_00}),
        ("lost", "rob", {"status": "lost", "close_on": today}),
        ("alone", None, {"forecast_category": "commit", "amount_minor": 5_00}),
        ("undated", "rob", {"expected_close_on": None}),
        ("later", "rob", {"expected_close_on": today + timedelta(days=400)}),
    ]
    since = datetime.now(UTC) - timedelta(days=30)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        actor = viewer_of_system(acme, on=today, name="tests")
        calendar_extend(kind=CalendarKind("YEARLY"), start=today, until=today + timedelta(days=1), actor=actor)
        FactCommit.objects.create(known_from=since, action="commit", kind="opportunity", created=3, digest="x")
        for key, owner, values in rows:
            fact = Opportunity.objects.create(source="crm", source_key=key)
            person = Participant.objects.get(source_key=owner) if owner else None
            own = {"status": "open", "amount_minor": 1_00, "currency": "USD", "expected_close_on": today} | values
            OpportunityVersion.objects.create(fact=fact, owner=person, known_from=since, name=f"Deal {key}", **own)


def sheet(client: Any, **query: str) -> dict[str, Any]:
    return dict(client.get(API, query).json())


def team(found: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    return {one["name"]: tuple(one["team"].values()) for one in found["lines"]}


def give(client: Any, who: str, amount: int | None, seen: int = 0, category: str = "COMMIT", **values: Any) -> Any:
    found = sheet(client)
    person = next(one["participant"] for one in found["lines"] if one["name"] == who)
    call = {"participant": person, "category": category, "amount_minor": amount, "seen": seen}
    given = {"period": found["period"], "calls": [call]} | values
    return client.post(API, given, content_type="application/json")


@pytest.mark.usefixtures("deals")
def test_parts_sum_to_the_whole_for_everybody_within_reach(sign_in: Any) -> None:
    sol = sign_in("sol")
    policy = {"roll_up": "CUMULATIVE", "due_weekday": 4, "remind_days": 1, "categories": {"Negotiation ": "BEST"}}
    assert sol.put(reverse("api_insights_forecast_policy"), policy, content_type="application/json").status_code == 200
    whole, mara, rex = sheet(sol), sheet(sign_in("mara")), sheet(sign_in("rex"))
    assert team(whole) == {
        "Mara": (100_00, 40_00, 30_00, 0), "Rex": (100_00, 40_00, 0, 0), "Ria": (0, 0, 30_00, 0), "Max": (0, 0, 0, 0),
        "Mona": (0, 0, 0, 7_00), "Rob": (0, 0, 0, 7_00), "": (0, 5_00, 0, 0),
    }  # fmt: skip
    assert tuple(whole["whole"].values()) == (100_00, 45_00, 30_00, 7_00)
    assert tuple(whole["counted"].values()) == (100_00, 145_00, 175_00, 182_00)
    assert (whole["in_other_currencies"], whole["unvalued"], whole["undated"]) == (1, 1, 1)
    assert list(team(mara)) == ["Mara", "Rex", "Ria"] and tuple(mara["whole"].values()) == (100_00, 40_00, 30_00, 0)
    assert list(team(rex)) == ["Rex"]


@pytest.mark.usefixtures("deals")
def test_a_number_over_theirs_leaves_what_they_said(sign_in: Any, acme: Organisation) -> None:
    rex, mara = sign_in("rex"), sign_in("mara")
    assert give(rex, "Rex", 120_00, note="The bank signs on Friday.").status_code == 201
    assert give(mara, "Rex", 90_00).status_code == 201
    assert give(mara, "Mara", 200_00).status_code == 201
    assert give(rex, "Rex", None, seen=1).status_code == 201
    with organisation_scope(acme.pk, actor=DIRECTOR):
        rows = ForecastSubmission.objects.filter(participant__name="Rex").order_by("at")
        found = [(row.is_override, row.number, row.amount_minor, row.by_name) for row in rows]
        assert found == [(False, 1, 120_00, "Rex"), (True, 1, 90_00, "Mara"), (False, 2, None, "Rex")]
        assert Entry.objects.filter(table_name="insights_forecastsubmission").count() == 4
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(amount_minor=1)
    page = mara.get(reverse("insights:forecast_person", args=[person_of("Rex", acme)])).content.decode()
    assert "The bank signs on Friday." in page and "taken back" in page and "Deal sure" in page


@pytest.mark.usefixtures("deals")
def test_a_word_over_theirs_that_equals_an_own_number_is_taken(sign_in: Any, acme: Organisation) -> None:
    """Rex says 80.00 as his first number; Mara's first was 90.00 and becomes 80.00: it is hers that changes."""
    rex, mara = sign_in("rex"), sign_in("mara")
    assert give(rex, "Rex", 80_00).status_code == 201
    assert give(mara, "Rex", 90_00).status_code == 201
    cell = f"COMMIT-{person_of('Rex', acme).hex}-1"
    assert mara.post(PAGE, {cell: "80.00"}).status_code == 302
    with organisation_scope(acme.pk, actor=DIRECTOR):
        over = ForecastSubmission.objects.filter(is_override=True).order_by("number")
        assert list(over.values_list("number", "amount_minor")) == [(1, 90_00), (2, 80_00)]


@pytest.mark.usefixtures("deals")
def test_a_word_that_was_taken_back_lets_the_own_number_count(sign_in: Any) -> None:
    rex, mara = sign_in("rex"), sign_in("mara")
    give(rex, "Rex", 120_00)
    give(mara, "Rex", 90_00)
    given = given_by(mara)
    assert (given["Rex"], given["Mara"]) == ("90.00", "")
    give(mara, "Rex", None, seen=1)
    assert given_by(mara)["Rex"] == "120.00"
    assert "$120" in rex.get(PAGE).content.decode()
    give(rex, "Rex", None, seen=1)
    assert given_by(mara)["Rex"] == ""


def given_by(client: Any) -> dict[str, str]:
    file = client.get(reverse("insights:forecast_export", args=["csv"])).content.decode("utf-8-sig")
    return {row["Person"]: row["Commit given"] for row in csv.DictReader(file.splitlines())}


@pytest.mark.usefixtures("deals")
def test_many_numbers_cost_no_more_queries_than_one(sign_in: Any, acme: Organisation) -> None:
    mara = sign_in("mara")
    people = {one["name"]: one["participant"] for one in sheet(mara)["lines"]}
    calls = [
        {"participant": people[name], "category": category, "amount_minor": 1_00, "seen": 0}
        for name in ("Rex", "Ria", "Mara")
        for category in ("COMMIT", "BEST")
    ]
    counts = []
    for part in (calls[:1], calls[1:]):
        given = {"period": sheet(mara)["period"], "calls": part}
        with CaptureQueriesContext(connection) as queries:
            assert mara.post(API, given, content_type="application/json").status_code == 201
        counts.append(len(queries))
    assert counts[0] == counts[1]


def person_of(name: str, acme: Organisation) -> Any:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        return Participant.objects.get(name=name).pk


@pytest.mark.usefixtures("deals")
@pytest.mark.parametrize(
    ("who", "whom", "status"), [("rex", "Ria", 404), ("mona", "Rex", 404), ("sol", "Rex", 403), ("otto", "Rex", 403)]
)
def test_nobody_gives_numbers_out_of_reach(sign_in: Any, acme: Organisation, who: str, whom: str, status: int) -> None:
    client = sign_in(who)
    call = {"participant": str(person_of(whom, acme)), "category": "COMMIT", "amount_minor": 1, "seen": 0}
    given = {"period": sheet(client)["period"], "calls": [call]}
    assert client.post(API, given, content_type="application/json").status_code == status
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert not ForecastSubmission.objects.exists()


@pytest.mark.usefixtures("deals")
def test_a_change_that_was_not_seen_is_told_and_nothing_is_changed(sign_in: Any, acme: Organisation) -> None:
    rex, mara = sign_in("rex"), sign_in("mara")
    give(mara, "Rex", 90_00)
    late = give(mara, "Rex", 80_00)
    assert late.status_code == 400 and "Mara changed commit to 90.00 while you looked" in str(late.json())
    person = person_of("Rex", acme)
    typed = {f"COMMIT-{person.hex}-0": "1,234", f"BEST-{person.hex}-0": "2,000", "note": "first"}
    assert rex.post(PAGE, typed).status_code == 302
    again = rex.post(PAGE, typed | {f"BEST-{person.hex}-0": "2,500"})
    assert again.status_code == 422
    assert "Rex changed best case" in again.content.decode() and 'value="2,500"' in again.content.decode()
    with organisation_scope(acme.pk, actor=DIRECTOR):
        rows = ForecastSubmission.objects.filter(is_override=False).order_by("category")
        assert [(row.category, row.amount_minor, row.note) for row in rows] == [
            ("BEST", 2_000_00, "first"), ("COMMIT", 1_234_00, "first"),
        ]  # fmt: skip


@pytest.mark.usefixtures("deals")
def test_what_stood_is_locked_whoever_moves_since(sign_in: Any, acme: Organisation, today: date) -> None:
    give(sign_in("rex"), "Rex", 120_00)
    day = today
    with organisation_scope(acme.pk, actor=DIRECTOR):
        period = forecast_period(day)
        rex = Participant.objects.get(name="Rex")
        ForecastShare.objects.create(
            made_on=day, period=period, participant=rex, model="time_series", currency="USD", amount_minor=77_00
        )
        assert forecast_lock(organisation=acme, day=day, period_id=period.pk) == 7
        line = ReportingLine.objects.get(position__code="rex")
        line.during = DateRange(line.during.lower, day)
        line.save()
        OpportunityVersion.objects.filter(fact__source_key="sure").update(amount_minor=999_00)
        assert forecast_lock(organisation=acme, day=day, period_id=period.pk) == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            ForecastSnapshot.objects.all().delete()
    found = sign_in("sol").get(reverse("api_insights_forecast_locked"), {"day": day.isoformat()}).json()["results"]
    kept = {one["participant"]: one for one in found}
    mara, locked = kept[str(person_of("Mara", acme))], kept[str(rex.pk)]
    assert locked["manager"] == mara["participant"] and locked["submitted"] == {"COMMIT": 120_00}
    assert mara["team"]["COMMIT"] == 40_00 and mara["model_minor"] == 77_00
    assert len(sign_in("ria").get(reverse("api_insights_forecast_locked")).json()["results"]) == 1
    file = sign_in("sol").get(reverse("insights:forecast_locked_export", args=["csv"])).content.decode("utf-8-sig")
    rows = {row["Person"]: row for row in csv.DictReader(file.splitlines())}
    assert (rows["Mara"]["Commit"], rows["Rex"]["Commit said"], rows["Rex"]["Manager then"]) == (
        "40.00",
        "120.00",
        "Mara",
    )


@pytest.mark.usefixtures("deals")
def test_who_gave_no_number_is_reminded_once(sign_in: Any, acme: Organisation, today: date) -> None:
    give(sign_in("rex"), "Rex", 120_00)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        due = due_before(today, forecast_policy()) + timedelta(days=7)
        period = forecast_period(today)
        assert due.weekday() == 4
        for _again in range(2):
            forecast_remind(organisation=acme, day=due, period_id=period.pk)
        assert forecast_remind(organisation=acme, day=due - timedelta(days=3), period_id=period.pk) == 0
        told = Notice.objects.filter(kind="forecast").values_list("membership__user__name", flat=True)
        assert sorted(told) == ["Mara", "Max", "Mona", "Ria", "Rob"]


@pytest.mark.usefixtures("deals")
def test_the_page_and_its_file_say_the_same(sign_in: Any) -> None:
    mara = sign_in("mara")
    page = mara.get(PAGE).content.decode()
    assert "Mara, Commit" in page and "1 deal in another currency than USD is left out." in page
    file = mara.get(reverse("insights:forecast_export", args=["csv"])).content.decode("utf-8-sig")
    rows = {
        row["Person"]: (row["Closed"], row["Commit"], row["Own commit"]) for row in csv.DictReader(file.splitlines())
    }
    assert rows["Mara"] == ("100.00", "140.00", "0.00") and rows["Rex"] == ("100.00", "140.00", "40.00")
    past = mara.get(PAGE, {"day": "2020-01-01"}).content.decode()
    assert "Give these numbers" not in past and "Give these numbers" in page
    assert "has not been yet" in mara.get(PAGE, {"day": "2999-01-01"}).content.decode()


@pytest.mark.usefixtures("deals")
def test_today_is_known_by_what_is_known_now(acme: Organisation, today: date) -> None:
    """Whatever the database's clock said when the facts came: of the day that it is, nothing later can be meant."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        early = viewer_of_system(acme, on=today - timedelta(days=40), name="tests")
        (period,) = Period.objects.all()
        found = forecast_sheet(early, SheetAsked(period, early.on, early.on))
        assert found.reason == "" and found.whole[CLOSED] == 100_00
        past = forecast_sheet(early, SheetAsked(period, early.on - timedelta(days=1), early.on))
        assert past.reason and past.whole[CLOSED] is None


@pytest.mark.usefixtures("deals")
def test_a_day_before_all_facts_is_unknown_and_not_0(sign_in: Any, today: date) -> None:
    early = (today - timedelta(days=60)).isoformat()
    found = sheet(sign_in("sol"), day=early)
    said = f"No deal was known yet at the end of {early}, so the amounts of that day are unknown."
    assert found["reason"] == said and set(found["whole"].values()) == set(found["counted"].values()) == {None}
    assert {amount for line in found["lines"] for amount in line["team"].values()} == {None}
    page = sign_in("sol").get(PAGE, {"day": early}).content.decode()
    assert said in page and "$0" not in page
    assert sheet(sign_in("sol"))["reason"] == ""


def test_a_company_without_periods_is_told_what_to_do(sign_in: Any) -> None:
    gus = sign_in("gus@globex.example")
    assert "No period yet" in gus.get(PAGE).content.decode()
    refused = gus.get(API)
    assert refused.status_code == 400 and "no period yet" in refused.content.decode()
    assert "No day is locked yet" in gus.get(reverse("insights:forecast_locked")).content.decode()


def test_sales_operations_say_what_words_mean(sign_in: Any, deals: None) -> None:
    sol = sign_in("sol")
    page = reverse("insights:forecast_policy")
    assert f'name="{word_field("negotiation")}"' in sol.get(page).content.decode()
    given = {"roll_up": "SINGLE", "due_weekday": 0, "remind_days": 2, word_field("negotiation"): "COMMIT"}
    assert sol.post(page, given).status_code == 302
    found = sheet(sol)
    assert found["roll_up"] == "SINGLE" and tuple(found["counted"].values()) == (100_00, 75_00, 0, 7_00)
