"""The pay forecast: open deals drawn by their chance, priced by the engine, summed jointly, and told to whom it concerns."""

import csv
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from incentives.models import PlanAssignment
from insights.models import ChanceSource, DealLikelihood, LikelihoodTrial, PayForecast, PayForecastBasis
from insights.services.pay_forecasts import pay_forecast_refresh
from insights.tasks import PayForecastPart
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.crm.models import OpportunityVersion
from spm.people.models import Participant
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.incentives import world

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 15)
PAGE, API = reverse("insights:pay_forecast"), reverse("api_insights_pay_forecasts")


def deal(key: str, owner: str, amount_minor: int, chance: int | None = None, **changes: Any) -> None:
    """Let a deal be open and expected to close at the end of November, with a chance in percent where one is told."""
    version = world.deal(key, owner, amount_minor, DAY)
    fields = {
        "status": "open",
        "stage": "Proposal",
        "close_on": None,
        "expected_close_on": date(2026, 11, 30),
        **changes,
    }
    OpportunityVersion.objects.filter(pk=version.pk).update(**fields)
    if chance is not None:
        DealLikelihood.objects.create(as_on=DAY, deal=version.fact, chance_rate=chance * 10**6)


def made(acme: Organisation, day: date = DAY) -> dict[tuple[str, str], tuple[int | None, ...]]:
    """Make the forecast of the fourth quarter; by scope and name: earned so far, low, median, high."""
    pay_forecast_refresh(organisation=acme, period=Period.objects.get(key="2026-Q4"), day=day)
    return {
        (row.scope, row.participant.name if row.participant else ""): (
            row.earned_minor, row.low_minor, row.median_minor, row.high_minor,
        )
        for row in PayForecast.objects.select_related("participant")
    }  # fmt: skip


@pytest.fixture
def pipeline(viewer: Any) -> None:
    """5 % up to a quota of 10,000.00 and 10 % above; Mara gets 1 % of what Rex and Ria sell. Likelihoods are told."""
    world.build(viewer("sol"))
    LikelihoodTrial.objects.create(as_on=DAY)
    world.deal("W-1", "rex", 600_000, date(2026, 10, 5))
    deal("O-1", "rex", 400_000, 50)
    deal("O-2", "rex", 800_000, 60)
    deal("O-3", "ria", 1_000_000, 48)


def test_two_deals_are_expected_as_worked_out_by_hand(pipeline: None, acme: Organisation) -> None:
    """Rex has sold 6,000.00; deals of 4,000.00 (50 %) and 8,000.00 (60 %) are open.

    None 20 %: 300.00. The small one 20 %: 500.00. The large one 30 %: 500.00 + 10 % of 4,000.00 = 900.00. Both 30 %: 500.00 + 10 % of
    8,000.00 = 1,300.00. At most 500.00 in 40 % and 900.00 in 70 %, so the median is 900.00; 10 % is 300.00, 90 % is 1,300.00. Mara's 1 %
    is 60.00, and of the whole 16,000.00 + 10,000.00 more. Ria gets 500.00 in 48 %, nothing in 52 %.

    The two reps together: 300.00 in 10.4 %, 500.00 in 10.4 %, 800.00 in 9.6 %, 900.00 in 15.6 %, 1,000.00 in 9.6 %: at most 900.00
    in 46 % and 1,000.00 in 55.6 %. The median of the team is 1,000.00, and not 900.00 + 0.00.
    """
    found = made(acme)
    assert found["PERSON", "Rex"] == (30_000, 30_000, 90_000, 130_000)
    assert found["PERSON", "Ria"] == (0, 0, 0, 50_000)
    assert found["PERSON", "Rob"] == (0, 0, 0, 0)
    assert found["TEAM", "Mara"][0] == 30_000 and found["TEAM", "Mara"][2] == 100_000
    assert found["PERSON", "Mara"][0] == 6_000 and found["COMPANY", ""][0] == 36_000
    basis = PayForecastBasis.objects.get()
    assert (basis.deals, basis.scenarios, basis.source, basis.at_share) == (3, 1000, ChanceSource.LIKELIHOOD, 0)
    assert (basis.reason, basis.in_full) == ("", False)


