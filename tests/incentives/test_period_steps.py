"""A period from open to locked, and how it is opened again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from incentives.models import BooksState, PeriodStep, Statement
from incentives.selectors.period_checks import period_checks
from incentives.selectors.periods import books_get, books_sums, books_totals
from incentives.services import periods as steps
from incentives.services.runs import run_calculate
from spm.approvals.conflicts import conflict_list
from spm.approvals.models import ApprovalRequest
from spm.roles.models import Role, RoleGrant
from spm.tenancy.models import Organisation
from tests.incentives import world
from tests.incentives.closing import locked, review, state

pytestmark = pytest.mark.django_db


def test_a_period_goes_through_its_states_and_keeps_who_took_each(closing, viewer):
    sol, fin, eve, period = closing
    review(period, sol)
    steps.period_approve(period_id=period.id, actor=fin)
    with pytest.raises(PermissionDenied, match="does not pay"):
        steps.period_pay(period_id=period.id, reference="B-1", actor=fin)
    assert state(period) == BooksState.APPROVED
    steps.period_pay(period_id=period.id, reference="B-1", actor=eve)
    steps.period_lock(period_id=period.id, actor=sol)
    rows = list(PeriodStep.objects.order_by("number").values_list("number", "from_state", "to_state", "by_name"))
    assert [row[:3] for row in rows] == [
        (1, "open", "calculating"),
        (2, "calculating", "in_review"),
        (3, "in_review", "approved"),
        (4, "approved", "paid"),
        (5, "paid", "locked"),
    ]
    assert [row[3] for row in rows] == [sol.name, sol.name, fin.name, eve.name, sol.name]
    (total,) = books_sums(books_totals(period.id))
    assert (total.earned_minor, total.payable_minor, total.paid_minor) == (82_000, 0, 82_000)
    shown = PeriodStep.objects.get(number=3)
    assert {"label": "Earned", "amount_minor": 82_000, "currency": "USD"} in shown.totals and len(shown.content) == 64


def test_who_closes_a_period_does_not_approve_it(closing):
    sol, fin, eve, period = closing
    review(period, fin)
    with pytest.raises(PermissionDenied):
        steps.period_approve(period_id=period.id, actor=fin)
    with pytest.raises(PermissionDenied):
        steps.period_approve(period_id=period.id, actor=sol)
    assert state(period) == BooksState.IN_REVIEW


def test_steps_are_taken_in_order_only(closing):
    sol, fin, eve, period = closing
    for wrong in (
        lambda: steps.period_review(period_id=period.id, actor=sol),
        lambda: steps.period_approve(period_id=period.id, actor=fin),
        lambda: steps.period_pay(period_id=period.id, reference="B", actor=fin),
        lambda: steps.period_lock(period_id=period.id, actor=sol),
        lambda: steps.period_reopen_ask(period_id=period.id, reason="x", actor=sol),
    ):
        with pytest.raises(ValidationError, match="not its next"):
            wrong()
    assert not PeriodStep.objects.exists()


def test_a_period_given_back_is_asked_for_anew(closing):
    sol, fin, eve, period = closing
    review(period, sol)
    with pytest.raises(ValidationError, match="Say why"):
        steps.period_return(period_id=period.id, reason=" ", actor=fin)
    steps.period_return(period_id=period.id, reason="Rex is missing a deal", actor=fin)
    assert state(period) == BooksState.CALCULATING
    assert ApprovalRequest.objects.get(kind="period").state == "withdrawn"
    world.deal("D-2", "rex", 100_000)
    world.calculate(period, sol)
    steps.period_review(period_id=period.id, actor=sol)
    assert steps.period_approve(period_id=period.id, actor=fin).to_state == BooksState.APPROVED


def test_reopening_takes_two_people_and_a_reason(closing):
    sol, fin, eve, period = locked(closing)
    with pytest.raises(ValidationError, match="Say why"):
        steps.period_reopen_ask(period_id=period.id, reason="", actor=sol)
    with pytest.raises(ValidationError, match="Nobody asked"):
        steps.period_reopen(period_id=period.id, actor=fin)
    steps.period_reopen_ask(period_id=period.id, reason="The split was wrong", actor=sol)
    with pytest.raises(PermissionDenied):
        steps.period_reopen(period_id=period.id, actor=sol)
    assert state(period) == BooksState.LOCKED
    step = steps.period_reopen(period_id=period.id, actor=fin)
    assert (step.from_state, step.to_state, step.reason) == ("locked", "open", "The split was wrong")
    world.deal("D-2", "rex", 500_000)
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 120_000
    assert not Statement.objects.exclude(period=period).exists()


def test_history_names_who_asked_and_who_reopened_and_what_one_person_did_alone(closing, sign_in, viewer):
    sol, fin, eve, period = locked(closing)
    steps.period_reopen_ask(period_id=period.id, reason="The split was wrong", actor=sol)
    steps.period_reopen(period_id=period.id, actor=fin)
    url, day = f"/api/v1/incentives/periods/{period.pk}/", timezone.localdate()
    client = sign_in("fin")
    told = client.get(url).json()["steps"][0]
    assert (told["asked_by_name"], told["by_name"], told["reason"], told["is_single_operator"]) == (
        sol.name, fin.name, "The split was wrong", False,
    )  # fmt: skip
    page = client.get(reverse("incentives:period_detail", args=[period.pk])).content.decode()
    assert f"asked by {sol.name}" in page and "The split was wrong" in page
    Organisation.objects.filter(slug="acme").update(is_single_operator=True)
    steps.period_calculate(period_id=period.id, actor=fin)
    steps.period_review(period_id=period.id, actor=fin)
    steps.period_approve(period_id=period.id, actor=fin)
    steps.period_reopen_ask(period_id=period.id, reason="Again", actor=fin)
    steps.period_reopen(period_id=period.id, actor=fin)
    assert [step["is_single_operator"] for step in client.get(url).json()["steps"][:2]] == [True, True]
    page = client.get(reverse("incentives:period_detail", args=[period.pk])).content.decode()
    assert page.count("Single operator</span>") >= 2
    alone = conflict_list(viewer("otto"), start=day - timedelta(days=1), until=day + timedelta(days=2))
    titles = [one.what for one in alone if one.kind == "single operator"]
    assert f"Reopen {period.key}" in titles and f"Close {period.key}" in titles


def test_an_unposted_run_keeps_a_period_from_review(closing):
    sol, fin, eve, period = closing
    steps.period_calculate(period_id=period.id, actor=sol)
    world.deal("D-2", "rex", 500_000)
    run_calculate(period_id=period.id, actor=sol)
    with pytest.raises(ValidationError, match="post it first"):
        steps.period_review(period_id=period.id, actor=sol)
    assert state(period) == BooksState.CALCULATING


def test_a_period_that_has_not_ended_says_its_last_day_and_is_closed_all_the_same(closing):
    sol, fin, _, period = closing
    first, last, after = date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 1)
    for day in (first, last):
        (point,) = [one for one in period_checks(books_get(period), day) if "has not ended" in one.words]
        assert "Sept. 30, 2026" in point.words and not point.is_good and not point.is_stop
    assert not [one for one in period_checks(books_get(period), after) if "ended" in one.words or "begins" in one.words]
    review(period, replace(sol, on=first))
    steps.period_approve(period_id=period.id, actor=replace(fin, on=first))
    assert state(period) == BooksState.APPROVED


def test_a_period_that_has_not_begun_is_neither_closed_nor_reviewed_nor_approved(closing, sign_in):
    sol, fin, _, period = closing
    before = date(2026, 6, 30)
    (point,) = [one for one in period_checks(books_get(period), before) if one.is_stop and not one.is_good]
    assert "July 1, 2026" in point.words
    with pytest.raises(ValidationError, match="begins on 2026-07-01"):
        review(period, replace(sol, on=before))
    assert state(period) == BooksState.OPEN
    url = reverse("incentives:period_detail", args=[period.id])
    with time_machine.travel(datetime(2026, 6, 30, 12, tzinfo=UTC)):
        client = sign_in("sol")
        page = client.get(url).content.decode()
        assert "Begin to close" not in page and "It can be closed from its first day" in page
        refused = client.post(reverse("api_incentives_period_close", args=[period.id]), {"step": "calculate"})
        assert refused.status_code == 400 and "begins on 2026-07-01" in str(refused.json())
    assert state(period) == BooksState.OPEN and "Begin to close" in sign_in("sol").get(url).content.decode()
    steps.period_calculate(period_id=period.id, actor=sol)
    with pytest.raises(ValidationError, match="begins on 2026-07-01"):
        steps.period_review(period_id=period.id, actor=replace(sol, on=before))
    assert state(period) == BooksState.CALCULATING
    steps.period_review(period_id=period.id, actor=sol)
    with pytest.raises(ValidationError, match="begins on 2026-07-01"):
        steps.period_approve(period_id=period.id, actor=replace(fin, on=before))
    assert state(period) == BooksState.IN_REVIEW


def test_before_approving_the_page_says_who_can_pay_then(closing, sign_in):
    sol, fin, _, period = closing
    review(period, sol)
    url, client = reverse("incentives:period_detail", args=[period.id]), sign_in("fin")
    page = client.get(url).content.decode()
    assert "After you approve, these people can make the payout: Eve." in page and "nobody can" not in page
    RoleGrant.objects.filter(membership__user__email="eve@acme.example", role=Role.FINANCE).delete()
    page = client.get(url).content.decode()
    assert "After you approve, nobody can make the payout" in page and "Approve the books" in page
    Organisation.objects.filter(slug="acme").update(is_single_operator=True)
    assert "After you approve" not in client.get(url).content.decode()


def test_the_page_of_runs_does_not_call_a_locked_period_open(closing, sign_in):
    sol, fin, eve, period = closing
    review(period, sol)
    steps.period_approve(period_id=period.id, actor=fin)
    steps.period_pay(period_id=period.id, reference="B-1", actor=eve)
    steps.period_lock(period_id=period.id, actor=sol)
    page = sign_in("sol").get(reverse("incentives:run_list")).content.decode()
    row = page[: page.index("History")].partition(">2026-Q3</a>")[2].partition("</tr>")[0]
    assert "Locked" in row and "Open periods" not in page and "Every open period" not in page
