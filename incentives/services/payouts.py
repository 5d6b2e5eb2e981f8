"""Hands what an approved period owes to payroll, and posts what payroll confirms. Exported twice pays once: only a confirmation pays.

Who asked that the period is right, who approved it and who pays it are three people, or one where the company's policy says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incentives.models import (
    BooksState,
    JournalKind,
    LedgerAccount,
    PayoutAnswer,
    PayoutBatch,
    PayoutFormat,
    PayoutLine,
    PeriodStep,
)
from incentives.selectors.layout import look_kept
from incentives.selectors.payouts import (
    FIELDS,
    Payout,
    format_of,
    payout_of,
)
from incentives.selectors.periods import UNLOCKED, Payable, books_get, payable_amounts, payable_of, payout_waiting
from incentives.services.carrying import paid_carry
from incentives.services.layout import look_check
from incentives.services.ledger import Leg, journal_post, ledger_lock
from incentives.services.periods import paid_on_check, payer_check, step_tell
from planning.selectors import period_get
from spm.core.money import format_amount
from spm.hooks.services.events import event_emit
from spm.notices.services import notice_send
from spm.people.models import Participant
from spm.roles.policy import Viewer, require

NOTICE = "payment"


@dataclass(frozen=True)
class PaidOtherwise:
    """What payroll paid of a line, in minor units, and why that is not what the line says."""

    amount_minor: int
    reason: str


@transaction.atomic
def payout_make(*, period_id: UUID, actor: Viewer) -> PayoutBatch:
    """Make a batch: one line per person and currency with what is payable up to the period's books; who owes is not paid, it is carried.

    Raises ValidationError where the period is not approved, nothing is payable, or another batch waits for payroll's answer;
    PermissionDenied for who closed or approved the period.
    """
    require(actor, "payout.edit")
    ledger_lock()
    period = period_get(period_id)
    state = books_get(period).state
    if state not in UNLOCKED:
        raise ValidationError(
            f"{period.key} is {state.label.lower()}. Only what was approved is handed to payroll: close the period first."
        )
    is_alone = payer_check(period, actor, "payout.edit")
    waiting = payout_waiting()
    if waiting is not None:
        raise ValidationError(
            f"{waiting} waits for payroll's answer. Confirm or reject its lines first, so that nobody is paid twice."
        )
    owed = payable_of(period)
    rows = [each for each in owed if not each.held]
    if not rows:
        waits = f" {len(owed)} wait: {owed[0].held}" if owed else ""
        raise ValidationError(f"Nothing is payable up to {period.key}. There is no file to make.{waits}")
    batch = PayoutBatch.objects.create(
        number=(PayoutBatch.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        period=period,
        form=look_kept(format_of()),
        made_by_id=actor.user_id,
        made_by_name=actor.name,
        made_at=timezone.now(),
        is_single_operator=is_alone,
    )
    PayoutLine.objects.bulk_create(_lines(batch, rows))
    _tell("payout.exported", batch)
    return batch


@transaction.atomic
def payout_confirm(
    *,
    batch_id: UUID,
    reference: str,
    actor: Viewer,
    paid: Sequence[int] | None = None,
    rejected: Mapping[int, str] | None = None,
    paid_on: date | None = None,
    otherwise: Mapping[int, PaidOtherwise] | None = None,
    file_digest: str = "",
) -> Payout:
    """Post what payroll paid and keep what it rejected, by numbers of lines; without `paid`, all that are not rejected are paid, and
    without `paid_on`, today. `otherwise` says of lines that were paid that it was another amount; `file_digest` is of the file of it.

    A rejected line stays payable and comes with the next batch, as does what was not paid of a line; what was paid beyond it is owed back.
    Each line is answered once. With the last one an approved period is paid.
    Raises ValidationError where a line is answered already, its person has less payable by now, or it can't have been paid on that day.
    """
    require(actor, "payout.edit")
    ledger_lock()
    batch = PayoutBatch.objects.select_related("period").get(pk=batch_id)
    payout, refused, other = payout_of(batch), dict(rejected or {}), dict(otherwise or {})
    is_alone = payer_check(batch.period, actor, "payout.edit")
    waiting = {line.number: line for line in payout.waiting}
    chosen = sorted({*(set(waiting) - set(refused) if paid is None else paid), *other})
    _answer_check(payout, waiting, chosen, refused, reference)
    paid_on_check(batch.period, paid_on, actor)
    other = _otherwise(waiting, other)
    journal = None
    if chosen:
        lines = {
            waiting[number]: other[number].amount_minor if number in other else waiting[number].amount_minor
            for number in chosen
        }
        _payable_check(batch.period, lines)
        slot = f"payout:{batch.pk}:{len(payout.answers)}"
        places = {(line.participant_id, line.currency) for line in lines}
        paid_carry(period=batch.period, places=places, slot=slot, actor=actor)
        legs = [
            Leg(line.participant_id, None, "", account, sign * minor, line.currency)
            for line, minor in lines.items()
            for account, sign in ((LedgerAccount.PAYABLE, -1), (LedgerAccount.PAID, 1))
        ]
        journal = journal_post(
            kind=JournalKind.PAY,
            slot=slot,
            period=batch.period,
            legs=legs,
            reason=f"{batch}: {reference.strip()}"[:300],
            actor=actor,
            paid_on=paid_on,
        )
    answers = PayoutAnswer.objects.bulk_create(
        PayoutAnswer(
            line=waiting[number],
            is_paid=number not in refused,
            reference=reference.strip()[:200],
            reason=(other[number].reason if number in other else refused.get(number, "")).strip()[:300],
            paid_minor=other[number].amount_minor if number in other else None,
            journal=None if number in refused else journal,
            by_id=actor.user_id,
            by_name=actor.name,
            at=timezone.now(),
            is_single_operator=is_alone,
            file_digest=file_digest,
        )
        for number in [*chosen, *sorted(refused)]
    )
    _rejected_tell(batch, [waiting[number] for number in sorted(refused)])
    done = replace(payout, answers=payout.answers | {answer.line_id: answer for answer in answers})
    _period_paid(done, actor, is_alone)
    _tell("payout.confirmed", batch, state=done.state)
    return done


@transaction.atomic
def payout_format_set(
    *,
    columns: Sequence[Mapping[str, str]],
    delimiter: str,
    decimal: str,
    has_header: bool,
    has_trailer: bool,
    actor: Viewer,
) -> PayoutFormat:
    """Set how files for payroll look from the next batch on; raises ValidationError naming what is wrong."""
    require(actor, "payout.edit")
    kept = look_check(columns=columns, fields=FIELDS, delimiter=delimiter, decimal=decimal)
    fields = {column["field"] for column in kept}
    if not {"amount", "amount_minor"} & fields or "currency" not in fields:
        raise ValidationError({"columns": "A file without the amount or its currency pays nobody. Add both."})
    ledger_lock()
    return PayoutFormat.objects.create(
        number=(PayoutFormat.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        columns=kept,
        delimiter=delimiter,
        decimal=decimal,
        has_header=has_header,
        has_trailer=has_trailer,
        set_by_name=actor.name,
        set_at=timezone.now(),
    )


def _lines(batch: PayoutBatch, rows: Sequence[Payable]) -> list[PayoutLine]:
    people = Participant.objects.in_bulk({row.participant_id for row in rows})
    ordered = sorted(
        rows, key=lambda row: (people[row.participant_id].name, people[row.participant_id].source_key, row.currency)
    )
    return [
        PayoutLine(
            batch=batch,
            number=number,
            participant_id=row.participant_id,
            key=people[row.participant_id].source_key,
            name=people[row.participant_id].name,
            employee_number=people[row.participant_id].employee_number,
            email=people[row.participant_id].email,
            amount_minor=row.amount_minor,
            currency=row.currency,
        )
        for number, row in enumerate(ordered, start=1)
    ]


def _answer_check(
    payout: Payout, waiting: Mapping[int, PayoutLine], chosen: Sequence[int], refused: Mapping[int, str], reference: str
) -> None:
    both = sorted(set(chosen) & set(refused))
    if both:
        raise ValidationError(f"Line {both[0]} is both paid and rejected. Say one of them.")
    unknown = sorted(({*chosen, *refused}) - {line.number for line in payout.lines})
    if unknown:
        raise ValidationError(f"{payout.batch} has no line {unknown[0]}. Nothing was changed.")
    answered = sorted(({*chosen, *refused}) - set(waiting))
    if answered:
        raise ValidationError(f"Line {answered[0]} of {payout.batch} is answered already. Nothing was changed.")
    if not chosen and not refused:
        raise ValidationError(f"{payout.batch} is answered already. Nothing was changed.")
    if chosen and not reference.strip():
        raise ValidationError({"reference": "Name the payroll run or bank file that paid it."})
    silent = sorted(number for number, reason in refused.items() if not reason.strip())
    if silent:
        raise ValidationError({"rejected": f"Say why line {silent[0]} was rejected, such as a wrong account."})


def _otherwise(waiting: Mapping[int, PayoutLine], other: Mapping[int, PaidOtherwise]) -> dict[int, PaidOtherwise]:
    """The lines that were paid another amount than they say, each with its reason."""
    found = {number: one for number, one in other.items() if one.amount_minor != waiting[number].amount_minor}
    for number, one in sorted(found.items()):
        line = waiting[number]
        if one.amount_minor <= 0:
            raise ValidationError(f"Line {number} was paid nothing. Reject it with the reason. Nothing was posted.")
        if not one.reason.strip():
            handed, paid = (
                f"{format_amount(each, line.currency)} {line.currency}"
                for each in (line.amount_minor, one.amount_minor)
            )
            raise ValidationError(
                f"Line {number} hands {handed} to payroll, and {paid} was paid. Say why. Nothing was posted."
            )
    return found


def _payable_check(period: Any, lines: Mapping[PayoutLine, int]) -> None:
    """What was paid must still be owed, what was paid beyond a line aside: another payment or a later return may have taken it."""
    owed = payable_amounts(period, {line.participant_id for line in lines})
    for line, paid in lines.items():
        now, due = owed.get((line.participant_id, line.currency), 0), min(paid, line.amount_minor)
        if now < due:
            raise ValidationError(
                f"{line.name} has {format_amount(now, line.currency)} {line.currency} payable by now, and line {line.number} says "
                f"{format_amount(due, line.currency)}. Nothing was posted. Reject the line with a reason."
            )


def _rejected_tell(batch: PayoutBatch, lines: Sequence[PayoutLine]) -> None:
    """Leave one notice for each whom payroll did not pay; neither it nor its mail has a figure or the reason, which the statement says."""
    people = Participant.objects.filter(pk__in={line.participant_id for line in lines}, membership__isnull=False)
    notice_send(
        membership_ids=people.values_list("membership_id", flat=True),
        kind=NOTICE,
        slot=f"rejected {batch.pk}",
        title=_("Payroll rejected your payment of %(period)s") % {"period": batch.period.key},
        body=_("Why, and what happens next, is on your statement. What you earned stays payable."),
        url=f"{reverse('incentives:statement_list')}?period={batch.period_id}",
        wants_mail=True,
    )


def _tell(kind: str, batch: PayoutBatch, **more: str) -> None:
    path = reverse("api_incentives_payout", args=[batch.pk])
    event_emit(kind, key=batch.pk, path=path, period=batch.period.key, **more)


def _period_paid(payout: Payout, actor: Viewer, is_alone: bool) -> None:
    """With the last answer an approved period is paid, where anything was; its step names all that paid it."""
    last = PeriodStep.objects.filter(period=payout.batch.period).order_by("-number").first()
    if payout.waiting or last is None or last.to_state != BooksState.APPROVED or payout.state != "paid":
        return
    references = dict.fromkeys(answer.reference for _, answer in payout.rows if answer is not None and answer.is_paid)
    step = PeriodStep.objects.create(
        period=payout.batch.period,
        number=last.number + 1,
        from_state=last.to_state,
        to_state=BooksState.PAID,
        reason=f"{payout.batch}: {', '.join(references)}",
        totals=[
            {"label": "Paid", "amount_minor": minor, "currency": currency} for currency, minor in payout.paid_totals
        ],
        content=payout.digest,
        by_id=actor.user_id,
        by_name=actor.name,
        at=timezone.now(),
        is_single_operator=is_alone,
    )
    step_tell(step)
