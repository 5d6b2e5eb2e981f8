"""Quotas that change within a period: from which day on, what the period comes to by days, and every value it had."""

import csv
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from planning.engine.prorating import by_days
from planning.models import CalendarKind, Period, Quota, QuotaStep
from planning.selectors.closing import _KEEPERS, closed_told_by
from planning.selectors.quotas import quota_days, quota_frame, quota_history
from planning.services.calendars import calendar_extend
from planning.services.quota_steps import QuotaFrom, quota_change
from planning.services.quotas import QuotaValue, quota_set_many
from spm.people.models import Position, PositionHolding

pytestmark = pytest.mark.django_db
MAY = date(2026, 5, 15)
"""44 of the 91 days of the second quarter lie before it, 47 do not."""
BLENDED = 136_483_52
"""(90,000.00 x 44 + 180,000.00 x 47) / 91 = 136,483.516..., by hand."""


@pytest.fixture
def rex(in_acme: Any, viewer: Any) -> Position:
    """Rex's seat with 90,000.00 in each quarter of 2026."""
    sol, seat = viewer("sol"), Position.objects.get(code="rex")
    calendar_extend(kind=CalendarKind.QUARTERLY, start=date(2026, 1, 1), until=date(2027, 1, 1), actor=sol)
    periods = Period.objects.filter(calendar__kind="QUARTERLY")
    quota_set_many(values=[QuotaValue(seat.pk, each.pk, 90_000_00) for each in periods], actor=sol)
    return seat


def wish(seat: Position, starts_on: date = MAY, value: int = 180_000_00, **more: Any) -> QuotaFrom:
    """A change of the seat's quarterly quota, with a reason."""
    given = {"reason": "Took over the north", **more}
    return QuotaFrom(position_id=seat.pk, kind="QUARTERLY", starts_on=starts_on, value=value, **given)


def values() -> dict[str, int]:
    """What attainment is held against, by period."""
    frame = quota_frame()
    return dict(zip(frame["period_key"], frame["value"], strict=True))


def test_days_weigh_values_and_an_equal_value_changes_nothing() -> None:
    """Given values from days on, then the period comes to them by days, rounded once; cut anywhere, one value stays that value."""
    first, until = date(2026, 4, 1), date(2026, 7, 1)
    assert by_days([(first, 90_000_00), (MAY, 180_000_00)], until) == BLENDED
    assert by_days([(first, 1), (MAY, 1), (date(2026, 6, 30), 1)], until) == 1
    assert by_days([(first, 7)], until) == 7


def test_a_quota_changes_from_a_day_on_with_its_history(rex: Position, viewer: Any) -> None:
    """Given a quota of a quarter, then a new one from a day on weighs by its days, a second one joins it, and every value is known."""
    sol = viewer("sol")
    quota_change(wish=wish(rex), actor=sol)
    assert values() == {"2026-Q1": 90_000_00, "2026-Q2": BLENDED, "2026-Q3": 90_000_00, "2026-Q4": 90_000_00}
    quota_change(wish=wish(rex, date(2026, 6, 1), 0, reason="Leave"), actor=sol)
    assert values()["2026-Q2"] == 77_142_86
    shown = quota_days(sol, rex, kind="QUARTERLY", year=2026, measure="amount")[1]
    parts = [(each.days, each.value, each.reason, each.by_name) for each in shown.parts]
    assert parts == [
        (44, 90_000_00, "", "Sol"),
        (17, 180_000_00, "Took over the north", "Sol"),
        (30, 0, "Leave", "Sol"),
    ]
    told = [(each.before, each.after) for each in quota_history([shown.quota])]
    assert told == [(BLENDED, 77_142_86), (90_000_00, BLENDED), (None, 90_000_00)]


def test_later_periods_take_it_over_and_a_whole_value_ends_it(rex: Position, viewer: Any) -> None:
    """Given a change for the rest of the year, then later quarters hold it whole; a value of the whole period ends what was by days."""
    sol = viewer("sol")
    quota_change(wish=wish(rex, date(2026, 6, 1), 1), actor=sol)
    quota_change(wish=wish(rex, rest_of_year=True), actor=sol)
    whole = 180_000_00
    assert values() == {"2026-Q1": 90_000_00, "2026-Q2": BLENDED, "2026-Q3": whole, "2026-Q4": whole}
    quota_change(wish=wish(rex, date(2026, 7, 1), 5), actor=sol)
    assert values()["2026-Q3"] == 5
    second = Period.objects.get(key="2026-Q2")
    quota_set_many(values=[QuotaValue(rex.pk, second.pk, BLENDED)], actor=sol)
    assert values()["2026-Q2"] == BLENDED and not QuotaStep.objects.exists()


