"""Stage conversion and cycle time: worked out by hand by creation and by entry into a stage, within reach, the same everywhere."""

import csv
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from spm.crm.models import FactCommit
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.insights.test_hygiene import entered, known, noon

PAGE, API, DEALS = (
    reverse("insights:conversion"),
    reverse("api_insights_conversion"),
    reverse("api_insights_conversion_deals"),
)
FILE, ROWS = reverse("insights:conversion_export", args=["csv"]), reverse("insights:conversion_rows", args=["csv"])
MARCH = {"on": "2026-03-31"}
JANUARY = date(2026, 1, 1)


@pytest.fixture
def deals(acme: Organisation) -> None:
    """Twelve of Rex's deals begin as leads on 1 January. The nth of the first ten enters Demo after n days, of five Offer after 3n.

    The first three are won after 20n days, the last two lost after 30. In February Rex begins three leads, known two days later, of which
    one is known in Demo after 12 days. Of one of Ria's, made on 15 January and known in Offer since 1 March, the course is not known.
    """
    with organisation_scope(acme.pk, actor=DIRECTOR):
        FactCommit.objects.create(
            known_from=noon("2026-01-01"), action="commit", kind="opportunity", created=9, digest="x"
        )
        for number in range(1, 13):
            status = "won" if number < 4 else "lost" if number > 10 else "open"
            stage = {"won": "Won", "lost": "Lost"}.get(status, "Offer" if number < 6 else "Demo")
            closed = JANUARY + timedelta(days=20 * number if status == "won" else 30)
            stands = {
                "status": status,
                "stage": stage,
                "created_on": JANUARY,
                "close_on": None if status == "open" else closed,
            }
            began = {"stage": "Lead", "created_on": JANUARY}
            deal = known(f"jan-{number}", "rex", ("2026-01-01", began), ("2026-03-10", stands))
            entered(deal, "Lead", "2026-01-01")
            if number < 11:
                entered(deal, "Demo", (JANUARY + timedelta(days=number)).isoformat())
            if number < 6:
                entered(deal, "Offer", (JANUARY + timedelta(days=3 * number)).isoformat())
        for number in range(3):
            moved = [("2026-02-13", {"stage": "Demo"})] if number == 0 else []
            known(f"feb-{number}", "rex", ("2026-02-03", {"stage": "Lead", "created_on": "2026-02-01"}), *moved)
        known("odd", "ria", ("2026-03-01", {"stage": "Offer", "created_on": "2026-01-15"}))


def told(cohort: dict[str, Any], part: str) -> dict[str, tuple[int, int | None]]:
    return {one["name"]: (one["deals"], one["share_rate"]) for one in cohort[part]}


def quartiles(one: dict[str, Any]) -> list[int | None]:
    return [one["days"][name] for name in ("stays", "low", "median", "high")]


def asked(client: Client, **query: str) -> dict[str, Any]:
    return dict(client.get(API, MARCH | query).json())


@pytest.mark.usefixtures("deals")
def test_cohorts_by_creation_are_those_worked_out_by_hand(sign_in: Any) -> None:
    found = asked(sign_in("sol"))
    cohorts = {one["name"]: one for one in found["cohorts"]}
    assert found["order"] == ["Lead", "Demo", "Offer"] and len(cohorts) == 12 and found["left_out"] == 1
    january, february = cohorts["2026-01"], cohorts["2026-02"]
    assert (january["deals"], january["known"]) == (13, 12)
    assert told(january, "stages") == {"Lead": (12, 100_000_000), "Demo": (10, 83_333_333), "Offer": (5, 41_666_667)}
    assert told(january, "ends") == {"won": (3, 23_076_923), "lost": (2, 15_384_615), "open": (8, 61_538_462)}
    # Days 1 to 10 until Demo; five deals until Offer are too few.
    assert [quartiles(one) for one in january["stages"][1:]] == [
        [10, 325_000_000, 550_000_000, 775_000_000],
        [5, None, None, None],
    ]
    assert told(february, "stages") == {"Lead": (3, None), "Demo": (1, None), "Offer": (0, None)}
    assert february["few"] == "Of 3 known: fewer than 10 say too little."


@pytest.mark.usefixtures("deals")
def test_all_cohorts_together_and_the_days_between_stages(sign_in: Any) -> None:
    found = asked(sign_in("sol"), by="quarter")
    assert [one["name"] for one in found["cohorts"]][:2] == ["2026-Q1", "2025-Q4"] and len(found["cohorts"]) == 8
    whole = found["whole"]
    assert (whole["deals"], whole["known"], told(whole, "stages")["Demo"]) == (16, 15, (11, 73_333_333))
    # 1 to 10 days and 12: of eleven, the median is the 6th, the quartiles lie between the 3rd and 4th, the 8th and 9th.
    eleven = [11, 350_000_000, 600_000_000, 850_000_000]
    between = {(one["stage"], one["later"]): quartiles(one) for one in found["between"]}
    assert between["Lead", "Demo"] == quartiles(whole["stages"][1]) == eleven
    assert between["Demo", "Offer"] == [5, None, None, None] and len(between) == 3


