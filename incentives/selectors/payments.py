"""What became of the pay of a statement: handed to payroll, paid, rejected with the reason, carried to or from other books.

It tells what stands now, so it is on the page of the latest version and in the API, and on no paper: those stay as they were issued.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from incentives.models import JournalKind, LedgerAccount, LedgerEntry, PayoutAnswer, PayoutLine, Statement
from incentives.selectors.parts import Part, Row, Said
from spm.core.money import format_amount
from spm.web.templatetags.figures import day_text


@dataclass(frozen=True)
class Rejected:
    """A payment that payroll rejected and that was not made since; minor units."""

    period_key: str
    period_id: UUID
    amount_minor: int
    currency: str
    reason: str
    at: datetime


def payments_rejected(participant_id: UUID) -> list[Rejected]:
    """Give the last payment of each currency that payroll rejected to a person, where nothing was paid in it since; latest first."""
    found: dict[str, Rejected] = {}
    paid = list(_paid(participant_id))
    for one in _answers(participant_id).filter(is_paid=False).order_by("-at"):
        line = one.line
        if line.currency not in found and not _paid_since(one, paid):
            period = line.batch.period
            found[line.currency] = Rejected(period.key, period.pk, line.amount_minor, line.currency, one.reason, one.at)
    return list(found.values())


def payments_of(statement: Statement) -> Part:
    """Give what became of the pay of a statement, as a part of it; without rows where nothing did."""
    who, currency = statement.participant_id, statement.currency
    lines = PayoutLine.objects.filter(participant=who, currency=currency, batch__period=statement.period_id)
    answers = {one.line_id: one for one in _answers(who)}
    paid = list(_paid(who))
    rows = [_line(line, answers.get(line.pk), paid) for line in lines.select_related("batch").order_by("batch__number")]
    rows += _carried(statement, answers.values())
    return Part(
        "payments", "Payment", _("Payment"), _("What became of it until now. Papers stay as they were issued."),
        _("Payments, and what was carried between periods"),
        (_("Payment"), _("What became of it"), _("Amount")), 1,
        tuple(Row(Said(name), (words, amount), place) for place, (name, words, amount) in enumerate(rows, start=1)),
    )  # fmt: skip


def _answers(participant_id: UUID) -> QuerySet[PayoutAnswer]:
    rows = PayoutAnswer.objects.filter(line__participant=participant_id)
    return rows.select_related("line__batch__period", "journal")


def _paid(participant_id: UUID) -> QuerySet[LedgerEntry]:
    """What was posted as paid to a person, the earliest first."""
    rows = LedgerEntry.objects.filter(participant=participant_id, account=LedgerAccount.PAID, amount_minor__gt=0)
    return rows.select_related("journal", "period").order_by("journal__number")


def _paid_since(answer: PayoutAnswer, paid: Iterable[LedgerEntry]) -> str:
    """The period with which a rejected payment was made after all; empty where nothing was paid in its currency since."""
    since = (one for one in paid if one.currency == answer.line.currency and one.journal.posted_at > answer.at)
    return next((one.period.key for one in since), "")


def _line(line: PayoutLine, answer: PayoutAnswer | None, paid: Iterable[LedgerEntry]) -> tuple[str, Said, Said]:
    name, amount = _("Payout %(number)s") % {"number": line.batch.number}, Said(minor=line.amount_minor)
    if answer is None:
        return name, Said(_("Handed to payroll on %(day)s") % {"day": _day(line.batch.made_at)}), amount
    if answer.is_paid:
        words = _("Paid on %(day)s") % {"day": day_text(answer.paid_on) if answer.paid_on else _day(answer.at)}
        return name, Said(words, _otherwise(answer)), Said(minor=answer.amount_minor)
    since = _paid_since(answer, paid)
    following = (
        _("Paid since, with %(period)s.") % {"period": since}
        if since
        else _("It stays payable and comes with the next payout, once the reason is mended.")
    )
    words = _("Payroll rejected it on %(day)s: %(reason)s") % {"day": _day(answer.at), "reason": answer.reason}
    return name, Said(words, (following,)), amount


def _otherwise(answer: PayoutAnswer) -> tuple[str, ...]:
    """That another amount was paid than was handed over, and why."""
    if answer.paid_minor is None:
        return ()
    handed = f"{format_amount(answer.line.amount_minor, answer.line.currency)} {answer.line.currency}"
    words = _("Payroll paid another amount than the %(handed)s of its file: %(reason)s")
    return (words % {"handed": handed, "reason": answer.reason},)


def _carried(statement: Statement, answers: Iterable[PayoutAnswer]) -> list[tuple[str, Said, Said]]:
    """What was carried from the books of the statement, or into them."""
    entries = LedgerEntry.objects.filter(
        participant=statement.participant_id,
        currency=statement.currency,
        period=statement.period_id,
        journal__kind=JournalKind.CARRY,
    ).select_related("journal__period", "earned_in")
    refused = {
        one.line.batch.period_id: one
        for one in sorted(answers, key=lambda each: each.at)
        if not one.is_paid and one.line.currency == statement.currency
    }
    found = []
    for one in entries.order_by("journal__number"):
        amount = Said(minor=one.amount_minor, is_signed=True)
        if one.earned_in_id == one.period_id:
            key = one.journal.period.key
            words = _("It stands in the books of %(period)s and is paid, or set off, there.") % {"period": key}
            found.append((_("Carried to %(period)s") % {"period": key}, Said(words), amount))
            continue
        found.append((_("From %(period)s") % {"period": one.earned_in.key}, _why(one, refused), amount))
    return found


def _why(entry: LedgerEntry, refused: dict[UUID, PayoutAnswer]) -> Said:
    if entry.amount_minor < 0:
        return Said(_("Owed from then, and set off here."))
    answer = refused.get(entry.earned_in_id)
    if answer is None:
        return Said(_("Not paid with its own period."))
    told = {"day": _day(answer.at), "reason": answer.reason}
    return Said(_("Payroll rejected it on %(day)s: %(reason)s") % told)


def _day(at: datetime) -> str:
    return day_text(timezone.localtime(at).date())
