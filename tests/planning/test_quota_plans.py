"""Quota plans: handed down, edited by several people, committed to, approved by a second person, published, answered."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from planning.models import (
    AccountTerritory,
    CalendarKind,
    Period,
    Quota,
    QuotaCell,
    QuotaEdit,
    QuotaLetter,
    QuotaMeasure,
    QuotaPlan,
    QuotaSeat,
    Territory,
    TerritoryAssignment,
)
from planning.selectors.closing import _KEEPERS, closed_told_by
from planning.selectors.quota_letters import letter_standing, letters_waiting
from planning.selectors.quota_plans import plan_history, plan_sheet
from planning.selectors.quota_reviews import growth_beyond, plan_review
from planning.services.calendars import calendar_extend
from planning.services.quota_letters import letter_answer, letter_settle, letters_remind, letters_send
from planning.services.quota_plans import (
    PlanWish,
    SheetValue,
    quota_plan_change,
    quota_plan_create,
    quota_plan_discard,
    quota_plan_set,
    quota_plan_undo,
)
from planning.services.quota_publishing import quota_plan_ask, quota_plan_publish, quota_plan_revise
from planning.services.quota_seats import ReliefWish, commitment_give, commitments_take, relief_add, reliefs_find
from planning.services.quotas import QuotaValue, Seen, quota_set_many
from planning.services.scores import score_card_save, score_card_start
from planning.tasks import ReminderPart
from spm.approvals.services import approval_decide
from spm.crm.models import Opportunity, OpportunityVersion
from spm.notices.models import Notice
from spm.people.models import Participant, Position
from tests.planning.test_rules import account

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(in_acme: Any, viewer: Any) -> QuotaPlan:
    """A plan of 1,000,000 cents for 2026, evenly by person and quarter."""
    in_acme.is_single_operator = False
    in_acme.save()
    return quota_plan_create(wish=PlanWish("Plan 2026", 1_000_000), kind="QUARTERLY", year=2026, actor=viewer("sol"))


def seat(plan: QuotaPlan, code: str) -> QuotaSeat:
    return QuotaSeat.objects.get(plan=plan, position__code=code)


def years(plan: QuotaPlan) -> dict[str, int]:
    return dict(QuotaSeat.objects.filter(plan=plan).values_list("position__code", "value"))


def cell(plan: QuotaPlan, code: str, key: str) -> QuotaCell:
    return QuotaCell.objects.select_related("period").get(seat=seat(plan, code), period__key=key)


def approved(plan: QuotaPlan, viewer: Any) -> None:
    request = quota_plan_ask(plan_id=plan.pk, reason="Next year", actor=viewer("sol"))
    approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))


def test_the_target_goes_down_the_reporting_line_and_what_is_set_is_kept(plan: QuotaPlan, viewer: Any) -> None:
    """Given West with two reps, East with one and Max alone, then people get quarters, and a value that is set leaves the rest."""
    sol = viewer("sol")
    first = years(plan)
    assert (first["mara"], first["mona"]) == (first["rex"] + first["ria"], first["rob"])
    assert first == {name: 250_000 for name in ("max", "mona", "rex", "ria", "rob")} | {"mara": 500_000}
    quota_plan_set(plan_id=plan.pk, values=[SheetValue(seat(plan, "rex").pk, 400_000)], actor=sol, why="Large market")
    second = years(plan)
    assert second["rex"] == 400_000 and second["rex"] + second["ria"] == second["mara"] == first["mara"]
    quarter = cell(plan, "rex", "2026-Q4")
    quota_plan_set(plan_id=plan.pk, values=[SheetValue(seat(plan, "rex").pk, 250_000, quarter.period_id)], actor=sol)
    cells = QuotaCell.objects.filter(seat=seat(plan, "rex")).order_by("period__during")
    assert [one.value for one in cells] == [50_000, 50_000, 50_000, 250_000]
    [latest, earlier, _begun] = plan_history(plan, seat(plan, "rex").pk)
    assert (earlier.by_name, earlier.why, earlier.changes[0]["old"], earlier.changes[0]["new"]) == (
        "Sol",
        "Large market",
        None,
        400_000,
    )
    quota_plan_undo(plan_id=plan.pk, actor=sol)
    quota_plan_undo(plan_id=plan.pk, actor=sol)
    assert years(plan) == first and latest.number == 3
    with pytest.raises(ValidationError, match="nothing to take back"):
        quota_plan_undo(plan_id=plan.pk, actor=sol)


def test_nobody_undoes_a_change_they_did_not_see(plan: QuotaPlan, viewer: Any) -> None:
    rex = seat(plan, "rex")
    quota_plan_set(plan_id=plan.pk, values=[SheetValue(rex.pk, 1_000)], actor=viewer("sol"))
    with pytest.raises(ValidationError, match="somebody else has changed this"):
        quota_plan_set(plan_id=plan.pk, values=[SheetValue(rex.pk, 2_000, seen=Seen(rex.value))], actor=viewer("sol"))


def test_history_and_its_season_weigh_the_shares(plan: QuotaPlan, viewer: Any) -> None:
    """Given that Rex sold 300 in the second quarter and Ria 100 in the fourth, then shares and quarters follow them."""
    for name, amount, day in (
        ("rex", 300, date(2025, 5, 5)),
        ("ria", 100, date(2025, 12, 1)),
        ("rob", 100, date(2025, 12, 1)),
    ):
        fact = Opportunity.objects.create(source="crm", source_key=name)
        OpportunityVersion.objects.create(
            fact=fact,
            owner=Participant.objects.get(source_key=name),
            status="won",
            amount_minor=amount,
            currency="USD",
            close_on=day,
            known_from="2026-01-01T00:00Z",
        )
    wish = PlanWish("Plan 2026", 1_000_000, method="HISTORY", season="HISTORY")
    quota_plan_change(plan_id=plan.pk, wish=wish, actor=viewer("sol"))
    assert [years(plan)[name] for name in ("rex", "ria", "rob", "mara")] == [600_000, 200_000, 200_000, 800_000]
    assert [cell(plan, "rob", f"2026-Q{n}").value for n in (1, 2, 3, 4)] == [0, 120_000, 0, 80_000]
    found = plan_review(plan)
    assert found.expected.counts[0] == 3 and found.before.unknown == 4


def test_publishing_needs_a_second_person_and_writes_quotas_with_what_they_were(plan: QuotaPlan, viewer: Any) -> None:
    sol = viewer("sol")
    with pytest.raises(ValidationError, match="second person"):
        quota_plan_publish(plan_id=plan.pk, actor=sol)
    request = quota_plan_ask(plan_id=plan.pk, reason="Next year", actor=sol)
    with pytest.raises(PermissionDenied):
        approval_decide(request_id=request.pk, is_approved=True, actor=sol)
    approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))
    quota_plan_set(plan_id=plan.pk, values=[SheetValue(seat(plan, "rex").pk, 1)], actor=sol)
    with pytest.raises(ValidationError, match="second person"):
        quota_plan_publish(plan_id=plan.pk, actor=sol)
    quota_plan_undo(plan_id=plan.pk, actor=sol)
    approved(plan, viewer)
    assert not Quota.objects.exists()
    quota_plan_publish(plan_id=plan.pk, actor=sol)
    people = Quota.objects.filter(position__code__in=["rex", "ria", "rob", "max"])
    assert sum(people.values_list("value", flat=True)) == 1_000_000 and people.count() == 16
    last = QuotaEdit.objects.filter(plan=plan).order_by("-number")[0]
    assert last.what == "Published" and {one["old"] for one in last.changes} == {None}
    with pytest.raises(ValidationError, match="Begin a revision"):
        quota_plan_undo(plan_id=plan.pk, actor=sol)


def test_a_revision_leaves_closed_periods_and_a_change_of_one_is_refused_by_name(
    plan: QuotaPlan, viewer: Any, monkeypatch: Any
) -> None:
    """Given a published plan and a locked first quarter, then a revision changes the other quarters only, or is refused."""
    sol = viewer("sol")
    approved(plan, viewer)
    quota_plan_publish(plan_id=plan.pk, actor=sol)
    first = Period.objects.get(key="2026-Q1")
    monkeypatch.setattr("planning.selectors.closing._KEEPERS", [*_KEEPERS])
    closed_told_by(lambda keys: {key: "locked" for key in keys if key == first.pk})
    revision = quota_plan_revise(plan_id=plan.pk, actor=sol)
    before = cell(plan, "rex", "2026-Q1").value
    quota_plan_set(plan_id=revision.pk, values=[SheetValue(seat(revision, "rex").pk, 300_000)], actor=sol)
    assert cell(revision, "rex", "2026-Q1").value == before and years(revision)["rex"] == 300_000
    approved(revision, viewer)
    quota_plan_publish(plan_id=revision.pk, actor=sol)
    again = quota_plan_revise(plan_id=revision.pk, actor=sol)
    quota_plan_set(plan_id=again.pk, values=[SheetValue(seat(again, "rex").pk, 1, first.pk)], actor=sol)
    approved(again, viewer)
    with pytest.raises(ValidationError, match="2026-Q1 is locked"):
        quota_plan_publish(plan_id=again.pk, actor=sol)
    assert Quota.objects.get(position__code="rex", period=first).value == before


def test_a_draft_that_another_plan_overtook_is_refused(plan: QuotaPlan, viewer: Any) -> None:
    other = quota_plan_create(wish=PlanWish("Other", 5), kind="QUARTERLY", year=2026, actor=viewer("sol"))
    approved(other, viewer)
    quota_plan_publish(plan_id=other.pk, actor=viewer("sol"))
    approved(plan, viewer)
    with pytest.raises(ValidationError, match="Other was published after this draft"):
        quota_plan_publish(plan_id=plan.pk, actor=viewer("sol"))


def test_commitments_stand_beside_and_can_be_taken_over(plan: QuotaPlan, viewer: Any) -> None:
    """Given 10 % of guardrail, when Rex commits to half and Mara for Ria, then Rex is beyond it, and taking over keeps the sum."""
    rex, ria = seat(plan, "rex"), seat(plan, "ria")
    commitment_give(seat_id=rex.pk, value=rex.value // 2, note="Two customers left", actor=viewer("rex"))
    commitment_give(seat_id=ria.pk, value=ria.value, note="", actor=viewer("mara"))
    with pytest.raises(PermissionDenied):
        commitment_give(seat_id=ria.pk, value=1, note="", actor=viewer("rex"))
    rows = {row.seat.position.code: row for row in plan_sheet(plan).rows}
    assert rows["rex"].is_beyond(plan.guardrail_rate) and not rows["ria"].is_beyond(plan.guardrail_rate)
    [edit] = [one for one in plan_history(plan, rex.pk) if one.what.startswith("Commitment")]
    assert (edit.by_name, edit.why) == ("Rex", "Two customers left")
    commitments_take(plan_id=plan.pk, actor=viewer("sol"))
    with pytest.raises(ValidationError) as refused:
        quota_plan_ask(plan_id=plan.pk, reason="", actor=viewer("sol"))
    assert "Mara" in str(refused.value)


def test_joiners_leave_and_ramps_are_relieved_with_their_reason(plan: QuotaPlan, viewer: Any) -> None:
    """Given a month of Rex's leave, then the quarter is carried by its other days, and what nobody carries stays visible."""
    wish = ReliefWish("LEAVE", date(2026, 1, 1), date(2026, 2, 1), "Parental leave")
    relief_add(seat_id=seat(plan, "rex").pk, wish=wish, actor=viewer("sol"))
    quarter = cell(plan, "rex", "2026-Q1")
    assert quarter.carried == round(quarter.value * 59 / 90) and quarter.value > quarter.carried
    sheet = plan_sheet(plan)
    assert sheet.given == 1_000_000 and sheet.given - sheet.carried == quarter.value - quarter.carried
    for wrong in (
        ReliefWish("LEAVE", date(2026, 1, 1), date(2026, 2, 1), " "),
        ReliefWish("LEAVE", date(2030, 1, 1), date(2030, 2, 1), "x"),
    ):
        with pytest.raises(ValidationError):
            relief_add(seat_id=seat(plan, "rex").pk, wish=wrong, actor=viewer("sol"))
    reliefs_find(plan_id=plan.pk, actor=viewer("sol"), ramp_rates=(0, 50_000_000))
    assert [one.kind for one in plan_sheet(plan).rows[0].reliefs] == []


