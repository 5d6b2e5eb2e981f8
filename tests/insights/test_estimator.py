"""The estimator: chosen open deals at other amounts and days, priced as a run prices them, without a row written."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from incentives.models import PlanAssignment
from incentives.selectors import pipeline_estimates
from incentives.selectors.pipeline_estimates import ChosenDeal
from insights.selectors.pay_estimates import (
    PayEstimate,
    deal_day,
    pay_estimate,
    pay_estimate_person,
    pay_estimate_pipeline,
)
from planning.models import Period, Quota
from spm.crm.models import Opportunity, OpportunityVersion
from spm.people.models import Participant
from spm.roles.policy import Viewer
from tests.incentives import world
from tests.incentives.test_whatif import counts

pytestmark = pytest.mark.django_db

SALE = date(2026, 10, 5)


def deal(key: str, owner: str, amount_minor: int | None, **changes: Any) -> str:
    """Let a deal be open and expected to close at the end of November; gives its id."""
    version = world.deal(key, owner, amount_minor or 0, SALE)
    fields = {
        "status": "open",
        "stage": "Proposal",
        "close_on": None,
        "expected_close_on": date(2026, 11, 30),
        "amount_minor": amount_minor,
        **changes,
    }
    OpportunityVersion.objects.filter(pk=version.pk).update(**fields)
    return str(version.fact_id)


def of(name: str) -> str:
    return str(Participant.objects.get(source_key=name).pk)


def page(name: str) -> str:
    return reverse("insights:pay_estimate", args=[of(name)])


def api(name: str) -> str:
    return reverse("api_insights_pay_estimate", args=[of(name)])


Chosen = tuple[str, int, date]
END = date(2026, 11, 30)


def asked(looking: Viewer, name: str, *deals: Chosen) -> PayEstimate:
    """What deals would pay a person, as somebody sees it on 2 November 2026."""
    person = pay_estimate_person(looking, of(name))
    assert person is not None
    return pay_estimate(looking, person, [ChosenDeal(*one) for one in deals])


def figures(found: PayEstimate) -> dict[str, tuple[Any, ...]]:
    """By period: paid before and after, attainment after, and what is missing to the next tier, of the first line."""
    lines = {one.period.key: one.lines[0] for one in found.periods}
    return {
        key: (
            line.before_minor,
            line.after_minor,
            line.after_rate,
            line.next_tier.missing_minor if line.next_tier else None,
        )
        for key, line in lines.items()
    }


@pytest.fixture
def pipeline(viewer: Any) -> dict[str, str]:
    """5 % up to a quota of 10,000.00 a quarter and 10 % above; Mara gets 1 % of her reps'. Rex has sold 6,000.00."""
    world.build(viewer("sol"))
    world.deal("W-1", "rex", 600_000, SALE)
    return {"small": deal("O-1", "rex", 300_000), "large": deal("O-2", "rex", 800_000), "other": deal("O-3", "ria", 1)}


def test_chosen_deals_cross_the_tier_and_nothing_is_written(pipeline: dict[str, str], viewer: Any) -> None:
    """6,000.00 earn 300.00. With 3,000.00 more 450.00, 1,000.00 below the tier; with 8,000.00 too, 500.00 + 10 % of 7,000.00."""
    before, rex = counts(), viewer("rex")
    small, large = (pipeline["small"], 300_000, END), (pipeline["large"], 800_000, END)
    assert figures(asked(rex, "rex")) == {"2026-Q4": (30_000, 30_000, 60_000_000, 400_000)}
    assert figures(asked(rex, "rex", small)) == {"2026-Q4": (30_000, 45_000, 90_000_000, 100_000)}
    both = asked(rex, "rex", small, large)
    assert figures(both) == {"2026-Q4": (30_000, 120_000, 170_000_000, None)}
    [pays] = both.periods[0].pays
    assert (pays.currency, pays.before_minor, pays.after_minor, pays.difference_minor) == (
        "USD",
        30_000,
        120_000,
        90_000,
    )
    assert both.periods[0].lines[0].is_highest and counts() == before


