"""Pay held by hand: asked, approved by somebody else, kept in open books, said on the statement, left out of payouts, released."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from incentives.models import Hold, Journal, JournalKind, LedgerEntry, PayoutLine, Plan, Statement
from incentives.selectors.bridge import bridge_of
from incentives.selectors.chain import chain_verify
from incentives.selectors.hand_holding import payable_shut
from incentives.selectors.papers.sheet import statement_sheet
from incentives.selectors.papers.statement import statement_paper
from incentives.selectors.periods import books_get, payable_of
from incentives.selectors.waiting import released_of, waits_of
from incentives.services import periods as steps
from incentives.services.adjustments import AdjustmentWish, adjustments_approve, adjustments_ask
from incentives.services.holds import HoldWish, hold_approve, hold_ask, hold_release_ask
from incentives.services.ledger import Leg, journal_post
from incentives.services.payouts import payout_confirm, payout_make
from planning.models import Period
from spm.approvals.models import ApprovalRequest
from spm.approvals.services import approval_decide
from spm.core.money import to_major
from spm.crm.models import Opportunity
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.web.templatetags.figures import day_text
from tests.incentives import world
from tests.incentives.adding import add_up
from tests.incentives.test_payouts import finance

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(viewer):
    """Sol asks, Fin approves; Rex has earned 700.00, Ria 400.00 of the third quarter."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.deal("D-2", "ria", 800_000)
    world.calculate(period, sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    return sol, viewer("fin"), period


def wish(who="rex", **more):
    person = Participant.objects.get(source_key=who).pk if who else None
    values = {"plan_id": None, "component": "", "starts_on": date(2026, 7, 1), "reason": "The order is looked into"}
    return HoldWish(participant_id=person, **(values | more))


def held(company, **more):
    sol, fin, _ = company
    hold = hold_ask(wish=wish(**more), actor=sol)
    assert hold_approve(hold_id=hold.pk, actor=fin) == []
    return hold


def release(company, hold, reason="The order is right"):
    sol, fin, _ = company
    hold_release_ask(hold_id=hold.pk, reason=reason, actor=sol)
    return hold_approve(hold_id=hold.pk, actor=fin)


def said(period, who="rex"):
    return Statement.objects.filter(period=period, participant__source_key=who).latest("number")


def stands(period, who="rex"):
    """What the books of a period have of a person, without zeros."""
    found: dict[str, int] = {}
    for entry in LedgerEntry.objects.filter(period=period, participant__source_key=who):
        found[entry.account] = found.get(entry.account, 0) + entry.amount_minor
    return {name: amount for name, amount in found.items() if amount}


def shut(period, sol, fin):
    steps.period_calculate(period_id=period.id, actor=sol)
    steps.period_review(period_id=period.id, actor=sol)
    steps.period_approve(period_id=period.id, actor=fin)


def test_a_hold_keeps_pay_once_somebody_else_has_approved_it(company):
    sol, fin, period = company
    before = said(period)
    hold = hold_ask(wish=wish(), actor=sol)
    request = ApprovalRequest.objects.get(kind="hold")
    assert request.totals == [{"label": "Payable now", "currency": "USD", "amount_minor": 70_000}]
    world.calculate(period, sol)
    assert stands(period) == {"expense": -70_000, "payable": 70_000}
    with pytest.raises(PermissionDenied):
        hold_approve(hold_id=hold.pk, actor=sol)
    assert hold_approve(hold_id=hold.pk, actor=fin) == []
    assert stands(period) == {"expense": -70_000, "held": 70_000}
    assert stands(period, "ria") == {"expense": -40_000, "payable": 40_000}
    statement = said(period)
    assert (statement.number, statement.earned_minor, statement.payable_minor) == (before.number + 1, 70_000, 0)
    wait = waits_of(statement)[0]
    assert (wait.component_name, wait.amount_minor, wait.code, wait.note) == (
        "Commission",
        70_000,
        "HELD_BY_HAND",
        f"{sol.name}: The order is looked into",
    )
    assert str(wait.event) == "finance releases it"
    assert chain_verify() is None


def test_the_list_of_statements_says_what_is_payable_now(company, sign_in):
    """Held by hand after the statement, and paid since: the list agrees with the books, not with what was payable as it was issued."""
    _, fin, period = company
    where = reverse("incentives:statement_list")

    def listed():
        return {one.participant.source_key: one.payable_now_minor for one in sign_in("fin").get(where).context["page"]}

    assert (listed()["rex"], listed()["ria"]) == (70_000, 40_000)
    rex, ria = (Participant.objects.get(source_key=who).pk for who in ("rex", "ria"))
    legs = [Leg(ria, None, "", account, minor, "USD") for account, minor in (("payable", -40_000), ("paid", 40_000))]
    journal_post(kind=JournalKind.PAY, slot=f"paid:{period.pk}", period=period, legs=legs, reason="paid", actor=fin)
    held(company)
    assert (listed()["rex"], listed()["ria"]) == (0, 0)
    [total] = sign_in("fin").get(where).context["totals"]
    assert (total.earned_minor, total.payable_minor) == (130_000, 20_000), "what Mona has is neither held nor paid"


def test_settling_again_posts_nothing_and_more_pay_is_held_as_well(company):
    sol, _, period = company
    held(company)
    count = Journal.objects.count(), Statement.objects.count()
    world.calculate(period, sol)
    assert (Journal.objects.count(), Statement.objects.count()) == count
    world.deal("D-3", "rex", 100_000)
    world.calculate(period, sol)
    assert stands(period) == {"expense": -80_000, "held": 80_000}
    world.deal("D-3", "rex", 0)
    world.calculate(period, sol)
    assert stands(period) == {"expense": -70_000, "held": 70_000}


def test_a_release_makes_it_payable_and_the_statement_says_who_and_why(company):
    sol, fin, period = company
    hold = held(company)
    shut(period, sol, fin)
    later = Period.objects.get(key="2026-Q4")
    assert release(company, hold) == []
    assert stands(period) == {"expense": -70_000, "held": 70_000}
    assert stands(later) == {"held": -70_000, "payable": 70_000}
    entry = LedgerEntry.objects.get(period=later, account="payable")
    assert (entry.earned_in_id, entry.component) == (period.id, "commission")
    assert_told(company, period, later)
    statement = said(later)
    assert statement.payable_minor == 70_000 and waits_of(statement) == ()
    back = released_of(statement)[0]
    assert (back.component_name, back.period_key, back.amount_minor, back.hold, back.note) == (
        "Commission",
        "2026-Q3",
        70_000,
        "Hold 1",
        f"Released on {day_text(timezone.localdate())} by {sol.name}: The order is right",
    )
    world.calculate(later, sol)
    world.calculate(period, sol)
    assert stands(later) == {"held": -70_000, "payable": 70_000}


def assert_told(company, period, later):
    """Both periods name each other: what the old one kept was set free by the new one, whose steps begin with it."""
    rex = Participant.objects.get(source_key="rex").pk
    old, new = (bridge_of(each, rex, "USD") for each in (period, later))
    assert [(step.key, step.amount_minor) for step in old.rows] == [
        ("earned", 70_000),
        ("held", -70_000),
        ("eligible", 0),
        ("payable", 0),
    ]
    assert [(step.key, step.words, step.amount_minor) for step in new.rows] == [
        ("earned", "Earned", 0),
        ("released", "Released from hold, held by 2026-Q3", 70_000),
        ("eligible", "Eligible", 70_000),
        ("payable", "Payable", 70_000),
    ]
    assert [(one.period_key, one.amount_minor) for one in old.since] == [("2026-Q4", 70_000)]
    assert (old.held_minor, old.since_minor, new.held_minor, new.since) == (70_000, 70_000, 0, ())
    add_up()


def test_the_old_statement_says_when_and_where_it_was_released_and_stays_as_issued(company, sign_in):
    sol, fin, period = company
    hold = held(company)
    shut(period, sol, fin)
    statement = said(period)
    later = Period.objects.get(key="2026-Q4")
    assert release(company, hold) == []
    assert said(period).pk == statement.pk, "it stays as it was issued"
    day = timezone.localdate(timezone=ZoneInfo("Europe/Berlin"))
    words = f"Released from hold on {day_text(day)} in 2026-Q4 by {sol.name}: The order is right"
    client = sign_in("rex")
    page = client.get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode()
    assert words in page and "What waited when this was issued" in page
    assert reverse("incentives:statement_detail", args=[said(later).pk]) in page
    told = client.get(f"/api/v1/incentives/statements/{statement.pk}/").json()
    assert [(row["cells"][0]["words"], row["cells"][1]["amount_minor"]) for row in told["since"]["rows"]] == [
        (words, 70_000)
    ]
    assert words not in str(statement_paper(statement))
    books = sign_in("fin").get(reverse("incentives:period_detail", args=[period.pk])).content.decode()
    assert "$700.00 of it released since" in strip_tags(books)
    assert "Of what was kept, released with 2026-Q4" in books
    after = sign_in("fin").get(reverse("incentives:period_detail", args=[later.pk])).content.decode()
    assert "Released from hold, held by 2026-Q3" in after


def test_the_way_from_earned_to_payable_is_the_same_on_page_paper_sheet_and_api(company, sign_in):
    _, _, period = company
    adjust(company, 5_000)
    held(company, plan_id=Plan.objects.get(code="reps-2026").pk, component="commission")
    statement, client = said(period), sign_in("rex")
    page = client.get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode()
    paper, sheet = str(statement_paper(statement)), [row for row in statement_sheet(statement)]
    told = client.get(f"/api/v1/incentives/statements/{statement.pk}/").json()
    [part] = [one for one in told["parts"] if one["key"] == "bridge"]
    rows = [(row["label"]["words"], row["cells"][0]["amount_minor"]) for row in part["rows"]]
    assert rows == [("Earned", 75_000), ("Held", -70_000), ("Eligible", 5_000), ("Payable", 5_000)]
    for words, minor in rows:
        assert words in page and words in paper
        named = [row[14] for row in sheet if row[4] == "From earned to payable" and row[6] == words]
        assert named == [to_major(minor, "USD")]


def test_a_version_that_moved_no_line_says_which_states_moved_on_page_paper_sheet_and_api(company, sign_in):
    _, _, period = company
    held(company)
    statement, client = said(period), sign_in("rex")
    assert statement.number == 2
    told = client.get(f"/api/v1/incentives/statements/{statement.pk}/").json()["changed"]
    assert [(row["label"]["words"], [one["amount_minor"] for one in row["cells"]]) for row in told["rows"]] == [
        ("Payable", [70_000, 0, -70_000])
    ]
    page = client.get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode()
    for text in (page, str(statement_paper(statement))):
        assert "Changed since version 1" in text and "What each line earned did not change." in text
    assert [str(row[14]) for row in statement_sheet(statement) if row[4] == "Changed since"] == ["-700.00"]


def test_released_in_the_same_books_the_statement_keeps_the_trace_of_it(company, sign_in):
    sol, _, period = company
    hold = held(company)
    assert release(company, hold) == []
    assert stands(period) == {"expense": -70_000, "payable": 70_000}
    statement = said(period)
    assert waits_of(statement) == () and statement.payable_minor == 70_000
    [back] = released_of(statement)
    assert (back.amount_minor, back.hold) == (70_000, "Hold 1")
    assert back.held == f"Held until then by {sol.name}: The order is looked into"
    page = sign_in("rex").get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode()
    paper = str(statement_paper(statement))
    for text in (page, paper, str(sign_in("rex").get(f"/api/v1/incentives/statements/{statement.pk}/").json())):
        assert "The order is right" in text and "The order is looked into" in text and "Released on" in text
    number = statement.number
    world.calculate(period, sol)
    assert said(period).number == number


def test_a_hold_of_a_component_keeps_that_of_everybody_and_leaves_adjustments(company):
    sol, fin, period = company
    adjust(company, 5_000)
    held(company, who=None, plan_id=Plan.objects.get(code="reps-2026").pk, component="commission")
    assert stands(period) == {"expense": -75_000, "held": 70_000, "payable": 5_000}
    assert stands(period, "ria") == {"expense": -40_000, "held": 40_000}
    assert stands(period, "mara") == {"expense": -20_000, "payable": 20_000}


def adjust(company, amount):
    sol, fin, period = company
    person = Participant.objects.get(source_key="rex")
    one = AdjustmentWish(person.pk, period.pk, amount, "USD", "correction", "Mended")
    batch = adjustments_ask(wishes=[one], title="Mended", actor=sol)
    assert adjustments_approve(batch_id=batch.pk, actor=fin) == []


def test_an_adjustment_of_somebody_held_is_held_at_once(company):
    _, _, period = company
    held(company)
    adjust(company, 5_000)
    assert stands(period) == {"expense": -75_000, "held": 75_000}
    names = [(str(one.component_name), one.amount_minor) for one in waits_of(said(period))]
    assert names == [("Adjustments", 5_000), ("Commission", 70_000)]


def test_a_hold_makes_nobody_owe_and_gives_nobody_money(company):
    _, _, period = company
    held(company)
    adjust(company, -90_000)
    assert stands(period) == {"expense": 20_000, "payable": -20_000}


def test_a_component_keeps_no_more_than_the_person_is_owed(company):
    _, _, period = company
    adjust(company, -30_000)
    held(company, plan_id=Plan.objects.get(code="reps-2026").pk)
    assert stands(period) == {"expense": -40_000, "held": 40_000}


def test_it_holds_from_the_pay_period_that_ends_on_its_day_or_later(company):
    sol, _, period = company
    held(company, starts_on=date(2026, 10, 1))
    assert stands(period) == {"expense": -70_000, "payable": 70_000}
    later = Period.objects.get(key="2026-Q4")
    world.deal("D-4", "rex", 100_000, on=date(2026, 10, 5))
    world.calculate(later, sol)
    assert stands(later) == {"expense": -5_000, "held": 5_000}


def test_who_is_held_after_the_approval_is_left_out_of_the_payout(company):
    sol, fin, period = company
    shut(period, sol, fin)
    hold = held(company)
    assert stands(period) == {"expense": -70_000, "payable": 70_000}
    kept = {str(one.participant_id): one.held for one in payable_of(period)}
    rex, ria = (str(Participant.objects.get(source_key=who).pk) for who in ("rex", "ria"))
    assert (kept[rex], kept[ria]) == ("Hold 1: The order is looked into", "")
    assert release(company, hold) == []
    assert {one.held for one in payable_of(period)} == {""}


def test_a_hold_released_between_approval_and_payment_is_paid_once_the_whole_way(company, viewer):
    sol, fin, period = company
    finance("eve")
    eve = viewer("eve")
    shut(period, sol, fin)
    hold = held(company)
    first = payout_make(period_id=period.pk, actor=eve)
    assert paid_by(first) == [("Mara", 20_000), ("Ria", 40_000)]
    assert release(company, hold) == []
    assert paid_by(first) == [("Mara", 20_000), ("Ria", 40_000)], "what was handed over stays as it was"
    with pytest.raises(ValidationError, match="waits for payroll's answer"):
        payout_make(period_id=period.pk, actor=eve)
    payout_confirm(batch_id=first.pk, reference="Run 1", actor=eve)
    assert books_get(period).state == "paid" and stands(period) == {"expense": -70_000, "payable": 70_000}
    second = payout_make(period_id=period.pk, actor=eve)
    assert paid_by(second) == [("Rex", 70_000)]
    payout_confirm(batch_id=second.pk, reference="Run 2", actor=eve)
    assert stands(period) == {"expense": -70_000, "paid": 70_000}
    with pytest.raises(ValidationError, match="Nothing is payable"):
        payout_make(period_id=period.pk, actor=eve)
    steps.period_lock(period_id=period.id, actor=sol)
    add_up()
    assert chain_verify() is None


def paid_by(batch):
    lines = PayoutLine.objects.filter(batch=batch).order_by("number")
    return list(lines.values_list("name", "amount_minor"))


def test_a_hold_of_a_part_says_which_approved_books_it_does_not_reach(company, sign_in):
    sol, fin, period = company
    shut(period, sol, fin)
    plan = Plan.objects.get(code="reps-2026").pk
    hold = hold_ask(wish=wish(plan_id=plan, component="commission"), actor=sol)
    (finding,) = hold_approve(hold_id=hold.pk, actor=fin)
    assert (finding.code, finding.where) == ("HOLD_AFTER_REVIEW", "2026-Q3") and "Reopen the period" in finding.fix
    assert stands(period) == {"expense": -70_000, "payable": 70_000}
    assert payable_shut(hold) == [("2026-Q3", "USD", 70_000)]
    page = sign_in("fin").get(reverse("incentives:hold_detail", args=[hold.pk])).content.decode()
    assert "Not held" in page and "2026-Q3" in page and "$700.00" in page
    of_deal = hold_ask(wish=wish(who=None, deal_id=deal_of("D-2")), actor=sol)
    assert [one.code for one in hold_approve(hold_id=of_deal.pk, actor=fin)] == ["HOLD_AFTER_REVIEW"]
    # One that begins after the books end means nothing of them, and one of a whole person is left out of the payout
    for more in ({"plan_id": plan, "starts_on": date(2026, 10, 1)}, {}):
        other = hold_ask(wish=wish(**more), actor=sol)
        assert hold_approve(hold_id=other.pk, actor=fin) == [] and payable_shut(other) == []
    # Released, it says so no more
    assert release(company, hold) == []


def test_two_holds_keep_it_once_and_the_second_goes_on(company):
    _, _, period = company
    first = held(company)
    held(company, reason="Left the company")
    assert stands(period) == {"expense": -70_000, "held": 70_000}
    assert release(company, first) == []
    assert stands(period) == {"expense": -70_000, "held": 70_000}
    assert [one.note.split(": ")[1] for one in waits_of(said(period))] == ["Left the company"]


def test_approved_on_the_page_of_approvals_it_holds_at_once_and_so_is_its_release(company):
    sol, fin, period = company
    hold = hold_ask(wish=wish(), actor=sol)
    approval_decide(request_id=ApprovalRequest.objects.get(key=hold.pk).pk, is_approved=True, actor=fin)
    assert stands(period) == {"expense": -70_000, "held": 70_000}
    back = hold_release_ask(hold_id=hold.pk, reason="All is well", actor=sol)
    approval_decide(request_id=ApprovalRequest.objects.get(key=back.pk).pk, is_approved=True, actor=fin)
    assert stands(period) == {"expense": -70_000, "payable": 70_000}


def test_several_decided_at_once_say_which_books_a_hold_does_not_reach(company, sign_in):
    sol, fin, period = company
    shut(period, sol, fin)
    hold = hold_ask(wish=wish(plan_id=Plan.objects.get(code="reps-2026").pk), actor=sol)
    asked = ApprovalRequest.objects.get(key=hold.pk)
    sent = {"selected": f"{asked.pk}:1", "do": "approve"}
    page = sign_in("fin").post(reverse("approvals:approval_bulk"), sent).content.decode()
    assert "1 request was answered." in page and "does not hold what the books of 2026-Q3 have payable" in page


def deal_of(key):
    return Opportunity.objects.get(source_key=key).pk


def test_a_hold_of_a_deal_keeps_what_it_earned_and_nothing_else(company):
    sol, _, period = company
    world.deal("D-3", "rex", 100_000, on=date(2026, 8, 20))
    world.calculate(period, sol)
    assert stands(period) == {"expense": -80_000, "payable": 80_000}
    hold = held(company, who=None, deal_id=deal_of("D-3"))
    assert stands(period) == {"expense": -80_000, "held": 10_000, "payable": 70_000}
    assert stands(period, "ria") == {"expense": -40_000, "payable": 40_000}
    assert [one.note.split(": ")[1] for one in waits_of(said(period))] == ["The order is looked into (D-3)"]
    count = Journal.objects.count()
    world.calculate(period, sol)
    assert Journal.objects.count() == count
    world.deal("D-3", "rex", 50_000, on=date(2026, 8, 20))
    world.calculate(period, sol)
    assert stands(period) == {"expense": -75_000, "held": 5_000, "payable": 70_000}
    assert release(company, hold) == []
    assert stands(period) == {"expense": -75_000, "payable": 75_000}


def test_a_late_deal_is_held_in_the_books_that_took_it_and_a_paid_one_is_not(company):
    sol, fin, period = company
    held(company, deal_id=deal_of("D-1"), starts_on=date(2026, 10, 1))
    shut(period, sol, fin)
    world.deal("D-3", "rex", 100_000, on=date(2026, 8, 20))
    held(company, deal_id=deal_of("D-3"), starts_on=date(2026, 10, 1))
    world.deal("D-5", "rex", 200_000, on=date(2026, 8, 21))
    world.calculate(period, sol)
    assert stands(period) == {"expense": -70_000, "payable": 70_000}
    assert stands(Period.objects.get(key="2026-Q4")) == {"expense": -30_000, "held": 10_000, "payable": 20_000}


def test_a_return_of_a_held_deal_comes_off_what_is_held(company):
    sol, fin, period = company
    hold = held(company, deal_id=deal_of("D-1"))
    assert stands(period) == {"expense": -70_000, "held": 70_000}
    shut(period, sol, fin)
    world.deal("D-1", "rex", 1_000_000)
    world.calculate(period, sol)
    later = Period.objects.get(key="2026-Q4")
    assert stands(later) == {"expense": 20_000, "held": -20_000}
    assert release(company, hold) == []
    assert stands(later) == {"expense": 20_000, "held": -70_000, "payable": 50_000}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"who": None}, "Say whose pay"),
        ({"reason": " "}, "Say why"),
        ({"component": "commission"}, "belongs to a plan"),
    ],
    ids=["nobody", "no reason", "no plan"],
)
def test_what_can_not_be_meant_is_refused(company, more, words):
    with pytest.raises(ValidationError, match=words):
        hold_ask(wish=wish(**more), actor=company[0])
    assert not Hold.objects.exists()