def test_a_letter_is_accepted_or_discussed_and_its_outcome_stays(plan: QuotaPlan, viewer: Any) -> None:
    sol, rex, mara = viewer("sol"), viewer("rex"), viewer("mara")
    with pytest.raises(ValidationError, match="not published"):
        letters_send(plan_id=plan.pk, actor=sol)
    approved(plan, viewer)
    quota_plan_publish(plan_id=plan.pk, actor=sol)
    assert letters_send(plan_id=plan.pk, actor=sol) == QuotaSeat.objects.filter(plan=plan).count()
    assert letters_send(plan_id=plan.pk, actor=sol) == 0
    letter = QuotaLetter.objects.get(participant__source_key="rex")
    assert letter.total == seat(plan, "rex").value
    with pytest.raises(QuotaLetter.DoesNotExist):
        letter_answer(letter_id=letter.pk, is_accepted=True, actor=mara)
    with pytest.raises(ValidationError, match="what should change"):
        letter_answer(letter_id=letter.pk, is_accepted=False, actor=rex)
    letter_answer(letter_id=letter.pk, is_accepted=False, reason="Two customers left", actor=rex)
    with pytest.raises(QuotaLetter.DoesNotExist):
        letter_settle(letter_id=letter.pk, step="answered", text="No", actor=viewer("mona"))
    letter_settle(letter_id=letter.pk, step="change_refused", text="New ones came", actor=mara)
    assert letter_standing(letter) == "change_refused"
    letter_answer(letter_id=letter.pk, is_accepted=True, actor=rex)
    with pytest.raises(ValidationError, match="accepted already"):
        letter_answer(letter_id=letter.pk, is_accepted=True, actor=rex)


