"""What-if: a draft beside the live plan, on frozen facts and with open deals, for those who may; it writes no results."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from incentives.models import PlanAssignment, PlanVersion
from incentives.selectors.previews import preview_get
from incentives.selectors.trial_sums import compared
from incentives.selectors.trials import TrialRow
from incentives.services.assignments import plan_assign
from incentives.services.lifecycle import plan_publish, plan_version_end
from incentives.services.plans import plan_create, plan_version_save
from incentives.tasks import TrialWork
from spm.crm.models import OpportunityVersion
from spm.jobs.models import Job
from spm.people.models import Participant
from spm.roles.services import token_create
from tests.incentives import world

pytestmark = pytest.mark.django_db

RESULTS = ("run", "runinput", "runearning", "runcredit", "journal", "ledgerentry", "statement")


@pytest.fixture
def draft(viewer):
    """Rex over quota, Ria under it; the draft pays 20 % above quota and 4 % below."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.deal("D-2", "ria", 500_000)
    world.calculate(period, sol)
    document = (
        world.REPS.replace("rate: 5 %", "rate: 4 %")
        .replace("rate: 10 %", "rate: 20 %")
        .replace("2026-01-01", "2026-07-01")
    )
    plan = PlanVersion.objects.get(plan__code="reps-2026").plan
    version, _ = plan_version_save(plan_id=plan.pk, document=document, actor=sol)
    return version, period


def counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for name in RESULTS:
            cursor.execute(f"select count(*) from incentives_{name}")
            found[name] = cursor.fetchone()[0]
    return found


def address(version, period, **more):
    query = {
        "period": str(period.id),
        "plan": str(version.plan_id),
        "pipeline": "NONE",
        "quota": 100,
        "years": 1000,
        "seed": 1,
    } | more
    return reverse("incentives:plan_whatif", args=[version.pk]), query


def test_a_draft_is_held_beside_the_live_plan_and_nothing_is_written(draft, sign_in):
    version, period = draft
    before = counts()
    page = sign_in("sol").get(*address(version, period, budget="2000"))
    text = page.content.decode()
    assert page.status_code == 200
    total = page.context["total"]
    people = {one.name: (one.before_minor, one.after_minor) for one in total.people}
    assert people == {"Rex": (73_333, 86_667), "Ria": (25_000, 20_000), "Rob": (0, 0)}
    assert (total.total.before_minor, total.total.after_minor, total.winners, total.losers) == (98_333, 106_667, 1, 1)
    assert [part.way for part in page.context["trial"].parts] == ["TOTALS"]
    assert "$866.67" in text and "$50.00" in text
    assert counts() == before


def test_quotas_and_open_deals_are_tried_with_it(draft, sign_in):
    version, period = draft
    now = timezone.now()
    world.deal("D-3", "ria", 1_000_000)
    OpportunityVersion.objects.filter(fact__source_key="D-3").update(
        status="open",
        stage="Proposal",
        close_on=None,
        expected_close_on=date(2026, 9, 1),
        probability_rate=50_000_000,
        known_from=now,
    )
    client = sign_in("sol")
    plain = client.get(*address(version, period, quota=200)).context["total"]
    assert {one.name: one.after_minor for one in plain.people}["Rex"] == 49_333
    weighted, whole = (
        client.get(*address(version, period, pipeline=how)).context["total"] for how in ("WEIGHTED", "ALL_IN")
    )
    assert {one.name: (one.before_minor, one.after_minor) for one in weighted.people}["Ria"] == (50_000, 40_000)
    assert {one.name: (one.before_minor, one.after_minor) for one in whole.people}["Ria"] == (100_000, 140_000)


