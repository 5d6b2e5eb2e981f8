"""Plans are written, refused with their reasons, published once for a day, and read back in words."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from incentives.forms.designer.reading import document_posted
from incentives.models import Plan, PlanAssignment, PlanState, PlanVersion
from incentives.selectors.plans import version_view
from incentives.services.assignments import plan_assign, plan_assignment_end
from incentives.services.documents import PlanRefused, document_read, document_text
from incentives.services.lifecycle import plan_publish, plan_version_end
from incentives.services.plans import plan_create, plan_draft_delete, plan_version_save
from planning.selectors import period_containing
from spm.people.models import Participant, Title
from tests.incentives import world
from tests.incentives.designing import posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def changed(old: str, new: str) -> str:
    assert old in world.REPS
    return world.REPS.replace(old, new)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (changed("from: 100 %, rate", "from: 110 %, rate"), "TIER_GAP", "100 %"),
        (changed("quota: amount", "quota: revenue"), "QUOTA_MEASURE", "Write quota: amount"),
        (changed("where: {stage: Won}", "where: {stgae: Won}"), "FACT_UNKNOWN", "stgae"),
        (changed("where: {stage: Won}", "where: {units: 3}"), "FACT_UNKNOWN", "Did you mean quantity?"),
        (changed("where: {stage: Won}", "where: {owner: rex}"), "FACT_UNKNOWN", "No plan asks whose a deal is"),
        (
            changed("where: {stage: Won}", "where: {owner_key: rex}"),
            "FACT_UNKNOWN",
            "The plan asks whose a deal is (owner_key).",
        ),
        (changed("until: 2027-01-01", "until: 2025-01-01"), "PLAN_EMPTY", "ends before it starts"),
        (changed("currency: USD", "currency: DOLLAR"), "CURRENCY_UNKNOWN", "DOLLAR"),
        (changed("name: Commission", "name: Commission\n    name: Twice"), "PLAN_UNREADABLE", "stands twice"),
        (
            changed("currency: USD", "currency: USD\ndraw: {kind: RECOVERABLE, amount: 0}"),
            "DRAW_AMOUNT",
            "an amount above 0",
        ),
        ("a: &a [x]\nb: [*a, *a]", "PLAN_UNREADABLE", "refers to another place"),
        ("- just\n- a list", "PLAN_UNREADABLE", "not a set of fields"),
        ("plan: [", "PLAN_UNREADABLE", "line"),
        ("a: " + "[" * 50_000, "PLAN_UNREADABLE", "levels deep"),
        ("x" * 100_001, "PLAN_UNREADABLE", "characters"),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused_with_its_reasons(sol, text, code, words):
    with pytest.raises(PlanRefused) as refusal:
        plan_create(document=text, actor=sol)
    assert code in {finding.code for finding in refusal.value.findings}
    assert words in str(refusal.value)
    assert Plan.objects.count() == PlanVersion.objects.count() == 0


def test_numbers_of_a_text_stay_texts():
    assert document_read("rate: 0.1\nfrom: 2026-01-01\non: yes") == {"rate": "0.1", "from": "2026-01-01", "on": "yes"}


def test_text_and_document_say_the_same(sol):
    draft, _ = plan_create(document=world.REPS, actor=sol)
    assert document_read(document_text(draft.definition)) == draft.definition


def test_only_drafts_are_edited(sol):
    draft, _ = plan_create(document=world.REPS, actor=sol)
    later, _ = plan_version_save(plan_id=draft.plan_id, version_id=draft.id, document=changed("5 %", "6 %"), actor=sol)
    assert (later.id, later.number) == (draft.id, 1) and later.digest != draft.digest
    plan_publish(version_id=draft.id, actor=sol)
    with pytest.raises(ValidationError, match="stays as it is"):
        plan_version_save(plan_id=draft.plan_id, version_id=draft.id, document=world.REPS, actor=sol)
    with pytest.raises(ValidationError, match="Only a draft can be deleted"):
        plan_draft_delete(version_id=draft.id, actor=sol)
    assert PlanVersion.objects.get().digest == later.digest


def test_two_versions_never_pay_the_same_day(sol):
    first, _ = plan_create(document=world.REPS, actor=sol)
    plan_publish(version_id=first.id, actor=sol)
    second, _ = plan_version_save(
        plan_id=first.plan_id, document=changed("from: 2026-01-01", "from: 2026-07-01"), actor=sol
    )
    with pytest.raises(
        ValidationError, match=r"Version 1 of Reps 2026 already pays .* Let version 2 replace it from 2026-07-01 on"
    ):
        plan_publish(version_id=second.id, actor=sol)
    plan_version_end(version_id=first.id, until=date(2026, 7, 1), actor=sol)
    plan_publish(version_id=second.id, actor=sol)
    assert set(PlanVersion.objects.values_list("number", "state")) == {
        (1, PlanState.PUBLISHED),
        (2, PlanState.PUBLISHED),
    }


def test_a_change_in_the_middle_of_a_quarter_pays_each_day_by_its_own_version(sol):
    period = world.build(sol)
    first = PlanVersion.objects.get(plan__code="reps-2026")
    plan_version_end(version_id=first.id, until=date(2026, 8, 1), actor=sol)
    text = world.REPS.replace("from: 2026-01-01", "from: 2026-08-01").replace("rate: 5 %", "rate: 7 %")
    second, _ = plan_version_save(plan_id=first.plan_id, document=text, actor=sol)
    plan_publish(version_id=second.id, actor=sol)
    world.deal("D-1", "rex", 100_000, on=date(2026, 7, 31))
    world.deal("D-2", "rex", 100_000, on=date(2026, 8, 1))
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 5_000 + 7_000


def test_assignments_do_not_overlap_and_can_be_ended(sol):
    draft, _ = plan_create(document=world.REPS, actor=sol)
    target = {"plan_id": draft.plan_id, "target": "title", "target_id": Title.objects.get(code="rep").id, "actor": sol}
    one = plan_assign(start=date(2026, 1, 1), **target)
    with pytest.raises(ValidationError, match=r"Rep is on Reps 2026 from 2026-01-01 until further notice already"):
        plan_assign(start=date(2026, 6, 1), **target)
    plan_assignment_end(assignment_id=one.id, until=date(2026, 6, 1), actor=sol)
    plan_assign(start=date(2026, 6, 1), **target)
    assert plan_assignment_end(assignment_id=one.id, until=date(2026, 1, 1), actor=sol) is None
    assert PlanAssignment.objects.count() == 1


@pytest.mark.parametrize("text", [world.REPS, world.MANAGERS])
def test_the_form_says_what_the_text_says(sol, text):
    draft, _ = plan_create(document=text, actor=sol)
    document = document_posted(posted(draft.definition))
    again, _ = plan_version_save(plan_id=draft.plan_id, version_id=draft.id, document=document, actor=sol)
    assert again.digest == draft.digest and again.definition == draft.definition
    assert version_view(again).components[0].clauses


def test_the_curve_is_what_the_engine_pays(sol):
    draft, _ = plan_create(document=world.REPS, actor=sol)
    component = version_view(draft).components[0]
    # On a quota of 100,000.00: half pays 2,500, the whole 5,000, one and a half times 5,000 + 50,000 at 10 %
    assert component.curve.summary == (250_000, 500_000, 1_000_000)


TIERS_OF = {
    "quota: count, measure: COUNT, tiers: [{until: 100 %, amount_each: 75}, {amount_each: 110.5}]": [
        ("0% of quota", "100% of quota", "$75.00 each"), ("100% of quota", "", "$110.50 each"),
    ],
    "measure: UNITS, tiers: [{until: 10, amount_each: 2}, {amount_each: 0.005}]": [("0", "10", "$2.00 each"), ("10", "", "0.005 USD each")],
    "tiers: [{until: 50000, rate: 5 %}, {amount: 900}]": [("$0.00", "$50,000.00", "5%"), ("$50,000.00", "", "$900.00")],
}  # fmt: skip


@pytest.mark.parametrize("way", TIERS_OF)
def test_the_tiers_of_a_plan_are_shown_in_their_own_units(sol, sign_in, way):
    """An amount each read “unknown”, and ten units read as money."""
    draft, _ = plan_create(
        document=f"plan: x\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: QUARTERLY\ncomponents: [{{key: c, {way}}}]\n",
        actor=sol,
    )
    rows = version_view(draft).components[0].tiers
    assert [(each.low, each.high, each.pays) for each in rows] == TIERS_OF[way]
    page = sign_in("sol").get(reverse("incentives:plan_detail", args=[draft.plan_id])).content.decode()
    assert f"<strong>{rows[0].pays}</strong>" in page


def test_the_curve_is_drawn_as_its_notes_say(sol, sign_in):
    """A gate on another measure counts as met; who has a target of its own gets a sample one; nothing reads $0 or unknown."""
    gated = "    gates: [{of: margin, at_least: 1000}]\nmeasures:\n  - {key: margin, measure: MARGIN}\n"
    draft, _ = plan_create(document=world.REPS + gated, actor=sol)
    component = version_view(draft).components[0]
    assert component.curve.summary == (250_000, 500_000, 1_000_000)
    assert component.notes == ("Drawn as if the gate on margin were met.",)
    page = sign_in("sol").get(reverse("incentives:plan_detail", args=[draft.plan_id]) + f"?version={draft.number}")
    assert "Half the quota pays $2,500, the whole quota $5,000" in page.content.decode()
    tiers = world.REPS[world.REPS.index("    tiers:") :]
    points = (
        "    target: bonus\n    curve: [{at: 0 %, pays: 0 %}, {at: 100 %, pays: 100 %}, {at: 250 %, pays: 250 %}]\n"
    )
    text = world.REPS.replace(tiers, points).replace("reps-2026", "aims-2026")
    draft, _ = plan_create(document=text, actor=sol)
    component = version_view(draft).components[0]
    # On a sample target of 10,000.00, in proportion; half the quota is no step of this axis, and is computed all the same
    assert component.curve.summary == (500_000, 1_000_000, 1_500_000)
    assert component.notes == ("Drawn on a target bonus of 10,000.00 USD.",)


def test_what_an_assignment_does_is_shown_before_it_is_done(sol, sign_in):
    """Rex would leave the reps' plan; quarters that have begun are calculated again; competing plans are named."""
    world.build(sol)
    text = world.REPS.replace("reps-2026", "hunters").replace("Reps 2026", "Hunters")
    other = plan_publish(version_id=plan_create(document=text, actor=sol)[0].pk, actor=sol)
    rex = Participant.objects.get(source_key="rex")
    address = reverse("incentives:plan_assign", args=[other.plan_id])
    client = sign_in("sol")
    initial = client.get(address).context["form"].initial["start"]
    assert initial == period_containing(sol.on, kind="QUARTERLY").during.lower
    asked = {"participant": rex.pk, "start": "2026-05-01", "until": ""}
    before = PlanAssignment.objects.count()
    shown = client.post(address, asked)
    moving = shown.context["moving"]
    assert [(move.person, move.before, move.start, move.until, move.competes) for move in moving.moves] == [
        ("Rex", "Reps 2026", date(2026, 5, 1), date(2027, 1, 1), False)
    ]
    assert [each.key for each in moving.periods] == ["2026-Q2", "2026-Q3", "2026-Q4"] and not moving.shut
    assert PlanAssignment.objects.count() == before
    assert client.post(address, asked | {"do": "assign"}).status_code == 302
    assert PlanAssignment.objects.count() == before + 1
    title = Title.objects.get(code="rep")
    whom = {"title": title.pk, "start": "2026-07-01", "until": ""}
    moving = client.post(address, whom).context["moving"]
    assert [(move.before, people) for move, people in moving.groups] == [("Reps 2026", ("Ria", "Rob"))]
    assert [each.plan.name for each in moving.ends] == ["Reps 2026"] and moving.unmoved == ("Rex",)
    limited = client.post(address, whom | {"until": "2026-10-01"}).context["moving"]
    assert {move.person for move in limited.moves if move.competes} == {"Ria", "Rob"}
    client.post(address, whom | {"do": "assign"})
    days = PlanAssignment.objects.filter(title=title).order_by("during").values_list("plan__name", "during")
    assert [(name, one.lower, one.upper) for name, one in days] == [
        ("Reps 2026", date(2026, 1, 1), date(2026, 7, 1)),
        ("Hunters", date(2026, 7, 1), None),
    ]