@pytest.mark.usefixtures("deals")
def test_cohorts_by_entry_into_a_stage_count_what_came_later(sign_in: Any) -> None:
    sol = sign_in("sol")
    found = asked(sol, since="Demo")
    january, february = (
        next(one for one in found["cohorts"] if one["name"] == name) for name in ("2026-01", "2026-02")
    )
    assert (january["deals"], january["known"], february["deals"]) == (10, 10, 1)
    assert told(january, "stages") == {"Offer": (5, 50_000_000)}
    assert told(january, "ends") == {"won": (3, 30_000_000), "lost": (0, 0), "open": (7, 70_000_000)}
    rows = sol.get(DEALS, MARCH | {"since": "Demo", "cohort": "2026-01-01", "to": "Offer"}).json()["results"]
    assert {one["key"]: (one["began_on"], one["days"]) for one in rows} == {
        f"jan-{number}": ((JANUARY + timedelta(days=number)).isoformat(), 2 * number) for number in range(1, 6)
    }
    assert asked(sol, since="Offer")["left_out"] == 1 and asked(sol, since="Nowhere")["whole"]["deals"] == 0


LOST = {"status": "lost", "close_on": "2026-03-01"}


def imported(key: str, owner: str, stage: str, *moves: tuple[str, str], created_on: str = "2026-01-01") -> None:
    """A deal that came on 1 March, lost in a stage, with its stage changes."""
    deal = known(key, owner, ("2026-03-01", LOST | {"stage": stage, "created_on": created_on}))
    for move in moves:
        entered(deal, *move)


@pytest.mark.usefixtures("deals")
def test_a_stage_is_one_of_decided_deals_for_everybody_or_for_nobody(sign_in: Any, acme: Organisation) -> None:
    """Ria's deal was lost in Demo, in which open deals of Rex stand. None of hers entered Offer and another stage: it stands between."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        imported("kept", "ria", "Demo", ("Lead", "2026-01-01"), ("Demo", "2026-01-05"))
    assert {name: asked(sign_in(name))["order"] for name in ("ria", "sol")} == {
        "ria": ["Lead", "Offer", "Demo"],
        "sol": ["Lead", "Demo", "Offer"],
    }


def test_a_stage_that_deals_left_is_open_although_deals_were_lost_in_it(sign_in: Any, acme: Organisation) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        imported("kept", "rex", "Demo", ("Lead", "2026-01-01"), ("Demo", "2026-01-05"))
        imported("left", "ria", "Lost", ("Lead", "2026-01-01"), ("Demo", "2026-01-06"), ("Lost", "2026-03-01"))
    assert {name: asked(sign_in(name))["order"] for name in ("rex", "ria")} == dict.fromkeys(
        ["rex", "ria"], ["Lead", "Demo"]
    )


def test_a_single_stage_change_does_not_tell_the_course_before_it(sign_in: Any, acme: Organisation) -> None:
    """Both were made on 1 January and came on 1 March; of one the changes begin within a week, of the other in February."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        imported("whole", "rex", "Lost", ("Lead", "2026-01-08"), ("Demo", "2026-02-20"))
        imported("part", "rex", "Lost", ("Demo", "2026-02-20"))
    found = asked(sign_in("sol"))
    assert (found["whole"]["deals"], found["whole"]["known"], found["left_out"]) == (2, 1, 1)
    assert told(found["whole"], "stages") == {"Lead": (1, None), "Demo": (1, None)}


@pytest.mark.usefixtures("deals")
def test_what_has_no_day_is_counted_as_left_out_or_still_counts(sign_in: Any, acme: Organisation) -> None:
    """Of Rex's one has no day of creation; another was known in Demo on 10 February and lost on a day that is not known."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        known("bare", "rex", ("2026-03-01", {"stage": "Lead"}))
        lead = {"stage": "Lead", "created_on": "2026-02-01"}
        known(
            "undated",
            "rex",
            ("2026-02-01", lead),
            ("2026-02-10", {"stage": "Demo"}),
            ("2026-03-01", {"status": "lost", "stage": "Lost"}),
        )
    sol = sign_in("sol")
    assert asked(sol)["left_out"] == 2 and asked(sol)["whole"]["deals"] == 17
    left = sol.get(DEALS, MARCH | {"left": "true"}).json()["results"]
    assert [(one["key"], one["cohort"], one["began_on"]) for one in left] == [
        ("odd", "2026-01", "2026-01-15"), ("bare", "", None),
    ]  # fmt: skip
    assert "Deal bare" in sol.get(PAGE, MARCH | {"left": "on"}).content.decode()
    february = next(one for one in asked(sol, since="Demo")["cohorts"] if one["name"] == "2026-02")
    assert (february["deals"], told(february, "ends")["lost"]) == (2, (1, None))


def test_shares_of_ends_are_told_where_those_of_stages_are_not(sign_in: Any, acme: Organisation) -> None:
    """Of ten lost deals that came after the fact, the course of none is known."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        FactCommit.objects.create(
            known_from=noon("2026-01-01"), action="commit", kind="opportunity", created=10, digest="x"
        )
        for number in range(10):
            imported(f"lost-{number}", "rex", "Lost")
    page = sign_in("sol").get(PAGE, MARCH).content.decode()
    assert "100%" in page and "Too few to tell shares of stages" in page and "Too few to tell shares<" not in page


