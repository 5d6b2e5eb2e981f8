"""A period from open to locked, what late facts do to it, and how it is opened again."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from incentives.models import BooksState, Journal, LedgerEntry, PeriodStep, RunState, Statement
from incentives.selectors.changed import changes_between
from incentives.selectors.papers.sheet import statement_sheet
from incentives.selectors.papers.statement import statement_paper
from incentives.selectors.period_checks import period_checks
from incentives.selectors.periods import books_for, books_get, books_sums, books_totals
from incentives.services import periods as steps
from incentives.services.posting import run_post
from incentives.services.runs import run_calculate
from planning.models import Period, Quota
from spm.approvals.conflicts import conflict_list
from spm.approvals.models import ApprovalRequest
from spm.identity.models import Membership
from spm.roles.models import Role, RoleGrant
from spm.tenancy.models import Organisation
from tests.cast import START
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def closing(viewer):
    """Sol closes, Fin approves; Eve, who is in finance as well here, pays."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    RoleGrant.objects.create(
        membership=Membership.objects.get(user__email="eve@acme.example"),
        role=Role.FINANCE,
        during=DateRange(START, None),
    )
    return sol, viewer("fin"), viewer("eve"), period


def review(period, sol):
    steps.period_calculate(period_id=period.id, actor=sol)
    steps.period_review(period_id=period.id, actor=sol)


def state(period):
    return books_get(period).state


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


def locked(closing):
    sol, fin, eve, period = closing
    review(period, sol)
    steps.period_approve(period_id=period.id, actor=fin)
    steps.period_pay(period_id=period.id, reference="B-1", actor=eve)
    steps.period_lock(period_id=period.id, actor=sol)
    return sol, fin, eve, period


def test_a_late_fact_of_a_locked_period_is_an_adjustment_in_the_next_open_one(closing):
    sol, fin, eve, period = locked(closing)
    later = Period.objects.get(key="2026-Q4")
    assert books_for(period, sol.on) == later
    kept = list(Statement.objects.order_by("id").values_list("id", "hash"))
    world.deal("D-2", "rex", 500_000)
    _, posting = world.calculate(period, sol)
    assert posting.groups == 2
    assert list(Statement.objects.filter(period=period).order_by("id").values_list("id", "hash")) == kept
    assert not LedgerEntry.objects.filter(
        period=period, journal__kind__in=("earn", "release"), journal__number__gt=3
    ).exists()
    statement = Statement.objects.get(period=later, participant__source_key="rex")
    (line,) = statement.content["prior"]
    assert statement.earned_minor == statement.payable_minor == 50_000
    assert (line["earned_in_key"], line["component"]) == ("2026-Q3", "commission")
    assert (line["before_minor"], line["after_minor"], line["difference_minor"]) == (70_000, 120_000, 50_000)
    assert line["since"] and line["run"] and line["since"] != line["run"]
    world.deal("D-2", "rex", 400_000)
    world.calculate(period, sol)
    (line,) = Statement.objects.filter(period=later, participant__source_key="rex").latest("number").content["prior"]
    assert (line["before_minor"], line["after_minor"], line["difference_minor"]) == (70_000, 110_000, 40_000)
    world.calculate(later, sol)
    latest = Statement.objects.filter(period=later, participant__source_key="rex").latest("number")
    assert latest.content["prior"] == [line | {"run": latest.content["prior"][0]["run"]}]
    assert latest.earned_minor == 40_000 and len(latest.content["lines"]) == 1


def test_without_an_open_period_nothing_is_lost(closing):
    sol, fin, eve, period = locked(closing)
    later = Period.objects.filter(during__startswith__gt=period.during.lower)
    Quota.objects.filter(period__in=later).delete()
    later.delete()
    world.deal("D-2", "rex", 500_000)
    run, posting = world.calculate(period, sol)
    assert [finding.code for finding in posting.findings] == ["NO_OPEN_PERIOD"] and run.state == RunState.DONE
    assert Journal.objects.count() == 3
    steps.period_reopen_ask(period_id=period.id, reason="A deal came late", actor=sol)
    steps.period_reopen(period_id=period.id, actor=fin)
    assert run_post(run_id=run.id, actor=sol).groups == 2
    assert world.earned(period)["Rex"] == 120_000


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