def test_an_open_deal_brings_its_shares(draft, sign_in):
    """Of 10,000.00 half is Rob's: Ria's 5,000.00 more are paid at 5 %, as are his 5,000.00."""
    version, period = draft
    world.deal("D-3", "ria", 1_000_000)
    opened = {"status": "open", "stage": "Proposal", "close_on": None, "expected_close_on": date(2026, 9, 1)}
    OpportunityVersion.objects.filter(fact__source_key="D-3").update(**opened)
    for name in ("ria", "rob"):
        world.split("D-3", name, 50)
    whole = sign_in("sol").get(*address(version, period, pipeline="ALL_IN")).context["total"]
    assert {one.name: one.before_minor for one in whole.people} == {"Rex": 73_333, "Ria": 50_000, "Rob": 25_000}


def test_the_cost_is_drawn_again_and_held_against_a_budget(draft, sign_in):
    version, period = draft
    world.deal("D-4", "rex", 200_000, date(2026, 8, 9))
    page = sign_in("sol").get(*address(version, period, budget="1500"))
    spreads = {one.name: one for one in page.context["total"].spreads}
    assert spreads["Live plan"].mean_minor == 98_333 and spreads["Live plan"].chance_rate == 0
    alone = {amount for _, amount in spreads["Live plan"].percentiles}
    assert alone == {98_333}, "the deal after the run is not among its facts"
    page = sign_in("sol").get(*address(version, period, pipeline="ALL_IN", budget="1500"))
    after = {one.name: one for one in page.context["total"].spreads}["Draft"]
    percentiles = dict(after.percentiles)
    assert percentiles[5] < percentiles[50] <= percentiles[95] and 0 < after.chance_rate < 10**8
    assert b"Above budget" in page.content


def test_a_person_opens_and_the_table_leaves_as_a_file(draft, sign_in):
    version, period = draft
    client = sign_in("sol")
    url, query = address(version, period)
    total = client.get(url, query | {"sort": "-difference"}).context["total"]
    rex = next(one.key for one in total.people if one.name == "Rex")
    page = client.get(url, query | {"person": rex})
    assert [(period, line.name, line.difference_minor) for period, line in page.context["person"][1]] == [
        ("2026-Q3", "Commission", 13_334)
    ]
    names = [one.name for one in client.get(url, query | {"sort": "-difference"}).context["page"]]
    assert names == ["Rex", "Rob", "Ria"]
    export = reverse("incentives:plan_whatif_export", args=[version.pk, "csv"])
    lines = client.get(export, query | {"sort": "person"}).content.decode().splitlines()
    assert lines[0].endswith("Person,Live plan,Draft,Difference,Change,Currency,Why unknown")
    assert lines[1].startswith("Rex,733.33,866.67,133.34,0.18")


def test_a_line_that_one_of_the_two_lacks_is_not_unknown_beside_an_exact_difference(draft, sign_in, viewer):
    """A new bonus of 100.00: the live plan has no such line, and the version pays exactly 100.00 more by it."""
    version, period = draft
    text = world.REPS.replace("2026-01-01", "2026-07-01") + "  - {key: extra, name: Extra, bonus: 100}\n"
    plan_version_save(plan_id=version.plan_id, version_id=version.pk, document=text, actor=viewer("sol"))
    url, query = address(version, period, person=str(Participant.objects.get(source_key="rex").pk))
    page = sign_in("sol").get(url, query)
    told = [(line.name, line.before_minor, line.difference_minor) for _, line in page.context["person"][1]]
    assert ("Extra", None, 10_000) in told
    text = page.content.decode()
    assert 'class="unknown"' not in text and text.count("The live plan has no such line.") == 2


def test_a_long_one_is_a_job(draft, sign_in):
    version, period = draft
    before = counts()
    client = sign_in("sol")
    url, query = address(version, period, years=10_000)
    page = client.get(url, query)
    assert page.context["trial"].needs_job and page.context["total"] is None
    answer = client.post(url, query)
    assert answer.status_code == 302 and "?job=" in answer["Location"]
    waiting = client.get(answer["Location"])
    assert waiting.context["total"] is None and waiting.context["progress"].state == "queued"
    job = Job.objects.get(kind="whatif")
    for step in TrialWork().steps(job):
        assert TrialWork().run(job, step).outcome == {"people": 3}
    done = client.get(answer["Location"]).context["total"]
    assert (done.total.before_minor, done.total.after_minor, done.draws) == (98_333, 106_667, 10_000)
    assert counts() == before


