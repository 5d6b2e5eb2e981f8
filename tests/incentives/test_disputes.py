"""Disputes: raised from a line, answered by others, decided exactly once, mended by what is named, shown on the statement."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from incentives.models import (
    Adjustment,
    Dispute,
    DisputeEvent,
    Journal,
    LedgerEntry,
    ManualCredit,
    Statement,
)
from incentives.selectors.dispute_causes import Money, dispute_causes, dispute_total
from incentives.selectors.disputes import DisputeFilter, answerers, dispute_list, dispute_since, disputed_line
from incentives.selectors.papers.statement import statement_pdf
from incentives.services.adjustments import AdjustmentWish, adjustments_approve, adjustments_ask
from incentives.services.dispute_answers import (
    Fix,
    dispute_accept,
    dispute_answer,
    dispute_assign,
    dispute_mend,
    dispute_reject,
)
from incentives.services.disputes import (
    Doubt,
    Said,
    days_choose,
    dispute_raise,
    dispute_reopen,
    dispute_say,
    dispute_withdraw,
    disputes_remind,
)
from spm.identity.models import Membership
from spm.notices.models import Notice
from spm.people.models import Participant
from spm.roles.models import Reach, Role, RoleGrant
from spm.tenancy.models import Organisation
from tests.conftest import TODAY
from tests.incentives import world

pytestmark = pytest.mark.django_db
NOTHING = Fix("nothing")


@pytest.fixture
def period(viewer):
    """Rex earned 700.00 with D-1."""
    period = world.build(viewer("sol"))
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, viewer("sol"))
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    return period


def statement(who="rex"):
    return Statement.objects.filter(participant__source_key=who).latest("number")


def raised(actor, *, claimed=80_000, reason="split", text="Ria has no share of D-1.", who="rex", **file):
    return dispute_raise(
        statement_id=statement(who).pk,
        section="lines",
        place=1,
        doubt=Doubt(reason, claimed, "D-1"),
        said=Said(text, **file),
        actor=actor,
    )


def steps(dispute):
    return list(DisputeEvent.objects.filter(dispute=dispute).order_by("at", "pk").values_list("step", flat=True))


def test_a_rep_disputes_a_line_and_who_answers_is_told(period, viewer):
    dispute = raised(viewer("rex"))
    assert (dispute.number, dispute.earned_minor, dispute.claimed_minor, dispute.amount_minor) == (
        1,
        70_000,
        80_000,
        10_000,
    )
    assert dispute.label == "Commission · Reps 2026"
    assert dispute.due_on == viewer("rex").on + timedelta(days=5)
    told = Notice.objects.filter(kind="dispute")
    assert set(told.values_list("membership__user__email", flat=True)) == {"sol@acme.example", "fin@acme.example"}
    assert all(one.wants_mail and not any(char in one.title + one.body for char in "$€") for one in told)
    assert all("700" not in one.title + one.body for one in told)


def test_a_line_is_disputed_once_at_a_time_in_every_version(period, viewer, sign_in):
    first = raised(viewer("rex"))
    address = reverse("incentives:dispute_detail", args=[first.pk])
    with pytest.raises(ValidationError, match=address):
        raised(viewer("rex"))
    # A new version of the statement has the same line, and a manager is told the same
    world.deal("D-2", "rex", 100_000)
    world.calculate(period, viewer("sol"))
    assert statement().number == 2
    with pytest.raises(ValidationError, match="Dispute 1 about this line is open already"):
        raised(viewer("mara"))
    assert Dispute.objects.count() == 1
    new = reverse("incentives:dispute_new", args=[statement().pk, "lines", 1])
    for answer in (sign_in("rex").get(new), sign_in("mara").post(new, {"reason": "data", "text": "x"})):
        assert answer.status_code == 302 and answer.url == address
    # The database says so, too
    values = {name: getattr(first, name) for name in ("participant", "period", "statement", "place", "line_key")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.create(
            number=9,
            currency="USD",
            earned_minor=1,
            reason="data",
            raised_on="2026-01-01",
            due_on="2026-01-01",
            **values,
        )
    dispute_withdraw(dispute_id=first.pk, said=Said("My mistake."), actor=viewer("rex"))
    assert raised(viewer("rex")).number == 2


def test_only_the_line_of_the_latest_version_is_disputed(period, viewer):
    old = statement()
    world.deal("D-2", "rex", 100_000)
    world.calculate(period, viewer("sol"))
    with pytest.raises(ValidationError, match="Version 2 took the place"):
        dispute_raise(
            statement_id=old.pk, section="lines", place=1, doubt=Doubt("data"), said=Said("x"), actor=viewer("rex")
        )
    with pytest.raises(ValidationError, match="no such line"):
        dispute_raise(
            statement_id=statement().pk,
            section="lines",
            place=7,
            doubt=Doubt("data"),
            said=Said("x"),
            actor=viewer("rex"),
        )
    assert not Dispute.objects.exists()


def test_home_says_to_who_answers_that_disputes_wait(period, viewer, sign_in):
    dispute = raised(viewer("rex"))
    Dispute.objects.filter(pk=dispute.pk).update(due_on=dispute.raised_on - timedelta(days=1))
    link = f'href="{reverse("incentives:dispute_list")}?state=open"'
    for answers in ("sol", "fin"):
        home = sign_in(answers).get(reverse("home")).content.decode()
        assert link in home and "1 dispute waits for an answer" in home and "1 beyond its day" in home
    assert link not in sign_in("mara").get(reverse("home")).content.decode()
    dispute_answer(dispute_id=dispute.pk, said=Said("Ria has none."), actor=viewer("fin"))
    assert link not in sign_in("fin").get(reverse("home")).content.decode()


def test_nobody_disputes_out_of_reach_and_who_answers_raises_none(period, viewer):
    for other in ("ria", "rob", "mona"):
        with pytest.raises(Statement.DoesNotExist):
            raised(viewer(other))
    for other in ("sol", "fin", "otto", "eve"):
        with pytest.raises(PermissionDenied):
            raised(viewer(other))
    assert not Dispute.objects.exists()
    assert raised(viewer("mara")).raised_by_name == viewer("mara").name


@pytest.mark.parametrize(
    ("said", "match"),
    [
        (Said(" "), "in words"),
        (Said("x" * 5_001), "5001 characters"),
        (Said("x", "a.pdf", b""), "empty"),
        (Said("x", "a.pdf", b"x" * (2 * 1024 * 1024 + 1)), "more than 2 MB"),
        (Said("x", "a" * 197 + ".pdf", b"x"), "more than 200 characters"),
        (Said("x", "", b"x"), "Name the file"),
        (Said("a\0b"), "NUL"),
    ],
    ids=["blank", "huge", "empty file", "large file", "long name", "no name", "nul"],
)
def test_what_can_not_be_kept_is_refused(period, viewer, said, match):
    values = {"statement_id": statement().pk, "section": "lines", "place": 1, "doubt": Doubt("data")}
    with pytest.raises(ValidationError, match=match):
        dispute_raise(**values, said=said, actor=viewer("rex"))
    assert not Dispute.objects.exists() and not DisputeEvent.objects.exists()


def test_an_answer_waits_for_the_raiser_and_what_is_added_for_the_company(period, viewer):
    dispute = raised(viewer("rex"))
    dispute_answer(dispute_id=dispute.pk, said=Said("Which deal?"), actor=viewer("sol"))
    dispute.refresh_from_db()
    assert (dispute.state, dispute.assignee_name) == ("answered", viewer("sol").name)
    assert Notice.objects.filter(kind="dispute", membership__user__email="rex@acme.example").exists()
    dispute_say(dispute_id=dispute.pk, said=Said("D-1."), actor=viewer("rex"))
    dispute.refresh_from_db()
    assert dispute.state == "open"
    assert steps(dispute) == ["raised", "answered", "said"]
    with pytest.raises(PermissionDenied):
        dispute_say(dispute_id=dispute.pk, said=Said("x"), actor=viewer("sol"))
    with pytest.raises(Dispute.DoesNotExist):
        dispute_say(dispute_id=dispute.pk, said=Said("x"), actor=viewer("ria"))


def test_who_raised_or_is_paid_decides_nothing(period, viewer):
    dispute = raised(viewer("mara"))
    # Even with the right: Sol is who is paid, then who raised
    sol = Membership.objects.get(user__email="sol@acme.example")
    Participant.objects.filter(source_key="rex").update(membership=sol)
    values = {"dispute_id": dispute.pk, "cause": "split", "said": Said("Right."), "actor": viewer("sol")}
    with pytest.raises(PermissionDenied):
        dispute_accept(**values, fix=NOTHING)
    Participant.objects.filter(source_key="rex").update(membership=None)
    Dispute.objects.update(raised_by=sol.user)
    for refused in (lambda: dispute_reject(**values), lambda: dispute_accept(**values, fix=NOTHING)):
        with pytest.raises(PermissionDenied):
            refused()
    with pytest.raises(ValidationError, match="Who raised a dispute"):
        dispute_assign(dispute_id=dispute.pk, user_id=sol.user_id, actor=viewer("fin"))
    for other in ("mara", "otto", "rex"):
        with pytest.raises(PermissionDenied):
            dispute_reject(**(values | {"actor": viewer(other)}))
    assert steps(dispute) == ["raised"]


def test_a_dispute_is_decided_once_and_reopened_with_a_reason(period, viewer):
    dispute = raised(viewer("rex"))
    dispute_reject(dispute_id=dispute.pk, cause="plan_change", said=Said("The plan says so."), actor=viewer("sol"))
    with pytest.raises(ValidationError, match="rejected already"):
        dispute_accept(dispute_id=dispute.pk, cause="split", said=Said("x"), fix=NOTHING, actor=viewer("fin"))
    with pytest.raises(ValidationError, match="Reopen it"):
        dispute_say(dispute_id=dispute.pk, said=Said("x"), actor=viewer("rex"))
    with pytest.raises(ValidationError, match="in words"):
        dispute_reopen(dispute_id=dispute.pk, said=Said(""), actor=viewer("rex"))
    dispute_reopen(dispute_id=dispute.pk, said=Said("Clause 2 says otherwise."), actor=viewer("rex"))
    dispute_accept(dispute_id=dispute.pk, cause="split", said=Said("You are right."), fix=NOTHING, actor=viewer("fin"))
    dispute.refresh_from_db()
    assert (dispute.state, dispute.cause, dispute.round) == ("accepted", "split", 2)
    assert steps(dispute) == ["raised", "rejected", "reopened", "accepted"]
    # In one round the database takes one end, and no step is ever changed
    event = DisputeEvent.objects.get(dispute=dispute, step="accepted")
    with pytest.raises(IntegrityError), transaction.atomic():
        DisputeEvent.objects.create(dispute=dispute, round=2, step="rejected", text="x", by_name="x")
    for change in (lambda: DisputeEvent.objects.filter(pk=event.pk).update(text="x"), event.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_an_accepted_dispute_asks_for_the_adjustment_that_mends_it(period, viewer):
    dispute = raised(viewer("rex"))
    before = statement()
    event = dispute_accept(
        dispute_id=dispute.pk,
        cause="split",
        said=Said("Ria was out."),
        fix=Fix("adjustment", 10_000),
        actor=viewer("sol"),
    )
    one = Adjustment.objects.get()
    assert (one.amount_minor, one.reason_code, one.component) == (10_000, "dispute", "commission")
    assert one.batch_id == event.adjustment_id and one.reason == "Dispute 1: Ria was out."
    # Who accepted asked for it and does not approve it; nothing is paid before
    assert not Journal.objects.filter(kind="adjust").exists()
    with pytest.raises(PermissionDenied):
        adjustments_approve(batch_id=one.batch_id, actor=viewer("sol"))
    assert adjustments_approve(batch_id=one.batch_id, actor=viewer("fin")) == []
    posted = LedgerEntry.objects.filter(journal__kind="adjust", account="payable")
    assert list(posted.values_list("amount_minor", flat=True)) == [10_000]
    assert statement().earned_minor == before.earned_minor + 10_000


def test_what_mends_it_is_the_persons_own(period, viewer):
    dispute = raised(viewer("rex"))
    ria = Participant.objects.get(source_key="ria")
    wish = AdjustmentWish(ria.pk, period.pk, 100, "USD", "bonus", "Fair")
    other = adjustments_ask(wishes=[wish], title="x", actor=viewer("sol"))
    values = {"participant": ria, "number": 1, "amount_minor": 1, "currency": "USD", "credit_on": "2026-08-03"}
    credit = ManualCredit.objects.create(reason="x", measure="commission", **values)
    wrong = (
        Fix("adjustment", batch_id=other.pk),
        Fix("credit", credit_id=credit.pk),
        Fix("source", deal="D-99"),
        Fix(""),
    )
    for fix in wrong:
        with pytest.raises(ValidationError):
            dispute_accept(dispute_id=dispute.pk, cause="data", said=Said("x"), fix=fix, actor=viewer("fin"))
    assert steps(dispute) == ["raised"] and Adjustment.objects.count() == 1


def test_a_fix_at_the_source_is_linked_and_the_line_that_moved_is_found(period, viewer, sign_in):
    dispute = raised(viewer("rex"), reason="data")
    dispute_accept(dispute_id=dispute.pk, cause="data", said=Said("Amount."), fix=NOTHING, actor=viewer("fin"))
    assert dispute_since(viewer("rex"), dispute) == []
    world.deal("D-1", "rex", 1_300_000)
    world.calculate(period, viewer("sol"))
    event = dispute_mend(
        dispute_id=dispute.pk, said=Said("Corrected in the CRM."), fix=Fix("source", deal="D-1"), actor=viewer("fin")
    )
    assert event.deal.source_key == "D-1"
    moved = dispute_since(viewer("rex"), dispute)
    assert [(one.before_minor, one.after_minor, one.section) for one in moved] == [(70_000, 80_000, "lines")]
    page = sign_in("rex").get(reverse("incentives:dispute_detail", args=[dispute.pk])).content.decode()
    assert "$800.00" in page and reverse("incentives:statement_changes", args=[statement().pk, 1]) in page


def test_what_caused_it_is_told_since_the_version_that_is_disputed(period, viewer, sign_in):
    """Given two runs since the dispute, then the link explains the difference that the dispute shows, not that of the last run alone."""
    dispute = raised(viewer("rex"), reason="data")
    for amount in (1_300_000, 1_400_000):
        world.deal("D-1", "rex", amount)
        world.calculate(period, viewer("sol"))
    browser = sign_in("rex")
    page = browser.get(reverse("incentives:dispute_detail", args=[dispute.pk])).content.decode()
    link = f"{reverse('incentives:statement_changes', args=[statement().pk, 1])}?since={dispute.statement.run_id}"
    assert f'href="{link}"' in page
    [moved] = dispute_since(viewer("rex"), dispute)
    found = browser.get(link).context["found"]
    assert (found.before_minor, found.after_minor) == (moved.before_minor, moved.after_minor) == (70_000, 90_000)


def test_days_to_answer_and_what_waits_longer(period, viewer):
    days_choose(days=2, actor=viewer("fin"))
    with pytest.raises(ValidationError):
        days_choose(days=0, actor=viewer("fin"))
    with pytest.raises(PermissionDenied):
        days_choose(days=90, actor=viewer("rex"))
    dispute = raised(viewer("rex"))
    today = viewer("rex").on
    assert dispute.due_on == today + timedelta(days=2)
    assert disputes_remind(on=today + timedelta(days=2)) == 0
    assert disputes_remind(on=today + timedelta(days=3)) == 1
    assert disputes_remind(on=today + timedelta(days=4)) == 0
    assert Notice.objects.filter(kind="dispute", title="Dispute 1 waits longer than promised").count() == 2
    Dispute.objects.update(due_on=today - timedelta(days=1), raised_on=today - timedelta(days=6))
    fin = viewer("fin")
    for asked, found in (
        (DisputeFilter(is_overdue=True), 1),
        (DisputeFilter(older_than=5), 1),
        (DisputeFilter(older_than=10), 0),
        (DisputeFilter(assignee="nobody", state="live"), 1),
        (DisputeFilter(assignee="me"), 0),
        (DisputeFilter(reason="split", query="rex"), 1),
        (DisputeFilter(reason="data"), 0),
    ):
        assert dispute_list(fin, asked).count() == found, asked
    dispute_answer(dispute_id=dispute.pk, said=Said("Soon."), actor=fin)
    assert dispute_list(fin, DisputeFilter(is_overdue=True)).count() == 0


def test_the_statement_shows_the_flag_and_its_file_stays_as_it_was(period, viewer, sign_in):
    rex, one = sign_in("rex"), statement()
    page = reverse("incentives:statement_detail", args=[one.pk])
    listed = reverse("incentives:statement_list")
    assert "In dispute" not in rex.get(page).content.decode() + rex.get(listed).content.decode()
    before = statement_pdf(one)
    dispute = raised(viewer("rex"))
    for path in (page, listed):
        assert "In dispute" in rex.get(path).content.decode(), path
    assert statement_pdf(one) == before
    dispute_reject(dispute_id=dispute.pk, cause="other", said=Said("No."), actor=viewer("fin"))
    shown = rex.get(page).content.decode()
    assert "In dispute" not in shown and "Dispute 1: Rejected" in shown


def test_a_rep_and_finance_go_the_whole_way_on_the_pages(period, viewer, sign_in, django_assert_max_num_queries):
    rex, fin = sign_in("rex"), sign_in("fin")
    new = reverse("incentives:dispute_new", args=[statement().pk, "lines", 1])
    assert "Reps 2026" in rex.get(new).content.decode()
    bad = rex.post(new, {"reason": "split", "text": "", "claimed": "a lot"})
    assert bad.status_code == 422 and not Dispute.objects.exists()
    file = SimpleUploadedFile("../../proof<b>.html", b"<script>alert(1)</script>", content_type="text/html")
    sent = rex.post(new, {"reason": "split", "text": "<script>x</script>", "claimed": "800.00", "file": file})
    dispute = Dispute.objects.get()
    detail = reverse("incentives:dispute_detail", args=[dispute.pk])
    assert sent.status_code == 302 and sent.url == detail
    event = DisputeEvent.objects.get()
    download = sign_in("fin").get(reverse("incentives:dispute_file", args=[dispute.pk, event.pk]))
    assert download["Content-Type"] == "application/octet-stream"
    assert download["Content-Disposition"].startswith("attachment") and download.content == b"<script>alert(1)</script>"
    for other in ("ria", "mona"):
        assert sign_in(other).get(detail).status_code == 404
        assert sign_in(other).get(reverse("incentives:dispute_file", args=[dispute.pk, event.pk])).status_code == 404
    with django_assert_max_num_queries(60):
        shown = fin.get(detail).content.decode()
    assert "<script>x" not in shown and "&lt;script&gt;x" in shown and "Decide" in shown
    assert "Decide" not in rex.get(detail).content.decode()
    step = lambda name: reverse(f"incentives:dispute_{name}", args=[dispute.pk])  # noqa: E731
    fin.post(step("assign"), {"assignee": viewer("sol").user_id})
    fin.post(step("answer"), {"text": "Which split?"})
    rex.post(step("say"), {"text": "That of D-1."})
    refused = fin.post(step("decide"), {"is_accepted": "yes", "cause": "split", "text": "Right, with care."})
    again = refused.content.decode()
    assert refused.status_code == 422 and "Say what mends it" in again and "Right, with care." in again
    fin.post(
        step("decide"),
        {"is_accepted": "yes", "cause": "split", "text": "Right.", "fix": "adjustment", "amount": "100.00"},
    )
    dispute.refresh_from_db()
    assert (dispute.state, dispute.assignee_name) == ("accepted", viewer("sol").name)
    assert Adjustment.objects.get().amount_minor == 10_000
    assert "Not posted yet" in rex.get(detail).content.decode()
    fin.post(step("mend"), {"fix": "source", "text": "And in the CRM.", "deal": "D-1"})
    assert steps(dispute) == ["raised", "assigned", "answered", "said", "accepted", "mended"]
    for path in ("list", "causes"):
        for who in (rex, fin, sign_in("otto")):
            with django_assert_max_num_queries(60):
                assert who.get(reverse(f"incentives:dispute_{path}")).status_code == 200
    exported = fin.get(reverse("incentives:dispute_export", args=["csv"]) + "?state=").content.decode()
    assert "Rex" in exported and "800" in exported
    assert fin.get(reverse("incentives:dispute_causes_export", args=["xlsx"])).status_code == 200


def test_a_refused_step_keeps_what_was_typed(period, viewer, sign_in):
    dispute = raised(viewer("rex"))
    fin = sign_in("fin")
    step = lambda name: reverse(f"incentives:dispute_{name}", args=[dispute.pk])  # noqa: E731
    given = {
        "is_accepted": "yes",
        "cause": "split",
        "text": "A long reason",
        "fix": "adjustment",
        "amount": "a lot",
        "deal": "D-1",
    }
    page = fin.post(step("decide"), given)
    html = page.content.decode()
    assert page.status_code == 422 and steps(dispute) == ["raised"]
    assert all(each in html for each in ("A long reason", 'value="a lot"', 'value="D-1"', "decide_amount"))
    # A file that is too large keeps the words of the answer
    large = SimpleUploadedFile("large.bin", b"x" * (2 * 1024 * 1024 + 1))
    assert "My long answer" in fin.post(step("answer"), {"text": "My long answer", "file": large}).content.decode()
    # Decided by somebody else meanwhile, the form is gone and the words are shown
    dispute_reject(dispute_id=dispute.pk, cause="split", said=Said("No."), actor=viewer("sol"))
    late = fin.post(step("decide"), {"is_accepted": "no", "cause": "split", "text": "My late reason"})
    assert late.status_code == 422 and "My late reason" in late.content.decode()
    assert "rejected already" in late.content.decode() and steps(dispute) == ["raised", "rejected"]


def test_causes_are_counted_with_amounts_per_currency(period, viewer):
    first = raised(viewer("rex"))
    world.deal("D-9", "ria", 200_000)
    world.calculate(period, viewer("sol"))
    raised(viewer("ria"), claimed=None, reason="territory", who="ria")
    Dispute.objects.filter(number=1).update(raised_on=viewer("fin").on - timedelta(days=4))
    dispute_accept(dispute_id=first.pk, cause="territory", said=Said("x"), fix=NOTHING, actor=viewer("fin"))
    (row,) = dispute_causes(viewer("fin"))
    assert (row.key, row.count, row.live, row.accepted, row.without_amount) == ("territory", 2, 1, 1, 1)
    assert row.amounts == (Money("USD", 10_000),) and row.median_days == 0 and row.accepted_percent == 100
    assert dispute_total(viewer("rex")).count == 1 and dispute_total(viewer("mona")).count == 0
    assert dispute_causes(viewer("fin"), period_key="2026-Q4") == []


def test_the_api_goes_the_same_way(period, viewer, sign_in):
    rex, fin = sign_in("rex"), sign_in("fin")
    disputes = reverse("api_incentives_disputes")
    body = {"statement": str(statement().pk), "place": 1, "reason": "timing", "text": "August, not July."}
    bad = rex.post(disputes, body | {"content": "no base64!", "file_name": "x"}, "application/json")
    assert bad.status_code == 400 and not Dispute.objects.exists()
    made = rex.post(
        disputes, body | {"file_name": "a.txt", "content": b64encode(b"proof").decode()}, "application/json"
    )
    assert made.status_code == 201, made.content
    key = made.json()["id"]
    again = rex.post(disputes, body, "application/json")
    assert again.status_code == 400 and key in again.content.decode()
    at = lambda name: reverse(f"api_incentives_dispute_{name}", args=[key])  # noqa: E731
    one = fin.get(reverse("api_incentives_dispute", args=[key])).json()
    assert one["state"] == "open" and one["steps"][0]["file_name"] == "a.txt"
    file = reverse("api_incentives_dispute_file", args=[key, one["steps"][0]["id"]])
    assert fin.get(file).content == b"proof" and sign_in("ria").get(file).status_code == 404
    assert fin.post(at("assign"), {"assignee": viewer("fin").user_id}, "application/json").status_code == 201
    assert fin.post(at("answer"), {"text": "Looking."}, "application/json").status_code == 201
    assert rex.post(at("say"), {"text": "Thanks."}, "application/json").status_code == 201
    decided = {"text": "Right.", "cause": "timing", "fix": "source", "deal": "D-1"}
    assert fin.post(at("accept"), decided, "application/json").status_code == 201
    assert fin.post(at("reject"), {"text": "x", "cause": "timing"}, "application/json").status_code == 400
    assert fin.post(at("mend"), {"text": "x", "fix": "nothing"}, "application/json").status_code == 201
    assert rex.post(at("reopen"), {"text": "Again."}, "application/json").status_code == 201
    assert rex.post(at("withdraw"), {"text": "Done."}, "application/json").status_code == 201
    assert [row["withdrawn"] for row in fin.get(reverse("api_incentives_dispute_causes")).json()["results"]] == [1]
    days = reverse("api_incentives_dispute_days")
    assert fin.put(days, {"days_to_answer": 7}, "application/json").json() == {"days_to_answer": 7}
    assert fin.get(disputes, {"state": "withdrawn"}).json()["count"] == 1


def test_lines_beside_the_plans_are_disputed_too(period, viewer):
    rex = Participant.objects.get(source_key="rex")
    wish = AdjustmentWish(rex.pk, period.pk, 5_000, "USD", "bonus", "Fair")
    batch = adjustments_ask(wishes=[wish], title="Fair", actor=viewer("sol"))
    adjustments_approve(batch_id=batch.pk, actor=viewer("fin"))
    line = disputed_line(statement(), "others", 1)
    assert line is not None and line.earned_minor == 5_000
    values = {"statement_id": statement().pk, "section": "others", "place": 1}
    dispute = dispute_raise(**values, doubt=Doubt("other", 6_000), said=Said("It was 60."), actor=viewer("rex"))
    fix = Fix("adjustment", 1_000)
    dispute_accept(dispute_id=dispute.pk, cause="other", said=Said("Yes."), fix=fix, actor=viewer("sol"))
    assert Adjustment.objects.get(reason_code="dispute").plan_id is None


def test_who_answers_reaches_the_person(period, viewer, sign_in):
    """Given who sees all and is operations of another team, then they are not told, not offered, and refused with the reason."""
    mona = Membership.objects.get(user__email="mona@acme.example")
    for role, reach in ((Role.AUDITOR, None), (Role.SALES_OPERATIONS, Reach.TEAM)):
        RoleGrant.objects.create(membership=mona, role=role, reach=reach, during=(TODAY, None))
    dispute = raised(viewer("rex"))
    told = set(Notice.objects.filter(kind="dispute").values_list("membership__user__email", flat=True))
    assert told == {"sol@acme.example", "fin@acme.example"}
    page = sign_in("mona").get(reverse("incentives:dispute_detail", args=[dispute.pk]))
    assert page.status_code == 200 and not {"answer_form", "decide_form", "assign_form"} & set(page.context_data)
    for slot in ("answer", "decide"):
        sent = sign_in("mona").post(
            reverse(f"incentives:dispute_{slot}", args=[dispute.pk]),
            {"text": "No.", "is_accepted": "no", "cause": "split"},
        )
        assert (sent.status_code, "beyond it" in sent.content.decode()) == (403, True), slot
    asked = sign_in("mona").post(
        f"/api/v1/incentives/disputes/{dispute.pk}/answer/", {"text": "No."}, content_type="application/json"
    )
    assert (asked.status_code, "beyond it" in asked.json()["message"]) == (403, True)
    with pytest.raises(ValidationError, match="can't answer"):
        dispute_assign(dispute_id=dispute.pk, user_id=viewer("mona").user_id, actor=viewer("sol"))
    assert steps(dispute) == ["raised"]


def test_an_assignee_who_may_no_longer_answer_is_not_waited_for(period, viewer):
    """Given that Fin has the dispute and is narrowed since, then everybody who may answer is told what is added."""
    dispute = raised(viewer("rex"))
    dispute_assign(dispute_id=dispute.pk, user_id=viewer("fin").user_id, actor=viewer("sol"))
    Notice.objects.all().delete()
    RoleGrant.objects.filter(membership__user__email="fin@acme.example").update(reach=Reach.SELF)
    dispute_answer(dispute_id=dispute.pk, said=Said("Which one?"), actor=viewer("sol"))
    dispute_say(dispute_id=dispute.pk, said=Said("D-1."), actor=viewer("rex"))
    told = Notice.objects.filter(kind="dispute", membership__user__email__in=("sol@acme.example", "fin@acme.example"))
    assert set(told.values_list("membership__user__email", flat=True)) == {"sol@acme.example"}


def test_who_is_paid_is_not_offered_to_answer(period, viewer):
    """Given that Sol is paid by what Mara disputes, then Sol is no choice and is refused."""
    sol = viewer("sol")
    dispute = raised(viewer("mara"))
    Participant.objects.filter(membership=sol.membership_id).update(membership=None)
    Participant.objects.filter(pk=dispute.participant_id).update(membership=sol.membership_id)
    dispute = type(dispute).objects.get(pk=dispute.pk)
    assert sol.user_id not in answerers(sol.on, about=dispute) and sol.user_id in answerers(sol.on)
    with pytest.raises(ValidationError, match="can't answer"):
        dispute_assign(dispute_id=dispute.pk, user_id=sol.user_id, actor=viewer("fin"))
