"""Ageing and hygiene of open deals: worked out by hand from kept versions, within reach, the same everywhere, also of past days."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from insights.selectors.conversion import ConversionAsked, conversion
from insights.selectors.hygiene import HygieneAsked, Listed, pipeline_hygiene
from spm.crm.models import FactCommit, Opportunity, OpportunityVersion, StageChange, StageChangeVersion, Upload
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

PAGE, API, DEALS = reverse("insights:hygiene"), reverse("api_insights_hygiene"), reverse("api_insights_hygiene_deals")
FILE = reverse("insights:hygiene_export", args=["csv"])
MARCH = {"on": "2026-03-31"}


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)


def known(key: str, owner: str, *versions: tuple[str, dict[str, Any]], **values: Any) -> Opportunity:
    """A deal whose versions became known on these days, each with what it changes."""
    fact = Opportunity.objects.create(source="crm", source_key=key)
    own = {
        "name": f"Deal {key}",
        "status": "open",
        "amount_minor": 100_00,
        "currency": "USD",
        "next_step": "Call",
    } | values
    person = Participant.objects.get(source_key=owner)
    for place, (since, changes) in enumerate(versions):
        own |= changes
        until = noon(versions[place + 1][0]) if place + 1 < len(versions) else None
        OpportunityVersion.objects.create(fact=fact, owner=person, known_from=noon(since), known_until=until, **own)
    return fact


def entered(deal: Opportunity, stage: str, day: str, key: str = "") -> None:
    fact = StageChange.objects.create(source="crm", source_key=f"{deal.source_key}-{key or stage}")
    StageChangeVersion.objects.create(fact=fact, opportunity=deal, stage=stage, entered_on=day, known_from=noon(day))


@pytest.fixture
def deals(acme: Organisation) -> None:
    """Ten won deals stayed 1, 2, ... 10 days in Demo. Open on 31 March 2026:

    late: made on 1 March, in Demo since 11 March (20 days), was to close on 20 March, moved there from 10 and 15 March.
    old: made in 2025, known since 1 January in Offer, without an amount, a next step or a close date.
    told: in Demo since 28 March by its stage change, although it was known there only on the 30th.
    new: Ria's, made on 30 March and known the day after.
    """
    with organisation_scope(acme.pk, actor=DIRECTOR):
        FactCommit.objects.create(
            known_from=noon("2026-01-01"), action="commit", kind="opportunity", created=9, digest="x"
        )
        for number in range(1, 11):
            left = date(2026, 1, 10) + timedelta(days=number)
            won = known(
                f"won-{number}",
                "rob",
                ("2026-01-01", {}),
                status="won",
                stage="Won",
                created_on="2026-01-01",
                close_on=left,
            )
            entered(won, "Lead", "2026-01-01")
            entered(won, "Demo", "2026-01-10")
        lead = {"stage": "Lead", "created_on": "2026-03-01", "expected_close_on": "2026-03-10"}
        moved = [
            ("2026-03-11", {"stage": "Demo", "expected_close_on": "2026-03-15"}),
            ("2026-03-14", {"expected_close_on": "2026-03-20"}),
        ]
        known(
            "late",
            "rex",
            ("2026-03-02", lead),
            *moved,
            ("2026-04-02", {"status": "won", "stage": "Won", "close_on": "2026-04-02"}),
        )
        lacking = {"stage": "Offer", "created_on": "2025-06-01", "amount_minor": None, "next_step": ""}
        known("old", "rex", ("2026-01-01", lacking))
        told = known(
            "told",
            "rex",
            ("2026-03-30", {"stage": "Demo", "created_on": "2026-03-20", "expected_close_on": "2026-06-30"}),
        )
        entered(told, "Demo", "2026-03-28")
        known(
            "new",
            "ria",
            ("2026-03-31", {"stage": "Lead", "created_on": "2026-03-30", "expected_close_on": "2026-04-30"}),
        )


def listed(client: Client, **query: str) -> dict[str, dict[str, Any]]:
    return {one["key"]: one for one in client.get(DEALS, MARCH | query).json()["results"]}


@pytest.mark.usefixtures("deals")
def test_ages_and_what_is_usual_are_those_worked_out_by_hand(sign_in: Any) -> None:
    found = listed(sign_in("sol"))
    ages = {
        key: [one[name] for name in ("age_days", "stage_days", "stage_is_least", "pushes")]
        for key, one in found.items()
    }
    assert ages == {
        "late": [30, 20, False, 2],
        "old": [303, 89, True, 0],
        "told": [11, 3, False, 0],
        "new": [1, 1, False, 0],
    }
    # Days 1 to 10: the median 5.5, the quartiles 3.25 and 7.75.
    usual = {"stays": 10, "low": 325_000_000, "median": 550_000_000, "high": 775_000_000}
    assert found["late"]["usual"] == usual and found["late"]["reason"] == ""
    assert found["old"]["usual"]["median"] is None and found["old"]["reason"].startswith("Of 0 won deals")


@pytest.mark.usefixtures("deals")
def test_findings_have_a_definition_and_what_can_not_be_told_is_none(sign_in: Any) -> None:
    sol = sign_in("sol")
    found = {key: one["lacks"] for key, one in listed(sol, pushes="2").items()}
    assert found == {
        "late": ["PAST_CLOSE", "SLOWER", "PUSHED"],
        "old": ["CLOSE_MISSING", "AMOUNT_MISSING", "NO_NEXT_STEP", "STUCK"],
        "told": [],
        "new": [],
    }
    whole = sol.get(API, MARCH).json()
    counts = {one["code"]: (one["deals"], one["untold"]) for one in whole["lacks"]}
    assert counts["SLOWER"] == (1, 1) and counts["PAST_CLOSE"] == (1, 1) and counts["PUSHED"] == (0, 0)
    assert (whole["deals"], whole["found"], whole["cycle"]["median"]) == (4, 2, 1_450_000_000)
    stuck = next(one for one in whole["lacks"] if one["code"] == "STUCK")
    assert stuck["definition"] == "It stands in its stage for longer than the limit: 30."
    # 89 days are the least that the old deal stands in its stage: whether that is more than 100 is not known.
    long = next(one for one in sol.get(API, MARCH | {"days": "100"}).json()["lacks"] if one["code"] == "STUCK")
    assert (long["deals"], long["untold"]) == (0, 1) and long["untold_because"].startswith("When it entered its stage")
    # Every won deal was a lead for the nine days until 10 January.
    assert {one["stage"]: (one["deals"], one["median"], one["usual"]["median"]) for one in whole["stages"]} == {
        "Demo": (2, 1_150_000_000, 550_000_000), "Lead": (1, 100_000_000, 900_000_000), "Offer": (1, None, None),
    }  # fmt: skip


@pytest.mark.usefixtures("deals")
def test_where_no_deal_of_the_source_names_a_next_step_that_is_no_finding(sign_in: Any, acme: Organisation) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        OpportunityVersion.objects.update(next_step="")
    counts = {one["code"]: one for one in sign_in("sol").get(API, MARCH).json()["lacks"]}
    assert (counts["NO_NEXT_STEP"]["deals"], counts["NO_NEXT_STEP"]["untold"]) == (0, 4)
    assert counts["NO_NEXT_STEP"]["untold_because"] == "Its source names no next step of any open deal."


@pytest.mark.usefixtures("deals")
def test_a_past_day_is_told_as_it_was_known_then(sign_in: Any) -> None:
    sol = sign_in("sol")
    assert sorted(listed(sol, on="2026-03-12")) == ["late", "old"]
    assert listed(sol, on="2026-03-12")["late"]["stage_days"] == 1
    assert sorted(listed(sol, on="2026-04-02")) == ["new", "old", "told"]
    assert "Nothing was known on this day" in sol.get(PAGE, {"on": "2025-12-31"}).content.decode()


def usual_days(viewer: Any) -> dict[str, tuple[int, int | None]]:
    """Of how many won deals it is known how long they stayed in each stage, and the median."""
    asked = HygieneAsked(date(2026, 3, 31))
    found = pipeline_hygiene(replace(viewer("sol").acting("pipeline.view"), on=asked.day), asked)
    return {stage: (one.stays, one.median) for stage, one in found.usual.items()}


WON = {"status": "won", "close_on": "2026-03-01"}


def test_a_won_deal_may_keep_its_last_open_stage(viewer: Any, acme: Organisation) -> None:
    """From 10 January in Demo and from 1 February in Negotiation, in which it is won on 1 March: 22 and 28 days."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        for number in range(10):
            stands = {"stage": "Negotiation", "created_on": "2026-01-10"}
            deal = known(f"won-{number}", "rex", ("2026-02-01", stands), ("2026-03-01", WON))
            entered(deal, "Demo", "2026-01-10")
            entered(deal, "Negotiation", "2026-02-01")
    assert usual_days(viewer) == {"Demo": (10, 2_200_000_000), "Negotiation": (10, 2_800_000_000)}