def test_a_rep_may_not(draft, sign_in):
    version, period = draft
    assert sign_in("rex").get(*address(version, period)).status_code == 403


def test_the_api_tries_a_document_that_is_not_stored(draft, sign_in):
    version, period = draft
    before, client = counts(), sign_in("sol")
    definition = version.definition | {
        "components": [version.definition["components"][0] | {"tiers": [{"rate": "1 %"}]}]
    }
    url = reverse("api_incentives_plan_version_whatif", args=[version.pk])
    body = {"periods": [str(period.id)], "definition": definition, "budget_minor": 10_000}
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["before_minor"], found["after_minor"], found["winners"], found["losers"]) == (98_333, 17_333, 0, 2)
    assert [(row["name"], row["after_minor"]) for row in found["people"]] == [
        ("Rex", 12_333),
        ("Ria", 5_000),
        ("Rob", 0),
    ]
    assert [
        (row["period_key"], row["component"], row["after_minor"]) for row in found["lines"] if row["after_minor"]
    ] == [("2026-Q3", "commission", 12_333), ("2026-Q3", "commission", 5_000)]
    assert [(one["name"], one["mean_minor"], one["chance_rate"]) for one in found["spreads"]] == [
        ("live", 98_333, 10**8),
        ("draft", 17_333, 10**8),
    ]
    assert counts() == before
    long = client.post(url, {"periods": [str(period.id)], "years": 10_000}, content_type="application/json")
    assert long.status_code == 202
    waiting = client.get(f"{url}?job={long.json()['job']}")
    assert waiting.status_code == 202 and waiting.json()["state"] == "queued"
    broken = client.post(
        url, {"periods": [str(period.id)], "definition": {"plan": "x"}}, content_type="application/json"
    )
    assert broken.status_code == 400


WHY = (
    "2026-Q3: the live plan has no pay to compare with. "
    "Reps 2026 paid 733.33 USD there; to compare with it, try this version in its place."
)


@pytest.fixture
def moved(draft, viewer):
    """Rex is assigned to a new plan that no run of the quarter paid; there the plan of his title paid him."""
    sol, (_, period) = viewer("sol"), draft
    text = (
        world.REPS.replace("reps-2026", "new-2026").replace("Reps 2026", "New 2026").replace("rate: 5 %", "rate: 9 %")
    )
    version, _ = plan_create(document=text, actor=sol)
    rex = Participant.objects.get(source_key="rex")
    plan_assign(plan_id=version.plan_id, target="participant", target_id=rex.id, start=date(2026, 8, 1), actor=sol)
    return version, period


def test_whom_the_live_plan_did_not_pay_is_counted_apart(moved, sign_in):
    version, period = moved
    client = sign_in("sol")
    url, query = address(version, period)
    page = client.get(url, query)
    total, text = page.context["total"], page.content.decode()
    (rex,) = total.people
    assert (rex.name, rex.before_minor, rex.difference_minor, rex.change_rate) == ("Rex", None, None, None)
    assert rex.after_minor and rex.why_unknown == WHY
    assert (total.winners, total.losers, total.not_compared) == (None, None, 1)
    assert (total.total.difference_minor, total.total.why_unknown) == (None, WHY)
    assert [one.difference_minor for one in (*total.components, *total.periods)] == [None, None]
    assert "Nobody can be compared." in text and "1 can't be compared" in text and "Reps 2026 paid 733.33" in text
    assert "+$" not in text, "no gain is claimed"
    lines = client.get(url, query | {"person": rex.key}).context["person"][1]
    assert [(line.difference_minor, line.why_unknown) for _, line in lines] == [(None, WHY)]
    export = reverse("incentives:plan_whatif_export", args=[version.pk, "csv"])
    assert f',,,USD,"{WHY}"' in client.get(export, query).content.decode()
    url = reverse("api_incentives_plan_version_whatif", args=[version.pk])
    found = client.post(url, {"periods": ["2026-Q3"]}, content_type="application/json").json()
    sums = ("before_minor", "difference_minor", "winners", "losers", "not_compared", "why_unknown")
    assert [found[name] for name in sums] == [None, None, None, None, 1, WHY]
    assert [(one["difference_minor"], one["why_unknown"]) for one in found["people"]] == [(None, WHY)]


