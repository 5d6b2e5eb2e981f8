"""The record of pay forecasts: what was shown so long before the end is kept, and held against what statements came to."""

import csv
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from incentives.models import AdjustmentReason, Statement
from incentives.services.adjustments import AdjustmentWish, adjustments_approve, adjustments_ask
from insights.engine.pay_forecast import PayRecord
from insights.models import LikelihoodTrial, PayForecast, PayForecastBasis
from insights.selectors.pay_forecasts import pay_forecast_list
from insights.selectors.pay_records import pay_record, pay_record_beside
from insights.services.pay_forecasts import pay_forecast_refresh
from insights.services.pay_records import pay_record_settle
from insights.tasks import PayForecastPart
from planning.models import Calendar, Period
from spm.crm.models import OpportunityVersion
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from tests.incentives import world
from tests.insights.test_pay_forecasts import DAY, deal, made, pipeline

__all__ = ["pipeline"]
pytestmark = pytest.mark.django_db

PAGE, API = reverse("insights:pay_record"), reverse("api_insights_pay_record")
AFTER = date(2027, 1, 5)


def win(*keys: str) -> None:
    """Let open deals be won on the last day of November."""
    OpportunityVersion.objects.filter(fact__source_key__in=keys, known_until=None).update(
        status="won", stage="Won", close_on=date(2026, 11, 30)
    )


def settled() -> None:
    pay_record_settle(day=AFTER)


@pytest.fixture
def ended(pipeline: None, acme: Organisation, viewer: Any) -> None:
    """Forecast 46 days before the end; then Rex wins both deals, Ria loses hers, and the quarter is calculated."""
    made(acme)
    win("O-1", "O-2")
    OpportunityVersion.objects.filter(fact__source_key="O-3").update(status="lost")
    world.calculate(Period.objects.get(key="2026-Q4"), viewer("sol"))
    settled()


def told(viewer: Any, horizon: int = 30) -> dict[tuple[str, str], PayRecord]:
    return {(one.scope, one.name): one.record for one in pay_record(viewer, horizon)}


def test_a_record_is_worked_out_by_hand(ended: None, viewer: Any) -> None:
    """Rex was told 900.00 (300.00 to 1,300.00) and earned 1,300.00: 400.00 too low, 30.77 %, inside his range.

    Ria was told nothing and earned nothing: right, and no rate of nothing. The team below Mara was told 1,000.00. The company's sums hold
    what everybody in them came to.
    """
    found = told(viewer("fin"))
    rex = found["PERSON", "Rex"]
    assert rex == PayRecord(tests=1, held=1, wrong=40_000, over=-40_000, actual=130_000)
    assert (rex.wmape_rate, rex.bias_rate, rex.held_rate) == (30_769_231, -30_769_231, 10**8)
    ria = found["PERSON", "Ria"]
    assert (ria.tests, ria.wmape_rate, ria.bias_rate, ria.held_rate) == (1, None, None, 10**8)
    team = found["TEAM", "Mara"]
    assert (team.tests, team.over, team.actual) == (1, -30_000, 130_000)
    actual = PayForecast.objects.get(scope="COMPANY").actual_minor
    everybody = PayForecast.objects.filter(scope="PERSON")
    assert actual == sum(row.actual_minor or 0 for row in everybody) and found["COMPANY", ""].tests == 1
    assert found["PEOPLE", ""].tests == everybody.count() and found["PEOPLE", ""].wrong >= 40_000


def test_what_stood_before_a_horizon_stays_and_other_days_go(pipeline: None, acme: Organisation) -> None:
    """Of the nights of a quarter that ends on 31 December those stay that were the last 60, 30 and 7 days before its end."""
    for day in (date(2026, 10, 20), date(2026, 11, 1), DAY, date(2026, 12, 1), date(2026, 12, 20), date(2026, 12, 28)):
        LikelihoodTrial.objects.get_or_create(as_on=day)
        pay_forecast_refresh(organisation=acme, period=Period.objects.get(key="2026-Q4"), day=day)
    kept = {row.as_on: row.is_current for row in PayForecastBasis.objects.all()}
    assert kept == {
        date(2026, 11, 1): False,
        date(2026, 12, 1): False,
        date(2026, 12, 20): False,
        date(2026, 12, 28): True,
    }