def test_the_same_day_gives_the_same_and_replaces_it(pipeline: None, acme: Organisation) -> None:
    first = made(acme)
    seed = PayForecastBasis.objects.get().seed
    assert made(acme) == first and PayForecastBasis.objects.get().seed == seed
    LikelihoodTrial.objects.create(as_on=DAY + timedelta(days=1))
    made(acme, DAY + timedelta(days=1))
    assert PayForecastBasis.objects.get().seed == seed + 1


def test_shares_of_an_open_deal_and_its_overdue_day_count(pipeline: None, acme: Organisation) -> None:
    """A sure deal of 10,000.00, overdue, is shared by Ria and Rob: each gets 5 % of 5,000.00."""
    deal("O-3", "ria", 1_000_000, expected_close_on=date(2026, 10, 2))
    DealLikelihood.objects.filter(deal__source_key="O-3").update(chance_rate=10**8)
    world.split("O-3", "ria", 50)
    world.split("O-3", "rob", 50)
    found = made(acme)
    assert found["PERSON", "Ria"] == found["PERSON", "Rob"] == (0, 25_000, 25_000, 25_000)


def test_without_likelihoods_the_share_of_the_stage_is_taken_and_said(pipeline: None, acme: Organisation) -> None:
    """30 of 40 deals were won, so of Rex's two none is in 6.25 %, the small one or the large one alone in 18.75 %, both in 56.25 %."""
    LikelihoodTrial.objects.update(refused="It was no better.")
    for number in range(40):
        status = "won" if number % 4 else "lost"
        world.deal(f"P-{number}", "rob", 100, date(2026, 6, 1))
        OpportunityVersion.objects.filter(fact__source_key=f"P-{number}").update(status=status, created_on="2026-03-01")
    found = made(acme)
    basis = PayForecastBasis.objects.get()
    assert (basis.source, basis.source_reason, basis.at_share) == (ChanceSource.STAGE_SHARE, "It was no better.", 3)
    assert found["PERSON", "Rex"] == (30_000, 50_000, 130_000, 130_000)


def test_where_no_chance_is_known_nothing_is_expected_and_nothing_is_nought(
    pipeline: None, acme: Organisation, sign_in: Any
) -> None:
    LikelihoodTrial.objects.update(refused="It was no better.")
    found = made(acme)
    assert found["PERSON", "Rex"] == (30_000, None, None, None)
    assert found["COMPANY", ""] == (36_000, None, None, None)
    assert "decided before" in PayForecast.objects.get(participant__name="Rex", scope="PERSON").reason
    assert "decided before" in sign_in("fin").get(PAGE).content.decode()


def test_who_cannot_be_calculated_is_unknown_with_the_reason(pipeline: None, acme: Organisation) -> None:
    """A deal in euros without a rate leaves Ria unknown; Rob sells on no plan."""
    deal("O-4", "ria", 100, 10, currency="EUR")
    rex, ria = (Participant.objects.get(source_key=name) for name in ("rex", "ria"))
    for title in PlanAssignment.objects.filter(plan__code="reps-2026"):
        for person in (rex, ria):
            PlanAssignment.objects.create(plan=title.plan, participant=person, during=title.during)
        title.delete()
    found = made(acme)
    assert found["PERSON", "Ria"] == found["PERSON", "Rob"] == (None, None, None, None)
    reasons = {row.participant.name: row.reason for row in PayForecast.objects.filter(scope="PERSON", unknown=1)}
    assert "EUR" in reasons["Ria"] and "on no plan" in reasons["Rob"]
    team = PayForecast.objects.get(scope="TEAM", participant__name="Mara")
    assert (team.people, team.unknown, team.median_minor) == (2, 1, 90_000)


def told(client: Any) -> set[tuple[str, str | None]]:
    return {(row["scope"], row["name"]) for row in client.get(API).json()["results"]}


