"""Sets the currency that a person is paid in, and the rate that pay is converted at: from a day on, never in books that are shut."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from incentives.engine.words import PayRatePolicy
from incentives.models import PayCurrency, PayRateRule
from incentives.selectors.converting import books_payable, people_paid, shut_until
from incentives.services.converting import books_finish
from incentives.services.ledger import ledger_lock
from incentives.services.statements import run_of_books, statements_reissue
from incentives.services.terms import Entry, entry_end, entry_remove, person_locked
from spm.core.money import is_currency
from spm.crm.row_files import Change, timeline_put
from spm.people.models import Participant
from spm.people.services import timeline_set
from spm.roles.policy import Viewer, require

Span = tuple[date, date | None, str]
"""The days [first, first after) of a currency; without a second one it lasts."""


@transaction.atomic
def pay_currency_set(
    *, participant_id: UUID, currency: str, start: date, actor: Viewer, until: date | None = None
) -> PayCurrency:
    """Let a person be paid in a currency from a day on; open books are converted at once.

    Pay periods that end on a day of it are paid in it as a whole. Raises ValidationError where it would reach into shut books.
    """
    require(actor, "target.edit")
    if not is_currency(currency):
        raise ValidationError({"currency": f"{currency} is not a currency. Use an ISO 4217 code such as EUR."})
    ledger_lock()
    person = person_locked(participant_id, actor)
    _shut_check(person, start)
    row = timeline_set(
        PayCurrency, key={"participant": person}, values={"currency": currency}, start=start, until=until
    )
    _apply([str(person.pk)], actor)
    return row


@transaction.atomic
def pay_currency_put(*, participant_id: UUID, currency: str, start: date, until: date | None, actor: Viewer) -> Change:
    """Let the entry that begins on a day be what a row of a file says; `pay_currencies_convert` follows the last row.

    What the row leaves as it is may lie in shut books; raises ValidationError where it changes a day of them.
    """
    require(actor, "target.edit")
    ledger_lock()
    person = person_locked(participant_id, actor)
    before = _spans(person)
    change = timeline_put(
        PayCurrency, key={"participant": person}, values={"currency": currency}, start=start, until=until
    )
    changed = _first_change(before, _spans(person))
    if changed is not None:
        _shut_check(person, changed)
    return change


def pay_currencies_convert(people: Iterable[UUID], *, actor: Viewer) -> None:
    """Convert in the open books of people whose currency of pay was changed."""
    require(actor, "target.edit")
    _apply([str(one) for one in people], actor)


@transaction.atomic
def pay_currency_end(row: PayCurrency, *, until: date, actor: Viewer) -> None:
    """Let it end on another day; `until` is the first day after it. From there the person is paid in the currencies that they earn in."""
    require(actor, "target.edit")
    ledger_lock()
    row = PayCurrency.objects.select_for_update(of=("self",)).select_related("participant").get(pk=row.pk)
    _shut_check(row.participant, until if row.during.upper is None else min(until, row.during.upper))
    entry_end(row, until=until, actor=actor)
    _apply([str(row.participant_id)], actor)


@transaction.atomic
def pay_currency_remove(row: PayCurrency, *, actor: Viewer) -> None:
    """Remove an entry that should never have been; what open books have converted by it is taken back."""
    require(actor, "target.edit")
    ledger_lock()
    _shut_check(row.participant, row.during.lower)
    entry_remove(row, actor=actor)
    _apply([str(row.participant_id)], actor)


def term_end(entry: Entry, *, until: date, actor: Viewer) -> None:
    """Let an entry of a person's terms end on another day, as its kind asks for."""
    if isinstance(entry, PayCurrency):
        pay_currency_end(entry, until=until, actor=actor)
    else:
        entry_end(entry, until=until, actor=actor)


def term_remove(entry: Entry, *, actor: Viewer) -> None:
    """Remove an entry of a person's terms, as its kind asks for."""
    if isinstance(entry, PayCurrency):
        pay_currency_remove(entry, actor=actor)
    else:
        entry_remove(entry, actor=actor)


@transaction.atomic
def pay_rate_set(*, policy: PayRatePolicy, start: date, actor: Viewer) -> PayRateRule:
    """Say at which rate the pay of periods that end from a day on is converted; open books are converted anew.

    Raises ValidationError where books that are shut were converted by another one.
    """
    require(actor, "rate.edit")
    ledger_lock()
    shut = shut_until()
    if shut is not None and start < shut:
        raise ValidationError(
            {"start": f"Books that ended before {shut} are shut and converted. Choose that day or a later one."}
        )
    values = {"policy": policy.value, "set_by_name": actor.name}
    row = timeline_set(PayRateRule, key={}, values=values, start=start)
    _apply(people_paid(), actor)
    return row


def _shut_check(person: Participant, day: date) -> None:
    """What shut books paid stays paid in its currency: a change begins after them."""
    shut = shut_until([person.pk])
    if shut is not None and day < shut:
        raise ValidationError(
            {
                "start": f"Books of {person.name} that ended before {shut} are shut. Choose that day or a later one, or reopen them."
            }
        )


def _spans(person: Participant) -> list[Span]:
    rows = PayCurrency.objects.filter(participant=person)
    return [(one.during.lower, one.during.upper, one.currency) for one in rows]


def _first_change(before: Sequence[Span], after: Sequence[Span]) -> date | None:
    """The first day on which the two say different currencies; a currency changes only where a span begins or ends."""
    edges = {day for lower, upper, _ in (*before, *after) for day in (lower, upper) if day is not None}
    return next((day for day in sorted(edges) if _on(before, day) != _on(after, day)), None)


def _on(spans: Sequence[Span], day: date) -> str:
    return next((currency for lower, upper, currency in spans if lower <= day and (upper is None or day < upper)), "")


def _apply(people: Iterable[str], actor: Viewer) -> None:
    """Convert in the open books of the people, the earliest first, and issue the statements that it changes."""
    named = sorted(people)
    for books in books_payable(named) if named else ():
        changed = books_finish(period=books, actor=actor, people=named)
        if changed:
            statements_reissue(period=books, run=run_of_books(books), people=changed)
