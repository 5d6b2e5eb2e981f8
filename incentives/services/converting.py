"""Posts pay in the currencies of people: what should stand converted in books minus what does. Twice posts nothing.

Each amount leaves what is payable in one currency and comes in another, each against company clearing, so that the journal sums to 0 in
both. The amount, its rate, day and table are kept with the journal.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction

from incentives.engine.converting import Change, Days, Payment, changes
from incentives.engine.words import PayRatePolicy
from incentives.models import JournalKind, LedgerAccount, PayConversion
from incentives.selectors.converting import COMPONENT, Standing, conversions_standing
from incentives.selectors.rare import rare_get
from incentives.services.hand_holding import holds_settle
from incentives.services.ledger import Leg, journal_post, ledger_lock
from spm.core.dated import day_of
from spm.roles.policy import Viewer


@transaction.atomic(savepoint=False)
def books_finish(*, period: Any, actor: Viewer, people: Sequence[str] | None = None, run: Any = None) -> set[str]:
    """Take the last steps of settling, which move what is left payable: holds by hand, then conversions; gives whose books changed.

    Whoever posts something payable calls it afterwards.
    """
    rare = rare_get()
    asked: dict[str, Any] = {"period": period, "actor": actor, "people": people, "run": run}
    held = holds_settle(**asked) if rare.holds else set()
    return held | (conversions_settle(**asked) if rare.conversions else set())


@transaction.atomic(savepoint=False)
def conversions_settle(*, period: Any, actor: Viewer, people: Sequence[str] | None = None, run: Any = None) -> set[str]:
    """Bring what is converted in books that take entries, and what shut books have of other rates by now, to what should stand."""
    ledger_lock()
    standing = conversions_standing(period, people)
    if standing is None:
        return set()
    found = list(changes(standing.books, str(period.id), standing.wanted, standing.posted))
    if not found:
        return set()
    journal = journal_post(
        kind=JournalKind.CONVERT,
        slot=f"convert:{period.id}:",
        period=period,
        legs=[leg for change in found for leg in _legs(change)],
        reason=f"Converted into the currencies that people are paid in: {period.key}, difference to what was posted",
        actor=actor,
        run=run,
    )
    PayConversion.objects.bulk_create(list(_kept(journal, period, found, standing)), batch_size=2000)
    return {change.place.participant for change in found}


def _legs(change: Change) -> tuple[Leg, Leg]:
    who, books, currency = change.place
    first, second = (
        Leg(who, None, f"{COMPONENT}{currency}", account, amount, change.currency, books)
        for account, amount in ((LedgerAccount.PAYABLE, change.amount), (LedgerAccount.CLEARING, -change.amount))
    )
    return first, second


def _kept(journal: Any, period: Any, found: Iterable[Change], standing: Standing) -> Iterator[PayConversion]:
    """A row for each pair of currencies that the journal moves; of a place that is paid in another currency by now, one that ends it."""
    amounts: dict[Any, dict[str, int]] = {}
    for change in found:
        amounts.setdefault(change.place, {})[change.currency] = change.amount
    for place, moved in amounts.items():
        payment = standing.wanted.payments.get(place)
        into = {currency for currency in moved if currency != place.currency}
        for currency in sorted(into | ({payment.currency} if payment is not None else set())):
            is_left = payment is not None and currency == payment.currency
            yield PayConversion(
                journal=journal,
                participant_id=place.participant,
                period=period,
                converted_in_id=place.books,
                from_currency=place.currency,
                to_currency=currency,
                from_change_minor=moved.get(place.currency, 0) if is_left or payment is None else 0,
                to_change_minor=moved.get(currency, 0),
                **(_rate(payment, standing.books[place.books]) if payment is not None and is_left else _NOTHING),
            )


_NOTHING: dict[str, Any] = {"from_minor": 0, "to_minor": 0, "policy": "", "rate": "", "table_name": ""}


def _rate(payment: Payment, books: Days) -> dict[str, Any]:
    is_mean = books.policy == PayRatePolicy.PERIOD_AVERAGE
    return {
        "from_minor": payment.amount,
        "to_minor": payment.converted,
        "policy": books.policy.value,
        "rate": str(payment.quote.rate),
        "taken_on": day_of(books.start if is_mean else books.end - 1),
        "taken_until": day_of(books.end) if is_mean else None,
        "rate_on": day_of(payment.quote.rate_on),
        "table_name": ", ".join(payment.quote.tables),
    }