def test_a_release_is_asked_once_and_only_of_what_holds(company):
    sol, fin, _ = company
    hold = hold_ask(wish=wish(), actor=sol)
    with pytest.raises(ValidationError, match="needs no release"):
        hold_release_ask(hold_id=hold.pk, reason="x", actor=sol)
    hold_approve(hold_id=hold.pk, actor=fin)
    with pytest.raises(ValidationError, match="Say why"):
        hold_release_ask(hold_id=hold.pk, reason=" ", actor=sol)
    hold_release_ask(hold_id=hold.pk, reason="x", actor=sol)
    with pytest.raises(ValidationError, match="waits for its release already"):
        hold_release_ask(hold_id=hold.pk, reason="x", actor=sol)
    with pytest.raises(PermissionDenied):
        hold_approve(hold_id=hold.pk, actor=sol)
    hold_approve(hold_id=hold.pk, actor=fin)
    with pytest.raises(ValidationError, match="is released already"):
        hold_release_ask(hold_id=hold.pk, reason="x", actor=sol)
    with pytest.raises(DatabaseError), transaction.atomic():
        Hold.objects.update(reason="another")


def test_pages_and_the_rep_s_statement(company, sign_in):
    sol, _, period = company
    browser, finance = sign_in("sol"), sign_in("fin")
    rex = Participant.objects.get(source_key="rex")
    given = {"participant": str(rex.pk), "starts_on": "2026-07-01", "reason": "The order is looked into"}
    page = browser.post(reverse("incentives:hold_new"), given, follow=True).content.decode()
    assert "It holds once it is approved" in page and "Approve the hold" not in page
    hold = Hold.objects.get()
    detail = reverse("incentives:hold_detail", args=[hold.pk])
    assert "Approve the hold" in finance.get(detail).content.decode()
    finance.post(reverse("incentives:hold_approve", args=[hold.pk]))
    page = finance.get(detail).content.decode()
    assert "On hold" in page and "700.00" in page
    assert "Rex" in finance.get(reverse("incentives:hold_list")).content.decode()
    page = sign_in("rex").get(reverse("incentives:statement_detail", args=[said(period).pk])).content.decode()
    assert "The order is looked into" in page and "finance releases it" in page
    browser.post(reverse("incentives:hold_release", args=[hold.pk]), {"reason": "The order is right"})
    finance.post(reverse("incentives:hold_approve", args=[hold.pk]))
    assert "All of it is released" in finance.get(detail).content.decode()


