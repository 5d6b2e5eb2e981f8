"""Plan documents: they say what is calculated, are answered once by their person for exactly their bytes, and hold pay where chosen."""

from datetime import date
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from incentives.models import DocumentEvent, PlanDocument, PlanVersion, RunEarning
from incentives.selectors.papers.acceptance import documents_missing, documents_unaccepted
from incentives.selectors.papers.plan_document import document_blocks
from incentives.services.plan_documents import (
    document_answer,
    documents_part_send,
    documents_parts,
    documents_remind,
    documents_send,
    policy_choose,
)
from incentives.services.terms import Holder, target_set
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from planning.services.quotas import QuotaValue, quota_set_many
from spm.jobs.models import Job
from spm.notices.models import Notice
from spm.people.models import Participant, Position, PositionHolding
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(viewer):
    return world.build(viewer("sol"))


def _send(sol):
    version = PlanVersion.objects.get(plan__code="reps-2026")
    job = documents_send(version_id=version.pk, due_on=None, actor=sol)
    return sum(documents_part_send(job, int(part), actor=sol) for part in documents_parts(job))


def _latest(who):
    return PlanDocument.objects.filter(participant__source_key=who).latest("number")


def _said(document):
    return str(document.blocks)


def test_everybody_on_the_plan_gets_the_own_document_once(period, viewer):
    sol = viewer("sol")
    assert _send(sol) == 3
    assert set(PlanDocument.objects.values_list("participant__source_key", flat=True)) == {"rex", "ria", "rob"}
    document = _latest("rex")
    for said in ("2026-Q3", "$10,000.00", "Each part of what counts is paid at the rate of its own tier", "5%", "10%"):
        assert said in _said(document), said
    assert sha256(bytes(document.content)).hexdigest() == document.hash
    # Sent again, nobody gets the same twice; a notice names no figure
    assert _send(sol) == 0
    notice = Notice.objects.get(kind="plan_document", slot=str(document.pk))
    assert notice.wants_mail and "$" not in notice.title + notice.body


def test_who_joins_in_the_middle_of_a_quarter_reads_the_own_part_beside_the_whole(period, viewer):
    sol = viewer("sol")
    version, rex = PlanVersion.objects.get(plan__code="reps-2026"), Participant.objects.get(source_key="rex")
    PositionHolding.objects.filter(participant=rex).update(during=(date(2026, 8, 16), None))
    blocks = document_blocks(version, rex, actor=sol)
    [table] = [each for each in blocks if each["kind"] == "table" and each["columns"][-1] == "Your quota"]
    # 46 of the 92 days of the third quarter, and the whole fourth one; a whole year is 4 x 10,000.00
    assert table["rows"] == [
        ["2026-Q3", "Amount", "$10,000.00", "$5,000.00"],
        ["2026-Q4", "Amount", "$10,000.00", "$10,000.00"],
        ["All periods of the plan", "Amount", "$40,000.00", "$15,000.00"],
    ]
    world.calculate(period, sol)
    earning = RunEarning.objects.get(participant_id=rex.pk, component="commission")
    assert earning.quota_value == 500_000
    ria = Participant.objects.get(source_key="ria")
    assert "Your quota'" not in str(document_blocks(version, ria, actor=sol))


def test_target_pay_of_a_part_of_the_year_stands_beside_the_whole(viewer):
    sol, rex = viewer("sol"), Participant.objects.get(source_key="rex")
    periods = calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.quotas(periods, world.QUOTA, sol)
    text = world.REPS.replace("rate: 5 %", "rate: 50 %").replace("rate: 10 %", "rate: 200 %")
    version = world.publish(sol, text.replace("    tiers:", "    target: variable\n    tiers:"))
    values = {"name": "variable", "target_minor": 4_000_000, "base_minor": 6_000_000, "currency": "USD"}
    target_set(holder=Holder(participant_id=rex.pk), start=date(2026, 1, 1), actor=sol, **values)
    assert "for your days in the plan" not in _blocks_said(version, rex, sol)
    PositionHolding.objects.filter(participant=rex).update(during=(date(2026, 8, 16), None))
    said = _blocks_said(version, rex, sol)
    assert "At 100 %, for your days in the plan" in said
    # 40,000.00 a year is 10,000.00 a quarter: half of the third one, and the whole fourth one
    for row in (["2026-Q3", "variable", "$5,000.00"], ["2026-Q4", "variable", "$10,000.00"]):
        assert str(row) in said
    assert str(["All periods", "variable", "$15,000.00"]) in said and "$40,000.00" in said


def _blocks_said(version, person, actor):
    return str(document_blocks(version, person, actor=actor))


def test_changed_terms_ask_anew_with_the_differences_marked(period, viewer, sign_in):
    sol = viewer("sol")
    _send(sol)
    first = _latest("rex")
    document_answer(document_id=first.pk, is_accepted=True, shown_hash=first.hash, actor=viewer("rex"))
    seat = Position.objects.get(code="rex")
    quota_set_many(values=[QuotaValue(seat.pk, period.pk, 2_000_000)], actor=sol)
    assert _send(sol) == 1
    second = _latest("rex")
    assert second.number == 2 and second.hash != first.hash
    rex = Participant.objects.get(source_key="rex")
    assert rex.pk in documents_missing([rex.pk], period)
    page = sign_in("rex").get(reverse("incentives:document_detail", args=[second.pk])).content.decode()
    assert "What changed since the document before" in page and "$20,000.00</ins>" in page