def test_a_difference_of_an_earlier_period_is_in_the_sums_and_the_changes_of_page_paper_and_sheet(closing, sign_in):
    # Given a statement of Q4 with 150.00 earned, and then a late deal of the locked Q3 that pays 500.00 more
    sol, fin, eve, period = locked(closing)
    later = Period.objects.get(key="2026-Q4")
    world.deal("D-3", "rex", 300_000, on=later.during.lower)
    world.calculate(later, sol)
    world.deal("D-2", "rex", 500_000)
    world.calculate(period, sol)
    statement = Statement.objects.filter(period=later, participant__source_key="rex").latest("number")
    assert (statement.number, statement.earned_minor) == (2, 65_000)
    # Then the rows of each table come to what its foot and head say
    data = statement_paper(statement).as_data()
    summary = next(block for block in data["blocks"] if "Earned in all" in str(block))
    assert "'$150.00'" in str(summary) and "'Earlier periods', '', '', '', '', '$500.00'" in str(summary)
    assert "'Earned in all', '', '', '', '', '$650.00'" in str(summary)
    sums = [row for row in statement_sheet(statement) if row[4] in ("Line", "Earlier period", "Earned")]
    assert [(row[4], str(row[14])) for row in sums] == [
        ("Line", "150.00"),
        ("Earlier period", "500.00"),
        ("Earned", "650.00"),
    ]
    html = sign_in("rex").get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode()
    page = " ".join(strip_tags(unescape(html)).replace("\xa0", " ").split())
    foot = " ".join(strip_tags(unescape(re.search("<tfoot>.*?</tfoot>", html, re.S)[0])).split())
    assert re.fullmatch(r"Earlier periods ?\+\$500\.00 Earned in all ?\$650\.00", foot), foot
    # And both say that the adjustment is what moved, and why
    assert "Commission · Reps 2026, 2026-Q3 +$500.00 not there before → $500.00 What caused it" in page
    paper = str(data)
    assert "No line changed" not in paper and "Commission · Reps 2026, 2026-Q3" in paper and "Deal D-2" in paper
    # When the late deal is less, the next version tells the difference to this one, with its cause
    world.deal("D-2", "rex", 400_000)
    world.calculate(period, sol)
    latest = Statement.objects.filter(period=later, participant__source_key="rex").latest("number")
    (change,) = changes_between(statement, latest)
    assert (change.section, change.before_minor, change.after_minor) == ("prior", 50_000, 40_000)
    assert "['Difference', '-$100.00']" in str(statement_paper(latest).as_data())
    # And page and API explain the same difference, not that to the books that were closed
    rex = sign_in("rex")
    address = f"{reverse('incentives:statement_prior', args=[latest.pk, 1])}?since={change.runs[0]}"
    assert address in rex.get(reverse("incentives:statement_detail", args=[latest.pk])).content.decode()
    page = " ".join(strip_tags(unescape(rex.get(address).content.decode())).split())
    assert "amount 5,000.00 → 4,000.00" in page and "Difference −$100.00" in page and "+$400.00" not in page
    prior = reverse("api_incentives_statement_prior_changes", args=[latest.pk, 1])
    assert rex.get(prior, {"since": change.runs[0]}).json()["difference_minor"] == -10_000
    assert rex.get(prior).json()["difference_minor"] == 40_000


def test_statements_and_ledger_agree_to_the_cent_in_every_period(closing):
    sol, fin, eve, period = locked(closing)
    world.deal("D-2", "rex", 500_000)
    world.calculate(period, sol)
    world.deal("D-3", "ria", 300_000, on=Period.objects.get(key="2026-Q4").during.lower)
    later = Period.objects.get(key="2026-Q4")
    world.calculate(later, sol)
    for one in (period, later):
        said = sum(world.earned(one).values())
        stands = LedgerEntry.objects.filter(period=one, account="expense").aggregate(total=Sum("amount_minor"))["total"]
        assert said == -stands
    for statement in Statement.objects.filter(period=later):
        parts = statement.content
        lines = sum(line["earned_minor"] for line in parts["lines"])
        assert lines + sum(line["difference_minor"] for line in parts.get("prior", [])) == parts["earned_minor"]


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
