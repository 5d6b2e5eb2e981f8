"""Likelihood of open deals in the product: told with its reasons where it held out of time, else unknown with the reason."""

import csv
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db.models import Sum
from django.urls import reverse

from insights.models import DealLikelihood, Forecast, ForecastModel, LikelihoodTrial
from insights.selectors.past_deals import past_deals
from insights.services.forecasts import forecasts_refresh
from insights.services.likelihoods import likelihoods_refresh
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from spm.crm.models import Opportunity, OpportunityVersion, StageChange, StageChangeVersion
from spm.people.models import Participant
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

TODAY = date(2026, 11, 15)
KNOWN = datetime(2026, 1, 1, tzinfo=UTC)
LIST, API = reverse("insights:likelihoods"), reverse("api_insights_likelihoods")


def versions(rows: list[dict[str, Any]]) -> list[Opportunity]:
    facts = Opportunity.objects.bulk_create(Opportunity(source="crm", source_key=f"d{n}") for n in range(len(rows)))
    OpportunityVersion.objects.bulk_create(
        OpportunityVersion(fact=fact, known_from=KNOWN, amount_minor=100_00, currency="USD", **row)
        for fact, row in zip(facts, rows, strict=True)
    )
    return facts


def decided(acme: Organisation, *, deals: int = 900, turned_on: date | None = None) -> None:
    """Rex wins four of five deals and Rob one, each open for 40 days; from the day `turned_on` it is the other way round.

    Both have an open deal, Rex in a stage of its own and Rob without a day of creation besides.
    """
    dice = np.random.default_rng(5)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        rex, rob = (Participant.objects.get(source_key=name) for name in ("rex", "rob"))
        rows = []
        for number in range(deals):
            closed = TODAY - timedelta(days=1 + number % 700)
            is_turned = turned_on is not None and closed >= turned_on
            owner = (rex, rob)[number % 2]
            is_won = dice.random() < (0.8 if (owner == rex) != is_turned else 0.2)
            rows.append(
                {
                    "owner": owner, "status": "won" if is_won else "lost", "close_on": closed,
                    "created_on": closed - timedelta(days=40),
                }
            )  # fmt: skip
        still = {
            "status": "open",
            "stage": "Proposal",
            "expected_close_on": "2026-12-01",
            "created_on": TODAY - timedelta(20),
        }
        rows += [still | {"owner": rex}, still | {"owner": rob}, still | {"owner": rob, "created_on": None}]
        versions(rows)
        likelihoods_refresh(day=TODAY)


def told(client: Any) -> dict[str, Any]:
    return {row["key"]: row for row in client.get(API).json()["results"]}


def test_each_open_deal_is_told_with_its_reasons(sign_in: Any, acme: Organisation) -> None:
    decided(acme)
    found = told(sign_in("sol"))
    rex, rob, undated = (found[f"d{n}"] for n in (900, 901, 902))
    assert 70_000_000 < rex["chance_rate"] < 90_000_000 and 10_000_000 < rob["chance_rate"] < 30_000_000
    assert rex["as_on"] == TODAY.isoformat() and rex["reason"] == ""
    first = rex["why"][0]
    assert first["what"] == "owner" and first["words"] == "Owner: Rex" and first["moves_rate"] > 20_000_000
    assert first["deals"] == 450 and rob["why"][0]["moves_rate"] < -20_000_000
    assert (undated["chance_rate"], undated["why"]) == (None, [])
    assert "no day of creation" in undated["reason"]
    trial = sign_in("sol").get(reverse("api_insights_likelihood_trial")).json()
    assert trial["refused"] == "" and trial["brier_rate"] < trial["base_brier_rate"] and trial["tested"] >= 100
    assert trial["gap_rate"] <= 10_000_000


def test_page_deal_page_and_file_say_the_same(
    sign_in: Any, acme: Organisation, django_assert_max_num_queries: Any
) -> None:
    decided(acme)
    sol = sign_in("sol")
    with django_assert_max_num_queries(22):
        page = sol.get(LIST).content.decode()
    row = next(row for row in told(sol).values() if row["key"] == "d900")
    shown = f"{round(row['chance_rate'] / 1_000_000)}%"
    points = f"{row['why'][0]['moves_rate'] / 1_000_000:+.1f}"
    assert shown in page and "Owner: Rex" in page and points in page and "Tried out of time" in page
    one = sol.get(reverse("insights:likelihood", args=[row["deal"]])).content.decode()
    assert shown in one and f"{points} points, from 450 past deals" in one
    deal = sol.get(reverse("crm:opportunity_detail", args=[row["deal"]])).content.decode()
    assert reverse("insights:likelihood", args=[row["deal"]]) in deal
    assert LIST in sol.get(reverse("insights:pipeline")).content.decode()
    file = sol.get(reverse("insights:likelihoods_export", args=["csv"])).content.decode("utf-8-sig")
    lines = {line["Key"]: line for line in csv.DictReader(file.splitlines())}
    assert float(lines["d900"]["Likelihood"]) == row["chance_rate"] / 10**8 and lines["d902"]["Likelihood"] == ""
    assert sol.get(reverse("api_insights_likelihood", args=[row["deal"]])).json() == row


