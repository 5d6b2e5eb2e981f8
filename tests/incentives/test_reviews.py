"""What an approver of a plan version is shown: computed with the request by a job, kept, and the same after the decision."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.html import strip_tags

from incentives.models import PlanVersion, ReviewPart
from incentives.services.assignments import plan_assign
from incentives.services.lifecycle import plan_publish, plan_submit
from incentives.services.plans import plan_create, plan_version_save
from incentives.tasks import ReviewWork
from spm.approvals.models import ApprovalRequest
from spm.approvals.selectors import approval_open
from spm.approvals.services import approval_decide
from spm.core.findings import Finding
from spm.jobs.models import Job
from spm.people.models import Title
from spm.tenancy.models import Organisation
from tests.incentives import world

pytestmark = pytest.mark.django_db

NEXT = (
    world.REPS.replace("reps-2026", "next-2027")
    .replace("Reps 2026", "Next 2027")
    .replace("2027-01-01", "2028-01-01")
    .replace("2026-01-01", "2027-01-01")
    .replace("rate: 5 %", "rate: 6 %")
)
GAMED = NEXT.replace("      - {from: 100 %, rate: 10 %}", "      - {from: 100 %, rate: 10 %}\n    tier_mode: WHOLE")


@pytest.fixture
def sol(acme, viewer):
    """Rex sold 12,333.33 and Ria 5,000.00 under the reps' plan of 2026; acme decides with two people."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.deal("D-2", "ria", 500_000)
    world.calculate(period, sol)
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=False)
    return sol


def asked_for(text, sol, *, on_title=True):
    """A new plan whose people are on the reps' plan until its first day, sent for review."""
    version, _ = plan_create(document=text, actor=sol)
    title = Title.objects.get(code="rep")
    if on_title:
        plan_assign(plan_id=version.plan_id, target="title", target_id=title.pk, start=version.during.lower, actor=sol)
    plan_submit(version_id=version.pk, actor=sol)
    return version, approval_open("plan_version", version.pk)


def computed(asked) -> dict[str, dict]:
    job = Job.objects.get(kind="plan_review", slot=str(asked.pk))
    work = ReviewWork()
    for step in work.steps(job):
        work.run(job, step)
    return {one.part: one.content for one in ReviewPart.objects.filter(request=asked)}


def test_a_plan_that_replaces_another_costs_beside_the_plan_that_its_people_leave(sol, sign_in):
    """Rex: 10,000.00 at 5 % and 2,333.33 at 10 % = 733.33 by the old plan, 833.33 by the new; Ria: 250.00 and 300.00; Rob: nothing."""
    _version, asked = asked_for(NEXT, sol)
    cost = computed(asked)["cost"]
    assert cost["left"] == ["Reps 2026"]
    sums = ("before_minor", "after_minor", "difference_minor")
    assert [cost["total"][name] for name in sums] == [98_333, 113_333, 15_000]
    assert (cost["winners"], cost["losers"], cost["not_compared"], cost["people"]) == (2, 0, 0, 3)
    third = next(one for one in cost["periods"] if one["key"] == "2026-Q3")
    assert [third[name] for name in sums] == [98_333, 113_333, 15_000]
    [told] = sign_in("fin").get(f"/api/v1/incentives/plan-versions/{_version.pk}/shown/").json()["results"]
    assert (told["request"], told["state"], told["decided_at"]) == (str(asked.pk), "open", None)
    assert told["cost"]["content"] == cost and told["failures"] == []
    assert told["gaming"]["content"]["searched"] == 1
    assert told["text"]["definition"]["plan"] == "next-2027" and told["text"]["writers"] == ["Sol"]
    page = sign_in("fin").get(f"/approvals/{asked.pk}/").content.decode()
    for words in ("Plans they leave", "983.33", "1,133.33", "2 get more, 0 get less", "Computed when it was asked"):
        assert words in page, words
    assert "hx-trigger" not in page.split('id="review-figures"')[1].split(">")[0]


def test_a_plan_that_nobody_is_on_says_why_its_cost_is_unknown_and_how_to_see_it(sol, sign_in):
    _version, asked = asked_for(NEXT.replace("key: commission", "key: other"), sol, on_title=False)
    refused = computed(asked)["cost"]["refused"]
    assert refused.startswith("Nobody is on this plan in the days of the version, so what it costs is not known.")
    page = sign_in("fin").get(f"/approvals/{asked.pk}/").content.decode()
    assert "try the version in the place of the plan whose people it is meant for" in page and "/whatif/?" in page