def test_each_horizon_has_what_stood_then(ended: None, viewer: Any) -> None:
    """46 days before the end nothing stood 60 days before it."""
    assert told(viewer("fin"), 60) == {}
    assert told(viewer("fin"), 7) == told(viewer("fin"), 30)


def test_a_period_that_has_not_ended_or_been_calculated_is_no_test(
    pipeline: None, acme: Organisation, viewer: Any
) -> None:
    made(acme)
    pay_record_settle(day=DAY)
    assert PayForecastBasis.objects.get().is_current
    settled()
    assert told(viewer("fin")) == {} and not PayForecastBasis.objects.get().is_current
    assert list(pay_forecast_list(viewer("fin"), PayForecastBasis.objects.get())) != []


def month_of_december() -> PayForecastBasis:
    """The forecast of a month that ends with the quarter, which plans paid before they moved to quarters."""
    calendar = Calendar.objects.get_or_create(kind="MONTHLY", defaults={"name": "Months"})[0]
    days = (date(2026, 12, 1), date(2027, 1, 1))
    month = Period.objects.get_or_create(calendar=calendar, key="2026-12", defaults={"during": days})[0]
    return PayForecastBasis.objects.create(period=month, as_on=DAY, seed=1)


def test_the_last_period_of_another_calendar_is_closed_too(pipeline: None, acme: Organisation) -> None:
    basis = month_of_december()
    PayForecastPart().run(acme, AFTER, f"record {AFTER}")
    basis.refresh_from_db()
    assert not basis.is_current


def test_months_and_quarters_have_records_of_their_own(ended: None, viewer: Any) -> None:
    """Both end on 31 December: Rex was told 10.00 for the month and earned 20.00 in it."""
    month = month_of_december()
    PayForecastBasis.objects.filter(pk=month.pk).update(settled_at=datetime(2027, 1, 5, tzinfo=UTC))
    quarter = PayForecast.objects.select_related("basis__period").get(scope="PERSON", participant__name="Rex")
    sums = {"low_minor": 5_00, "median_minor": 10_00, "high_minor": 15_00, "actual_minor": 20_00}
    PayForecast.objects.create(
        basis=month, scope="PERSON", participant=quarter.participant, currency=quarter.currency, **sums
    )
    row = PayForecast.objects.select_related("basis__period").get(basis=month)
    found = pay_record_beside(viewer("fin"), [quarter, row])
    assert (found[quarter.pk].actual, found[row.pk].actual) == (130_000, 20_00)
    rex = [one for one in pay_record(viewer("fin"), 30) if one.name == "Rex"]
    assert sorted((one.record.tests, one.record.actual) for one in rex) == [(1, 20_00), (1, 130_000)]


def test_later_facts_change_the_record(ended: None, viewer: Any) -> None:
    """The large deal is found lost: Rex earned 500.00."""
    world.deal("O-2", "rex", 800_000, date(2026, 11, 30))
    OpportunityVersion.objects.filter(fact__source_key="O-2", known_until=None).update(status="lost")
    world.calculate(Period.objects.get(key="2026-Q4"), viewer("sol"))
    settled()
    assert told(viewer("fin"))["PERSON", "Rex"].over == 90_000 - 50_000


def test_somebody_unknown_leaves_the_sum_unknown(ended: None, viewer: Any) -> None:
    """A deal in euros without a rate can't be calculated: Rex and the sums he is in are no test, Ria still is."""
    deal("O-8", "rex", 100, currency="EUR")
    win("O-8")
    world.calculate(Period.objects.get(key="2026-Q4"), viewer("sol"))
    settled()
    found = told(viewer("fin"))
    assert ("PERSON", "Ria") in found
    assert not {("PERSON", "Rex"), ("TEAM", "Mara"), ("COMPANY", "")} & found.keys()