def test_growth_beyond_the_guardrail_needs_a_reason(plan: QuotaPlan, viewer: Any) -> None:
    """Given Rex's quota 25 % above the year before and 20 % allowed, then the review names him, and a reason is needed; at 25 % none is."""
    sol, rex = viewer("sol"), seat(plan, "rex")
    calendar_extend(kind=CalendarKind.QUARTERLY, start=date(2025, 1, 1), until=date(2026, 1, 1), actor=sol)
    last = Period.objects.get(key="2025-Q1")
    before = QuotaValue(rex.position_id, last.pk, rex.value * 4 // 5)
    quota_set_many(values=[before], measure=QuotaMeasure.AMOUNT, currency="USD", actor=sol)
    wish = PlanWish("Plan 2026", 1_000_000, growth_rate=20 * 10**6)
    quota_plan_change(plan_id=plan.pk, wish=wish, actor=sol)
    plan.refresh_from_db()
    [found] = plan_review(plan).beyond
    assert (found.row.seat.pk, found.growth) == (rex.pk, Fraction(1, 4))
    with pytest.raises(ValidationError, match="Rex.*differ by more than 20 %"):
        quota_plan_ask(plan_id=plan.pk, reason=" ", actor=sol)
    assert (
        quota_plan_ask(plan_id=plan.pk, reason="He has two patches now.", actor=sol).reason == "He has two patches now."
    )
    quota_plan_change(plan_id=plan.pk, wish=replace(wish, growth_rate=25 * 10**6), actor=sol)
    plan.refresh_from_db()
    assert plan_review(plan).beyond == [] and quota_plan_ask(plan_id=plan.pk, reason="", actor=sol)


def test_growth_from_a_quota_of_another_currency_is_unknown(
    plan: QuotaPlan, viewer: Any, django_assert_num_queries: Any
) -> None:
    """Given Rex's quota of the year before in euros, then a plan in dollars knows no growth of his; the sheet is given, not read again."""
    sol, rex = viewer("sol"), seat(plan, "rex")
    calendar_extend(kind=CalendarKind.QUARTERLY, start=date(2025, 1, 1), until=date(2026, 1, 1), actor=sol)
    before = QuotaValue(rex.position_id, Period.objects.get(key="2025-Q1").pk, 1)
    quota_set_many(values=[before], measure=QuotaMeasure.AMOUNT, currency="EUR", actor=sol)
    quota_plan_change(plan_id=plan.pk, wish=PlanWish("Plan 2026", 1_000_000, growth_rate=0), actor=sol)
    plan.refresh_from_db()
    [row] = [each for each in plan_review(plan).parity if each.row.seat.pk == rex.pk]
    assert (row.before, row.growth, row.is_beyond) == (None, None, False)
    sheet = plan_sheet(plan)
    with django_assert_num_queries(2):
        assert growth_beyond(sheet) == []


def test_two_plans_of_one_name_are_refused_and_a_revision_keeps_that_of_its_plan(plan: QuotaPlan, viewer: Any) -> None:
    """Given the plan of a name, then another one is refused in any year and spelling, its revision is not, nor one whose name is free."""
    sol = viewer("sol")
    for year in (2026, 2027):
        with pytest.raises(ValidationError, match="Plan 2026 is the plan of 2026 already"):
            quota_plan_create(wish=PlanWish(" plan 2026", 5), kind="YEARLY", year=year, actor=sol)
    other = quota_plan_create(wish=PlanWish("Other", 5), kind="YEARLY", year=2027, actor=sol)
    with pytest.raises(ValidationError, match="already"):
        quota_plan_change(plan_id=other.pk, wish=PlanWish("PLAN 2026", 5), actor=sol)
    approved(plan, viewer)
    quota_plan_publish(plan_id=plan.pk, actor=sol)
    revision = quota_plan_revise(plan_id=plan.pk, actor=sol)
    assert quota_plan_change(plan_id=revision.pk, wish=PlanWish("Plan 2026", 7), actor=sol).total == 7
    quota_plan_discard(plan_id=other.pk, actor=sol)
    assert quota_plan_create(wish=PlanWish("Other", 5), kind="YEARLY", year=2027, actor=sol).name == "Other"


def test_open_drafts_have_names_of_their_own(plan: QuotaPlan, viewer: Any, sign_in: Any) -> None:
    """Given a published plan, then only one draft of its name is open, also by taking back, page and API, and a free name is told."""
    sol, url = viewer("sol"), reverse("planning:quota_plan", args=[plan.pk])
    approved(plan, viewer)
    quota_plan_publish(plan_id=plan.pk, actor=sol)
    first = quota_plan_revise(plan_id=plan.pk, actor=sol)
    with pytest.raises(
        ValidationError, match=r"A draft of Plan 2026 is open already.*“Plan 2026 \(2\)”.*Nothing was begun"
    ):
        quota_plan_revise(plan_id=plan.pk, actor=sol)
    browser = sign_in("sol")
    page = browser.post(url, {"do": "revise"})
    assert page.status_code == 422 and "“Plan 2026 (2)”" in page.content.decode()
    body = browser.post(f"/api/v1/planning/quota-plans/{plan.pk}/", {"do": "revise"}, content_type="application/json")
    assert body.status_code == 400 and "“Plan 2026 (2)”" in body.json()["message"]
    quota_plan_change(plan_id=first.pk, wish=PlanWish("Plan 2026 (2)", 7), actor=sol)
    second = quota_plan_revise(plan_id=plan.pk, actor=sol)
    with pytest.raises(ValidationError, match=r"such as “Plan 2026 \(3\)”.*Nothing was taken back"):
        quota_plan_undo(plan_id=first.pk, actor=sol)
    quota_plan_discard(plan_id=second.pk, actor=sol)
    quota_plan_undo(plan_id=first.pk, actor=sol)
    drafts = QuotaPlan.objects.filter(state="DRAFT").values_list("name", flat=True)
    assert list(drafts) == ["Plan 2026"]


def test_letters_are_reminded_of_before_and_after_their_day_and_once_each(plan: QuotaPlan, viewer: Any) -> None:
    """Given letters due on a day, then three days before it and after it who has not answered is told, and who accepted is not."""
    sol = viewer("sol")
    approved(plan, viewer)
    quota_plan_publish(plan_id=plan.pk, actor=sol)
    count = letters_send(plan_id=plan.pk, actor=sol, due_on=date(2027, 1, 31))
    letter = QuotaLetter.objects.get(participant__source_key="rex")

    def told() -> list[str]:
        rows = Notice.objects.filter(kind="quota_letter", slot__startswith=f"{letter.pk}:")
        return list(rows.order_by("slot").values_list("slot", flat=True))

    assert letters_remind(on=date(2027, 1, 27), actor=sol) == 0 and told() == []
    assert letters_remind(on=date(2027, 1, 28), actor=sol) == count
    letters_remind(on=date(2027, 1, 29), actor=sol)
    assert told() == [f"{letter.pk}:due"]
    letters_remind(on=date(2027, 2, 1), actor=sol)
    assert told() == [f"{letter.pk}:due", f"{letter.pk}:late"]
    letter_answer(letter_id=letter.pk, is_accepted=True, actor=viewer("rex"))
    assert ReminderPart().steps(sol.organisation, date(2027, 2, 2)) == ["remind"]
    outcome = ReminderPart().run(sol.organisation, date(2027, 2, 2), "remind").outcome
    assert outcome == {"letters_due": count - 1}


def test_letters_that_were_replaced_or_are_long_late_are_reminded_of_no_more(plan: QuotaPlan, viewer: Any) -> None:
    """Given letters of a plan and of its revision, then those of the revision alone are due and wait, and for a month after their day."""
    sol = viewer("sol")
    approved(plan, viewer)
    quota_plan_publish(plan_id=plan.pk, actor=sol)
    count = letters_send(plan_id=plan.pk, actor=sol, due_on=date(2027, 1, 31))
    revision = quota_plan_revise(plan_id=plan.pk, actor=sol)
    assert letters_remind(on=date(2027, 1, 30), actor=sol) == count
    approved(revision, viewer)
    quota_plan_publish(plan_id=revision.pk, actor=sol)
    assert letters_remind(on=date(2027, 1, 31), actor=sol) == 0 and letters_waiting(viewer("rex")) == []
    assert ReminderPart().steps(sol.organisation, date(2027, 1, 31)) == []
    letters_send(plan_id=revision.pk, actor=sol, due_on=date(2027, 2, 10))
    assert [letter.plan for letter in letters_waiting(viewer("rex"))] == [revision]
    assert letters_remind(on=date(2027, 3, 12), actor=sol) == count
    assert letters_remind(on=date(2027, 3, 13), actor=sol) == 0


def test_a_plan_by_count_shares_by_potential_in_money_of_the_company(in_acme: Any, viewer: Any) -> None:
    """Given revenue of 700 dollars and 300 euros in a territory of Rex, then a plan by deals weighs 700, or its points."""
    west = Territory.objects.create(code="west", name="West")
    always = DateRange(date(2026, 1, 1), None)
    for currency, amount in (("USD", 700_00), ("EUR", 300_00)):
        one = account(currency, annual_revenue_minor=amount, currency=currency)
        AccountTerritory.objects.create(account=one, territory=west, during=always)
    TerritoryAssignment.objects.create(territory=west, position=Position.objects.get(code="rex"), during=always)
    wish = PlanWish("Deals", 100, method="POTENTIAL")
    made = {"wish": wish, "kind": "YEARLY", "year": 2026, "measure": QuotaMeasure.COUNT, "actor": viewer("sol")}
    first = quota_plan_create(**made)
    assert (seat(first, "rex").potential, first.weight_unit) == (700_00, "USD")
    revenue = {"name": "Revenue", "field": "annual_revenue_minor", "scaling": "LINEAR", "weight": 1, "missing": "ZERO"}
    score_card_save(kind="POTENTIAL", factors=[revenue | {"low": 0, "high": 1_000_00}], actor=viewer("sol"))
    score_card_start(kind="POTENTIAL", actor=viewer("sol"))
    scored = quota_plan_create(**made | {"wish": replace(wish, name="Deals by score")})
    assert (seat(scored, "rex").potential, scored.weight_unit) == (70_00, "points")