def test_the_spread_of_a_plan_that_pays_nobody_is_unknown_with_its_reason(moved, sign_in, viewer):
    """Drawn again, nobody's pay is not a cost of 0."""
    client = sign_in("sol")
    version, period = moved
    nobody = world.REPS.replace("reps-2026", "idle-2026").replace("Reps 2026", "Idle 2026")
    idle, _ = plan_create(document=nobody, actor=viewer("sol"))
    for one, live, mean in ((version, "The live plan pays nobody in these periods.", True), (idle, "", False)):
        url, query = address(one, period, budget="1500")
        page = client.get(url, query)
        spreads = {each.name: each for each in page.context["total"].spreads}
        assert (spreads["Live plan"].mean_minor, spreads["Live plan"].chance_rate) == (None, None)
        assert spreads["Live plan"].percentiles == () and spreads["Live plan"].why_unknown
        if live:
            assert spreads["Live plan"].why_unknown == live and live in page.content.decode()
        assert (spreads["Draft"].mean_minor is not None) is mean
        assert spreads["Draft"].why_unknown == ("" if mean else "This version pays nobody in these periods.")
        body = {"periods": ["2026-Q3"], "budget_minor": 5}
        api = reverse("api_incentives_plan_version_whatif", args=[one.pk])
        told = {
            each["name"]: each for each in client.post(api, body, content_type="application/json").json()["spreads"]
        }
        assert (told["live"]["mean_minor"], told["live"]["percentiles_minor"], told["live"]["chance_rate"]) == (
            None,
            [],
            None,
        )
        assert told["live"]["why_unknown"] == spreads["Live plan"].why_unknown


def test_the_spread_of_what_nobody_can_be_calculated_by_is_unknown(gated, sign_in, viewer):
    """Rob, who sold nothing, is calculated; without him nobody is left to draw."""
    version, period = gated
    rob = Participant.objects.get(source_key="rob")
    PlanAssignment.objects.filter(plan=version.plan).delete()
    for name in ("rex", "ria"):
        one = Participant.objects.get(source_key=name)
        plan_assign(
            plan_id=version.plan_id, target="participant", target_id=one.id, start=date(2026, 1, 1), actor=viewer("sol")
        )
    total = sign_in("sol").get(*address(version, period, pipeline="ALL_IN")).context["total"]
    assert rob.name not in {one.name for one in total.people}
    spread = {one.name: one for one in total.spreads}["Draft"]
    assert (spread.mean_minor, spread.why_unknown) == (
        None, "This version could not be calculated for anybody in these periods."
    )  # fmt: skip


def test_who_can_be_compared_is_counted_beside_them(draft, sign_in):
    """A person whom the live plan or the version leaves unpaid makes the sum unknown, and hides neither winner nor loser."""
    total = sign_in("sol").get(*address(*draft)).context["total"]
    known = TrialRow("rob", "commission", "2026-Q3", 100, 150)
    new, gone = (
        TrialRow("a", "x", "2026-Q3", None, 70, is_compared=False),
        TrialRow("b", "x", "2026-Q4", 50, None, False),
    )
    apart = [compared(row.participant_id, row.participant_id, [row]) for row in (new, gone)]
    more = replace(total, people=(*total.people, *apart))
    assert (more.winners, more.losers, more.not_compared) == (1, 1, 2)
    assert (total.winners, total.losers, total.not_compared) == (1, 1, 0)
    both = compared("", "", [known, new, gone])
    assert (both.before_minor, both.after_minor, both.difference_minor) == (150, 220, None)
    assert both.why_unknown == (
        "2026-Q3: the live plan has no pay to compare with. 2026-Q4: this version has no pay to compare with."
    )
    assert compared("", "", [known]).difference_minor == 50


