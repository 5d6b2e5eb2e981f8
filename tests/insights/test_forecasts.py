"""Forecasts of a day: every model with its ranges, how many of them held, and whether it beats the same period a year ago."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from insights.models import Forecast, ForecastModel, ForecastShare
from insights.selectors.forecast_sheet import SheetAsked, forecast_sheet
from insights.selectors.pipeline import forecast_latest
from insights.services.forecasts import forecasts_refresh
from insights.services.likely_forecasts import UNTOLD
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.crm.models import Opportunity, OpportunityVersion
from spm.people.models import Participant
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation

TODAY = date(2026, 11, 15)


@pytest.fixture
def forecasts(in_acme: Organisation) -> list[Forecast]:
    """Four years of deals of Rex and Rob, one every five days, most of them won, a little more each year."""
    actor = viewer_of_system(in_acme, on=TODAY, name="tests")
    calendar_extend(kind=CalendarKind("QUARTERLY"), start=date(2022, 1, 1), until=date(2027, 1, 1), actor=actor)
    owners = [Participant.objects.get(source_key=name) for name in ("rex", "rob")]
    days = [date(2022, 1, 3) + timedelta(days=5 * number) for number in range(356)]
    facts = Opportunity.objects.bulk_create(
        Opportunity(source="crm", source_key=f"d{number}") for number in range(len(days))
    )
    OpportunityVersion.objects.bulk_create(
        OpportunityVersion(
            fact=fact,
            owner=owners[number % 2],
            status="open" if day + timedelta(days=40) > TODAY else "lost" if number % 3 == 0 else "won",
            amount_minor=100_000 + 1_500 * number + 9_000 * (number * 7 % 11),
            currency="USD",
            created_on=day,
            close_on=None if day + timedelta(days=40) > TODAY else day + timedelta(days=40),
            known_from=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for number, (fact, day) in enumerate(zip(facts, days, strict=True))
    )
    forecasts_refresh(organisation=in_acme, day=TODAY)
    return forecast_latest(viewer_of_system(in_acme, on=TODAY, name="tests").acting("pipeline.view"))


def test_every_model_has_ranges_that_were_tried(forecasts: list[Forecast]) -> None:
    assert {one.model for one in forecasts} == set(ForecastModel)
    untold = [one for one in forecasts if one.model == ForecastModel.LIKELIHOOD]
    assert [(one.amount_minor, one.low_minor, one.reason) for one in untold] == [(None, None, UNTOLD)]
    for one in [each for each in forecasts if each not in untold]:
        low, high, lower, higher = one.low_minor, one.high_minor, one.low_95_minor, one.high_95_minor
        assert None not in (one.amount_minor, low, high, lower, higher), one.model
        assert lower <= low < one.amount_minor < high <= higher
        assert one.tried_80 > one.tried_95 > 0 and one.held_80 >= one.tried_80 // 2, one.model


def test_no_forecast_lies_below_what_is_won_already(forecasts: list[Forecast], in_acme: Organisation) -> None:
    fact = Opportunity.objects.create(source="crm", source_key="huge")
    OpportunityVersion.objects.create(
        fact=fact, status="won", amount_minor=10**9, currency="USD", created_on="2026-10-02", close_on="2026-11-14",
        known_from=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    won = 10**9 + sum(
        OpportunityVersion.objects.filter(status="won", close_on__gte="2026-10-01", close_on__lt=TODAY)
        .exclude(fact=fact)
        .values_list("amount_minor", flat=True)
    )
    assert won > max(one.high_95_minor for one in forecasts if one.model != ForecastModel.LIKELIHOOD)
    forecasts_refresh(organisation=in_acme, day=TODAY)
    told = Forecast.objects.filter(unit=None, made_on=TODAY).exclude(model=ForecastModel.LIKELIHOOD)
    assert len(told) == len(ForecastModel) - 1
    for one in told:
        assert one.amount_minor >= won and one.low_95_minor >= won and one.low_minor >= won, one.model
        assert one.high_minor >= one.low_minor and one.high_95_minor >= one.low_95_minor


def test_the_parts_are_of_the_model_with_the_best_record(forecasts: list[Forecast], in_acme: Organisation) -> None:
    """Whichever was tried best on the past: a model that hit two past quarters as it was made then is shared from now on."""
    before = ForecastShare.objects.values_list("model", flat=True).first()
    other = next(one for one in (ForecastModel.TIME_SERIES, ForecastModel.WEIGHTED_PIPELINE) if one != before)
    for key, start, end in (("2026-Q2", "2026-04-01", "2026-07-01"), ("2026-Q3", "2026-07-01", "2026-10-01")):
        won = OpportunityVersion.objects.filter(status="won", close_on__gte=start, close_on__lt=end)
        for model in (ForecastModel.TIME_SERIES, ForecastModel.WEIGHTED_PIPELINE):
            Forecast.objects.create(
                made_on=date.fromisoformat(end) - timedelta(days=40), period=Period.objects.get(key=key), model=model,
                currency="USD", amount_minor=sum(one.amount_minor for one in won) + (0 if model == other else 10**7),
            )  # fmt: skip
    forecasts_refresh(organisation=in_acme, day=TODAY)
    assert set(ForecastShare.objects.values_list("model", flat=True)) == {other}
    viewer = viewer_of_system(in_acme, on=TODAY, name="tests").acting("pipeline.view")
    first, *others = forecast_latest(viewer)
    assert first.model == other and before in {one.model for one in others}
    assert first.chosen_because.startswith(
        "As made 30 days before the end, it was wrong by 0.0 % (bias 0.0 %) in 2 past periods"
    )
    assert not any(one.chosen_because for one in others)
    sheet = forecast_sheet(viewer, SheetAsked(first.period, TODAY, TODAY))
    assert (sheet.model_name, sheet.model_because) == (first.get_model_display(), first.chosen_because)


@pytest.mark.usefixtures("forecasts")
def test_sheet_pipeline_home_and_api_name_the_same_choice_with_its_reason(sign_in: Any, in_acme: Organisation) -> None:
    Forecast.objects.filter(unit=None, model=ForecastModel.SEASONAL_NAIVE).update(
        record_because="Because of its record."
    )
    ForecastShare.objects.update(model=ForecastModel.SEASONAL_NAIVE)
    eve = sign_in("eve")
    of_day = {"period": "2026-Q4", "day": TODAY.isoformat()}
    for page in ("insights:pipeline", "home", "insights:forecast"):
        shown = eve.get(reverse(page), of_day if page == "insights:forecast" else {}).content.decode()
        assert "Because of its record." in shown, page
    found = [one for one in eve.get(reverse("api_insights_forecasts")).json()["results"] if one["unit"] is None]
    assert [one["model"] for one in found][0] == "seasonal_naive" and found[0][
        "chosen_because"
    ] == "Because of its record."
    sheet = eve.get(reverse("api_insights_forecast"), of_day).json()
    assert (sheet["model"], sheet["model_because"]) == ("seasonal_naive", "Because of its record.")
    assert sign_in("rex").get(reverse("api_insights_forecast"), of_day).json()["model_because"] == ""


def test_without_a_record_the_trials_choose_and_say_so(forecasts: list[Forecast], in_acme: Organisation) -> None:
    first = forecasts[0]
    assert first.chosen_because.startswith(f"In trials on {first.test_count} past periods it was the least wrong")
    assert set(ForecastShare.objects.values_list("model", flat=True)) == {first.model}


def test_the_first_model_beats_the_year_before(forecasts: list[Forecast]) -> None:
    naive = next(one for one in forecasts if one.model == ForecastModel.SEASONAL_NAIVE)
    assert forecasts[0].skill_rate is not None and forecasts[0].skill_rate > 0 and naive.skill_rate is None
    forecasts[0].skill_rate = 0
    assert forecasts[0].loses_to_naive
    Forecast.objects.filter(pk=forecasts[0].pk).update(skill_rate=0)
    again = forecast_latest(viewer_of_system(Organisation.objects.get(slug="acme"), on=TODAY, name="tests"))
    assert again[0].pk != forecasts[0].pk
