"""What a year of a small company must come to, worked out apart: row by row in Decimals, from the facts and the words of the plans.

It shares no code with the product. Nothing is posted here: each month's books are what should stand at its end by what was known when they
were closed, less what stood at the end of the month before; then payouts, locks, holds by hand and conversions move what is payable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

REPS = """
plan: reps
currency: USD
from: 2026-01-01
until: 2027-01-01
period: MONTHLY
release: {parts: [{share: 40 %}, {share: 60 %, when: CASH_PRO_RATA}]}
holdback: {share: 10 %, until: 2026-11-15}
clawback: {within: 90 days}
leavers: {pays: PAID, tail: 45 days}
draw: {kind: RECOVERABLE_GUARANTEE, amount: 300}
components:
  - {key: commission, rate: 10 %}
"""
MANAGERS = """
plan: managers
currency: USD
from: 2026-01-01
until: 2027-01-01
period: MONTHLY
components:
  - {key: override, credit: {kind: ROLLUP, levels: DIRECT_REPORTS}, rate: 1 %}
"""
EUROPE = """
plan: europe
currency: EUR
from: 2026-01-01
until: 2027-01-01
period: MONTHLY
components:
  - {key: commission, tiers: [{until: 10000, rate: 5 %}, {rate: 8 %}]}
"""
TEAMS = {"mara": ("rex", "ria"), "mona": ("rob",)}
LEFT = date(2026, 8, 15)
"""The first day on which Ria is no longer there."""
TAIL_ENDS = LEFT + timedelta(days=44)
HOLDBACK_ENDS = date(2026, 11, 15)
EUROS_SINCE = 7
"""The month from which Rex is paid in euros."""
HELD = (7, 8)
"""The months in which the pay of Max is held by hand; the next one releases it."""
DRAW = Decimal(300)
ZERO = Decimal(0)
Place = tuple[str, str]
"""A person and a currency."""


@dataclass
class Deal:
    """A deal as told: its sale, credit notes and payments, each with the stage at which it became known (the month, or one between two)."""

    key: str
    owner: str
    on: date
    amounts: dict[float, Decimal]
    """The amount by the stage from which it is known."""
    currency: str = "USD"
    notes: list[tuple[float, date, Decimal]] = field(default_factory=list)
    payments: list[tuple[float, date, Decimal]] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """What is known of it last."""
        return self.amounts[max(self.amounts)]

    @property
    def known(self) -> float:
        """When it became known."""
        return min(self.amounts)


def cents(value: Decimal | Fraction) -> Decimal:
    """Round to cents, halves away from zero."""
    if isinstance(value, Fraction):
        whole = abs(value) * 100
        up = (2 * whole.numerator + whole.denominator) // (2 * whole.denominator)
        return Decimal(up if value >= 0 else -up) / 100
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def month_end(month: int) -> date:
    """The last day of a month of the year."""
    return date(2026 + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def as_known(deals: Iterable[Deal], stage: float) -> list[Deal]:
    """The deals as they were known at a stage."""
    return [
        replace(
            deal,
            amounts={at: amount for at, amount in deal.amounts.items() if at <= stage},
            notes=[note for note in deal.notes if note[0] <= stage],
            payments=[payment for payment in deal.payments if payment[0] <= stage],
        )
        for deal in deals
        if deal.known <= stage
    ]


@dataclass
class Rates:
    """What a euro is in dollars, by the first day of each rate."""

    dollars: dict[date, Decimal]

    def on(self, day: date) -> Fraction:
        """The rate that holds on a day."""
        return Fraction(self.dollars[max(first for first in self.dollars if first <= day)])

    def in_dollars(self, deal: Deal) -> Decimal:
        """What a deal credits: rounded once to the cent."""
        return deal.amount if deal.currency == "USD" else cents(Fraction(deal.amount) * self.on(deal.on))


def cash_share(deal: Deal, day: date) -> Decimal:
    """How much of what is to be received of a deal has been, at the end of a day."""
    credited = min(deal.amount, sum((amount for _, on, amount in deal.notes if on <= day), ZERO))
    paid = sum((amount for _, on, amount in deal.payments if on <= day), ZERO)
    due = deal.amount - credited
    if due <= 0:
        return min(Decimal(1), paid / deal.amount)
    return min(Decimal(1), min(paid, due) / due)


def rep_stands(deals: Iterable[Deal], who: str, day: date, rates: Rates) -> dict[str, Decimal]:
    """What stands of a rep before draws at the end of a day."""
    is_over = who == "ria" and day >= TAIL_ENDS
    until = min(day, TAIL_ENDS) if who == "ria" else day
    earned, waiting, lost = Counter[int](), Counter[int](), ZERO
    for deal in deals:
        if deal.owner != who or deal.on > day:
            continue
        parts = [(deal.on.month, cents(rates.in_dollars(deal) / 10))]
        for _, on, amount in deal.notes:
            if on <= day:
                parts.append((on.month, -amount / 10 if on < deal.on + timedelta(days=90) else ZERO))
        net = sum((part for _, part in parts), ZERO)
        for month, part in parts:
            cash = cents(part * Decimal("0.6"))
            wait = cash - cents(cash * cash_share(deal, until)) if net > 0 else ZERO
            earned[month] += part  # type: ignore[assignment]
            waiting[month] += wait  # type: ignore[assignment]
            lost += max(ZERO, wait) if is_over else ZERO
    free = {month: Decimal(earned[month] - waiting[month]) for month in earned}
    held = sum((cents(amount / 10) for amount in free.values()), ZERO) if day < HOLDBACK_ENDS else ZERO
    in_all = sum((Decimal(one) for one in earned.values()), ZERO)
    return {
        "expense": -in_all,
        "earned": sum((Decimal(one) for one in waiting.values()), ZERO) - lost,
        "written_off": lost,
        "held": held,
        "payable": sum(free.values(), ZERO) - held,
    }


def manager_earned(deals: Iterable[Deal], who: str, day: date, rates: Rates) -> Decimal:
    """What a manager has earned by the end of a day: 1 % of what the team sold, less what came back, rounded month by month."""
    months: dict[int, Decimal] = {}
    for deal in deals:
        if deal.owner not in TEAMS[who] or deal.on > day:
            continue
        months[deal.on.month] = months.get(deal.on.month, ZERO) + rates.in_dollars(deal)
        for _, on, amount in deal.notes:
            if on <= day:
                months[on.month] = months.get(on.month, ZERO) - amount
    return sum((cents(amount / 100) for amount in months.values()), ZERO)


def tiered(amount: Decimal) -> Decimal:
    """5 % up to 10,000, 8 % above."""
    return min(amount, Decimal(10_000)) * Decimal("0.05") + max(ZERO, amount - 10_000) * Decimal("0.08")


def max_earned(deals: Iterable[Deal], day: date) -> Decimal:
    """What Max has earned by the end of a day; a return takes back its share of what its sale, alone in its month, brought."""
    sold: dict[int, Decimal] = {}
    back = ZERO
    for deal in deals:
        if deal.owner != "max" or deal.on > day:
            continue
        sold[deal.on.month] = sold.get(deal.on.month, ZERO) + deal.amount
        back += sum((tiered(deal.amount) * amount / deal.amount for _, on, amount in deal.notes if on <= day), ZERO)
    return sum((tiered(amount) for amount in sold.values()), ZERO) - back


@dataclass
class Drawn:
    """A rep's draw from month to month: what is owed of it, and what is carried below 0."""

    owed: Decimal = ZERO
    carried: Decimal = ZERO

    def after(self, who: str, month: int, pay: Decimal) -> tuple[Drawn, Decimal, Decimal]:
        """The draw a month later, what was advanced and what recovered."""
        days = month_end(month).day
        there = days if who != "ria" else max(0, min(days, (LEFT - date(2026, month, 1)).days))
        grant, due = cents(DRAW * there / days), pay + self.carried
        advanced = max(ZERO, grant - due) if there else ZERO
        recovered = min(self.owed, max(ZERO, due - grant))
        left = min(ZERO, due + advanced - recovered)
        return Drawn(self.owed + advanced - recovered, left), advanced, recovered


