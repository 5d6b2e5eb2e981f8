"""Pay in the currency of the person: what of each books is converted, and at which rate.

Books are walked in their order. What they made payable in another currency than the person is paid in is converted as one amount and
rounded once, together with what is owed in that currency from before; what earlier books still owe the person stays to be paid in the
currency that it was owed in. Pay held by hand is not payable, so it is converted in the books that release it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from incentives.engine.conversions import converted
from incentives.engine.words import PayRatePolicy
from spm.core.fx import Quote, RateBook
from spm.core.money import AMOUNT_LIMIT, minor_digits


class Days(NamedTuple):
    """Books and the days [start, end) that they pay; `policy` is the company's at their end, `is_shut` where they take no entries."""

    key: str
    start: int
    end: int
    policy: PayRatePolicy
    is_shut: bool = False


class Place(NamedTuple):
    """What is converted as one amount: whose, of which books, and the currency that it was earned in."""

    participant: str
    books: str
    currency: str


class Moved(NamedTuple):
    """What the books have of a person in a currency: made payable, and paid out (below 0); conversions are on neither (minor units)."""

    payable: int = 0
    paid: int = 0


@dataclass(frozen=True)
class Payment:
    """What is converted of a place: an amount in its own currency, and what it comes to in the currency that the person is paid in."""

    place: Place
    currency: str
    amount: int
    converted: int
    quote: Quote

    @property
    def rounding(self) -> Fraction:
        """What the rounding added, in minor units of the currency paid: from -1/2 to 1/2."""
        return rounding_of(self.place.currency, self.currency, self.amount, self.converted, self.quote.rate)


@dataclass
class Conversions:
    """What should stand converted, and the places without a rate (or with one that gives more than any amount), each with the currency
    that the person is paid in and what is to be converted."""

    payments: dict[Place, Payment] = field(default_factory=dict)
    unrated: dict[Place, tuple[str, int]] = field(default_factory=dict)


def rounding_of(source: str, target: str, amount: int, into: int, rate: Fraction) -> Fraction:
    """What one rounding added to an amount at a rate, in minor units of the target.

    >>> rounding_of("USD", "EUR", 333, 306, Fraction("0.92"))
    Fraction(-9, 25)
    """
    return into - _exact(source, target, amount, rate)


def _exact(source: str, target: str, amount: int, rate: Fraction) -> Fraction:
    return amount * rate * Fraction(10) ** (minor_digits(target) - minor_digits(source))


def pay_quote(rates: RateBook, source: str, target: str, books: Days) -> Quote | None:
    """The rate of books; None where a day that it needs has none."""
    if books.policy == PayRatePolicy.PERIOD_AVERAGE:
        return rates.average(source, target, books.start, books.end)
    return rates.quote(source, target, books.end - 1)


def convert_pay(
    books: Sequence[Days],
    paid_in: Mapping[tuple[str, str], str],
    moved: Mapping[Place, Moved],
    rates: RateBook,
) -> Conversions:
    """What of the books, given in their order, should stand converted; `paid_in` is the currency of a person at the end of books, which
    has no entry where they are paid in the currencies that they earn in."""
    found = Conversions()
    by_person: dict[str, dict[str, dict[str, Moved]]] = {}
    for place, amounts in moved.items():
        by_person.setdefault(place.participant, {}).setdefault(place.books, {})[place.currency] = amounts
    for who in sorted(by_person):
        open_: dict[str, int] = {}
        for one in books:
            target = paid_in.get((who, one.key), "")
            _walk(found, who, one, target, by_person[who].get(one.key, {}), open_, rates)
    return found


def _walk(
    found: Conversions,
    who: str,
    books: Days,
    target: str,
    here: Mapping[str, Moved],
    open_: dict[str, int],
    rates: RateBook,
) -> None:
    """One person's books: `open_` is what earlier ones left to be paid or owed, by currency, and is carried on."""
    for currency in sorted({*here, *open_}):
        moved, before = here.get(currency, Moved()), open_.get(currency, 0)
        if not target or currency == target:
            open_[currency] = open_.get(currency, 0) + moved.payable + moved.paid
            continue
        amount, open_[currency] = moved.payable + min(0, before), max(0, before) + moved.paid
        if not amount:
            continue
        place = Place(who, books.key, currency)
        quote = pay_quote(rates, currency, target, books)
        if quote is None or abs(_exact(currency, target, amount, quote.rate)) >= AMOUNT_LIMIT:
            found.unrated[place] = (target, amount)
            continue
        into = converted(amount, quote.rate, currency, target)
        found.payments[place] = Payment(place, target, amount, into, quote)
        open_[target] = open_.get(target, 0) + into


class Change(NamedTuple):
    """What has to be posted for a place in one currency, minor units on what is payable."""

    place: Place
    currency: str
    amount: int


def changes(
    books: Mapping[str, Days], now: str, wanted: Conversions, posted: Mapping[Place, Mapping[str, int]]
) -> Iterator[Change]:
    """What should stand minus what does, for the books that are settled now and for those that are shut.

    A place without a rate keeps what was posted; other open books settle themselves.
    """
    for place in sorted(wanted.payments.keys() | posted.keys()):
        if place in wanted.unrated or (place.books != now and not books[place.books].is_shut):
            continue
        payment = wanted.payments.get(place)
        due = {} if payment is None else {place.currency: -payment.amount, payment.currency: payment.converted}
        has = posted.get(place, {})
        for currency in sorted(due.keys() | has.keys()):
            amount = due.get(currency, 0) - has.get(currency, 0)
            if amount:
                yield Change(place, currency, amount)


def unconverted(wanted: Conversions, posted: Mapping[Place, Mapping[str, int]]) -> dict[Place, str]:
    """The places of which something is payable in a currency that the person is not paid in, each with the one that they are."""
    found = {place: target for place, (target, amount) in wanted.unrated.items()
             if amount != -posted.get(place, {}).get(place.currency, 0)}  # fmt: skip
    for place, payment in wanted.payments.items():
        if posted.get(place, {}).get(place.currency, 0) != -payment.amount:
            found[place] = payment.currency
    return found