@pytest.fixture
def gated(draft, viewer):
    """The draft asks the margin, and no deal has a cost: what the draft pays Rex and Ria can't be calculated; Rob sold nothing."""
    version, period = draft
    document = version.definition | {
        "components": [version.definition["components"][0] | {"gates": [{"of": "margin", "at_least": "1000"}]}],
        "measures": [{"key": "margin", "measure": "MARGIN"}],
    }
    plan_version_save(plan_id=version.plan_id, version_id=version.pk, document=document, actor=viewer("sol"))
    version.refresh_from_db()
    return version, period


LACKS = "2026-Q3: this version could not be calculated for 2 people, whom the sums leave out."


def test_what_can_not_be_calculated_is_unknown_and_not_nothing(gated, sign_in):
    version, period = gated
    client = sign_in("sol")
    url, query = address(version, period)
    page = client.get(url, query)
    total, text = page.context["total"], page.content.decode()
    people = {one.name: (one.before_minor, one.after_minor, one.difference_minor) for one in total.people}
    assert people == {"Rex": (73_333, None, None), "Ria": (25_000, None, None), "Rob": (0, 0, 0)}
    assert (total.winners, total.losers, total.not_compared) == (0, 0, 2)
    for one in (total.total, *total.components, *total.periods):
        assert (one.before_minor, one.after_minor, one.difference_minor, one.why_unknown) == (0, 0, None, LACKS)
    assert LACKS in text and "not calculated" in text and "2 can't be compared" in text
    assert "−$" not in text, "no loss is claimed"
    rex = next(one for one in total.people if one.name == "Rex")
    assert rex.why_unknown == "2026-Q3: this version could not be calculated."
    ((_, line),) = client.get(url, query | {"person": rex.key}).context["person"][1]
    assert (line.before_minor, line.after_minor, line.after_lacks, line.difference_minor) == (73_333, None, True, None)
    url = reverse("api_incentives_plan_version_whatif", args=[version.pk])
    found = client.post(url, {"periods": ["2026-Q3"]}, content_type="application/json").json()
    sums = ("before_minor", "after_minor", "difference_minor", "not_compared", "why_unknown")
    assert [found[name] for name in sums] == [0, 0, None, 2, LACKS]
    assert [(one["after_minor"], one["difference_minor"]) for one in found["people"]] == [
        (None, None),
        (None, None),
        (0, 0),
    ]


def chosen(client, path):
    """The period and the people that the designer's preview begins with."""
    page = client.get(path)
    return page.context["preview_period"], page.context["preview_plan"]


def test_the_preview_begins_with_who_would_be_on_the_plan_and_a_period_with_data(draft, viewer, sign_in):
    """The fourth quarter has begun and has no run; the third has one that pays Reps three people and Managers one."""
    version, third = draft
    client, reps = sign_in("sol"), version.plan_id
    managers = PlanVersion.objects.get(plan__code="managers-2026").plan_id
    assert chosen(client, f"/incentives/plans/versions/{version.pk}/edit/") == (third.pk, reps)
    assert chosen(client, "/incentives/plans/new/") == (third.pk, reps), "a new plan: where most people sold"
    text = world.MANAGERS.replace("managers-2026", "leads-2027").replace("2027-01-01", "2028-01-01")
    later, _ = plan_create(document=text.replace("2026-01-01", "2027-01-01"), actor=viewer("sol"))
    title = PlanAssignment.objects.get(plan=managers).title_id
    PlanAssignment.objects.create(plan=later.plan, title_id=title, during=(date(2027, 1, 1), None))
    assert chosen(client, f"/incentives/plans/versions/{later.pk}/edit/") == (third.pk, managers), "who it names"
    form = client.get(reverse("incentives:plan_whatif", args=[later.pk])).context["trial"].form
    assert form.initial["plan"] == str(managers) and form.initial["period"][0] == str(third.pk)


