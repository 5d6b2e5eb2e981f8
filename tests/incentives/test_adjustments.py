"""Pay granted or taken back by hand: asked, approved by somebody else, posted, reversed, singly and from a file."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incentives.models import (
    Adjustment,
    AdjustmentBatch,
    AdjustmentReason,
    Journal,
    LedgerEntry,
    Plan,
    PlanAssignment,
    Statement,
)
from incentives.selectors.adjustments import batch_warnings
from incentives.selectors.chain import chain_verify
from incentives.selectors.papers.sheet import statement_sheet
from incentives.selectors.papers.statement import statement_paper
from incentives.services import periods as steps
from incentives.services.adjustment_files import ADJUSTMENTS
from incentives.services.adjustments import (
    AdjustmentWish,
    adjustment_reverse,
    adjustments_approve,
    adjustments_ask,
    adjustments_post,
)
from incentives.services.ledger import Leg, journal_post
from incentives.services.lifecycle import plan_publish
from incentives.services.pay_currencies import pay_currency_set
from incentives.services.plans import plan_create, plan_draft_delete, plan_version_save
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.approvals.models import ApprovalRequest
from spm.approvals.services import approval_ask, approval_decide
from spm.crm.row_files import rows_take
from spm.identity.models import Membership
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(viewer):
    """Sol asks, Fin approves."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    return sol, viewer("fin"), period


def wish(period, **more):
    values = {"amount_minor": 25_000, "currency": "USD", "reason_code": "bonus", "reason": "Trade fair"}
    person = Participant.objects.get(source_key="rex")
    return AdjustmentWish(participant_id=person.pk, period_id=period.pk, **(values | more))


def said(period, key="rex"):
    return Statement.objects.filter(period=period, participant__source_key=key).latest("number")


def test_an_adjustment_counts_once_somebody_else_has_approved_it(company):
    sol, fin, period = company
    batch = adjustments_ask(wishes=[wish(period)], title="Trade fair", actor=sol)
    assert adjustments_post(actor=sol) == [] and not Journal.objects.filter(kind="adjust").exists()
    with pytest.raises(PermissionDenied):
        adjustments_approve(batch_id=batch.pk, actor=sol)
    assert adjustments_approve(batch_id=batch.pk, actor=fin) == []
    journal = Journal.objects.get(kind="adjust")
    assert sorted(LedgerEntry.objects.filter(journal=journal).values_list("account", "amount_minor")) == [
        ("expense", -25_000),
        ("payable", 25_000),
    ]
    statement = said(period)
    assert (statement.earned_minor, statement.payable_minor) == (95_000, 95_000)
    assert [line["earned_minor"] for line in statement.content["others"]] == [25_000]
    assert adjustments_post(actor=sol) == [] and Journal.objects.filter(kind="adjust").count() == 1
    assert chain_verify() is None
    world.calculate(period, sol)
    assert said(period).pk == statement.pk


def test_the_statement_says_why_on_the_line_on_page_paper_sheet_and_api(company, sign_in):
    sol, fin, period = company
    wishes = [wish(period), wish(period, amount_minor=5, reason_code="correction", reason="Left out in July")]
    batch = adjustments_ask(wishes=wishes, title="October payments", actor=sol)
    assert adjustments_approve(batch_id=batch.pk, actor=fin) == []
    statement = said(period)
    [line] = statement.content["others"]
    assert (line["reason"], line["earned_minor"]) == ("Adjustment 1: October payments", 25_005)
    client = sign_in("rex")
    for text in (
        client.get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode(),
        str(statement_paper(statement)),
        str(list(statement_sheet(statement))),
        str(client.get(f"/api/v1/incentives/statements/{statement.pk}/").json()["parts"]),
    ):
        assert "Spot bonus: Trade fair" in text and "Correction of an error: Left out in July" in text


def test_who_is_paid_more_does_not_approve_it(company):
    sol, fin, period = company
    Participant.objects.filter(source_key="rex").update(membership_id=fin_membership(fin))
    batch = adjustments_ask(wishes=[wish(period)], title="Own", actor=sol)
    with pytest.raises(PermissionDenied):
        adjustments_approve(batch_id=batch.pk, actor=fin)


def fin_membership(fin):
    return Membership.objects.get(user_id=fin.user_id, organisation_id=fin.organisation.pk).pk


