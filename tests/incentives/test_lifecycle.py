"""A version goes from draft to published by a second person, about exactly one definition; the database keeps what was published."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.models import PlanAssignment, PlanVersion
from incentives.selectors.lifecycle import lifecycle_of, standing_of
from incentives.services.cases import plan_example_add
from incentives.services.lifecycle import plan_publish, plan_submit, plan_withdraw
from incentives.services.periods import period_calculate, period_review
from incentives.services.plans import plan_create, plan_version_save
from spm.approvals.models import ApprovalRequest
from spm.approvals.selectors import approval_open
from spm.approvals.services import approval_decide
from spm.audit.models import Entry
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from tests.incentives import world

pytestmark = pytest.mark.django_db
EXAMPLE = """
examples:
  - name: Five thousand sold
    given: {period: 2026-Q1, quotas: {amount: 10000}, deals: [{amount: 5000, stage: Won}]}
    then: {earned: 250}
"""


@pytest.fixture
def two(acme):
    """Let acme want a second person."""
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=False)


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def draft_of(actor, text=world.REPS):
    return plan_create(document=text, actor=actor)[0]


def answer(version, actor, *, kind="plan_version", yes=True):
    asked = approval_open(kind, version.pk)
    approval_decide(request_id=asked.pk, is_approved=yes, reason="Because", actor=actor)


@pytest.mark.usefixtures("two")
def test_a_second_person_approves_before_it_is_published(sol, viewer):
    draft = draft_of(sol)
    with pytest.raises(ValidationError, match="wants a second person"):
        plan_publish(version_id=draft.pk, actor=sol)
    assert standing_of(draft) == "draft"
    plan_submit(version_id=draft.pk, reason="New year", actor=sol)
    assert standing_of(draft) == "in_review"
    with pytest.raises(PermissionDenied, match="asked for it or wrote it"):
        answer(draft, sol)
    with pytest.raises(ValidationError, match="wants a second person"):
        plan_publish(version_id=draft.pk, actor=sol)
    answer(draft, viewer("fin"))
    assert standing_of(draft) == "approved"
    plan_publish(version_id=draft.pk, actor=sol)
    way = lifecycle_of(sol, PlanVersion.objects.get())
    assert [(stage.standing, stage.who) for stage in way.stages] == [
        ("draft", ""),
        ("in_review", "Sol"),
        ("approved", "Fin"),
        ("published", "Sol"),
    ]
    assert way.standing == "published" and not way.review.is_single_operator


@pytest.mark.usefixtures("two")
def test_whoever_wrote_a_part_is_barred_also_when_another_asks(sol, viewer):
    draft = draft_of(viewer("sol"))
    plan_version_save(
        plan_id=draft.plan_id, version_id=draft.pk, document=world.REPS.replace("5 %", "6 %"), actor=viewer("sol")
    )
    PlanVersion.objects.filter(pk=draft.pk).update(author_ids=[viewer("fin").user_id])
    plan_submit(version_id=draft.pk, actor=sol)
    with pytest.raises(PermissionDenied, match="asked for it or wrote it"):
        answer(draft, viewer("fin"))


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("stage", ["in_review", "approved"])
def test_any_edit_makes_it_a_draft_again(sol, viewer, stage):
    draft = draft_of(sol)
    plan_submit(version_id=draft.pk, actor=sol)
    if stage == "approved":
        answer(draft, viewer("fin"))
    assert standing_of(draft) == stage
    for text in (world.REPS.replace("5 %", "6 %"), world.REPS):
        plan_version_save(plan_id=draft.plan_id, version_id=draft.pk, document=text, actor=sol)
        assert standing_of(draft) == "draft"
        with pytest.raises(ValidationError, match="wants a second person"):
            plan_publish(version_id=draft.pk, actor=sol)


@pytest.mark.usefixtures("two")
def test_saving_the_same_again_changes_nothing(sol, viewer):
    draft = draft_of(sol)
    plan_submit(version_id=draft.pk, actor=sol)
    plan_version_save(plan_id=draft.plan_id, version_id=draft.pk, document=world.REPS, actor=viewer("sol"))
    assert standing_of(draft) == "in_review"


@pytest.mark.usefixtures("two")
def test_a_declined_version_is_a_draft_with_the_reason(sol, viewer):
    draft = draft_of(sol)
    plan_submit(version_id=draft.pk, actor=sol)
    answer(draft, viewer("fin"), yes=False)
    way = lifecycle_of(sol, draft)
    assert (way.standing, way.review.state, way.review.decision) == ("draft", "declined", "Because")
    plan_submit(version_id=draft.pk, actor=sol)
    plan_withdraw(version_id=draft.pk, actor=sol)
    assert standing_of(draft) == "draft"
    with pytest.raises(ValidationError, match="is a draft already"):
        plan_withdraw(version_id=draft.pk, actor=sol)


def test_a_single_operator_publishes_alone_and_the_record_says_so(sol):
    draft = draft_of(sol)
    plan_publish(version_id=draft.pk, actor=sol)
    asked = ApprovalRequest.objects.get()
    assert (asked.state, asked.is_single_operator, asked.decided_by_name) == ("approved", True, "Sol")
    assert Entry.objects.filter(table_name="approvals_approvalrequest", after__is_single_operator=True).exists()
    assert lifecycle_of(sol, PlanVersion.objects.get()).review.is_single_operator


@pytest.mark.parametrize(
    "change",
    [
        {"definition": {}},
        {"digest": "x"},
        {"state": "draft"},
        {"number": 9},
        {"author_ids": []},
        {"published_at": None},
    ],
)
def test_the_database_refuses_to_edit_what_was_published(sol, change):
    draft = draft_of(sol)
    plan_publish(version_id=draft.pk, actor=sol)
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        PlanVersion.objects.filter(pk=draft.pk).update(**change)
    with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
        PlanVersion.objects.filter(pk=draft.pk).delete()
    assert PlanVersion.objects.get().definition == draft.definition


def test_an_example_that_fails_is_told_at_saving_and_stops_publishing(sol):
    draft, warnings = plan_create(document=world.REPS + EXAMPLE.replace("250", "260"), actor=sol)
    assert [warning.code for warning in warnings] == ["EXAMPLE_FAILED"]
    assert "expected 260.00, computed 250.00" in warnings[0].what
    with pytest.raises(ValidationError, match=r"Five thousand sold: earned: expected 260.00, computed 250.00 USD"):
        plan_publish(version_id=draft.pk, actor=sol)
    with pytest.raises(ValidationError, match="Five thousand sold"):
        plan_submit(version_id=draft.pk, actor=sol)
    _, warnings = plan_version_save(
        plan_id=draft.plan_id, version_id=draft.pk, document=world.REPS + EXAMPLE, actor=sol
    )
    assert warnings == []
    assert plan_publish(version_id=draft.pk, actor=sol).state == "published"


FAILING = EXAMPLE.replace("250", "260")


def test_examples_that_fail_are_told_in_a_sentence_with_the_way_to_them(sol, sign_in):
    """Saved, sent for review or published: one short sentence; what differs stands beside the example, once."""
    text = world.REPS + FAILING + FAILING.split("examples:")[1].replace("Five", "Again five")
    draft, _ = plan_create(document=text, actor=sol)
    client, page = sign_in("sol"), f"/incentives/plans/{draft.plan_id}/?version=1"

    def told(answer):
        return [str(each) for each in answer.context["messages"]]

    saved = client.post(f"/incentives/plans/versions/{draft.pk}/edit/", {"do": "save", "text": text}, follow=True)
    assert f'2 examples don&#x27;t come out. <a href="{page}#worked-examples">See what differs</a>' in " ".join(
        told(saved)
    ).replace("'", "&#x27;")
    shown = saved.content.decode()
    assert 'id="worked-examples"' in shown and "earned: expected 260.00, computed 250.00 USD" in shown
    sent = client.post(f"/incentives/plans/versions/{draft.pk}/submit/", {"reason": ""}, follow=True)
    assert told(sent) == ["The version was not sent for review: this page names what to mend first."]
    refused = client.post(f"/incentives/plans/versions/{draft.pk}/publish/")
    assert refused.status_code == 409
    assert refused.context["errors"] == ["Mend what is named here first."]
    assert refused.content.decode().count("Five thousand sold</span> earned: expected") == 1
    assert PlanVersion.objects.get(pk=draft.pk).state == "draft"


LATER = world.REPS.replace("from: 2026-01-01", "from: 2029-01-01").replace("until: 2027-01-01", "until: 2030-01-01")


def test_the_pages_of_a_version_that_begins_later_say_from_which_day_it_pays(sol, sign_in):
    client = sign_in("sol")
    for text, before, asked, done in (
        (LATER, "pays from its first day", "on, its first day, people are paid", "It pays from Jan 1, 2029 on"),
        (
            world.REPS.replace("reps-2026", "now"),
            "from the first run after",
            "From the next run on",
            "The next run pays",
        ),
    ):
        draft = draft_of(sol, text)
        page = f"/incentives/plans/versions/{draft.pk}/publish/"
        assert before in client.get(f"/incentives/plans/{draft.plan_id}/").content.decode()
        shown = client.get(page).content.decode()
        assert asked in shown and ("From the next run on" in shown) is (text is not LATER)
        assert done in client.post(page, follow=True).content.decode()


ABSURD = world.REPS.replace("rate: 5 %", "rate: 1000.1 %")


def test_the_edge_of_absurd_is_a_thousand_percent(sol):
    edge = draft_of(sol, world.REPS.replace("rate: 5 %", "rate: 1000 %"))
    assert not lifecycle_of(sol, edge).has_absurd_rates
    assert plan_publish(version_id=edge.pk, actor=sol).state == "published"


def test_a_single_operator_says_why_an_absurd_rate_is_right(sol):
    draft = draft_of(sol, ABSURD)
    with pytest.raises(ValidationError, match=r"commission has a rate of 1,000.1 %, more than 1,000 %"):
        plan_publish(version_id=draft.pk, actor=sol)
    assert not ApprovalRequest.objects.exists()
    plan_publish(version_id=draft.pk, accept="The customer pays for it", actor=sol)
    rates = ApprovalRequest.objects.get(kind="plan_rates")
    assert (rates.decision, rates.is_single_operator) == ("The customer pays for it", True)


@pytest.mark.usefixtures("two")
def test_a_second_person_accepts_an_absurd_rate(sol, viewer):
    draft = draft_of(sol, ABSURD)
    plan_submit(version_id=draft.pk, actor=sol)
    answer(draft, viewer("fin"))
    with pytest.raises(ValidationError, match="wants a second person"):
        plan_publish(version_id=draft.pk, accept="I say so", actor=sol)
    answer(draft, viewer("fin"), kind="plan_rates")
    assert plan_publish(version_id=draft.pk, actor=sol).state == "published"


@pytest.mark.usefixtures("two")
def test_the_page_leads_through_the_way(sol, viewer, sign_in):
    draft = draft_of(sol)
    page, client = f"/incentives/plans/{draft.plan_id}/?version=1", sign_in("sol")
    assert "Send for review" in client.get(page).content.decode()
    assert client.post(f"/incentives/plans/versions/{draft.pk}/submit/", {"reason": "New year"})["Location"] == page
    shown = client.get(page).content.decode()
    assert "In review" in shown and "Take it back" in shown and "/publish/" not in shown
    fin = sign_in("fin")
    asked = ApprovalRequest.objects.get()
    assert "New year" in fin.get(f"/approvals/{asked.pk}/").content.decode()
    assert fin.post(f"/approvals/{asked.pk}/", {"do": "approve"})["Location"] == page
    assert "/publish/" in client.get(page).content.decode()
    assert client.post(f"/incentives/plans/versions/{draft.pk}/publish/").status_code == 302
    assert standing_of(draft) == "published"


@pytest.mark.usefixtures("two")
def test_the_api_goes_the_same_way(sol, sign_in):
    draft = draft_of(sol, world.REPS + EXAMPLE)
    client, fin = sign_in("sol"), sign_in("fin")
    at = f"/api/v1/incentives/plan-versions/{draft.pk}/"
    refused = client.post(f"{at}publish/", {}, content_type="application/json")
    assert refused.status_code == 400 and "wants a second person" in str(refused.json())
    assert client.get(f"{at}tests/").json()["results"] == [
        {"name": "Five thousand sold", "passed": True, "differences": [], "findings": []}
    ]
    assert client.post(f"{at}submit/", {}, content_type="application/json").json()["state"] == "in_review"
    asked = fin.get("/api/v1/approvals/?state=open").json()["results"][0]
    fin.post(f"/api/v1/approvals/{asked['id']}/decision/", {"is_approved": True}, content_type="application/json")
    assert client.get(at).json()["state"] == "approved"
    assert client.post(f"{at}publish/", {}, content_type="application/json").json()["state"] == "published"
    assert "examples" in client.get(at).json()["definition"]


def test_examples_are_not_shown_to_who_is_paid_by_the_plan(sol, sign_in):
    world.build(sol)
    plan = PlanVersion.objects.get(plan__code="reps-2026").plan
    text = world.REPS.replace("2026-01-01", "2027-01-01").replace("until: 2027-01-01", "until: 2028-01-01", 1)
    later = text.replace("from: 2027-01-01\nuntil: 2027-01-01", "from: 2027-01-01\nuntil: 2028-01-01")
    draft, _ = plan_version_save(plan_id=plan.pk, document=later + EXAMPLE.replace("2026-Q1", "2027-Q1"), actor=sol)
    plan_publish(version_id=draft.pk, actor=sol)
    for url in (f"/api/v1/incentives/plan-versions/{draft.pk}/", f"/incentives/plans/{plan.pk}/?version=2"):
        assert "Five thousand sold" in sign_in("sol").get(url).content.decode()
        assert "Five thousand sold" not in sign_in("rex").get(url).content.decode()


def paid(actor):
    """Let Rex and Ria sell in the third quarter and be paid; gives the period and the drafts for next year by plan."""
    period = world.build(actor)
    world.deal("D-1", "rex", 700_000)
    world.deal("D-2", "rex", 800_000)
    world.deal("D-3", "ria", 100_000)
    world.calculate(period, actor)
    drafts = {}
    for version in PlanVersion.objects.select_related("plan"):
        later = {**version.definition, "name": "Later"}
        drafts[version.plan.code], _ = plan_version_save(plan_id=version.plan_id, document=later, actor=actor)
    return period, drafts


def person(name):
    return Participant.objects.get(source_key=name).pk


def test_a_real_persons_period_becomes_an_example(sol):
    period, drafts = paid(sol)
    draft, warnings = plan_example_add(
        version_id=drafts["reps-2026"].pk, participant_id=person("rex"), period_id=period.pk, actor=sol
    )
    assert warnings == []
    [example] = draft.definition["examples"]
    # 10,000.00 at 5 % and 5,000.00 at 10 %
    assert example["then"] == {"people": {"seller": {"commission": "1000.00"}}}
    assert [(deal["owner"], deal["amount"], deal["stage"]) for deal in example["given"]["deals"]] == [
        ("seller", "7000.00", "Won"),
        ("seller", "8000.00", "Won"),
    ]
    assert example["given"]["quotas"] == [
        {"who": "seller", "period": "2026-Q3", "measure": "amount", "amount": "10000.00"}
    ]
    assert "Rex" not in str(example) and "D-1" not in str(example)
    changed = {**draft.definition, "components": [{**draft.definition["components"][0], "rate": "5 %"}]}
    changed["components"][0].pop("tiers"), changed["components"][0].pop("quota")
    _, warnings = plan_version_save(plan_id=draft.plan_id, version_id=draft.pk, document=changed, actor=sol)
    assert "expected 1,000.00, computed 750.00" in warnings[0].what


def test_a_manager_is_an_example_with_colleagues(sol):
    period, drafts = paid(sol)
    draft, warnings = plan_example_add(
        version_id=drafts["managers-2026"].pk, participant_id=person("mara"), period_id=period.pk, actor=sol
    )
    [example] = draft.definition["examples"]
    assert warnings == [] and example["then"] == {"people": {"seller": {"override": "160.00"}}}
    assert example["given"]["people"] == {
        "colleague 1": {"manager": "seller"},
        "colleague 2": {"manager": "seller"},
        "seller": {},
    }


def test_who_was_not_paid_is_no_example(sol, sign_in):
    period, drafts = paid(sol)
    ids = {"version_id": drafts["managers-2026"].pk, "period_id": period.pk, "actor": sol}
    with pytest.raises(ValidationError, match=r"credits this person nothing in 2026-Q3"):
        plan_example_add(participant_id=person("rex"), **ids)
    draft = drafts["reps-2026"]
    body = {"participant": str(person("rex")), "period": str(period.pk), "name": "Rex himself"}
    url = f"/api/v1/incentives/plan-versions/{draft.pk}/examples/"
    answer = sign_in("sol").post(url, body, content_type="application/json")
    assert answer.status_code == 200 and answer.json()["definition"]["examples"][0]["name"] == "Rex himself"
    page = f"/incentives/plans/versions/{draft.pk}/examples/new/"
    assert sign_in("sol").get(page).status_code == 200
    assert sign_in("sol").post(page, {"participant": body["participant"], "period": body["period"]}).status_code == 302
    names = [one["name"] for one in PlanVersion.objects.get(pk=draft.pk).definition["examples"]]
    assert names == ["Rex himself", "A seller in 2026-Q3"]


def test_where_no_run_paid_the_draft_is_computed_for_the_person_to_confirm(sol, sign_in):
    period = world.build(sol)
    world.deal("D-1", "rex", 700_000)
    world.deal("D-2", "rex", 800_000)
    draft = draft_of(sol, world.REPS.replace("reps-2026", "reps-next").replace("rate: 10 %", "rate: 12 %"))
    ids = {"version_id": draft.pk, "participant_id": person("rex"), "period_id": period.pk, "actor": sol}
    draft, warnings = plan_example_add(**ids)
    [example] = draft.definition["examples"]
    # 10,000.00 at 5 % and 5,000.00 at 12 %; nobody was paid by it, so that the figures wait to be confirmed
    assert example["then"] == {"people": {"seller": {"commission": "1100.00"}}}
    assert example["note"].startswith("Computed by this draft")
    assert [warning.code for warning in warnings] == ["CASE_UNCONFIRMED"]
    for refused in (plan_submit, plan_publish):
        with pytest.raises(ValidationError, match="nobody has confirmed them"):
            refused(version_id=draft.pk, actor=sol)
    (unconfirmed,) = lifecycle_of(sol, draft).obstacles
    assert (unconfirmed.code, unconfirmed.where) == ("EXAMPLE_UNCONFIRMED", example["name"])
    assert unconfirmed.what == "Its figures are what the draft itself computed, and nobody has confirmed them."
    confirmed = {name: value for name, value in example.items() if name != "note"}
    draft, _ = plan_version_save(
        plan_id=draft.plan_id, version_id=draft.pk, document={**draft.definition, "examples": [confirmed]}, actor=sol
    )
    assert lifecycle_of(sol, draft).obstacles == ()
    later = {**draft.definition, "from": "2027-01-01", "until": "2028-01-01", "examples": []}
    draft, _ = plan_version_save(plan_id=draft.plan_id, version_id=draft.pk, document=later, actor=sol)
    url = f"/api/v1/incentives/plan-versions/{draft.pk}/examples/"
    body = {"participant": str(person("rex")), "period": str(period.pk)}
    told = sign_in("sol").post(url, body, content_type="application/json").json()
    [example] = told["definition"]["examples"]
    assert (example["given"]["period"], example["given"]["deals"][0]["on"]) == ("2027-Q3", "2027-08-03")
    assert example["then"] == {"people": {"seller": {"commission": "1100.00"}}}
    assert [finding["code"] for finding in told["warnings"]] == ["CASE_UNCONFIRMED"]


def test_a_draft_of_the_year_is_computed_with_the_quarters_before(sol):
    period = world.build(sol)
    world.deal("D-0", "rex", 1_500_000, on=date(2026, 5, 4))
    world.deal("D-1", "rex", 700_000)
    world.deal("D-2", "rex", 2_000_000, on=date(2026, 9, 4))
    world.calculate(period, sol)
    text = world.REPS.replace("reps-2026", "reps-next").replace("quota: amount", "quota: amount\n    accumulation: YTD")
    draft = draft_of(sol, text)
    draft, _ = plan_example_add(version_id=draft.pk, participant_id=person("rex"), period_id=period.pk, actor=sol)
    [example] = draft.definition["examples"]
    # goal of three quarters 30,000.00; 15,000.00 before, 27,000.00 now: 15,000.00 at 5 % and 12,000.00 at 10 %
    assert example["then"] == {"people": {"seller": {"commission": "1950.00"}}}
    assert [deal["amount"] for deal in example["given"]["deals"]] == ["15000.00", "7000.00", "20000.00"]
    assert {quota["period"]: quota["amount"] for quota in example["given"]["quotas"]} == {
        f"2026-Q{number}": "10000.00" for number in (1, 2, 3)
    }


def test_a_draft_that_lacks_a_quota_makes_no_example_and_says_what_lacks(sol):
    period = world.build(sol)
    world.deal("D-1", "rex", 700_000)
    draft = draft_of(sol, world.REPS.replace("reps-2026", "reps-next").replace("quota: amount", "quota: margin"))
    with pytest.raises(
        ValidationError, match=r"could not be computed for this person in 2026-Q3: .*[Qq]uota"
    ) as refused:
        plan_example_add(version_id=draft.pk, participant_id=person("rex"), period_id=period.pk, actor=sol)
    assert str(person("rex")) not in str(refused.value)
    assert PlanVersion.objects.get(pk=draft.pk).definition.get("examples", []) == []


def test_the_approver_sees_what_is_decided(acme, sol, viewer, sign_in):
    """Clauses, difference to the live version, checks, examples, cost, who wrote it and what was said stand on the request's page."""
    world.build(sol)
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=False)
    first = PlanVersion.objects.get(plan__code="reps-2026")
    later = world.REPS.replace("5 %", "6 %").replace("2027-01-01", "2028-01-01").replace("2026-01-01", "2027-01-01")
    second, _ = plan_version_save(
        plan_id=first.plan_id, document=later + EXAMPLE.replace("250", "300").replace("2026-Q1", "2027-Q1"), actor=sol
    )
    plan_submit(version_id=second.pk, reason="New year", actor=sol)
    answer(second, viewer("fin"), yes=False)
    plan_submit(version_id=second.pk, reason="New year, agreed with the board", actor=sol)
    asked = approval_open("plan_version", second.pk)
    fin = sign_in("fin")
    page = fin.get(f"/approvals/{asked.pk}/").content.decode()
    for words in (
        "What changes against version 1",
        "<del>",
        "6 %",
        "Five thousand sold",
        "Comes out",
        "Written by Sol",
        "New year, agreed with the board",
        "Because",
        f"/incentives/plans/versions/{second.pk}/whatif/?period=",
    ):
        assert words in page, words
    assert "1 decision waits for you" in fin.get("/").content.decode()
    assert "decision waits" not in sign_in("sol").get("/").content.decode()