def test_a_decided_request_shows_what_was_decided_on(sol, viewer, sign_in):
    version, asked = asked_for(NEXT.replace("stage: Won", "stage: [Won, Wonn]"), sol)
    computed(asked)
    assert "which no deal has" in sign_in("fin").get(f"/approvals/{asked.pk}/").content.decode()
    approval_decide(request_id=asked.pk, is_approved=False, reason="Too dear", actor=viewer("fin"))
    world.deal("D-3", "ria", 5_000_000)
    world.calculate(world.Period.objects.get(key="2026-Q3"), sol)
    edited = NEXT.replace("rate: 6 %", "rate: 7 %")
    plan_version_save(plan_id=version.plan_id, version_id=version.pk, document=edited, actor=sol)
    page = sign_in("fin").get(f"/approvals/{asked.pk}/").content.decode().replace("\xa0", " ")
    assert "1,133.33" in page and "6 %" in page and "7 %" not in page and "which no deal has" not in page
    assert "Below is the version as it was when this was asked" in page


def test_ways_to_game_the_plan_are_shown_to_who_decides(sol, sign_in):
    _version, asked = asked_for(GAMED, sol)
    client = sign_in("fin")
    before = client.get(f"/approvals/{asked.pk}/").content.decode()
    assert 'hx-trigger="load delay:3s"' in before and "Being computed" in before
    gaming = computed(asked)["gaming"]
    assert gaming["total"] >= 1 and gaming["searched"] == 1
    page = client.get(f"/approvals/{asked.pk}/").content.decode()
    assert "How it could be gamed" in page and gaming["found"][0]["where"] in page and "Being computed" not in page


def test_what_is_computed_after_the_answer_is_not_kept(sol, viewer, sign_in):
    _version, asked = asked_for(NEXT, sol)
    approval_decide(request_id=asked.pk, is_approved=True, reason="", actor=viewer("fin"))
    assert set(computed(asked)) == {"text"}
    page = sign_in("fin").get(f"/approvals/{asked.pk}/").content.decode()
    assert "it was decided before it was computed" in page


@pytest.mark.parametrize("is_decided", [False, True])
def test_who_decides_is_told_why_the_figures_could_not_be_computed(is_decided, sol, viewer, sign_in):
    _version, asked = asked_for(NEXT, sol)
    ended = Finding(
        "JOB_STEP_FAILED", "gaming", "The step took longer than a step may.", "Nothing was kept.", "Try again."
    )
    Job.objects.filter(kind="plan_review", slot=str(asked.pk)).update(state="failed", findings=[ended.as_dict()])
    if is_decided:
        approval_decide(request_id=asked.pk, is_approved=True, reason="", actor=viewer("fin"))
    page = sign_in("fin").get(f"/approvals/{asked.pk}/").content.decode()
    assert page.count("The step took longer than a step may. Try again.") == 2
    assert "Being computed" not in page and "its job ended early" not in page
    url = f"/api/v1/incentives/plan-versions/{_version.pk}/shown/"
    [told] = sign_in("fin").get(url).json()["results"]
    assert [each["what"] for each in told["failures"]] == [ended.what] and told["cost"] is None
    assert sign_in("rex").get(url).status_code == 403