def test_an_adjustment_of_a_plan_and_component_stands_there(company):
    sol, fin, period = company
    plan = Plan.objects.get(code="reps-2026")
    batch = adjustments_ask(wishes=[wish(period, plan_id=plan.pk, component="commission")], title="x", actor=sol)
    approval_decide(request_id=ApprovalRequest.objects.get(key=batch.pk).pk, is_approved=True, actor=fin)
    assert adjustments_post(actor=sol) == []
    entry = LedgerEntry.objects.get(journal__kind="adjust", account="payable")
    assert (entry.plan_version.plan_id, entry.component) == (plan.pk, "commission")
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    assert said(period).earned_minor == 95_000


def test_an_adjustment_stands_under_what_is_published_and_a_draft_can_still_be_deleted(company):
    # Given a draft of the next version, without the component that is adjusted
    sol, fin, period = company
    plan = Plan.objects.get(code="reps-2026")
    draft, _ = plan_version_save(
        plan_id=plan.pk, document=world.REPS.replace("key: commission", "key: other"), actor=sol
    )
    with pytest.raises(ValidationError, match="has no component other. It has: commission"):
        adjustments_ask(wishes=[wish(period, plan_id=plan.pk, component="other")], title="x", actor=sol)
    batch = adjustments_ask(wishes=[wish(period, plan_id=plan.pk, component="commission")], title="x", actor=sol)
    adjustments_approve(batch_id=batch.pk, actor=fin)
    # And a run in which nobody is on the plan any more: what was earned is taken back under the published version, too
    PlanAssignment.objects.filter(plan=plan).delete()
    world.calculate(period, sol)
    assert not LedgerEntry.objects.filter(plan_version=draft).exists()
    # When the draft is thrown away, then it is
    plan_draft_delete(version_id=draft.pk, actor=sol)
    assert said(period).earned_minor == 25_000


def test_a_plan_that_was_never_published_is_adjusted_by_nobody(company):
    sol, _, period = company
    draft, _ = plan_create(document=world.REPS.replace("reps-2026", "drafted"), actor=sol)
    with pytest.raises(ValidationError, match="was never published"):
        adjustments_ask(wishes=[wish(period, plan_id=draft.plan_id)], title="x", actor=sol)


SPIFF = """  - key: spiff
    name: Spiff
    credit: {kind: DIRECT, where: {stage: Won}}
    rate: 1 %
"""


def published(draft, actor):
    """Publish a draft, as a single operator does."""
    Organisation.objects.filter(slug="acme").update(is_single_operator=True)
    version = plan_publish(version_id=draft.pk, actor=actor, replaces=True)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    return version


def later_version(plan_id, actor, text=world.REPS):
    """Publish a version of the plan that holds from the third quarter on."""
    text = text.replace("from: 2026-01-01", "from: 2026-07-01")
    draft, _ = plan_version_save(plan_id=plan_id, document=text, actor=actor)
    return published(draft, actor)


def versions_posted(batch):
    """The number of the version under which each adjustment of a batch stands, by its amount."""
    rows = LedgerEntry.objects.filter(journal__slot__startswith=f"adjustment:{batch.pk}:", account="payable")
    return [number for _, number in sorted(rows.values_list("amount_minor", "plan_version__number"))]


def test_an_adjustment_stands_under_the_version_of_its_days_else_the_latest_that_has_its_component(company):
    # Given a version until July with a component more than the one that follows it, and a draft of a third
    sol, fin, period = company
    text = world.REPS.replace("reps-2026", "two")
    first, _ = plan_create(document=text + SPIFF, actor=sol)
    published(first, sol)
    text += SPIFF.replace("spiff", "bonus")
    later_version(first.plan_id, sol, text)
    plan_version_save(plan_id=first.plan_id, document=text, actor=sol)
    before = Period.objects.get(key="2026-Q2")
    places = [
        (before, "commission", 1),
        (before, "", 1),
        (before, "bonus", 2),
        (period, "commission", 2),
        (period, "", 2),
        (period, "spiff", 1),
    ]
    # When each is adjusted in a quarter before and in one after, then it stands under the version that paid it then
    wishes = [
        wish(when, plan_id=first.plan_id, component=component, amount_minor=amount)
        for amount, (when, component, _) in enumerate(places, start=1)
    ]
    batch = adjustments_ask(wishes=wishes, title="x", actor=sol)
    assert adjustments_approve(batch_id=batch.pk, actor=fin) == []
    assert versions_posted(batch) == [number for _, _, number in places]


def test_a_reversal_stands_under_the_version_of_what_it_reverses(company):
    sol, fin, period = company
    plan = Plan.objects.get(code="reps-2026")
    batch = adjustments_ask(wishes=[wish(period, plan_id=plan.pk, component="commission")], title="x", actor=sol)
    adjustments_approve(batch_id=batch.pk, actor=fin)
    later_version(plan.pk, sol)
    back = adjustment_reverse(adjustment_id=Adjustment.objects.get(batch=batch).pk, reason="Wrong", actor=sol)
    adjustments_approve(batch_id=back.pk, actor=fin)
    assert (versions_posted(batch), versions_posted(back)) == ([1], [1])