@pytest.mark.usefixtures("two")
def test_an_approved_version_is_called_no_draft(sol, viewer, sign_in):
    draft = draft_of(sol)
    client, address = sign_in("sol"), f"/incentives/plans/{draft.plan_id}/?version=1"
    assert "A draft pays nothing" in client.get(address).content.decode()
    plan_submit(version_id=draft.pk, actor=sol)
    approval_decide(request_id=lifecycle_of(sol, draft).review.pk, is_approved=True, actor=viewer("fin"))
    page = client.get(address).content.decode()
    assert "Approved, not published yet" in page and "A draft pays nothing" not in page


@pytest.mark.usefixtures("two")
def test_beside_an_open_request_only_what_can_be_done_now(sol, viewer, sign_in):
    draft = draft_of(sol)
    address = f"/incentives/plans/{draft.plan_id}/?version=1"
    client = sign_in("sol")
    assert "Delete this draft" in client.get(address).content.decode()
    plan_submit(version_id=draft.pk, actor=sol)
    page = client.get(address).content.decode()
    assert "Take it back" in page and "Waits for a decision" in page
    assert not [
        words for words in ("Delete this draft", "Edit draft", "/publish/", "Review and decide") if words in page
    ]
    assert "Review and decide" in sign_in("fin").get(address).content.decode()