def test_moves_of_one_day_follow_their_keys_in_the_source(viewer: Any, acme: Organisation) -> None:
    """Leads since 1 January pass through Visit on 9 February into Demo, and are won on 1 March: 39, 0 and 20 days."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        for number in range(10):
            deal = known(f"won-{number}", "rex", ("2026-03-01", WON | {"stage": "Won", "created_on": "2026-01-01"}))
            for key, stage, day in (("1", "Lead", "01-01"), ("3", "Demo", "02-09"), ("2", "Visit", "02-09")):
                entered(deal, stage, f"2026-{day}", key)
    assert usual_days(viewer) == {"Lead": (10, 3_900_000_000), "Visit": (10, 0), "Demo": (10, 2_000_000_000)}


def test_a_stay_whose_end_is_not_known_tells_nothing(viewer: Any, acme: Organisation) -> None:
    """Leads since 1 January were known first on 20 February, in Demo: the day on which they left Lead is not known."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        for number in range(10):
            stands = {"stage": "Demo", "created_on": "2026-01-01"}
            deal = known(f"won-{number}", "rex", ("2026-02-20", stands), ("2026-03-01", WON | {"stage": "Won"}))
            entered(deal, "Lead", "2026-01-01")
    assert usual_days(viewer) == {}


def test_a_second_visit_counts_where_only_the_first_has_a_stage_change(sign_in: Any, acme: Organisation) -> None:
    """In Demo on 5 March by the source and known so a day later; back in Lead on the 10th, in Demo again since the 20th."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        visits = [("2026-03-06", {"stage": "Demo"}), ("2026-03-10", {"stage": "Lead"})]
        lead = ("2026-03-02", {"stage": "Lead", "created_on": "2026-03-01"})
        for key, again in (("again", [("2026-03-20", {"stage": "Demo"})]), ("once", [])):
            entered(known(key, "rex", lead, *(visits if again else visits[:1]), *again), "Demo", "2026-03-05")
    assert {key: one["stage_days"] for key, one in listed(sign_in("sol")).items()} == {"again": 11, "once": 26}


def test_what_an_undone_import_said_is_no_move(sign_in: Any, acme: Organisation) -> None:
    """Imported as a lead on 2 March, in Demo and to close later by an import of the 11th that was undone on the 12th."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        FactCommit.objects.create(
            known_from=noon("2026-01-01"), action="commit", kind="opportunity", created=1, digest="x"
        )
        uploads = [
            Upload.objects.create(source="crm", kind="opportunity", file_name=name, size=1, undone_at=undone)
            for name, undone in (("first.csv", None), ("second.csv", noon("2026-03-12")))
        ]
        first, second = (
            {"stage": stage, "expected_close_on": closes, "upload": upload}
            for stage, closes, upload in (("Lead", "2026-04-10", uploads[0]), ("Demo", "2026-05-10", uploads[1]))
        )
        known(
            "deal",
            "rex",
            ("2026-03-02", {"created_on": "2026-03-01"} | first),
            ("2026-03-11", second),
            ("2026-03-12", first),
        )
    told = {on: listed(sign_in("sol"), on=on)["deal"] for on in ("2026-03-11", "2026-03-31")}
    assert [(one["stage"], one["stage_days"], one["pushes"]) for one in told.values()] == [
        ("Demo", 0, 1),
        ("Lead", 30, 0),
    ]