def test_everybody_sees_what_concerns_them(pipeline: None, acme: Organisation, sign_in: Any) -> None:
    made(acme)
    everybody = {("PERSON", name) for name in ("Rex", "Ria", "Rob", "Mara", "Mona", "Max")}
    teams = {("TEAM", "Mara"), ("TEAM", "Mona")}
    for who in ("fin", "eve", "sol", "otto"):
        assert told(sign_in(who)) == everybody | teams | {("COMPANY", None)}
    assert told(sign_in("mara")) == {("PERSON", name) for name in ("Rex", "Ria", "Mara")} | {("TEAM", "Mara")}
    assert told(sign_in("rex")) == {("PERSON", "Rex")}
    assert sign_in("ada").get(API).status_code == 403
    rob = Participant.objects.get(source_key="rob").pk
    for name in ("insights:pay_forecast_person", "api_insights_pay_forecast_person"):
        assert sign_in("rex").get(reverse(name, args=[rob])).status_code == 404
    assert sign_in("fin").get(f"{API}?period=2026-Q1").status_code == 404


def test_another_companys_forecast_is_not_there(acme: Organisation, sign_in: Any) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        actor = viewer_of_system(acme, on=DAY, name="tests")
        period = calendar_extend(
            kind=CalendarKind.QUARTERLY, start=date(2026, 10, 1), until=date(2027, 1, 1), actor=actor
        )[0]
        rob = Participant.objects.get(source_key="rob")
        basis = PayForecastBasis.objects.create(period=period, as_on=DAY, seed=1)
        PayForecast.objects.create(basis=basis, scope="PERSON", participant=rob, currency="USD", median_minor=1)
    gus = sign_in("gus@globex.example")
    for name in ("insights:pay_forecast_person", "api_insights_pay_forecast_person"):
        assert gus.get(reverse(name, args=[rob.pk])).status_code == 404
        assert sign_in("fin").get(reverse(name, args=[rob.pk])).status_code == 200
    assert gus.get(API).json()["results"] == [] and len(sign_in("fin").get(API).json()["results"]) == 1
    assert gus.get(f"{API}?period={period.key}").status_code == 404


def test_page_file_home_and_api_say_the_same(
    pipeline: None, acme: Organisation, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    deal("O-9", "rex", 100, 50, expected_close_on=date(2026, 9, 30))
    made(acme)
    fin, rex = sign_in("fin"), Participant.objects.get(source_key="rex")
    with django_assert_max_num_queries(22):
        page = fin.get(PAGE).content.decode()
    assert "$900.00" in page and "Expected accrual at period end" in page and "not of today" in page
    assert "Expected accrual" not in sign_in("eve").get(PAGE).content.decode()
    file = sign_in("fin").get(reverse("insights:pay_forecast_export", args=["csv"])).content.decode("utf-8-sig")
    lines = {(line["Scope"], line["Name"]): line for line in csv.DictReader(file.splitlines())}
    assert (
        lines["Person", "Rex"]["Median"] == "900.00" and lines["Person", "Rex"]["Expected accrual at period end"] == ""
    )
    company = lines["Company", ""]
    assert company["Expected accrual at period end"] == company["Median"] != ""
    own = sign_in("rex")
    assert "$900.00" in own.get(reverse("home")).content.decode()
    address = reverse("insights:pay_forecast_person", args=[rex.pk])
    text = own.get(address).content.decode()
    assert "$900.00" in text and "O-2" in text and "O-9" not in text
    [row] = own.get(reverse("api_insights_pay_forecast_person", args=[rex.pk])).json()["forecasts"]
    assert (row["low_minor"], row["median_minor"], row["high_minor"], row["made_on"]) == (
        30_000,
        90_000,
        130_000,
        "2026-11-15",
    )


def test_the_night_tells_the_periods_of_the_day(pipeline: None, acme: Organisation) -> None:
    part = PayForecastPart()
    [record, step] = part.steps(acme, DAY)
    assert part.run(acme, DAY, step).outcome == part.run(acme, DAY, step).outcome == {"pay_forecasts": 9}
    assert PayForecastBasis.objects.get().period.key == "2026-Q4"
    later = date(2027, 1, 2)
    assert part.steps(acme, later) == [record.replace(str(DAY), str(later))]


def test_before_the_first_night_the_page_says_so(sign_in: Any) -> None:
    assert "No pay forecast yet" in sign_in("fin").get(PAGE).content.decode()
    assert sign_in("fin").get(API).json()["results"] == []