@pytest.mark.parametrize("is_posted", [True, False])
def test_what_an_earlier_release_let_stand_under_a_draft_can_be_reversed(company, is_posted):
    # Given an adjustment of a plan that was never published: posted under its draft, or waiting
    sol, fin, period = company
    draft, _ = plan_create(document=world.REPS.replace("reps-2026", "drafted"), actor=sol)
    one = wish(period, plan_id=draft.plan_id, component="commission")
    batch = AdjustmentBatch.objects.create(number=1, title="x", asked_by_name="Sol")
    row = Adjustment.objects.create(batch=batch, line=1, **vars(one))
    approval_ask(
        kind="adjustment", key=batch.pk, content="x", action="adjustment.approve", title="x", url="/", actor=sol
    )
    if is_posted:
        legs = [
            Leg(one.participant_id, draft.pk, "commission", account, amount, "USD", period.pk)
            for account, amount in (("payable", 25_000), ("expense", -25_000))
        ]
        slot = f"adjustment:{batch.pk}:{period.key}"
        journal_post(kind="adjust", slot=slot, period=period, legs=legs, reason="x", actor=sol)
    adjustments_approve(batch_id=batch.pk, actor=fin)
    # When it is reversed, then the reversal stands where it does, though the plan is published meanwhile
    back = adjustment_reverse(adjustment_id=row.pk, reason="Wrong", actor=sol)
    published(draft, sol)
    if is_posted:
        later_version(draft.plan_id, sol, world.REPS.replace("reps-2026", "drafted"))
    assert adjustments_approve(batch_id=back.pk, actor=fin) == []
    assert versions_posted(back) == versions_posted(batch) == [1 if is_posted else None]
    assert said(period).earned_minor == 70_000


def test_more_lines_of_a_file_ask_the_database_no_more_often(company):
    """Of one plan and period, whatever the number of their people."""
    sol, fin, period = company
    plan = Plan.objects.get(code="reps-2026")
    counts = []
    for lines in (1, 3):
        wishes = [
            wish(period, plan_id=plan.pk, component="commission", amount_minor=each) for each in range(1, lines + 1)
        ]
        with CaptureQueriesContext(connection) as asking:
            batch = adjustments_ask(wishes=wishes, title="x", actor=sol)
        with CaptureQueriesContext(connection) as posting:
            adjustments_approve(batch_id=batch.pk, actor=fin)
        counts.append((len(asking), len(posting)))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"amount_minor": 0}, "The amount is 0"),
        ({"reason": " "}, "Say why"),
        ({"currency": "usd"}, "three letters"),
        ({"component": "commission"}, "belongs to a plan"),
        ({"reason_code": "gift"}, "It may be"),
    ],
)
def test_what_can_not_be_meant_is_refused(company, more, words):
    sol, _, period = company
    with pytest.raises(ValidationError, match=words):
        adjustments_ask(wishes=[wish(period, **more)], title="x", actor=sol)
    assert not AdjustmentBatch.objects.exists()


def test_it_is_reversed_only_by_a_further_one(company):
    sol, fin, period = company
    batch = adjustments_ask(wishes=[wish(period)], title="Trade fair", actor=sol)
    one = Adjustment.objects.get(batch=batch)
    with pytest.raises(ValidationError, match="needs no reversal"):
        adjustment_reverse(adjustment_id=one.pk, reason="Wrong person", actor=sol)
    adjustments_approve(batch_id=batch.pk, actor=fin)
    with pytest.raises(DatabaseError), transaction.atomic():
        Adjustment.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Adjustment.objects.update(amount_minor=1)
    back = adjustment_reverse(adjustment_id=one.pk, reason="Wrong person", actor=sol)
    with pytest.raises(ValidationError, match="reverses it already"):
        adjustment_reverse(adjustment_id=one.pk, reason="Again", actor=sol)
    adjustments_approve(batch_id=back.pk, actor=fin)
    assert said(period).earned_minor == 70_000
    assert [line["earned_minor"] for line in said(period).content["others"]] == [25_000, -25_000]
    with pytest.raises(ValidationError, match="is a reversal itself"):
        adjustment_reverse(adjustment_id=Adjustment.objects.get(batch=back).pk, reason="Right after all", actor=sol)