class Year:
    """The books of the year, by month, place and account; `flows` are what plans say before payouts, holds by hand and conversions."""

    def __init__(self, deals: list[Deal], rates: Rates) -> None:
        self.deals, self.rates = deals, rates
        self.books: dict[int, dict[tuple[str, str, str], Decimal]] = {}
        self.kinds: dict[int, dict[tuple[str, str], Decimal]] = {}
        self.converted: dict[int, Decimal] = {}
        """The dollars of Rex that each month converts."""
        self.unpaid: dict[int, dict[Place, Decimal]] = {}
        self.stood: dict[int, dict[str, dict[str, Decimal]]] = {0: {}}
        self.drawn: dict[int, dict[str, Drawn]] = {0: {}}

    def close(self, month: int, stage: float, moved: Iterable[tuple[str, str, str, Decimal]] = ()) -> None:
        """Let the books of a month say what is known at a stage; `moved` is what people and rates move besides (person, currency,
        account, amount)."""
        known = as_known(self.deals, stage)
        before = dict(self._payable(month))
        paid = {key: amount for key, amount in self.books.get(month, {}).items() if key[2] == "paid"}
        self.books[month], self.kinds[month] = paid, {}
        self.stood[month], self.drawn[month] = {}, {}
        self._add(month, [*self._flows(month, known), *moved])
        self._add(month, self._by_hand(month))
        if month >= EUROS_SINCE:
            self.converted[month] = self.books[month].get(("rex", "USD", "payable"), ZERO)
            self._add(month, self.conversion(self.converted[month], self.in_euros(month)))
        unpaid = self.unpaid.setdefault(month, {})
        for place, amount in self._payable(month):
            unpaid[place] = unpaid.get(place, ZERO) + amount - before.pop(place, ZERO)
        for place, amount in before.items():
            unpaid[place] -= amount

    def _by_hand(self, month: int) -> list[tuple[str, str, str, Decimal]]:
        """What the hold of Max keeps of a month, and what its release gives back."""
        kept = ZERO
        if month in HELD:
            kept = self.books[month][("max", "EUR", "payable")]
        elif month == HELD[-1] + 1:
            kept = -sum((self.books[each][("max", "EUR", "held")] for each in HELD), ZERO)
        return [("max", "EUR", "payable", -kept), ("max", "EUR", "held", kept)]

    def earned(self, month: int) -> dict[Place, Decimal]:
        """What was earned in a month's books, by person and currency."""
        return {
            (who, currency): -amount
            for (who, currency, account), amount in self.books[month].items()
            if account == "expense"
        }

    def in_euros(self, month: int) -> Decimal:
        """What a month's dollars of Rex come to in euros, at the rate of its last day."""
        return cents(Fraction(self.converted[month]) / self.rates.on(month_end(month)))

    @staticmethod
    def conversion(dollars: Decimal, euros: Decimal) -> list[tuple[str, str, str, Decimal]]:
        """What a conversion moves: out of the one currency, into the other, each against company clearing."""
        return [
            ("rex", "USD", "payable", -dollars),
            ("rex", "USD", "clearing", dollars),
            ("rex", "EUR", "payable", euros),
            ("rex", "EUR", "clearing", -euros),
        ]

    def _add(self, month: int, moved: Iterable[tuple[str, str, str, Decimal]]) -> None:
        books = self.books[month]
        for *key, amount in moved:
            place = (key[0], key[1], key[2])
            books[place] = books.get(place, ZERO) + amount

    def _payable(self, month: int) -> Iterator[tuple[Place, Decimal]]:
        for (who, currency, account), amount in self.books.get(month, {}).items():
            if account == "payable":
                yield (who, currency), amount

    def _flows(self, month: int, known: list[Deal]) -> Iterator[tuple[str, str, str, Decimal]]:
        for who in ("rex", "ria", "rob"):
            now = rep_stands(known, who, month_end(month), self.rates)
            flows = self._since(month, who, now)
            drawn = self.drawn[month - 1].get(who, Drawn())
            self.drawn[month][who], advanced, recovered = drawn.after(who, month, flows["payable"])
            self.kinds[month] |= {(who, "draw"): advanced, (who, "recover"): -recovered, (who, "hold"): -flows["held"]}
            flows["payable"] += advanced - recovered
            flows["draw"] = recovered - advanced
            yield from ((who, "USD", account, amount) for account, amount in flows.items())
        others = [(who, "USD", manager_earned(known, who, month_end(month), self.rates)) for who in TEAMS]
        for who, currency, earned in [*others, ("max", "EUR", max_earned(known, month_end(month)))]:
            flows = self._since(month, who, {"expense": -earned, "payable": earned})
            yield from ((who, currency, account, amount) for account, amount in flows.items())

    def _since(self, month: int, who: str, now: dict[str, Decimal]) -> dict[str, Decimal]:
        self.stood[month][who] = now
        before = self.stood[month - 1].get(who, {})
        return {account: amount - before.get(account, ZERO) for account, amount in now.items()}

    def pay(self, month: int, refused: Iterable[str] = ()) -> dict[Place, Decimal]:
        """Pay whoever has something payable up to a month's books, but for whom payroll refused; gives the lines of the payout."""
        sums: dict[Place, Decimal] = {}
        for each in range(1, month + 1):
            for place, amount in self.unpaid[each].items():
                sums[place] = sums.get(place, ZERO) + amount
        lines = {place: amount for place, amount in sums.items() if amount > 0}
        for place, amount in lines.items():
            if place[0] in refused:
                continue
            for each in range(1, month + 1):
                self.unpaid[each].pop(place, None)
            key = (*place, "paid")
            self.books[month][key] = self.books[month].get(key, ZERO) + amount
        return lines

    def lock(self, month: int) -> None:
        """Carry what a month has left into the next one."""
        into = self.unpaid.setdefault(month + 1, {})
        for place, amount in self.unpaid[month].items():
            into[place] = into.get(place, ZERO) + amount
        self.unpaid[month] = {}

    def says(self, month: int) -> dict[tuple[str, str, str], Decimal]:
        """What the books of a month must say, without zeros."""
        found = {key: amount for key, amount in self.books[month].items() if key[2] != "payable"}
        found |= {(*place, "payable"): amount for place, amount in self.unpaid[month].items()}
        return {key: amount for key, amount in found.items() if amount}