@pytest.mark.usefixtures("deals")
def test_what_is_told_today_is_what_is_told_of_the_day_later(viewer: Any) -> None:
    sol, day = viewer("sol").acting("pipeline.view"), date(2026, 4, 15)
    then, later = (pipeline_hygiene(replace(sol, on=on), HygieneAsked(day)) for on in (day, date(2026, 6, 1)))
    assert then.rows() == later.rows() and then.stages == later.stages and then.owners == later.owners
    assert (then.usual, then.cycle, len(then.deals)) == (later.usual, later.cycle, 3)
    asked = ConversionAsked(day, since="Demo")
    assert conversion(replace(sol, on=day), asked) == conversion(replace(sol, on=date(2026, 6, 1)), asked)


@pytest.mark.usefixtures("deals")
def test_a_day_is_that_of_the_company(viewer: Any, acme: Organisation) -> None:
    """What is known at 02:00 on 1 April in London became known on 31 March in New York."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        known("night", "rex", ("2026-04-01", {"stage": "Demo", "created_on": "2026-03-30"}))
        OpportunityVersion.objects.filter(fact__source_key="night").update(
            known_from=datetime(2026, 4, 1, 2, tzinfo=UTC)
        )
    sol = replace(viewer("sol").acting("pipeline.view"), on=date(2026, 6, 1))
    for zone, days in (("UTC", None), ("America/New_York", 1)):
        sol.organisation.time_zone = zone
        found = {one.key: one.stage_days for one in pipeline_hygiene(sol, HygieneAsked(date(2026, 3, 31))).rows()}
        assert found.get("night") == days


@pytest.mark.usefixtures("deals")
def test_everybody_gets_the_deals_within_their_reach_by_owner(sign_in: Any, django_assert_max_num_queries: Any) -> None:
    found = {name: sign_in(name).get(API, MARCH).json() for name in ("sol", "mara", "ria", "mona")}
    owners = {
        name: {one["name"]: (one["deals"], one["found"]) for one in each["owners"]} for name, each in found.items()
    }
    assert owners["sol"] == owners["mara"] == {"Rex": (3, 2), "Ria": (1, 0)}
    assert (owners["ria"], owners["mona"]) == ({"Ria": (1, 0)}, {})
    rex = str(next(one["owner"] for one in found["sol"]["owners"] if one["name"] == "Rex"))
    assert sorted(listed(sign_in("sol"), owner=rex, stage="Demo")) == ["late", "told"]
    assert (
        listed(sign_in("ria"), owner=rex) == {}
        and "PAST_CLOSE" in listed(sign_in("sol"), finding="PAST_CLOSE")["late"]["lacks"]
    )
    client = sign_in("mara")
    with django_assert_max_num_queries(19):
        page = unescape(client.get(PAGE, MARCH).content.decode())
    assert "Deal late" in page and "at least" in page and "5.5 days" in page and "Slower than usual" in page


def test_that_a_deal_names_no_stage_is_why_its_days_there_are_not_known(sign_in: Any, acme: Organisation) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        FactCommit.objects.create(
            known_from=noon("2026-01-01"), action="commit", kind="opportunity", created=1, digest="x"
        )
        known("bare", "rex", ("2026-03-01", {"created_on": "2026-03-01"}))
    sol = sign_in("sol")
    stuck = next(one for one in sol.get(API, MARCH).json()["lacks"] if one["code"] == "STUCK")
    assert (stuck["deals"], stuck["untold"]) == (0, 1) and stuck["untold_because"].endswith("or it names no stage.")
    assert "These deals name no stage." in sol.get(PAGE, MARCH).content.decode()


@pytest.mark.usefixtures("deals")
@pytest.mark.parametrize("before", ["off", "on"])
def test_how_the_planner_joins_stays_as_it_was(viewer: Any, before: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set local enable_nestloop = {before}")
        pipeline_hygiene(viewer("ria").acting("pipeline.view"), HygieneAsked(date(2026, 3, 31)))
        cursor.execute("show enable_nestloop")
        assert cursor.fetchone() == (before,)


@pytest.mark.usefixtures("deals")
def test_a_page_of_deals_tells_of_these_alone(viewer: Any) -> None:
    found = pipeline_hygiene(viewer("sol").acting("pipeline.view"), HygieneAsked(date(2026, 3, 31)))
    pages = Listed(found)
    assert len(pages) == 4 and pages[1:3] == found.rows()[1:3] and pages[0] == found.rows()[0]
    assert list(pages) == found.rows()


@pytest.mark.usefixtures("deals")
def test_the_file_has_every_deal_of_the_list(sign_in: Any) -> None:
    sol = sign_in("sol")
    rows = {row["Key"]: row for row in csv.DictReader(sol.get(FILE, MARCH).content.decode("utf-8-sig").splitlines())}
    late, old = rows["late"], rows["old"]
    assert [late[name] for name in ("Days in stage", "Won deals stayed (median)", "Close date past", "Slower than usual")] == [
        "20", "5.5", "yes", "yes",
    ]  # fmt: skip
    assert [old[name] for name in ("At least so long in stage", "Close date past", "Slower than usual", "Amount")] == [
        "yes", "unknown", "unknown", "",
    ]  # fmt: skip
    only = sol.get(FILE, MARCH | {"finding": "STUCK"}).content.decode("utf-8-sig").splitlines()
    assert len(only) == 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"on": "2999-01-01"}, "has not been yet"),
        ({"days": "0"}, "greater than or equal to 1"),
        ({"finding": "UGLY"}, "not one of"),
        ({"owner": "x"}, "valid UUID"),
    ],
)
def test_what_can_not_be_asked_is_named(sign_in: Any, query: dict[str, str], said: str) -> None:
    sol = sign_in("sol")
    page, file, api = (sol.get(path, query) for path in (PAGE, FILE, DEALS))
    assert (page.status_code, file.status_code, api.status_code) == (200, 400, 400)
    assert said in page.content.decode() and said in str(api.json())


def test_an_empty_company_has_nothing_to_judge(sign_in: Any) -> None:
    gus = sign_in("gus@globex.example")
    assert "No deal is known yet" in gus.get(PAGE).content.decode()
    assert gus.get(API).json()["owners"] == []