def test_what_can_t_change_is_said_and_changes_nothing(
    rex: Position, viewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given no reason, period or quota, a seat that changes hands or a locked period, then it is refused."""
    sol, before = viewer("sol"), values()
    wrong = [
        (wish(rex, reason=" "), "Say why"),
        (wish(rex, date(2031, 5, 1)), "lies in no period"),
        (wish(Position.objects.get(code="ria")), "There is no quota in 2026-Q2"),
        (wish(rex, value=-1), "must be between 0"),
    ]
    for asked, said in wrong:
        with pytest.raises(ValidationError, match=said):
            quota_change(wish=asked, actor=sol)
    Quota.objects.filter(period__key="2026-Q3").update(currency="EUR")
    with pytest.raises(ValidationError, match="The quota of 2026-Q3 is in EUR, the new one in USD"):
        quota_change(wish=wish(rex, rest_of_year=True), actor=sol)
    with pytest.raises(ValidationError, match="The quota of 2026-Q2 is in USD, the new one in EUR"):
        quota_change(wish=wish(rex, currency="EUR"), actor=sol)
    held = PositionHolding.objects.get(position=rex)
    held.during = DateRange(held.during.lower, date(2026, 6, 10))
    held.save()
    with pytest.raises(ValidationError, match="changes hands on 2026-06-10, within 2026-Q2"):
        quota_change(wish=wish(rex), actor=sol)
    held.during = DateRange(held.during.lower, None)
    held.save()
    second = Period.objects.get(key="2026-Q2")
    monkeypatch.setattr("planning.selectors.closing._KEEPERS", [*_KEEPERS])
    closed_told_by(lambda asked: {second.pk: "locked"} if second.pk in asked else {})
    with pytest.raises(ValidationError, match="2026-Q2 is locked"):
        quota_change(wish=wish(rex), actor=sol)
    assert values() == before and not QuotaStep.objects.exists()


def test_page_api_and_file_show_and_change_it(rex: Position, sign_in: Any, django_assert_max_num_queries: Any) -> None:
    """Given the page of a seat, then it changes the quota and shows days and history; API and file hold and take the same."""
    browser, url = sign_in("sol"), reverse("planning:quota_position", args=[rex.pk]) + "?kind=QUARTERLY&year=2026"
    grid = browser.get(reverse("planning:quota_list"), {"kind": "QUARTERLY", "year": 2026}).content.decode()
    assert url.replace("&", "&amp;") in grid
    given = {"starts_on": "2026-05-15", "value": "180,000", "reason": "Took over the north"}
    assert browser.post(url, given | {"reason": ""}).status_code == 422
    assert browser.post(url, given).status_code == 302
    with django_assert_max_num_queries(20):
        page = browser.get(url).content.decode()
    assert all(text in page for text in ("44 days", "47 days", "136,483.52", "Took over the north", "180,000.00"))
    api = reverse("api_planning_quota_steps")
    steps = [(one["starts_on"], one["value"]) for one in browser.get(api).json()["results"]]
    assert steps == [("2026-04-01", 90_000_00), ("2026-05-15", 180_000_00)]
    file = browser.get(reverse("planning:quota_file_download", args=["rows", "csv"])).content.decode()
    rows = [row for row in csv.DictReader(StringIO(file)) if row["period"] == "2026-Q2"]
    assert [(row["amount"], row["from"], row["reason"]) for row in rows] == [
        ("90000.00", "", ""),
        ("180000.00", "2026-05-15", "Took over the north"),
    ]
    assert taken(browser, file) == (0, 0, 5)
    assert taken(browser, file.replace("180000.00", "270000.00").replace("90000.00,USD,,", "0.00,USD,,")) == (1, 4, 0)
    assert (values()["2026-Q2"], values()["2026-Q1"]) == (139_450_55, 0)
    body = {"position": str(rex.pk), "calendar": "QUARTERLY", "starts_on": "2026-05-15", "value": 0, "reason": "Leave"}
    answer = browser.post(api, body, content_type="application/json")
    assert (answer.status_code, answer.json()["value"]) == (201, 0)


def taken(browser: Any, text: str) -> tuple[int, int, int]:
    """Take a file of quotas; gives how many rows were created, updated and left."""
    file = SimpleUploadedFile("quotas.csv", text.encode())
    body = browser.post(reverse("api_planning_quota_file"), {"file": file}).json()
    assert body["findings"] == []
    return body["created"], body["updated"], body["unchanged"]


def test_a_day_outside_of_its_period_is_refused_by_the_file(rex: Position, sign_in: Any) -> None:
    """Given a row whose day is not within its period, then the file is refused with the way out and nothing is written."""
    text = "position,period,amount,from\nrex,2026-Q2,5,2026-04-01\n"
    file = SimpleUploadedFile("quotas.csv", text.encode())
    body = sign_in("sol").post(reverse("api_planning_quota_file"), {"file": file}).json()
    assert "no day within 2026-Q2 after its first" in body["findings"][0]["what"]
    assert values()["2026-Q2"] == 90_000_00


def test_a_seat_out_of_reach_is_not_found(rex: Position, sign_in: Any) -> None:
    """Given a seat of another team, then its page is 404, its steps are not listed, and it can't be changed."""
    mona = sign_in("mona")
    assert mona.get(reverse("planning:quota_position", args=[rex.pk])).status_code == 404
    assert mona.get(reverse("api_planning_quota_steps")).json()["results"] == []
    assert Quota.objects.filter(position=rex, value=90_000_00).count() == 4