def test_the_api_names_the_codes_there_are_and_one_person_is_one(company, sign_in):
    sol, _, period = company
    line = {
        name: value
        for name, value in vars(wish(period)).items()
        if name not in ("participant_id", "period_id", "plan_id", "reverses_id")
    }
    line |= {"participant": str(wish(period).participant_id), "period": str(period.pk)}
    url, client = reverse("api_incentives_adjustments"), sign_in("sol")
    asked = {"title": "x", "lines": [{**line, "reason_code": "gift"}]}
    refused = client.post(url, asked, content_type="application/json")
    said_of = refused.json()["where"]["lines"]["0"]
    assert said_of["reason_code"] == [f'"gift" is not a valid choice. It may be: {", ".join(AdjustmentReason.values)}.']
    adjustments_ask(wishes=[wish(period), wish(period, amount_minor=5)], title="x", actor=sol)
    request = ApprovalRequest.objects.get(kind="adjustment")
    assert request.totals[0]["label"] == "Adjustments" and "2 lines of 1 person, x" in request.title


FILE = b"person,period,amount,kind,reason\nRex,2026-Q3,100.00,bonus,Fair\nRia,2026-Q3,-20.50,,Too much\n"


def test_a_file_is_approved_as_a_whole_with_its_totals(company):
    sol, fin, period = company
    assert rows_take(ADJUSTMENTS, FILE, "pay.csv", actor=sol, is_check=True).total == 2
    assert not AdjustmentBatch.objects.exists()
    assert rows_take(ADJUSTMENTS, FILE, "pay.csv", actor=sol).counts["created"] == 2
    request = ApprovalRequest.objects.get(kind="adjustment")
    assert request.totals == [{"label": "Adjustments", "amount_minor": 7_950, "currency": "USD"}]
    assert "2 lines of 2 people" in request.title
    adjustments_approve(batch_id=request.key, actor=fin)
    assert Journal.objects.filter(kind="adjust").count() == 1
    assert (said(period).earned_minor, said(period, "ria").earned_minor) == (80_000, -2_050)


def test_a_file_counts_once_until_it_is_declined_or_reversed(company):
    """Given a file that waits, then taking it again changes nothing, nor while a line of it counts; else it is asked for anew."""
    sol, fin, _ = company

    def taken():
        counts = rows_take(ADJUSTMENTS, FILE, "pay.csv", actor=sol).counts
        return counts["created"], counts["unchanged"], AdjustmentBatch.objects.count()

    def decide(batch, *, yes=True):
        [waiting] = ApprovalRequest.objects.filter(key=batch.pk)
        approval_decide(request_id=waiting.pk, is_approved=yes, reason="Seen", actor=fin)

    assert [taken(), taken()] == [(2, 0, 1), (0, 2, 1)]
    decide(AdjustmentBatch.objects.get(), yes=False)
    assert [taken(), taken()] == [(2, 0, 2), (0, 2, 2)]
    second = AdjustmentBatch.objects.get(number=2)
    decide(second)
    for number, one in enumerate(Adjustment.objects.filter(batch=second).order_by("line"), start=3):
        assert taken() == (0, 2, number - 1)
        decide(adjustment_reverse(adjustment_id=one.pk, reason="Not so", actor=sol))
    assert taken() == (2, 0, 5)


def test_a_file_with_a_wrong_row_asks_for_nothing(company):
    sol, _, _ = company
    wrong = FILE + b"Rob,2026-Q9,1.00,bonus,x\nNobody,2026-Q3,1.00,bonus,x\nRob,2026-Q3,0.00,bonus,x\n"
    taken = rows_take(ADJUSTMENTS, wrong, "pay.csv", actor=sol)
    assert {dict(finding.about)["row"] for finding in taken.findings} == {4, 5}
    assert not AdjustmentBatch.objects.exists() and not ApprovalRequest.objects.filter(kind="adjustment").exists()


def test_an_adjustment_of_a_shut_period_is_paid_in_the_next_one(company):
    sol, fin, period = company
    steps.period_calculate(period_id=period.id, actor=sol)
    steps.period_review(period_id=period.id, actor=sol)
    batch = adjustments_ask(wishes=[wish(period)], title="Late", actor=sol)
    assert adjustments_approve(batch_id=batch.pk, actor=fin) == []
    later = Period.objects.get(key="2026-Q4")
    entry = LedgerEntry.objects.get(journal__kind="adjust", account="payable")
    assert (entry.period_id, entry.earned_in_id) == (later.id, period.id)
    assert said(later).earned_minor == 25_000 and said(period).earned_minor == 70_000