def test_answer_is_kept_once_for_exactly_what_was_shown(period, viewer):
    _send(viewer("sol"))
    document, rex = _latest("rex"), viewer("rex")
    with pytest.raises(ValidationError, match="not this document"):
        document_answer(document_id=document.pk, is_accepted=True, shown_hash="0" * 64, actor=rex)
    with pytest.raises(ValidationError, match="why you decline"):
        document_answer(document_id=document.pk, is_accepted=False, shown_hash=document.hash, actor=rex)
    for other in ("ria", "mara"):
        with pytest.raises(PermissionDenied):
            document_answer(document_id=document.pk, is_accepted=True, shown_hash=document.hash, actor=viewer(other))
    assert not DocumentEvent.objects.exists()
    event = document_answer(document_id=document.pk, is_accepted=True, shown_hash=document.hash, actor=rex)
    assert (event.step, event.hash, event.by_name) == ("accepted", document.hash, rex.name)
    with pytest.raises(ValidationError, match="answered already"):
        document_answer(document_id=document.pk, is_accepted=False, shown_hash=document.hash, reason="x", actor=rex)
    # The database refuses to change what was sent and answered
    for row in (event, document):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(hash="x")


def test_pay_is_held_only_where_the_company_chose_it(period, viewer):
    sol = viewer("sol")
    people = dict(Participant.objects.values_list("source_key", "pk"))
    asked = [people["rex"], people["ria"]]
    assert documents_unaccepted(asked, period) == {}
    policy_choose(policy="hold_until_accepted", actor=sol)
    assert documents_unaccepted(asked, period)[people["rex"]] == "No plan document of Reps 2026 was sent."
    _send(sol)
    document = _latest("rex")
    document_answer(document_id=document.pk, is_accepted=True, shown_hash=document.hash, actor=viewer("rex"))
    assert documents_unaccepted(asked, period) == {people["ria"]: "The plan document of Reps 2026 is not read."}
    policy_choose(policy="warn", actor=sol)
    assert documents_unaccepted(asked, period) == {}
    assert list(documents_missing(asked, period)) == [people["ria"]]


def test_reminders_go_to_those_who_wait(period, viewer):
    sol = viewer("sol")
    _send(sol)
    assert documents_remind(actor=sol) == 0
    document = _latest("rex")
    assert documents_remind(actor=sol, only=[document.pk]) == 1
    document_answer(document_id=document.pk, is_accepted=True, shown_hash=document.hash, actor=viewer("rex"))
    assert documents_remind(actor=sol, only=[document.pk]) == 0


def test_rep_reads_and_accepts_and_keeps_the_receipt(period, viewer, sign_in):
    _send(viewer("sol"))
    document, rex = _latest("rex"), sign_in("rex")
    address = reverse("incentives:document_detail", args=[document.pk])
    receipt = reverse("incentives:document_file", args=[document.pk, "receipt"])
    assert sign_in("rob").get(address).status_code == 404
    assert rex.get(receipt).status_code == 404
    assert rex.get(address).status_code == 200
    assert rex.post(reverse("incentives:document_read", args=[document.pk])).status_code == 204
    refused = rex.post(address, {"hash": document.hash, "is_accepted": "no", "reason": ""})
    assert refused.status_code == 200 and "Say why you decline" in refused.content.decode()
    assert rex.post(address, {"hash": document.hash, "is_accepted": "yes"}).status_code == 302
    assert list(DocumentEvent.objects.order_by("at").values_list("step", flat=True)) == ["read", "accepted"]
    first = rex.get(receipt)
    assert first["Content-Type"] == "application/pdf"
    assert sign_in("sol").get(receipt).content == first.content
    file = rex.get(reverse("incentives:document_file", args=[document.pk, "document"]))
    assert sha256(file.content).hexdigest() == document.hash


def test_sales_operations_sends_and_sees_who_answered(period, viewer, sign_in):
    sol = sign_in("sol")
    version = PlanVersion.objects.get(plan__code="reps-2026")
    assert sol.get(reverse("incentives:document_send")).status_code == 200
    assert sol.post(reverse("incentives:document_send"), {"version": version.pk}).status_code == 302
    job = Job.objects.get(kind="plan_documents")
    documents_part_send(job, 0, actor=viewer("sol"))
    document = _latest("ria")
    document_answer(
        document_id=document.pk,
        is_accepted=False,
        shown_hash=document.hash,
        reason="Quota too high",
        actor=viewer("ria"),
    )
    page = sol.get(reverse("incentives:document_list") + "?state=declined").content.decode()
    assert "Quota too high" in page and page.count("Document 1, version 1 of the plan") == 1
    assert sol.post(reverse("incentives:document_policy"), {"policy": "warn"}).status_code == 302
    assert sol.get(reverse("incentives:document_export", args=["csv"])).status_code == 200
