"""Manual credits are asked for, approved by somebody else (`spm.approvals`), and taken back by a reversal that is approved as well."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse

from incentives.models import ManualCredit
from incentives.selectors.credits import KIND, measures_on
from incentives.selectors.facts import digest_of
from spm.approvals.models import ApprovalState
from spm.approvals.selectors import approval_latest, things_live
from spm.approvals.services import approval_ask
from spm.core.money import format_amount
from spm.crm.models import Opportunity
from spm.people.models import Participant
from spm.roles.policy import Viewer, require, require_for, visible

LARGEST = 10**15


@dataclass(frozen=True)
class CreditWish:
    """What is asked for: an amount for a person, in a measure, on a day, and why; a deal where it is about one."""

    participant_id: UUID
    measure: str
    amount_minor: int
    currency: str
    credit_on: date
    reason: str
    opportunity_id: UUID | None = None


@transaction.atomic
def credit_ask(*, wish: CreditWish, actor: Viewer) -> ManualCredit:
    """Ask for a manual credit; it counts from the first run after somebody else approved it.

    Raises ValidationError where the reason or the amount is missing, or no published plan of the day sums amounts by the measure.
    """
    require(actor, "credit.edit")
    people = visible(actor, Participant.objects.all(), participant="pk", action="credit.edit")
    person = people.filter(pk=wish.participant_id).first()
    if person is None:
        raise ValidationError({"participant": "This person is not known. Choose somebody of the company."})
    if wish.opportunity_id is not None and not Opportunity.objects.filter(pk=wish.opportunity_id).exists():
        raise ValidationError({"opportunity": "This deal is not known. Choose one of the company, or none."})
    _check(wish)
    return _write(wish, person, actor)


@transaction.atomic
def credit_reverse(*, credit_id: UUID, reason: str, actor: Viewer) -> ManualCredit:
    """Ask to take an approved credit back: an equal credit with the opposite sign on the same day, approved like any other.

    Raises ManualCredit.DoesNotExist for one that is not seen, ValidationError where it was not approved, or is taken back already.
    """
    looking = actor.acting("credit.edit").seeing("credit.view")
    rows = visible(looking, ManualCredit.objects.select_related("participant"))
    credit = rows.get(pk=credit_id)
    require_for(actor, "credit.edit", credit.participant_id)
    _number_lock()
    given = approval_latest(KIND, credit.pk)
    if given is None or given.state != ApprovalState.APPROVED:
        raise ValidationError(f"{credit} was not approved, so it counts nowhere and needs no reversal.")
    if credit.reverses_id is not None:
        raise ValidationError(f"{credit} takes another one back. Ask for a new credit instead.")
    for other in things_live(KIND, ManualCredit.objects.filter(reverses=credit)):
        raise ValidationError(f"{other} takes {credit} back already.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is taken back; it stands on the statement."})
    wish = CreditWish(
        participant_id=credit.participant_id,
        measure=credit.measure,
        amount_minor=-credit.amount_minor,
        currency=credit.currency,
        credit_on=credit.credit_on,
        reason=reason,
        opportunity_id=credit.opportunity_id,
    )
    return _write(wish, credit.participant, actor, reverses=credit)


def _check(wish: CreditWish) -> None:
    if not wish.reason.strip():
        raise ValidationError({"reason": "Say why; the reason stands on the statement."})
    if wish.amount_minor == 0 or abs(wish.amount_minor) > LARGEST:
        raise ValidationError({"amount": "The amount is 0 or larger than any credit. Write what is to be credited."})
    known = measures_on(wish.credit_on)
    if wish.measure not in known:
        names = ", ".join(sorted(known)) or "none"
        raise ValidationError(
            {"measure": f"No published plan of {wish.credit_on} sums amounts by {wish.measure}. It may be: {names}."}
        )
    if wish.currency not in known[wish.measure]:
        currencies = " or ".join(sorted(known[wish.measure]))
        raise ValidationError({"currency": f"{wish.measure} is kept in {currencies}. Write the amount in that."})


def _write(
    wish: CreditWish, person: Participant, actor: Viewer, *, reverses: ManualCredit | None = None
) -> ManualCredit:
    _number_lock()
    credit = ManualCredit.objects.create(
        number=(ManualCredit.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        participant=person,
        opportunity_id=wish.opportunity_id,
        measure=wish.measure,
        amount_minor=wish.amount_minor,
        currency=wish.currency,
        credit_on=wish.credit_on,
        reason=wish.reason.strip(),
        reverses=reverses,
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
    )
    amount = f"{format_amount(credit.amount_minor, credit.currency)} {credit.currency}"
    approval_ask(
        kind=KIND,
        key=credit.pk,
        content=digest_of([str(credit.pk), credit.amount_minor]),
        action="credit.approve",
        title=f"{credit}: {amount} for {person.name} on {credit.measure}",
        url=reverse("incentives:credit_detail", args=[credit.pk]),
        reason=credit.reason,
        authors=[] if person.membership is None else [person.membership.user_id],
        about_id=person.pk,
        totals=[{"label": credit.measure, "amount_minor": credit.amount_minor, "currency": credit.currency}],
        actor=actor,
    )
    return credit


def _number_lock() -> None:
    """Let one new credit of the company wait for another, so that numbers have no gap and one is reversed once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('manual credit:' || current_setting('app.organisation_id'), 0))"
        )