def test_it_is_posted_wherever_it_is_approved(company, sign_in):
    sol, _, period = company
    finance = sign_in("fin")
    for number in range(3):
        adjustments_ask(wishes=[wish(period, reason=f"Fair {number}")], title="Fair", actor=sol)
    alone, several, api = ApprovalRequest.objects.filter(kind="adjustment").order_by("asked_at")
    finance.post(reverse("approvals:approval_detail", args=[alone.pk]), {"do": "approve"})
    assert said(period).earned_minor == 95_000
    finance.post(reverse("approvals:approval_bulk"), {"selected": f"{several.pk}:1", "do": "approve"})
    assert said(period).earned_minor == 120_000
    sent = {"is_approved": True, "requests": [{"id": str(api.pk), "step": 1}]}
    finance.post(reverse("api_approval_decisions"), sent, content_type="application/json")
    assert said(period).earned_minor == 145_000 and chain_verify() is None


def test_without_books_that_take_it_nothing_is_decided(company, sign_in):
    sol, fin, period = company
    last = Period.objects.get(key="2026-Q4")
    batch = adjustments_ask(wishes=[wish(last)], title="Late", actor=sol)
    steps.period_calculate(period_id=last.id, actor=sol)
    steps.period_review(period_id=last.id, actor=sol)
    asked = ApprovalRequest.objects.get(kind="adjustment")
    page = sign_in("fin").post(reverse("approvals:approval_detail", args=[asked.pk]), {"do": "approve"})
    assert page.status_code == 409 and "The books of 2026-Q4 take no entries" in page.content.decode()
    with pytest.raises(ValidationError, match="The books of 2026-Q4 take no entries"):
        adjustments_approve(batch_id=batch.pk, actor=fin)
    asked.refresh_from_db()
    assert asked.state == "open" and not Journal.objects.filter(kind="adjust").exists()


def test_another_currency_and_a_period_that_has_not_begun_are_warned_of_and_not_refused(company, sign_in):
    """By API, on the page of who approves, and where a file is checked and taken; the same words everywhere."""
    sol, _, period = company
    calendar_extend(kind=CalendarKind(period.calendar.kind), start=date(2027, 1, 1), until=date(2027, 4, 1), actor=sol)
    ahead = Period.objects.get(key="2027-Q1")
    client = sign_in("sol")
    line = {
        "participant": str(wish(period).participant_id),
        "reason_code": "bonus",
        "reason": "Fair",
        "amount_minor": 5,
    }
    lines = [line | {"period": str(ahead.pk), "currency": "EUR"}, line | {"period": str(period.pk), "currency": "USD"}]
    asked = {"title": "x", "lines": lines}
    made = client.post(reverse("api_incentives_adjustments"), asked, content_type="application/json")
    said_of = {one["code"]: one["what"] for one in made.json()["warnings"]}
    assert made.status_code == 201 and said_of == {
        "ADJUSTMENT_CURRENCY": "Rex is paid in USD and adjusted in EUR.",
        "ADJUSTMENT_AHEAD": f"{ahead.key} has not begun: it begins on {ahead.during.lower}.",
    }
    page = sign_in("fin").get(reverse("incentives:adjustment_batch", args=[made.json()["id"]])).content.decode()
    assert all(what in page for what in said_of.values())
    sent = f"person,period,amount,currency,reason\nRex,{ahead.key},5,EUR,Fair\n".encode()
    file = SimpleUploadedFile("pay.csv", sent)
    told = client.post(reverse("api_incentives_adjustment_file"), {"file": file, "check": "true"}).json()
    assert {one["code"]: one["what"] for one in told["warnings"]} == said_of and told["findings"] == []
    file = SimpleUploadedFile("pay.csv", sent)
    shown = client.post(reverse("incentives:adjustment_file"), {"file": file, "do": "check"}).content.decode()
    assert all(what in shown for what in said_of.values())
    for is_check in (True, False):
        taken = rows_take(ADJUSTMENTS, sent, "pay.csv", actor=sol, is_check=is_check)
        assert not taken.findings and {one.code: one.what for one in taken.warnings} == said_of


def test_the_own_currency_of_a_person_is_what_they_are_paid_in(company):
    sol, _, period = company
    pay_currency_set(
        participant_id=wish(period).participant_id, currency="EUR", start=period.during.lower, until=None, actor=sol
    )
    for currency, codes in (("EUR", []), ("USD", ["ADJUSTMENT_CURRENCY"])):
        batch = adjustments_ask(wishes=[wish(period, currency=currency)], title="x", actor=sol)
        assert [one.code for one in batch_warnings(Adjustment.objects.filter(batch=batch), on=sol.on)] == codes
