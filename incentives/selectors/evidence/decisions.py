"""What people were told and what they decided: statements, steps of the period, approvals, what was handed to payroll, and who they are."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from incentives.models import HoldRelease, JournalKind, ManualCredit, PayoutAnswer, PeriodStep, Statement
from incentives.selectors.adjustments import KIND as ADJUSTMENT
from incentives.selectors.brought import KIND as OPENING
from incentives.selectors.evidence.bounds import Bounds
from incentives.selectors.evidence.writing import ROWS, PackFile, csv_pieces, json_pieces, lines_pieces
from incentives.selectors.hand_holding import KIND as HOLD
from incentives.selectors.hand_holding import RELEASING
from incentives.selectors.ledger_exports import Exported, export_control, export_csv, export_name, exports_of
from incentives.selectors.payouts import file_name, payout_control, payout_csv, payout_of
from incentives.selectors.periods import KIND, REOPENING
from planning.selectors import period_list
from spm.approvals.models import ApprovalRequest, ApprovalStep
from spm.people.models import Participant

_STEP = ("number", "from_state", "to_state", "by_name", "at", "reason", "totals", "content", "is_single_operator")
_ASKED = (
    "id", "kind", "key", "content", "action", "title", "totals", "reason", "asked_by_name", "asked_at", "state", "decided_by_name",
    "decided_at", "decision", "is_single_operator",
)  # fmt: skip
_ANSWER = (
    "number", "basis", "role", "level", "note", "is_approved", "decided_by_name", "decided_for_name", "decided_at", "decision",
    "is_single_operator",
)  # fmt: skip
_LINE = (
    "line",
    "participant_id",
    "amount_minor",
    "currency",
    "is_paid",
    "paid_minor",
    "reference",
    "reason",
    "by",
    "at",
    "journal_id",
)
SCORE = ("id", "participant_id", "period", "objective")
QUOTA_PLAN = ("id", "name", "year", "measure", "published_at", "published_by_name")


def statement_files(bounds: Bounds) -> Iterator[PackFile]:
    """Give every version of every statement of the period as it was told, with its hash."""
    yield "statements.jsonl", lines_pieces(map(_statement, bounds.statements.iterator(ROWS)))


def _statement(one: Statement) -> dict[str, Any]:
    told = {
        "id": one.pk,
        "participant": one.participant_id,
        "currency": one.currency,
        "number": one.number,
        "run": one.run_id,
    }
    return told | {"issued_at": one.issued_at.isoformat(), "hash": one.hash, "content": one.content}


def decision_files(bounds: Bounds) -> Iterator[PackFile]:
    """Give the steps of the period, and every request for approval that it rests on, with each answer."""
    steps = PeriodStep.objects.filter(period=bounds.period, at__lte=bounds.moment).order_by("number")
    yield "approvals/steps.json", json_pieces([_told(one, _STEP) | {"approval": one.approval_id} for one in steps])
    yield "approvals/requests.json", json_pieces([_request(one) for one in _requests(bounds)])
    scores = bounds.scores.values_list("id", "participant_id", "period__key", "objective")
    yield "approvals/scores.csv", csv_pieces(SCORE, scores)
    yield "approvals/quota_plans.csv", csv_pieces(QUOTA_PLAN, bounds.quota_plans.values_list(*QUOTA_PLAN))


def _requests(bounds: Bounds) -> list[ApprovalRequest]:
    days = bounds.period.during
    credits = ManualCredit.objects.filter(credit_on__gte=days.lower, credit_on__lt=days.upper)
    adjusted, held = (
        {UUID(slot.split(":")[1]) for slot in bounds.journals.filter(kind__in=kinds).values_list("slot", flat=True)}
        for kinds in ((JournalKind.ADJUST, JournalKind.OPENING), (JournalKind.HAND_HOLD,))
    )
    wanted = (
        Q(kind__in=(KIND, REOPENING), key=bounds.period.pk)
        | Q(kind__in=("plan_version", "plan_rates"), key__in=[one.pk for one in bounds.versions])
        | Q(kind="score", key__in=bounds.scores.order_by().values("pk"))
        | Q(kind="quota_plan", key__in=bounds.quota_plans.order_by().values("pk"))
        | Q(kind="manual_credit", key__in=credits.order_by().values("pk"))
        | Q(kind__in=(ADJUSTMENT, OPENING), key__in=adjusted)
        | Q(kind=HOLD, key__in=held)
        | Q(kind=RELEASING, key__in=HoldRelease.objects.filter(hold__in=held).values("pk"))
    )
    return list(ApprovalRequest.objects.filter(wanted, asked_at__lte=bounds.moment).order_by("asked_at", "pk"))


def _request(request: ApprovalRequest) -> dict[str, Any]:
    answers = ApprovalStep.objects.filter(request=request).order_by("number")
    return _told(request, _ASKED) | {"answers": [_told(one, _ANSWER) for one in answers]}


def _told(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def export_files(bounds: Bounds) -> Iterator[PackFile]:
    """Give each file that was handed to payroll, its control file, and what payroll answered line by line."""
    for batch in bounds.payouts:
        payout = payout_of(batch)
        name = f"exports/{file_name(payout)}"
        yield f"{name}.csv", [payout_csv(payout)]
        yield f"{name}.sha256", [payout_control(payout)]
        yield f"{name}-answers.csv", csv_pieces(_LINE, (_line(bounds, *row) for row in payout.rows))


def ledger_export_files(bounds: Bounds) -> Iterator[PackFile]:
    """Give each file that was handed to the general ledger, its control file, which journals it holds, and what took it back."""
    for exported in exports_of(bounds.exports):
        name = f"exports/{export_name(exported)}"
        yield f"{name}.csv", [export_csv(exported)]
        yield f"{name}.sha256", [export_control(exported)]
        yield f"{name}.json", json_pieces(_handed(bounds, exported))


def _handed(bounds: Bounds, exported: Exported) -> dict[str, Any]:
    one, back = exported.export, exported.withdrawal
    is_back = back is not None and back.at <= bounds.moment
    return {
        "number": one.number,
        "basis": one.basis,
        "after_journal": one.after_number,
        "until_journal": one.until_number,
        "made_by": one.made_by_name,
        "made_at": one.made_at.isoformat(),
        "withdrawn": _told(back, ("reason", "by_name", "at")) if is_back and back is not None else None,
    }


def _line(bounds: Bounds, line: Any, answer: PayoutAnswer | None) -> list[Any]:
    own = [line.number, line.participant_id, line.amount_minor, line.currency]
    if answer is None or answer.at > bounds.moment or (answer.journal and answer.journal.number > bounds.last):
        return [*own, "waits", "", "", "", "", "", ""]
    said = "paid" if answer.is_paid else "rejected"
    return [
        *own,
        said,
        answer.paid_minor,
        answer.reference,
        answer.reason,
        answer.by_name,
        answer.at,
        answer.journal_id,
    ]


def name_files(bounds: Bounds) -> Iterator[PackFile]:
    """Give the people and periods that the other files name by their numbers."""
    told = Q(pk__in=bounds.statements.order_by().values("participant"))
    people = Participant.objects.filter(told | Q(pk__in=bounds.entries.order_by().values("participant")))
    yield "people.csv", csv_pieces(["id", "key", "name"], people.order_by("pk").values_list("pk", "source_key", "name"))
    rows = ((one.pk, one.calendar.code, one.key, *_days(one)) for one in period_list().order_by("during", "pk"))
    yield "periods.csv", csv_pieces(["id", "calendar", "period", "from", "until"], rows)


def _days(period: Any) -> tuple[str, str]:
    return period.during.lower.isoformat(), period.during.upper.isoformat()