def test_what_was_shown_is_never_changed(sol):
    _version, asked = asked_for(NEXT, sol)
    computed(asked)
    table = ReviewPart._meta.db_table
    for statement in (f"update {table} set part = 'text'", f"delete from {table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert ReviewPart.objects.filter(request=asked).count() == 3


def test_a_new_version_costs_beside_the_published_one(sol):
    """9 % instead of 5 %, Rex 900.00 + 233.33, Ria 450.00."""
    live = PlanVersion.objects.get(plan__code="reps-2026")
    text = world.REPS.replace("2026-01-01", "2026-07-01").replace("rate: 5 %", "rate: 9 %")
    version, _ = plan_version_save(plan_id=live.plan_id, document=text, actor=sol)
    plan_submit(version_id=version.pk, actor=sol)
    cost = computed(approval_open("plan_version", version.pk))["cost"]
    assert (cost["left"], cost["total"]["before_minor"], cost["total"]["after_minor"]) == ([], 98_333, 158_333)
    assert cost["beside"] == ["Reps 2026, version 1"]


def since_october(sol) -> PlanVersion:
    """The reps are on 6 % since October: published alone, before a second person was wanted."""
    Organisation.objects.update(is_single_operator=True)
    version = world.publish(sol, NEXT.replace("2027-01-01", "2026-10-01"))
    Organisation.objects.update(is_single_operator=False)
    return version


def test_a_version_costs_beside_what_its_people_are_on_not_beside_what_they_left_before(sol, sign_in):
    """On 6 % since October, 7 % from December: Rex 600.00 or 700.00 + 233.33, Ria 300.00 or 350.00 on the deals of the third quarter."""
    live = since_october(sol)
    later = NEXT.replace("2027-01-01", "2026-12-01").replace("rate: 6 %", "rate: 7 %")
    version, _ = plan_version_save(plan_id=live.plan_id, document=later, actor=sol)
    plan_submit(version_id=version.pk, actor=sol)
    asked = approval_open("plan_version", version.pk)
    cost = computed(asked)["cost"]
    third = next(one for one in cost["periods"] if one["key"] == "2026-Q3")
    assert (third["before_minor"], third["after_minor"], third["difference_minor"]) == (113_333, 128_333, 15_000)
    assert (third["beside"], cost["left"]) == (["Next 2027, version 1"], [])
    page = sign_in("fin").get(f"/approvals/{asked.pk}/").content.decode()
    assert "Plans they leave" not in page and "beside what its people are on, Next 2027, version 1" in page


def test_a_new_plan_costs_beside_the_plan_that_its_people_are_on_now(sol):
    """They left Reps 2026 in October; from 2027 on they leave the 6 % of October for 8 %: 1,133.33 and Rex 1,033.33 with Ria 400.00."""
    since_october(sol)
    dearer = (
        NEXT.replace("next-2027", "third-2027").replace("Next 2027", "Third 2027").replace("rate: 6 %", "rate: 8 %")
    )
    _version, asked = asked_for(dearer, sol)
    cost = computed(asked)["cost"]
    third = next(one for one in cost["periods"] if one["key"] == "2026-Q3")
    assert (third["before_minor"], third["after_minor"], third["beside"]) == (
        113_333,
        143_333,
        ["Next 2027, version 1"],
    )
    assert cost["left"] == ["Next 2027"]


def test_the_days_of_who_is_on_it_are_those_of_the_request(sol, sign_in):
    version, asked = asked_for(NEXT, sol)
    plan_assign(
        plan_id=version.plan_id,
        target="title",
        target_id=Title.objects.get(code="manager").pk,
        start=date(2027, 1, 1),
        actor=sol,
    )
    page = sign_in("fin").get(f"/approvals/{asked.pk}/").content.decode()
    listed = page.split("Who is on it")[1].split("Written by")[0]
    assert "Rep" in listed and "Manager" not in listed


@pytest.fixture
def alone(sol, acme):
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=True)
    return sol


def new_plan(sol):
    version, _ = plan_create(document=NEXT, actor=sol)
    title = Title.objects.get(code="rep")
    plan_assign(plan_id=version.plan_id, target="title", target_id=title.pk, start=version.during.lower, actor=sol)
    return version


def kept_for(version) -> dict[str, dict]:
    [asked] = ApprovalRequest.objects.filter(kind="plan_version", key=version.pk)
    assert (asked.state, asked.is_single_operator) == ("approved", True)
    return {one.part: one.content for one in ReviewPart.objects.filter(request=asked)}


def test_a_single_operator_sees_the_cost_before_and_it_is_kept(alone, sign_in):
    version, client = new_plan(alone), sign_in("sol")
    page = f"/incentives/plans/versions/{version.pk}/publish/"
    assert "Show what it costs first" in client.get(page).content.decode()
    at = client.post(page, {"do": "figures"})["Location"]
    assert at == f"/approvals/{approval_open('plan_version', version.pk).pk}/"
    shown = computed(approval_open("plan_version", version.pk))
    told = client.get(at).content.decode()
    for words in ("Plans they leave", "983.33", "1,133.33", "2 get more, 0 get less", "How it could be gamed"):
        assert words in told, words
    assert "Show what it costs first" not in client.get(page).content.decode()
    world.deal("D-3", "ria", 5_000_000)
    world.calculate(world.Period.objects.get(key="2026-Q3"), alone)
    assert client.post(at, {"do": "approve"}).status_code == 302
    assert client.post(page).status_code == 302
    kept = kept_for(version)
    assert kept == shown and kept["cost"]["total"]["after_minor"] == 113_333
    history = client.get(f"/incentives/plans/{version.plan_id}/?version=1").content.decode()
    [asked] = ApprovalRequest.objects.filter(kind="plan_version", key=version.pk)
    assert "What was shown when it was approved" in history and f"/approvals/{asked.pk}/" in history
    assert "1,133.33" in client.get(f"/approvals/{asked.pk}/").content.decode()


@pytest.mark.parametrize("door", ["page", "api"])
def test_what_is_published_alone_at_once_is_computed_with_it_and_kept(door, alone, sign_in):
    version, client = new_plan(alone), sign_in("sol")
    api = f"/api/v1/incentives/plan-versions/{version.pk}/"
    client.post(f"/incentives/plans/versions/{version.pk}/publish/" if door == "page" else f"{api}publish/")
    kept = kept_for(version)
    assert kept["text"]["definition"]["plan"] == "next-2027" and kept["gaming"]["searched"] == 1
    assert (kept["cost"]["total"]["after_minor"], kept["cost"]["winners"], kept["cost"]["losers"]) == (113_333, 2, 0)
    [told] = sign_in("fin").get(f"{api}shown/").json()["results"]
    assert (told["state"], told["cost"]["content"], told["gaming"]["content"]) == (
        "approved",
        kept["cost"],
        kept["gaming"],
    )