def test_an_amount_and_a_day_are_moved(pipeline: dict[str, str], viewer: Any) -> None:
    """The large deal at 2,000.00 earns 100.00; moved to September it is paid there; in January no plan pays it."""
    rex, large = viewer("rex"), pipeline["large"]
    assert figures(asked(rex, "rex", (large, 200_000, END)))["2026-Q4"][1] == 40_000
    assert figures(asked(rex, "rex", (large, 800_000, date(2026, 9, 30)))) == {
        "2026-Q3": (0, 40_000, 80_000_000, 200_000),
        "2026-Q4": (30_000, 30_000, 60_000_000, 400_000),
    }
    away = asked(rex, "rex", (large, 800_000, date(2027, 1, 4)))
    assert figures(away) == {"2026-Q4": (30_000, 30_000, 60_000_000, 400_000)}
    assert [one.key for one in away.outside] == [large]


def test_it_pays_what_a_run_pays_once_the_deals_are_won(pipeline: dict[str, str], viewer: Any) -> None:
    sol = viewer("sol")
    told = asked(sol, "rex", (pipeline["large"], 800_000, END)), asked(sol, "mara", (pipeline["large"], 800_000, END))
    OpportunityVersion.objects.filter(fact=pipeline["large"]).update(status="won", stage="Won", close_on=END)
    period = Period.objects.get(key="2026-Q4")
    world.calculate(period, sol)
    earned = world.earned(period)
    assert [one.periods[0].pays[0].after_minor for one in told] == [earned["Rex"], earned["Mara"]] == [90_000, 14_000]


def test_a_manager_is_paid_for_the_team_and_looks_at_a_rep(pipeline: dict[str, str], viewer: Any) -> None:
    """1 % of Rex's 6,000.00 and of 8,000.00 more."""
    mara, large = viewer("mara"), (pipeline["large"], 800_000, END)
    assert figures(asked(mara, "mara", large))["2026-Q4"][:2] == (6_000, 14_000)
    assert figures(asked(mara, "rex", large))["2026-Q4"][1] == 90_000
    assert pay_estimate_person(viewer("rob"), of("rex")) is None


def test_a_share_of_a_deal_counts(pipeline: dict[str, str], viewer: Any) -> None:
    """Half of 8,000.00 is Ria's: Rex stands at 10,000.00."""
    for name in ("rex", "ria"):
        world.split("O-2", name, 50)
    assert figures(asked(viewer("rex"), "rex", (pipeline["large"], 800_000, END)))["2026-Q4"][1] == 50_000


def test_who_has_sold_nothing_yet_wins_in_the_stage_of_the_company(pipeline: dict[str, str], viewer: Any) -> None:
    assert figures(asked(viewer("ria"), "ria", (pipeline["other"], 100_000, END)))["2026-Q4"][:2] == (0, 5_000)


def test_what_cannot_be_calculated_is_unknown_with_the_reason(pipeline: dict[str, str], viewer: Any) -> None:
    """A deal in euros without a rate: what is paid with it is unknown; without quotas everything is."""
    euro, rex = deal("O-5", "rex", 100_000, currency="EUR"), viewer("rex")
    [period] = asked(rex, "rex", (euro, 100_000, END)).periods
    assert (period.lines[0].before_minor, period.lines[0].after_minor) == (30_000, None)
    assert "EUR" in period.lines[0].reason and of("rex") not in period.lines[0].reason
    assert (period.pays[0].after_minor, period.pays[0].difference_minor) == (None, None)
    Quota.objects.all().delete()
    [period] = asked(rex, "rex", (pipeline["small"], 300_000, END)).periods
    assert period.lines[0].after_minor is None and "quota" in period.lines[0].reason.lower()


def test_no_plan_and_no_pipeline_say_what_to_do(pipeline: dict[str, str], sign_in: Any) -> None:
    assert "No open deals" in sign_in("max").get(page("max")).content.decode()
    mine = deal("O-6", "rob", 100_000)
    PlanAssignment.objects.all().delete()
    given = {"deal": mine, f"{mine}-close_on": "2026-12-01"}
    assert "No plan pays Rob" in sign_in("rob").post(page("rob"), given).content.decode()
    away = sign_in("rob").post(page("rob"), given | {f"{mine}-close_on": "2031-01-02"}).content.decode()
    assert "lies in no period that a published plan pays" in away