def test_the_api_holds_and_releases(company, sign_in):
    _, _, period = company
    asks, decides = sign_in("sol"), sign_in("fin")
    rex = Participant.objects.get(source_key="rex")
    given = {"participant": str(rex.pk), "starts_on": "2026-07-01", "reason": "Looked into"}
    made = asks.post(reverse("api_incentives_holds"), given, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "open")
    key = made.json()["id"]
    assert asks.post(reverse("api_incentives_hold_approve", args=[key])).status_code == 403
    assert decides.post(reverse("api_incentives_hold_approve", args=[key])).json() == {"findings": []}
    shown = asks.get(reverse("api_incentives_hold", args=[key])).json()
    assert (shown["state"], shown["kept"]) == (
        "approved",
        [{"participant": str(rex.pk), "name": "Rex", "currency": "USD", "amount_minor": 70_000}],
    )
    url = reverse("api_incentives_hold_release", args=[key])
    back = asks.post(url, {"reason": "Right"}, content_type="application/json")
    assert (back.status_code, back.json()["is_ending"]) == (201, True)
    decides.post(reverse("api_incentives_hold_approve", args=[key]))
    shown = asks.get(reverse("api_incentives_hold", args=[key])).json()
    assert (shown["is_over"], shown["kept"]) == (True, [])
    assert stands(period) == {"expense": -70_000, "payable": 70_000}