def test_a_cost_that_takes_long_is_kept_as_the_reason_why_it_is_not_there(alone, monkeypatch):
    version = new_plan(alone)
    monkeypatch.setattr("incentives.selectors.trials.DIRECT_CREDITS", 1)
    plan_publish(version_id=version.pk, actor=alone, figures=True)
    assert "Send a version for review before it is published" in kept_for(version)["cost"]["refused"]


def test_what_is_refused_keeps_nothing(alone, sign_in):
    version, before = new_plan(alone), ReviewPart.objects.count()
    Organisation.objects.update(is_single_operator=False)
    assert sign_in("sol").post(f"/incentives/plans/versions/{version.pk}/publish/").status_code == 409
    assert ReviewPart.objects.count() == before and not ApprovalRequest.objects.filter(key=version.pk).exists()


def test_a_version_in_review_is_published_by_deciding_its_request_alone(alone, sign_in):
    version, client = new_plan(alone), sign_in("sol")
    plan_submit(version_id=version.pk, actor=alone)
    page, api = (f"/incentives/plans/versions/{version.pk}/publish/", f"/api/v1/incentives/plan-versions/{version.pk}/")
    asked = approval_open("plan_version", version.pk)
    told = client.get(page).content.decode()
    assert f"/approvals/{asked.pk}/" in told and "</svg>Publish</button>" not in told
    refused = client.post(f"{api}publish/", {}, content_type="application/json")
    assert refused.status_code == 400 and "waits for its approval" in str(refused.json())
    assert client.post(page).status_code == 409
    assert client.get(api).json()["state"] == "in_review"
    assert ApprovalRequest.objects.get(pk=asked.pk).decided_at is None
    decided = client.post(
        f"/api/v1/approvals/{asked.pk}/decision/", {"is_approved": True}, content_type="application/json"
    )
    assert decided.json()["is_single_operator"] is True
    assert client.post(f"{api}publish/", {}, content_type="application/json").json()["state"] == "published"


def test_an_author_decides_nothing_through_the_api_where_two_are_wanted(sol, sign_in):
    version, asked = asked_for(NEXT, sol)
    client, api = sign_in("sol"), f"/api/v1/incentives/plan-versions/{version.pk}/"
    decided = client.post(
        f"/api/v1/approvals/{asked.pk}/decision/", {"is_approved": True}, content_type="application/json"
    )
    assert decided.status_code == 403 and "asked for it or wrote it" in str(decided.json())
    refused = client.post(f"{api}publish/", {}, content_type="application/json")
    assert refused.status_code == 400 and "wants a second person" in str(refused.json())
    assert client.post(f"/incentives/plans/versions/{version.pk}/publish/").status_code == 409
    assert client.get(api).json()["state"] == "in_review"
    assert ApprovalRequest.objects.get(pk=asked.pk).decided_at is None


EXAMPLES = """
examples:
  - name: Five thousand sold
    given: {period: 2027-Q1, quotas: {amount: 10000}, deals: [{amount: 5000, stage: Won}]}
    then: {earned: 300}
"""


def test_who_approves_reads_the_facts_and_both_figures_of_each_example(sol, viewer, sign_in):
    """The first version expects 5,000.00 at 6 % = 300.00; the second pays 8 % and was told to expect what it pays, 400.00."""
    version, asked = asked_for(NEXT + EXAMPLES, sol)
    first = sign_in("fin").get(f"/approvals/{asked.pk}/").content.decode()
    words = " ".join(strip_tags(first.replace("<", " <")).split())
    for told in ("Given deals 1 stage Won, amount 5000", "Given quotas · amount 10000", "Expected earned 300"):
        assert told in words, told
    approval_decide(request_id=asked.pk, is_approved=True, reason="Right", actor=viewer("fin"))
    plan_publish(version_id=version.pk, actor=sol)
    dearer = (NEXT + EXAMPLES).replace("rate: 6 %", "rate: 8 %").replace("earned: 300", "earned: 400")
    second, _ = plan_version_save(plan_id=version.plan_id, document=dearer, actor=sol)
    plan_submit(version_id=second.pk, actor=sol)
    page = sign_in("fin").get(f"/approvals/{approval_open('plan_version', second.pk).pk}/").content.decode()
    assert "<del>300</del>" in page and "<ins>400</ins>" in page and "Comes out" in page