@pytest.mark.usefixtures("deals")
def test_deals_whose_day_is_not_known_are_named_where_no_other_began(sign_in: Any) -> None:
    page = unescape(sign_in("ria").get(PAGE, MARCH | {"since": "Offer"}).content.decode())
    assert "Deals whose day of entry is not known, and which are left out: 1." in page and "since=Offer&left=on" in page


@pytest.mark.usefixtures("deals")
def test_a_past_day_is_told_as_it_was_known_then(sign_in: Any) -> None:
    found = asked(sign_in("sol"), on="2026-01-05")
    assert told(found["whole"], "stages") == {
        "Lead": (12, 100_000_000),
        "Demo": (4, 33_333_333),
        "Offer": (1, 8_333_333),
    }
    assert "Nothing was known on this day" in sign_in("sol").get(PAGE, {"on": "2025-12-31"}).content.decode()


@pytest.mark.usefixtures("deals")
def test_every_count_leads_to_its_deals_on_page_file_and_api(sign_in: Any, django_assert_max_num_queries: Any) -> None:
    sol, opened = sign_in("sol"), MARCH | {"cohort": "2026-01-01", "ended": "won"}
    with django_assert_max_num_queries(19):
        page = unescape(sol.get(PAGE, opened).content.decode())
    assert "Deal jan-3" in page and "Deal jan-4" not in page and "Lead → Demo" in page and "5.5 days" not in page
    assert "Deals whose course is not known, and which are left out of the stages: 1." in page and "83%" in page
    rows = list(csv.DictReader(sol.get(ROWS, opened).content.decode("utf-8-sig").splitlines()))
    assert [(row["Key"], row["Closed on"], row["Days"]) for row in rows] == [
        ("jan-1", "2026-01-21", "20"), ("jan-2", "2026-02-10", "40"), ("jan-3", "2026-03-02", "60"),
    ]  # fmt: skip
    file = list(csv.DictReader(sol.get(FILE, MARCH).content.decode("utf-8-sig").splitlines()))
    demo = next(row for row in file if (row["Cohort"], row["Reached or ended"]) == ("2026-01", "Demo"))
    assert [demo[name] for name in ("Deals there", "Days (median)", "Course known")] == ["10", "5.5", "12"]
    left = sol.get(DEALS, MARCH | {"left": "true"}).json()["results"]
    assert [(one["key"], one["is_known"]) for one in left] == [("odd", False)]


@pytest.mark.usefixtures("deals")
def test_everybody_gets_the_cohorts_within_their_reach(sign_in: Any) -> None:
    found = {name: asked(sign_in(name))["whole"]["deals"] for name in ("rex", "ria", "mara", "mona")}
    assert found == {"rex": 15, "ria": 1, "mara": 16, "mona": 0}
    assert "No deal in these cohorts" in sign_in("mona").get(PAGE, MARCH).content.decode()
    assert sign_in("ria").get(DEALS, MARCH | {"ended": "won"}).json()["results"] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"on": "2999-01-01"}, "has not been yet"),
        ({"on": "0002-09-30", "by": "quarter"}, "before 1990"),
        ({"by": "week"}, "not one of"),
        ({"cohort": "x"}, "valid date"),
    ],
)
def test_what_can_not_be_asked_is_named(sign_in: Any, query: dict[str, str], said: str) -> None:
    sol = sign_in("sol")
    statuses = [sol.get(path, query).status_code for path in (PAGE, FILE, ROWS)]
    api = sol.get(DEALS, query)
    assert [*statuses, api.status_code] == [200, 400, 400, 400] and said in str(api.json())
    assert said in sol.get(PAGE, query).content.decode()


def test_the_stage_that_was_asked_for_stays_chosen_where_no_deal_entered_it(sign_in: Any) -> None:
    page = sign_in("sol").get(PAGE, {"since": "Nowhere"}).content.decode()
    assert '<option value="Nowhere" selected>' in page


def test_an_empty_company_has_no_cohorts(sign_in: Any) -> None:
    gus = sign_in("gus@globex.example")
    assert "No deal is known yet" in gus.get(PAGE).content.decode()
    assert gus.get(API).json()["order"] == []