def test_the_preview_says_what_it_can_not_calculate(gated, viewer):
    version, period = gated
    preview = preview_get(
        viewer("sol"), version.definition, plan=version.plan, period=period, who="", now=timezone.now()
    )
    assert (preview.people, preview.total.difference_minor, preview.total.why_unknown) == (3, None, LACKS)
    shown = render_to_string("incentives/_design_preview.html", {"preview": preview})
    assert LACKS in shown and shown.count(">not calculated<") == 2 and "−$" not in shown
    assert "Deal D-1 has no cost." in shown and "Deal D-2 has no cost." in shown


def test_the_preview_of_one_person_says_nothing_of_others(gated, viewer):
    version, period = gated
    asked = {"plan": version.plan, "period": period, "now": timezone.now()}
    preview = preview_get(viewer("sol"), version.definition, who="Ri", **asked)
    shown = render_to_string("incentives/_design_preview.html", {"preview": preview})
    assert [one.name for one in preview.rows] == ["Ria"]
    assert "Deal D-2 has no cost." in shown and "D-1" not in shown and "Rex" not in shown
    nobody = preview_get(viewer("sol"), version.definition, who="Zoe", **asked)
    shown = render_to_string("incentives/_design_preview.html", {"preview": nobody})
    assert nobody.findings == () and "Nobody with “Zoe” in the name" in shown


def test_the_reason_is_told_also_where_the_live_plan_lacks_the_same(gated, viewer):
    """The live plan asks for the margin, too, and neither of the two can be calculated for want of a cost."""
    version, period = gated
    live = PlanVersion.objects.get(plan=version.plan, state="published")
    preview = preview_get(
        viewer("sol"), live.definition, plan=version.plan, period=period, who="Rex", now=timezone.now()
    )
    assert preview.findings == () and preview.total.difference_minor == 0
    plan_version_end(version_id=live.pk, until=date(2026, 7, 1), actor=viewer("sol"))
    plan_publish(version_id=version.pk, actor=viewer("sol"))
    world.calculate(period, viewer("sol"))
    both = preview_get(
        viewer("sol"), version.definition, plan=version.plan, period=period, who="Rex", now=timezone.now()
    )
    assert [one["what"] for one in both.findings] == ["Deal D-1 has no cost."]
    assert both.rows[0].why_unknown == (
        "2026-Q3: the live plan could not be calculated. 2026-Q3: this version could not be calculated."
    )


def test_sums_hold_those_whom_both_sides_could_calculate(draft, sign_in):
    known = TrialRow("rob", "commission", "2026-Q3", 100, 150)
    other = TrialRow("rex", "bonus", "2026-Q3", 70, 90, lacking=("BEFORE",))
    lost = TrialRow("rex", "commission", "2026-Q3", None, 40, blocked=("BEFORE",), lacking=("BEFORE",))
    both = compared("", "", [known, other, lost])
    assert (both.before_minor, both.after_minor, both.difference_minor) == (100, 150, None)
    assert both.why_unknown == "2026-Q3: the live plan could not be calculated for 1 person, whom the sums leave out."
    alone = compared("rex", "Rex", [other, lost])
    assert (alone.before_minor, alone.after_minor, alone.difference_minor) == (None, 130, None)
    assert alone.before_lacks and not alone.after_lacks
    nobody = compared("", "", [])
    assert (nobody.before_minor, nobody.after_minor, nobody.difference_minor) == (None, None, None)
    assert nobody.why_unknown == "Neither plan pays anybody in these periods."
    total = sign_in("sol").get(*address(*draft)).context["total"]
    empty = replace(total, people=(), total=nobody)
    assert (empty.winners, empty.losers, empty.not_compared) == (None, None, 0)


