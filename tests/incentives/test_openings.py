"""Balances brought in from a former system: checked, approved by somebody else, posted, recovered, released, taken back."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from incentives.models import Journal, LedgerEntry, OpeningBalance, OpeningBatch, PayoutLine, Plan, Statement
from incentives.selectors.bridge import bridge_of
from incentives.selectors.chain import chain_verify
from incentives.selectors.parts import parts_of
from incentives.selectors.periods import payable_of
from incentives.selectors.proving import statements_unequal
from incentives.selectors.waiting import component_names
from incentives.services import periods as steps
from incentives.services.opening_files import OPENINGS
from incentives.services.openings import opening_release, opening_reverse, openings_approve, openings_post
from incentives.services.parallel_files import FORMER
from incentives.services.payouts import payout_confirm, payout_make
from incentives.services.plans import plan_create, plan_version_save
from incentives.services.runs import run_calculate, run_recompute
from incentives.services.settling import period_settle
from incentives.tasks import post
from planning.models import Period
from spm.approvals import following
from spm.approvals.models import ApprovalRequest
from spm.approvals.services import approval_decide
from spm.crm.row_files import rows_take
from spm.identity.models import Membership
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from tests.incentives import world
from tests.incentives.test_payouts import finance

pytestmark = pytest.mark.django_db
HEADER = "person,period,plan,component,payable,held,reason,draw,paid\n"
FILE = (
    f"{HEADER}Rex,2026-Q3,reps-2026,commission,250.00,100.00,Invoice 4711 open,,18500.00\n"
    "Ria,2026-Q3,,,-20.50,,,,\nRia,2026-Q3,reps-2026,,,,,1200.00,\n"
).encode()
DRAWN = world.REPS + "draw: {kind: RECOVERABLE, amount: 100.00, recover: 50 %}\n"


@pytest.fixture
def company(viewer, monkeypatch):
    """Sol brings in, Fin approves; reps have a draw of 100.00 of which half of the pay recovers."""
    sol = viewer("sol")
    monkeypatch.setattr(world, "REPS", DRAWN)
    period = world.build(sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    return sol, viewer("fin"), period


def take(actor, text=FILE, **more):
    return rows_take(OPENINGS, text, "old.csv", actor=actor, **more)


def batch():
    return OpeningBatch.objects.latest("number")


def brought(sol, fin, text=FILE):
    taken = take(sol, text)
    assert not taken.findings, taken.findings
    assert openings_approve(batch_id=batch().pk, actor=fin) == []
    return batch()


def said(period, key):
    return Statement.objects.filter(period=period, participant__source_key=key).latest("number")


MOVED = "Advanced, less what was recovered or forgiven"


def drawn(statement):
    """What a statement says of draws, in its order."""
    rows = [row for part in parts_of(statement, None) if part.key == "draws" for row in part.rows]
    return {row.label.words: row.cells[0].minor for row in rows}


def account(name, key, period=None):
    rows = LedgerEntry.objects.filter(account=name, participant__source_key=key)
    return sum((rows if period is None else rows.filter(period=period)).values_list("amount_minor", flat=True))


def test_a_file_is_checked_taken_whole_and_posted_once_another_approves(company):
    sol, fin, _ = company
    assert take(sol, is_check=True).counts["created"] == 3 and not OpeningBatch.objects.exists()
    assert take(sol).counts["created"] == 3 and not Journal.objects.exists()
    request = ApprovalRequest.objects.get(kind="opening")
    assert [(one["label"], one["amount_minor"]) for one in request.totals] == [
        ("Payable, not paid", 22_950), ("Held", 10_000), ("Draw owed", 120_000), ("Paid before", 1_850_000),
    ]  # fmt: skip
    with pytest.raises(PermissionDenied):
        openings_approve(batch_id=batch().pk, actor=sol)
    assert openings_approve(batch_id=batch().pk, actor=fin) == []
    entries = LedgerEntry.objects.filter(journal__kind="opening")
    assert sorted(entries.values_list("participant__source_key", "account", "amount_minor")) == [
        ("rex", "clearing", -25_000), ("rex", "clearing", -10_000), ("rex", "held", 10_000), ("rex", "payable", 25_000),
        ("ria", "clearing", 2_050), ("ria", "clearing", 120_000), ("ria", "draw", -120_000), ("ria", "payable", -2_050),
    ]  # fmt: skip
    assert openings_post(actor=sol) == [] and Journal.objects.count() == 1 and chain_verify() is None


def test_what_is_brought_forward_is_paid_and_recovered_and_never_earned(company):
    """Rex: 5 % of 10,000.00 and 10 % of 2,000.00 are 700.00; with the draw of 100.00, of which 350.00 could be recovered, and 250.00.

    Ria: 500.00 earned; of 1,200.00 owed half of the pay is recovered, 250.00, beside the new draw of 100.00, less 20.50.
    """
    sol, fin, period = company
    brought(sol, fin)
    world.deal("D-1", "rex", 1_200_000)
    world.deal("D-2", "ria", 1_000_000)
    world.calculate(period, sol)
    rex, ria = said(period, "rex"), said(period, "ria")
    assert (rex.earned_minor, ria.earned_minor) == (70_000, 50_000)
    assert rex.payable_minor == 70_000 + 10_000 + 25_000
    assert ria.payable_minor == 50_000 - 25_000 + 10_000 - 2_050
    assert account("draw", "ria") == -(120_000 - 25_000 + 10_000)
    # The steps tell what these books advanced less what they recovered; what was owed before is no pay that was brought forward
    assert [(one.key, one.amount_minor) for one in bridge_of(period, ria.participant_id, "USD").rows] == [
        ("earned", 50_000), ("opening", -2_050), ("draws", 10_000 - 25_000), ("eligible", 32_950), ("payable", 32_950),
    ]  # fmt: skip
    assert account("held", "rex") == 10_000
    [line] = rex.content["opening"]
    assert (line["payable_minor"], line["held_minor"], line["held_reason"], line["paid_minor"], line["component_name"]) == (
        25_000, 10_000, "Invoice 4711 open", 1_850_000, "Commission",
    )  # fmt: skip
    assert not period_settle(period=period, actor=sol).people
    world.calculate(period, sol)
    assert (said(period, "rex").pk, statements_unequal(period.id)) == (rex.pk, [])


def test_a_draw_goes_on_in_the_next_period(company):
    """Ria owes 1,050.00 after the third quarter and earns 1,000.00 in the fourth: 500.00 are recovered, 100.00 advanced."""
    sol, fin, period = company
    brought(sol, fin)
    world.deal("D-2", "ria", 1_000_000)
    world.calculate(period, sol)
    later = Period.objects.get(key="2026-Q4")
    world.deal("D-3", "ria", 1_500_000, on=later.during.lower)
    world.calculate(later, sol)
    assert said(later, "ria").earned_minor == 100_000
    assert account("draw", "ria") == -(105_000 - 50_000 + 10_000)
    assert [drawn(said(one, "ria")) for one in (period, later)] == [
        {"Brought forward from the former system": 120_000, MOVED: -15_000, "Owed after this period": 105_000},
        {"Owed before": 105_000, MOVED: -40_000, "Owed after this period": 65_000},
    ]
    assert drawn(said(later, "mara")) == {}


def test_the_same_file_again_changes_nothing(company):
    sol, fin, _ = company
    take(sol)
    assert take(sol).counts == {"created": 0, "updated": 0, "unchanged": 3}
    openings_approve(batch_id=batch().pk, actor=fin)
    assert take(sol).counts["unchanged"] == 3 and OpeningBatch.objects.count() == 1
    [finding] = take(sol, f"{HEADER}Rex,2026-Q3,reps-2026,commission,1.00,,,,\n".encode()).findings
    assert "brings the same entry already" in finding.what


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Nobody,2026-Q3,,,1.00,,,,", "Nobody"),
        ("Rex,2026-Q9,,,1.00,,,,", "There is no period 2026-Q9"),
        ("Rex,2026-Q3,,,,,,,", "brings nothing in"),
        ("Rex,2026-Q3,,,,5.00,,,", "Say why the amount is held"),
        ("Rex,2026-Q3,,,,-5.00,x,,", "not below 0"),
        ("Rex,2026-Q3,,,,,,5.00,", "belong to a plan"),
        ("Rex,2026-Q3,managers-2026,,,,,5.00,", "no draw that is recovered"),
        ("Rex,2026-Q3,reps-2026,bonus,1.00,,,,", "no component bonus"),
        ("Rex,2026-Q3,none-2026,,1.00,,,,", "There is no plan none-2026"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_taken(company, row, words):
    sol, _, _ = company
    taken = take(sol, FILE + row.encode() + b"\n")
    assert any(words in one.what and dict(one.about).get("row") == 5 for one in taken.findings), taken.findings
    assert not OpeningBatch.objects.exists() and not ApprovalRequest.objects.filter(kind="opening").exists()


def test_a_draw_of_a_plan_that_is_only_a_draft_is_refused_because_nothing_would_recover_it(company):
    sol, _, _ = company
    plan_create(document=DRAWN.replace("reps-2026", "drafted"), actor=sol)
    taken = take(sol, f"{HEADER}Ria,2026-Q3,drafted,,,,,1200.00,\n".encode())
    assert "no version that holds on 2026-07-01. Publish one" in taken.findings[0].message
    # And what a draft of the next version says does not count before it is published
    reps = Plan.objects.get(code="reps-2026")
    plan_version_save(plan_id=reps.pk, document=world.REPS.partition("draw:")[0], actor=sol)
    assert take(sol, f"{HEADER}Ria,2026-Q3,reps-2026,,,,,1200.00,\n".encode()).findings == ()


def test_a_draft_renames_no_component_on_statements_and_in_parallel_runs(company, sign_in):
    sol, fin, period = company
    reps = Plan.objects.get(code="reps-2026")
    plan_version_save(plan_id=reps.pk, document=world.REPS.replace("name: Commission", "name: Secret"), actor=sol)
    brought(sol, fin)
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    assert said(period, "rex").content["opening"][0]["component_name"] == "Commission"
    assert component_names({str(reps.pk)})[str(reps.pk), "commission"] == "Commission"
    rows_take(FORMER, b"person,period,amount\nRia,2026-Q3,1.00\n", "former.csv", actor=sol)
    page = sign_in("sol").get(reverse("incentives:parallel_detail", args=[period.pk])).content.decode()
    assert "Commission" in page and "Secret" not in page


def test_a_file_is_taken_back_as_a_whole_by_a_further_batch(company):
    """What stays is the draw of 100.00 of the period itself, and what Ria owes of it."""
    sol, fin, period = company
    world.deal("D-2", "ria", 1_000_000)
    first = brought(sol, fin)
    world.calculate(period, sol)
    with pytest.raises(DatabaseError), transaction.atomic():
        OpeningBalance.objects.update(payable_minor=1)
    back = opening_reverse(batch_id=first.pk, reason="Wrong month", actor=sol)
    with pytest.raises(ValidationError, match="takes it back already"):
        opening_reverse(batch_id=first.pk, reason="Again", actor=sol)
    assert openings_approve(batch_id=back.pk, actor=fin) == []
    world.calculate(period, sol)
    assert (account("held", "rex"), account("payable", "rex"), account("clearing", "rex")) == (0, 10_000, 0)
    assert account("draw", "ria") == -10_000 and "opening" not in said(period, "ria").content
    with pytest.raises(ValidationError, match="takes others back"):
        opening_reverse(batch_id=back.pk, reason="x", actor=sol)
    assert take(sol).counts["created"] == 3


def test_a_hold_is_released_once_by_somebody_else(company):
    """250.00 brought in as payable, 100.00 as held, and the draw of 100.00 of the period."""
    sol, fin, period = company
    world.calculate(period, sol)
    brought(sol, fin)
    one = OpeningBalance.objects.get(held_minor=10_000)
    with pytest.raises(PermissionDenied):
        opening_release(balance_id=one.pk, reason="Paid by the customer", actor=sol)
    member = Membership.objects.get(user_id=fin.user_id, organisation_id=fin.organisation.pk)
    Participant.objects.filter(source_key="rex").update(membership_id=member.pk)
    with pytest.raises(ValidationError, match="own pay"):
        opening_release(balance_id=one.pk, reason="Paid by the customer", actor=fin)
    Participant.objects.filter(source_key="rex").update(membership_id=None)
    opening_release(balance_id=one.pk, reason="Paid by the customer", actor=fin)
    assert (account("held", "rex"), account("payable", "rex")) == (0, 45_000)
    assert said(period, "rex").content["opening"][-1]["released_minor"] == 10_000
    with pytest.raises(ValidationError, match="released already"):
        opening_release(balance_id=one.pk, reason="Twice", actor=fin)
    with pytest.raises(ValidationError, match="was released"):
        opening_reverse(batch_id=one.batch_id, reason="x", actor=sol)


def shut(period, sol, fin):
    steps.period_calculate(period_id=period.id, actor=sol)
    steps.period_review(period_id=period.id, actor=sol)
    steps.period_approve(period_id=period.id, actor=fin)


def test_nothing_comes_in_after_the_first_close_and_the_close_pays_it(company):
    sol, fin, period = company
    brought(sol, fin)
    world.calculate(period, sol)
    shut(period, sol, fin)
    rex = Participant.objects.get(source_key="rex")
    assert {one.participant_id: one.amount_minor for one in payable_of(period)}[rex.pk] == 35_000
    late = f"{HEADER}Rob,2026-Q4,,,1.00,,,,\n".encode()
    [finding] = take(sol, late).findings
    assert "The books of 2026-Q3 are approved" in finding.what
    with pytest.raises(ValidationError, match="The books of 2026-Q3"):
        opening_reverse(batch_id=batch().pk, reason="x", actor=sol)


def test_a_cut_over_is_walked_from_the_file_to_the_locked_period(company, viewer):
    """Rex is paid 700.00 earned, 100.00 drawn and 250.00 brought in; 100.00 are held, released and paid with a later payout.

    Ria is paid 500.00 earned, less 250.00 recovered of the draw of 1,200.00 brought in, 100.00 drawn anew, less 20.50.
    """
    sol, fin, period = company
    finance("eve")
    eve = viewer("eve")
    brought(sol, fin)
    world.deal("D-1", "rex", 1_200_000)
    world.deal("D-2", "ria", 1_000_000)
    world.calculate(period, sol)
    shut(period, sol, fin)
    first = payout_make(period_id=period.pk, actor=eve)
    paid = dict(PayoutLine.objects.filter(batch=first).values_list("key", "amount_minor"))
    assert (paid["rex"], paid["ria"]) == (105_000, 32_950)
    payout_confirm(batch_id=first.pk, reference="Run 1", actor=eve)
    assert (account("paid", "rex"), account("payable", "rex"), account("held", "rex")) == (105_000, 0, 10_000)
    assert (account("paid", "ria"), account("payable", "ria"), account("draw", "ria")) == (32_950, 0, -105_000)
    one = OpeningBalance.objects.get(held_minor=10_000)
    opening_release(balance_id=one.pk, reason="Paid by the customer", actor=fin)
    steps.period_lock(period_id=period.id, actor=sol)
    later = Period.objects.get(key="2026-Q4")
    assert account("payable", "rex", later) == 10_000, "the books of the cut-over are shut: the next ones take it"
    assert (account("held", "rex"), account("payable", "rex", period)) == (0, 0)
    assert statements_unequal(period.id) == [] and chain_verify() is None


def test_approved_on_the_page_of_approvals_they_are_posted(company):
    sol, fin, _ = company
    take(sol)
    approval_decide(request_id=ApprovalRequest.objects.get(kind="opening").pk, is_approved=True, actor=fin)
    assert Journal.objects.filter(kind="opening").count() == 1


def test_what_is_too_late_is_not_approved_and_posts_nothing(company, monkeypatch):
    sol, fin, period = company
    take(sol)
    world.calculate(period, sol)
    shut(period, sol, fin)
    asked = ApprovalRequest.objects.get(kind="opening")
    with pytest.raises(ValidationError, match="The books of 2026-Q3 are approved"):
        approval_decide(request_id=asked.pk, is_approved=True, actor=fin)
    asked.refresh_from_db()
    assert asked.state == "open"
    # Approved by a release that left the posting to the night
    monkeypatch.delitem(following._FOLLOWS, "opening")
    approval_decide(request_id=asked.pk, is_approved=True, actor=fin)
    [finding] = openings_post(actor=sol)
    assert finding.code == "OPENING_TOO_LATE" and not Journal.objects.filter(kind="opening").exists()


YTD = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-07-01
until: 2027-01-01
components:
  - key: commission
    name: Commission
    credit: {kind: DIRECT, where: {stage: Won}}
    quota: amount
    accumulation: YTD
    cap: {year: 2500.00}
    tiers:
      - {from: 0 %, until: 100 %, rate: 5 %}
      - {from: 100 %, rate: 10 %}
"""