def test_a_version_in_whose_days_nobody_is_assigned_says_so(sol, sign_in):
    world.build(sol)
    plan = PlanVersion.objects.get(plan__code="reps-2026").plan
    PlanAssignment.objects.filter(plan=plan).update(during=DateRange(date(2026, 1, 1), date(2027, 1, 1)))
    later = world.REPS.replace("2027-01-01", "2028-01-01").replace("2026-01-01", "2027-01-01")
    draft, _ = plan_version_save(plan_id=plan.pk, document=later, actor=sol)
    client, address, words = sign_in("sol"), f"/incentives/plans/{plan.pk}/", "In the days of this version nobody"
    assert words in client.get(f"{address}?version=2").content.decode()
    assert words not in client.get(f"{address}?version=1").content.decode()
    assert "Nobody is on this plan" in client.get(f"/incentives/plans/versions/{draft.pk}/publish/").content.decode()


def test_the_list_says_which_version_pays_beside_a_newer_draft(sol, sign_in):
    world.build(sol)
    plan = PlanVersion.objects.get(plan__code="reps-2026").plan
    plan_version_save(plan_id=plan.pk, document=world.REPS.replace("rate: 5 %", "rate: 6 %"), actor=sol)
    page = sign_in("sol").get("/incentives/plans/").content.decode()
    row = " ".join(page.split("reps-2026")[1].split("</tr>")[0].split())
    assert "Version 1 pays today" in row and "Version 2:" in row and "Draft" in row
    other = " ".join(page.split("managers-2026")[1].split("</tr>")[0].split())
    assert "Pays today" in other and "Version" not in other