def test_a_token_that_may_only_read_tries_but_starts_no_job(draft, viewer, client):
    version, _ = draft
    _, secret = token_create(name="Reading", read_only=True, days=9, actor=viewer("sol"))
    url = reverse("api_incentives_plan_version_whatif", args=[version.pk])
    before, asked = counts(), {"content_type": "application/json", "headers": {"Authorization": f"Token {secret}"}}
    answer = client.post(url, {"periods": ["2026-Q3"]}, **asked)
    assert (answer.status_code, answer.json()["after_minor"], counts()) == (200, 106_667, before)
    long = client.post(url, {"periods": ["2026-Q3"], "years": 10_000}, **asked)
    assert long.status_code == 403 and "Start a long what-if as a job." in long.json()["message"]
    assert "a token that may write" in long.json()["fix"] and not Job.objects.filter(kind="whatif").exists()


def test_periods_are_named_by_key_or_id(draft, sign_in):
    version, period = draft
    client, url = sign_in("sol"), reverse("api_incentives_plan_version_whatif", args=[version.pk])
    twice = client.post(url, {"periods": ["2026-q3", str(period.id)]}, content_type="application/json")
    assert [one["period_key"] for one in twice.json()["periods"]] == ["2026-Q3"]
    for name in ("2026-Q9", "2026-09", str(uuid4())):
        refused = client.post(url, {"periods": [name]}, content_type="application/json")
        (words,) = refused.json()["where"]["periods"]
        assert refused.status_code == 400 and name in words and "/api/v1/planning/periods/" in words


def test_lines_of_one_name_are_compared_whatever_their_keys(draft, sign_in, viewer):
    """A plan made of a template has the template's keys; its line named as one of the live plan is that line."""
    _, period = draft
    text = world.REPS.replace("reps-2026", "harbour-2026").replace("key: commission", "key: won-deals")
    text = text.replace("rate: 10 %", "rate: 20 %")
    version, _ = plan_create(document=text, actor=viewer("sol"))
    live = PlanVersion.objects.filter(plan__code="reps-2026").first().plan
    client = sign_in("sol")
    url, query = address(version, period, plan=str(live.pk))
    page = client.get(url, query)
    (line,) = page.context["total"].components
    assert (line.key, line.name, line.before_minor, line.after_minor) == ("won-deals", "Commission", 98_333, 121_667)
    rex = next(one.key for one in page.context["total"].people if one.name == "Rex")
    page = client.get(url, query | {"person": rex})
    assert [(each.before_minor, each.after_minor) for _, each in page.context["person"][1]] == [(73_333, 96_667)]
    assert "no such line" not in page.content.decode()


@pytest.fixture
def capped(monkeypatch):
    """The live plan has a cap of 500 per quarter."""
    monkeypatch.setattr(world, "REPS", world.REPS + "cap: 500\n")


def test_a_cap_that_one_side_does_not_reach_takes_nothing(capped, draft, sign_in, viewer):
    """Both plans have a cap, the draft's is not reached: its line is 0, not missing. A plan without a cap has no such line."""
    version, period = draft
    document = dict(version.definition)
    for cap, after in ("5000", 0), (None, None):
        document["cap"] = cap
        plan_version_save(
            plan_id=version.plan_id,
            version_id=version.pk,
            document={name: value for name, value in document.items() if value is not None},
            actor=viewer("sol"),
        )
        page = sign_in("sol").get(*address(version, period))
        lines = {one.key: one for one in page.context["total"].components}
        # Rex's 733.33 is 233.33 above the cap of 500
        assert (lines["plan-cap"].before_minor, lines["plan-cap"].after_minor) == (-23_333, after)
        assert ("This version has no such line." in page.content.decode()) is (after is None)


def test_where_the_live_plan_paid_nobody_the_page_says_that_and_not_that_a_line_lacks(moved, sign_in):
    version, period = moved
    client = sign_in("sol")
    url, query = address(version, period)
    rex = client.get(url, query).context["total"].people[0].key
    text = client.get(url, query | {"person": rex}).content.decode()
    assert "no such line" not in text and "the live plan has no pay to compare with" in text