@pytest.fixture
def to_date(viewer, monkeypatch):
    """Commission climbs tiers by the year, at most 2,500.00 a year; the plan begins with the third quarter."""
    sol = viewer("sol")
    monkeypatch.setattr(world, "REPS", YTD)
    return sol, viewer("fin"), world.build(sol)


CREDITED = f"{HEADER.strip()},credit,quota\nRex,2026-Q3,reps-2026,commission,,,,,1700.00,21000.00,20000.00\n".encode()


def test_credits_of_the_year_reach_the_engine_and_the_why(to_date, sign_in):
    """21,000.00 of 20,000.00 before, then 12,000.00 with a quota of 10,000.00 more: tiers of 30,000.00 to date.

    To date 5 % of 30,000.00 and 10 % of 3,000.00 are 1,800.00; what came before would have been 5 % of 20,000.00 and 10 % of 1,000.00,
    1,100.00. So the quarter earns 700.00; the former system paid 1,700.00, and the cap of 2,500.00 leaves 800.00. The next quarter
    earns 10 % of nothing but 5 % of the 10,000.00 that fill its quota, 500.00, of which the cap leaves 100.00.
    """
    sol, fin, period = to_date
    brought(sol, fin, CREDITED)
    world.deal("D-1", "rex", 1_200_000)
    run, _ = world.calculate(period, sol)
    statement = said(period, "rex")
    assert (statement.earned_minor, statement.payable_minor) == (70_000, 70_000)
    [line] = statement.content["lines"]
    assert (line["credit_minor"], line["quota_value"], line["attainment_rate"]) == (1_200_000, 3_000_000, 110_000_000)
    assert [one["credit_value"] for one in statement.content["opening"]] == [2_100_000]
    page = sign_in("sol").get(reverse("incentives:statement_line", args=[statement.pk, 1])).content.decode()
    assert "Brought forward" in page and "21,000.00" in page and "1,700.00" in page
    assert run_recompute(run) == run.results_digest
    later = Period.objects.get(key="2026-Q4")
    world.deal("D-2", "rex", 1_000_000, on=later.during.lower)
    world.calculate(later, sol)
    assert said(later, "rex").earned_minor == 10_000


