"""Takes what the ledger posted into a book: each cent is capitalised for a contract or expensed at once, with the reason.

Only the difference to what the book has already taken is written, dated in the month of the credit or, where that is closed, in the first
open one. So a run that changes what was earned adds or claws back, and nothing is rewritten.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from incentives.engine.expense.allocating import Part, fitted, lumps_spread, shared_by_value
from incentives.engine.expense.policy import (
    Contract,
    incremental,
    month_first,
    month_number,
    span_of,
    treatment,
)
from incentives.engine.expense.words import EntryKind, Reason
from incentives.engine.plan import PLAN_LIMITS
from incentives.models import ExpenseAsset, ExpenseBook, ExpenseEntry, ExpenseTake, TermReason
from incentives.selectors.expense.books import Policies, month_open, policies_of
from incentives.selectors.expense.contracts import Contracts, KnownContract, contracts_read, values_in
from incentives.selectors.expense.earned import expense_posted, fingerprint, parts_posted, periods_posted
from incentives.services.expense.rows import entries_insert, terms_insert
from spm.core.findings import Finding
from spm.roles.policy import Viewer, require
from spm.tenancy.copying import insert_rows
from spm.tenancy.keys import uuid7

Key = tuple[UUID | None, str, str, str, date, str]
"""Asset, plan, component, reason, month of the credit, currency."""
AssetKey = tuple[str, str, str]
"""Deal, contract or none, currency."""

ASSET = {
    "id": "uuid",
    "book_id": "uuid",
    "opportunity_id": "uuid",
    "contract_id": "uuid",
    "currency": "text",
    "reason": "text",
    "policy_id": "uuid",
}


class Cost(NamedTuple):
    """The cost of a contract that a book has: its key, and what was decided about it."""

    id: UUID
    reason: str


@dataclass
class Taken:
    """What taking did: how many periods were read again, how many entries came of it, and what could not be taken."""

    periods: int = 0
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass
class _Room:
    """What placing the parts of a book asks."""

    book: ExpenseBook
    policies: Policies
    contracts: Contracts
    open: int
    now: datetime
    assets: dict[AssetKey, Cost]
    terms: list[tuple[Any, ...]] = field(default_factory=list)
    made: list[tuple[Any, ...]] = field(default_factory=list)
    findings: dict[str, Finding] = field(default_factory=dict)


@transaction.atomic
def book_take(*, book_id: UUID, actor: Viewer, until: date | None = None) -> Taken:
    """Take what is new on the ledger of the periods that have begun before a day (tomorrow); a second call writes nothing."""
    require(actor, "expense.edit")
    book = ExpenseBook.objects.select_for_update().get(pk=book_id)
    return take_locked(book, until=until or date.fromordinal(actor.on.toordinal() + 1))


def take_locked(book: ExpenseBook, *, until: date) -> Taken:
    """Take into a book whose row the caller holds locked."""
    policies, found = policies_of(book), Taken()
    room: _Room | None = None
    for period in periods_posted(book.starts_on, until):
        print_now = fingerprint(period.pk, policies.words)
        last = ExpenseTake.objects.filter(book=book, period=period).order_by("-taken_at").first()
        if last is not None and last.fingerprint == print_now:
            continue
        room = room or _room(book, policies)
        found.entries += _period_take(room, period)
        found.periods += 1
        if not room.findings:
            ExpenseTake.objects.create(book=book, period=period, fingerprint=print_now, taken_at=room.now)
        found.findings += room.findings.values()
        room.findings = {}
    return found


def _room(book: ExpenseBook, policies: Policies) -> _Room:
    assets = {
        (str(deal), str(contract or ""), currency): Cost(key, reason)
        for deal, contract, currency, key, reason in ExpenseAsset.objects.filter(book=book).values_list(
            "opportunity_id", "contract_id", "currency", "id", "reason"
        )
    }
    return _Room(book, policies, contracts_read(), month_open(book), timezone.now(), assets)


def _period_take(room: _Room, period: Any) -> int:
    last_month = month_number(date.fromordinal(period.during.upper.toordinal() - 1))
    posted = expense_posted(period.pk)
    parts = fitted(posted, parts_posted(period.pk), month=last_month)
    wanted: dict[Key, int] = {}
    for part in _of_plans(lumps_spread(parts, _lumps(room, posted, last_month))):
        for key, amount in _placed(room, part):
            wanted[key] = wanted.get(key, 0) + amount
    insert_rows(ExpenseAsset._meta.db_table, ASSET, room.made)
    terms_insert(room.terms)
    room.made, room.terms = [], []
    return _differences_write(room, period, wanted)


def _lumps(room: _Room, posted: Iterable[Any], month: int) -> set[tuple[str, str]]:
    """The lump sums that belong to contracts: the limits of plans, and what the policy says is an incremental cost."""
    held = room.policies.on(month)
    chosen = {key for key, yes in held[1].components.items() if yes} if held else set()
    return chosen | {group[1:3] for group in posted if group[2] in PLAN_LIMITS}


def _of_plans(parts: Iterable[Part]) -> list[Part]:
    """Parts summed over participants: a book asks what was paid, not to whom."""
    sums: dict[tuple[Any, ...], int] = {}
    for part in parts:
        key = (part.group[1:], part.month, part.deal, part.is_override)
        sums[key] = sums.get(key, 0) + part.amount
    return [
        Part(("", *group), month, amount, deal, is_override)
        for (group, month, deal, is_override), amount in sorted(sums.items())
        if amount
    ]


def _placed(room: _Room, part: Part) -> list[tuple[Key, int]]:
    """Where a part goes: to contracts, or to expense for a reason; nowhere without a policy, which is a finding."""
    _, plan, component, currency = part.group
    incurred = month_first(part.month)
    held = room.policies.on(part.month)
    if held is None:
        room.findings[str(incurred)] = _without_policy(room.book, incurred)
        return []
    reason = incremental((plan, component), held[1], is_of_deal=bool(part.deal), is_override=part.is_override)
    if reason is None and not part.deal:
        reason = Reason.UNALLOCATED
    if reason is not None:
        return [((None, plan, component, reason.value, incurred, currency), part.amount)]
    contracts = room.contracts.by_deal.get(part.deal, [])
    by_key = {str(each.id): each for each in contracts}
    values = values_in(contracts, currency) if contracts else {"": 0}
    if values is None:
        names = ", ".join(sorted(each.source_key for each in contracts))
        room.findings[part.deal] = _without_rate(room.book, names)
        return []
    found: list[tuple[Key, int]] = []
    for key, amount in shared_by_value(part.amount, values).items():
        asset = _asset(room, part.deal, by_key.get(key), currency, part.month)
        found.append(((asset.id, plan, component, asset.reason, incurred, currency), amount))
    return found


def _without_policy(book: ExpenseBook, incurred: date) -> Finding:
    return Finding(
        "EXPENSE_NO_POLICY",
        f"{book.name}, {incurred:%Y-%m}",
        f"No policy of {book.name} holds on {incurred}.",
        "What was earned in that month is in neither expense nor balance of the book.",
        "Set a policy from that month on.",
    )


def _without_rate(book: ExpenseBook, names: str) -> Finding:
    return Finding(
        "EXPENSE_NO_RATE",
        f"{book.name}, {names}",
        f"The contracts {names} of one deal are worth amounts in different currencies, and a rate between them is not known.",
        "What was earned for the deal is in neither expense nor balance of the book.",
        "Enter the rate under Currency rates, for the first day of the contracts.",
    )


def _asset(room: _Room, deal: str, contract: KnownContract | None, currency: str, month: int) -> Cost:
    """The cost of a contract in a book: the decision about the first amount holds for all that follow."""
    key = (deal, str(contract.id) if contract else "", currency)
    if key in room.assets:
        return room.assets[key]
    held = room.policies.on(month)
    assert held is not None
    row, policy = held
    terms = contract.terms if contract else None
    asset = Cost(uuid7(), treatment(terms, policy).value)
    room.assets[key] = asset
    contract_id = contract.id if contract else None
    room.made.append((asset.id, room.book.pk, deal, contract_id, currency, asset.reason, row.pk))
    if asset.reason == Reason.CAPITALISED:
        span = span_of(terms or Contract(month_first(month)), policy)
        days = (span.start, span.start, span.until, contract.terms.ends if contract else None)
        first = (1, month_first(room.open), *days, policy.convention.value, 0, TermReason.FIRST.value)
        room.terms.append((asset.id, *first))
    return asset


def _differences_write(room: _Room, period: Any, wanted: dict[Key, int]) -> int:
    columns = ("asset_id", "plan_id", "component", "reason", "incurred", "currency")
    had = ExpenseEntry.objects.filter(book=room.book, period=period).order_by()
    posted: dict[Key, int] = {
        (row[0], str(row[1] or ""), *row[2:6]): row[6]
        for row in had.values_list(*columns).annotate(total=Sum("amount_minor"))
    }
    keys = sorted(wanted.keys() | posted.keys(), key=lambda key: tuple(str(each or "") for each in key))
    changes = [(key, wanted.get(key, 0) - posted.get(key, 0)) for key in keys]
    entries = [_entry(room, period, key, change) for key, change in changes if change]
    entries_insert(entries)
    return len(entries)


def _entry(room: _Room, period: Any, key: Key, change: int) -> tuple[Any, ...]:
    asset_id, plan, component, reason, incurred, currency = key
    kind = EntryKind.EXPENSED
    if reason == Reason.CAPITALISED:
        kind = EntryKind.ADDED if change > 0 else EntryKind.CLAWED_BACK
    month = month_first(max(room.open, month_number(incurred)))
    source = (reason, period.pk, plan or None, component, incurred)
    return (room.book.pk, month, kind.value, asset_id, change, currency, room.now, *source)