def test_likelihoods_are_a_forecast_beside_the_others_with_its_trials(sign_in: Any, acme: Organisation) -> None:
    decided(acme, deals=1400)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        actor = viewer_of_system(acme, on=TODAY, name="tests")
        calendar_extend(kind=CalendarKind("QUARTERLY"), start=date(2024, 10, 1), until=date(2027, 1, 1), actor=actor)
        forecasts_refresh(organisation=acme, day=TODAY)
        versions = OpportunityVersion.objects
        won = versions.filter(status="won", close_on__gte="2026-10-01").aggregate(won=Sum("amount_minor"))["won"]
        found = Forecast.objects.get(unit=None, model=ForecastModel.LIKELIHOOD)
        rates = DealLikelihood.objects.values_list("chance_rate", flat=True)
        share = versions.filter(status="won").count() / versions.exclude(status="open").count()
        # Each deal took 40 days: those of 20 days close in the 47 that are left, and the one without a day of creation does.
        assert found.amount_minor == won + round(100_00 * (sum(rates) / 10**8 + share))
        assert found.test_count >= 4 and found.wmape_rate is not None and found.reason == ""
        LikelihoodTrial.objects.update(refused="It was no better.")
        forecasts_refresh(organisation=acme, day=TODAY)
        found = Forecast.objects.get(unit=None, model=ForecastModel.LIKELIHOOD)
        assert (found.amount_minor, found.reason, found.test_count) == (None, "It was no better.", 0)
    told_now = sign_in("eve").get(reverse("api_insights_forecasts")).json()["results"]
    [row] = [one for one in told_now if one["unit"] is None and one["model"] == "likelihood"]
    assert (row["amount_minor"], row["reason"], row["chosen_because"]) == (None, "It was no better.", "")


def test_before_the_first_night_nothing_is_known(sign_in: Any, acme: Organisation) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        versions([{"status": "open", "created_on": "2026-10-01"}])
    [row] = told(sign_in("sol")).values()
    assert (row["chance_rate"], row["as_on"]) == (None, None)
    assert row["reason"] == "The nightly job has not told likelihoods yet."
    assert sign_in("sol").get(reverse("api_insights_likelihood_trial")).json()["refused"] == row["reason"]


def test_everybody_sees_their_own_deals_only(sign_in: Any, acme: Organisation) -> None:
    decided(acme)
    assert set(told(sign_in("rex"))) == {"d900"} == set(told(sign_in("mara")))
    foreign = told(sign_in("sol"))["d901"]["deal"]
    for name in ("rex", "gus@globex.example"):
        assert sign_in(name).get(reverse("insights:likelihood", args=[foreign])).status_code == 404
        assert sign_in(name).get(reverse("api_insights_likelihood", args=[foreign])).status_code == 404


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ({"deals": 120}, "120 deals have been won or lost. 200 that were open for some weeks are needed"),
        ({"turned_on": TODAY - timedelta(days=230)}, "was not better than the plain share"),
    ],
)
def test_what_did_not_hold_out_of_time_is_never_shown_as_a_number(
    sign_in: Any, acme: Organisation, history: dict[str, Any], reason: str
) -> None:
    decided(acme, **history)
    sol = sign_in("sol")
    rows = list(told(sol).values())
    assert len(rows) == 3 and all(row["chance_rate"] is None and reason in row["reason"] for row in rows)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert not DealLikelihood.objects.exists()
    page = sol.get(LIST).content.decode()
    assert "Likelihoods are unknown" in page and "Tried out of time" not in page


def test_a_wrong_calibration_is_refused_and_takes_back_what_was_told(sign_in: Any, acme: Organisation) -> None:
    """Rex and Rob still differ, so that the likelihood is better than a plain share; but both win far more than it says."""
    decided(acme)
    assert told(sign_in("sol"))["d900"]["chance_rate"]
    with organisation_scope(acme.pk, actor=DIRECTOR):
        later = OpportunityVersion.objects.filter(
            status="lost", close_on__gte=TODAY - timedelta(days=230), owner__source_key="rob"
        )
        for number, row in enumerate(later.order_by("close_on", "fact_id")):
            if number % 2:
                OpportunityVersion.objects.filter(pk=row.pk).update(status="won")
        likelihoods_refresh(day=TODAY)
        assert "points away from the share that was won" in LikelihoodTrial.objects.get().refused
    assert told(sign_in("sol"))["d900"]["chance_rate"] is None


def test_a_stage_counts_from_the_day_after_it_was_entered(in_acme: Organisation) -> None:
    rows = [
        {"status": "open", "stage": "Proposal", "created_on": "2026-10-01"},
        {"status": "open", "created_on": "2026-10-01"},
    ]
    first, _second = versions(rows)
    for day, stage in (("2026-10-05", "Proposal"), ("2026-10-09", "Gone")):
        fact = StageChange.objects.create(source="crm", source_key=day)
        StageChangeVersion.objects.create(fact=fact, opportunity=first, stage=stage, entered_on=day, known_from=KNOWN)
    deals = past_deals(TODAY)
    place = deals.key.index(first.pk)
    on = [(date(2026, 10, day) - date(1970, 1, 1)).days for day in (5, 6, 9, 10)]
    assert deals.stage_on(np.full(4, place), np.array(on)).tolist() == [-1, 0, 0, -1]
    assert deals.stage_on(np.array([1 - place]), np.array(on[-1:])).tolist() == [-1]