def next_version(actor, first_day, *, until="2027-01-01"):
    """A further draft of the reps' plan that pays 6 % below quota."""
    plan = PlanVersion.objects.get(plan__code="reps-2026").plan
    text = world.REPS.replace("rate: 5 %", "rate: 6 %")
    text = text.replace("from: 2026-01-01", f"from: {first_day}").replace("until: 2027-01-01", f"until: {until}")
    return plan_version_save(plan_id=plan.pk, document=text, actor=actor)[0]


def test_a_version_of_the_same_first_day_says_what_it_replaces_before_it_does(sol, sign_in):
    third = world.build(sol)
    world.deal("D-1", "rex", 800_000)
    world.calculate(third, sol)
    first = PlanVersion.objects.get(plan__code="reps-2026")
    draft = next_version(sol, "2026-01-01")
    client, url = sign_in("sol"), f"/incentives/plans/versions/{draft.pk}/publish/"
    api = f"/api/v1/incentives/plan-versions/{draft.pk}/publish/"
    [told] = client.get(api).json()["replaces"]
    periods = told.pop("periods")
    assert told == {
        "number": 1, "start": "2026-01-01", "until": "2027-01-01", "is_retired": True, "unpaid_from": None, "who": ["Rep"]
    }  # fmt: skip
    assert {"key": "2026-Q3", "is_calculated": True, "is_closed": False} in periods
    page = client.get(url).content.decode()
    assert "It takes the place of version 1" in page and "For whom: Rep." in " ".join(page.split())
    assert "it is retired and pays nothing any more" in page and "2026-Q3" in page
    refused = client.post(api, {}, content_type="application/json")
    assert refused.status_code == 400 and "Let version 2 replace it from 2026-01-01 on" in str(refused.json())
    assert client.post(url).status_code == 409 and standing_of(draft) == "draft"
    assert client.post(url, {"replaces": "yes"}).status_code == 302
    first.refresh_from_db()
    assert (first.state, standing_of(draft)) == ("retired", "published")
    world.calculate(third, sol)
    # 8,000.00 at 6 % in the place of 5 %
    assert world.earned(third)["Rex"] == 48_000


def test_a_later_version_ends_the_one_before_it_and_says_where_nobody_is_paid(sol, sign_in):
    third = world.build(sol)
    world.deal("D-1", "rex", 800_000)
    world.calculate(third, sol)
    period_calculate(period_id=third.id, actor=sol)
    period_review(period_id=third.id, actor=sol)
    first = PlanVersion.objects.get(plan__code="reps-2026")
    draft = next_version(sol, "2026-07-01", until="2026-10-01")
    client = sign_in("sol")
    api = f"/api/v1/incentives/plan-versions/{draft.pk}/publish/"
    [told] = client.get(api).json()["replaces"]
    assert (told["start"], told["is_retired"], told["unpaid_from"]) == ("2026-07-01", False, "2026-10-01")
    assert (
        "the plan pays nobody until a further version"
        in client.get(f"/incentives/plans/versions/{draft.pk}/publish/").content.decode()
    )
    assert client.post(api, {"replaces": True}, content_type="application/json").json()["state"] == "published"
    first.refresh_from_db()
    assert (first.state, str(first.during.upper)) == ("published", "2026-07-01")
    assert client.get(api).json() == {"replaces": []}