def test_who_was_never_calculated_is_no_test(pipeline: None, acme: Organisation, viewer: Any) -> None:
    """Without an earlier statement nothing is kept of Rex's lines: he is unknown all the same, and was not paid 0.00."""
    made(acme)
    deal("O-8", "rex", 100, currency="EUR")
    win("O-8")
    world.calculate(Period.objects.get(key="2026-Q4"), viewer("sol"))
    settled()
    assert ("PERSON", "Ria") in told(viewer("fin"))
    assert not {("PERSON", "Rex"), ("TEAM", "Mara"), ("COMPANY", "")} & told(viewer("fin")).keys()


def test_what_is_adjusted_by_hand_is_no_pay_that_was_foretold(ended: None, viewer: Any) -> None:
    """200.00 more by hand stand on Rex's statement; his plans paid 1,300.00."""
    period, rex = Period.objects.get(key="2026-Q4"), Participant.objects.get(source_key="rex")
    wish = AdjustmentWish(rex.pk, period.pk, 20_000, "USD", AdjustmentReason.BONUS, "A good turn.")
    batch = adjustments_ask(wishes=[wish], title="One", actor=viewer("sol"))
    assert adjustments_approve(batch_id=batch.pk, actor=viewer("fin")) == []
    assert Statement.objects.filter(participant=rex, period=period).latest("number").earned_minor == 150_000
    settled()
    assert told(viewer("fin"))["PERSON", "Rex"].actual == 130_000


def test_everybody_sees_the_record_of_whom_they_see(ended: None, viewer: Any, sign_in: Any) -> None:
    assert {scope for scope, _ in told(viewer("eve"))} == {"COMPANY", "TEAM", "PEOPLE", "PERSON"}
    assert set(told(viewer("mara"))) == {
        ("TEAM", "Mara"), ("PEOPLE", ""), ("PERSON", "Mara"), ("PERSON", "Rex"), ("PERSON", "Ria"),
    }  # fmt: skip
    assert set(told(viewer("rex"))) == {("PEOPLE", ""), ("PERSON", "Rex")}
    answer = sign_in("rex").get(API).json()["results"]
    assert {(row["scope"], row["name"], row["days_before_end"]) for row in answer} == {
        (scope, name, days) for scope, name in (("PEOPLE", ""), ("PERSON", "Rex")) for days in (7, 30)
    }
    assert sign_in("ada").get(API).status_code == 403 and sign_in("rex").get(f"{API}?horizon=9").status_code == 404


def test_page_file_and_the_forecast_itself_show_it(
    ended: None, viewer: Any, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    fin = sign_in("fin")
    with django_assert_max_num_queries(16):
        page = fin.get(f"{PAGE}?horizon=30").content.decode()
    assert "Rex" in page and "31%" in page
    file = fin.get(reverse("insights:pay_record_export", args=["csv"])).content.decode("utf-8-sig")
    [rex] = [line for line in csv.DictReader(file.splitlines()) if line["Name"] == "Rex"]
    assert (rex["Past periods"], rex["Ranges that held"]) == ("1", "1") and rex["WMAPE"].startswith("0.3076923")
    basis = PayForecastBasis.objects.get()
    PayForecastBasis.objects.update(is_current=True)
    shown = strip_tags(fin.get(reverse("insights:pay_forecast")).content.decode())
    assert "wrong by 31%" in shown and "1 of 1 in the range" in shown
    assert len(pay_record_beside(viewer("rex"), list(pay_forecast_list(viewer("rex"), basis)))) == 1


def test_without_history_the_record_is_unknown(pipeline: None, acme: Organisation, sign_in: Any) -> None:
    made(acme)
    assert "No record yet" in sign_in("fin").get(PAGE).content.decode()
    assert "no record yet" in sign_in("fin").get(reverse("insights:pay_forecast")).content.decode()