def test_the_api_takes_open_deals_within_reach_and_asks_what_they_lack(pipeline: dict[str, str], sign_in: Any) -> None:
    rex, bare = sign_in("rex"), deal("O-4", "rex", None, expected_close_on=None)

    def sent(*deals: dict[str, Any]) -> Any:
        return rex.post(api("rex"), {"deals": list(deals)}, "application/json")

    won = str(Opportunity.objects.get(source_key="W-1").pk)
    for key in (pipeline["other"], won, bare):
        answer = sent({"deal": key})
        assert answer.status_code == 400 and key in answer.content.decode()
    assert sent({"deal": bare, "amount_minor": 1}, {"deal": bare}).status_code == 400
    answer = sent({"deal": bare, "amount_minor": 100_000, "close_on": "2026-12-01"}).json()
    [period] = [one for one in answer["periods"] if one["period"] == "2026-Q4"]
    assert period["pays"] == [
        {"currency": "USD", "before_minor": 30_000, "after_minor": 35_000, "difference_minor": 5_000}
    ]
    assert period["lines"][0]["missing_to_next_tier_minor"] == 300_000
    [outside] = sent({"deal": bare, "amount_minor": 1, "close_on": "2031-01-02"}).json()["outside"]
    assert "2031-01-02" in outside["reason"]
    assert sign_in("rob").post(api("rex"), {"deals": []}, "application/json").status_code == 404


def test_the_page_says_what_the_api_says(
    pipeline: dict[str, str], sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    rex, small = sign_in("rex"), pipeline["small"]
    with django_assert_max_num_queries(18):
        text = rex.get(page("rex")).content.decode()
    assert "O-1" in text and "O-2" in text and "O-3" not in text and "hx-post" in text
    given = {"deal": small, f"{small}-amount": "12000", f"{small}-close_on": "2026-12-01"}
    answered = rex.post(page("rex"), given).content.decode()
    assert "$1,300.00" in answered and "+$1,000.00" in answered
    part = rex.post(page("rex"), given, headers={"HX-Request": "true"}).content.decode()
    assert "$1,300.00" in part and "<html" not in part
    wrong = rex.post(page("rex"), given | {f"{small}-amount": "-1"}).content.decode()
    assert "$1,300.00" not in wrong and "Nothing was estimated" in wrong
    other = rex.post(page("rex"), {"deal": pipeline["other"]}).content.decode()
    assert "A deal is left out" in other


def test_an_overdue_deal_is_offered_today(pipeline: dict[str, str], viewer: Any) -> None:
    rex = viewer("rex")
    deal("O-7", "rex", 100_000, expected_close_on=rex.on - timedelta(days=9))
    person = pay_estimate_person(rex, of("rex"))
    assert person is not None
    first, *_ = pay_estimate_pipeline(rex, person).deals
    assert (first.fact.source_key, deal_day(first, rex.on)) == ("O-7", rex.on)
    found = pay_estimate_pipeline(rex, person, name="o-2", also=[first.fact_id])
    assert {one.fact.source_key for one in found.deals} == {"O-2", "O-7"} and found.more == 0


def test_an_estimate_holds_only_so_many_periods(
    pipeline: dict[str, str], sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given that one period is estimated at once, then deals in two are refused with what to do."""
    monkeypatch.setattr(pipeline_estimates, "MOST_PERIODS", 1)
    days = {pipeline["small"]: "2026-03-01", pipeline["large"]: "2026-05-01"}
    chosen = [{"deal": key, "close_on": day} for key, day in days.items()]
    answer = sign_in("rex").post(api("rex"), {"deals": chosen}, "application/json")
    assert answer.status_code == 400 and "periods with today" in answer.content.decode()
    given = {"deal": list(days), **{f"{key}-close_on": day for key, day in days.items()}}
    assert "periods with today" in sign_in("rex").post(page("rex"), given).content.decode()