def test_credits_that_are_taken_back_change_the_next_run(to_date):
    sol, fin, period = to_date
    first = brought(sol, fin, CREDITED)
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    back = opening_reverse(batch_id=first.pk, reason="Wrong year", actor=sol)
    openings_approve(batch_id=back.pk, actor=fin)
    world.calculate(period, sol)
    assert (
        said(period, "rex").earned_minor == 70_000
        and said(period, "rex").content["lines"][0]["quota_value"] == 1_000_000
    )


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("reps-2026,commission,,,,,,1.00,", "held against a quota"),
        ("managers-2026,override,,,,,,1.00,", "begins anew in each period"),
        ("reps-2026,commission,,,,,,1.0015,1.00", "more decimals"),
        ("reps-2026,,,,,,,1.00,1.00", "are of a component"),
        (",,,,,,,1.00,1.00", "belong to a plan"),
    ],
)
def test_credits_that_can_not_go_on_are_refused(to_date, rest, words):
    sol, _, _ = to_date
    [finding] = take(sol, f"{HEADER.strip()},credit,quota\nRex,2026-Q3,{rest}\n".encode()).findings
    assert words in finding.what


def test_a_period_with_nothing_but_held_money_is_on_the_rep_s_list_from_the_first_run_on(company, sign_in):
    """Brought in as held before any run could stand for a statement: the period had none, and no list of the rep named it."""
    sol, fin, period = company
    brought(sol, fin, f"{HEADER}Rex,2026-Q2,reps-2026,commission,,100.00,Invoice 4711 open,,\n".encode())
    assert not Statement.objects.exists() and account("held", "rex") == 10_000
    world.deal("D-1", "rex", 1_200_000)
    run_calculate(period_id=period.pk, actor=sol)
    post(period.pk, sol)
    earlier = Period.objects.get(key="2026-Q2")
    statement = said(earlier, "rex")
    assert (statement.number, statement.earned_minor, statement.payable_minor) == (1, 0, 0)
    page = sign_in("rex").get("/incentives/statements/").content.decode()
    assert "2026-Q2" in page and "2026-Q3" in page
    assert "Invoice 4711 open" in sign_in("rex").get(f"/incentives/statements/{statement.pk}/").content.decode()
    post(period.pk, sol)
    assert Statement.objects.filter(period=earlier).count() == 1
