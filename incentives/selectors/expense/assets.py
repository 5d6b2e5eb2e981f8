"""The costs of contracts: the list, one with its schedule and its why, and the journal of a month."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from incentives.engine.expense.amortising import left
from incentives.engine.expense.policy import Span, month_first, month_number, unit_of, units
from incentives.engine.expense.rolling import Roll, roll
from incentives.engine.expense.words import Convention, EntryKind
from incentives.models import ExpenseAsset, ExpenseBook, ExpenseEntry, ExpenseTerm, Run, RunState
from incentives.selectors.expense.books import components_known, month_open
from spm.core.money import to_major
from spm.roles.policy import Viewer

FLOWS = {
    EntryKind.ADDED: ("asset", "expense"),
    EntryKind.CLAWED_BACK: ("asset", "expense"),
    EntryKind.AMORTISED: ("asset", "amortisation"),
    EntryKind.IMPAIRED: ("asset", "impairment"),
    EntryKind.WRITTEN_OFF: ("asset", "impairment"),
}
"""Which account a change of the balance is booked on, and against which."""


@dataclass(frozen=True)
class ScheduleMonth:
    """A month of a cost: what moved it, or what will if nothing changes."""

    month: date
    moved: Roll
    is_planned: bool


@dataclass(frozen=True)
class Source:
    """What a pay period added for a component, credited in a month; the run is the latest posted one of the period."""

    period_key: str
    plan: str
    component: str
    incurred: date
    amount_minor: int
    run_id: UUID | None


def asset_list(viewer: Viewer, book: ExpenseBook, *, standing: bool = False, text: str = "") -> QuerySet[Any]:
    """Give the costs of a book with what came, what was expensed, and what is left, largest first."""
    entries = ExpenseEntry.objects.filter(asset=OuterRef("pk")).order_by().values("asset")
    came = entries.filter(period__isnull=False).annotate(total=Sum("amount_minor")).values("total")
    stands = entries.exclude(kind=EntryKind.EXPENSED.value).annotate(total=Sum("amount_minor")).values("total")
    terms = ExpenseTerm.objects.filter(asset=OuterRef("pk")).order_by("-number")
    rows = ExpenseAsset.objects.filter(book=book).select_related("opportunity", "contract")
    rows = rows.annotate(
        cost_minor=Coalesce(Subquery(came), 0),
        left_minor=Coalesce(Subquery(stands), 0),
        start_on=Subquery(terms.values("start_on")[:1]),
        until_on=Subquery(terms.values("until_on")[:1]),
    )
    if standing:
        rows = rows.filter(left_minor__gt=0)
    if text:
        rows = rows.filter(Q(contract__source_key__icontains=text) | Q(opportunity__source_key__icontains=text))
    return rows.order_by("-left_minor", "-cost_minor", "pk")


def schedule_of(asset: ExpenseAsset) -> list[ScheduleMonth]:
    """Give the months of a cost in which anything moved, those that are closed as they were, those to come as its terms say now."""
    moved: dict[int, dict[str, int]] = {}
    rows = ExpenseEntry.objects.filter(asset=asset).exclude(kind=EntryKind.EXPENSED.value).order_by()
    for month, kind, total in rows.values_list("month", "kind").annotate(total=Sum("amount_minor")):
        moved.setdefault(month_number(month), {})[kind] = total
    if not moved:
        return []
    first_open, found, opening = month_open(asset.book), [], 0
    for number in range(min(moved), max([first_open, *(each + 1 for each in moved)])):
        if number < first_open:
            own = roll(opening, moved.get(number, {}))
            opening = own.closing
            found.append(ScheduleMonth(month_first(number), own, is_planned=False))
    found += _planned(asset, moved, first_open, opening)
    return [each for each in found if replace(each.moved, opening=0) != Roll()]


def _planned(
    asset: ExpenseAsset, moved: dict[int, dict[str, int]], first_open: int, opening: int
) -> list[ScheduleMonth]:
    """The straight line of the latest terms from the first open month on."""
    term = ExpenseTerm.objects.filter(asset=asset).order_by("-number").first()
    if term is None:
        return []
    convention = Convention(term.convention)
    base, until = units(Span(term.start_on, term.until_on), term.base_on, convention)
    begins, end = month_number(term.month), max(month_number(term.until_on) + 1, *(each + 1 for each in moved))
    cost = term.carried_minor + sum(_came(moved, each) for each in range(begins, first_open))
    found, number = [], first_open
    while number < end or opening:
        came = _came(moved, number)
        cost += came
        place = unit_of(month_first(number + 1), convention)
        after = int(left(*(np.array([each]) for each in (cost, base, until, place)))[0])
        whole = roll(opening, {**moved.get(number, {}), EntryKind.AMORTISED: after - opening - came})
        found.append(ScheduleMonth(month_first(number), whole, is_planned=True))
        opening, number = whole.closing, number + 1
    return found


def _came(moved: dict[int, dict[str, int]], number: int) -> int:
    own = moved.get(number, {})
    return own.get(EntryKind.ADDED, 0) + own.get(EntryKind.CLAWED_BACK, 0)


def terms_of(asset: ExpenseAsset) -> list[ExpenseTerm]:
    """Give every line that a cost was on, latest first."""
    return list(ExpenseTerm.objects.filter(asset=asset).order_by("-number"))


def sources_of(asset: ExpenseAsset) -> list[Source]:
    """Give what the ledger's periods brought for a cost, by component and month of the credit."""
    rows = ExpenseEntry.objects.filter(asset=asset, period__isnull=False).order_by()
    keys = ("period_id", "period__key", "plan_id", "plan__name", "component", "incurred")
    sums = rows.values_list(*keys).annotate(total=Sum("amount_minor")).order_by("incurred", "plan__name", "component")
    runs = _runs({row[0] for row in sums})
    names = components_known()
    return [
        Source(
            key, plan or "", names.get((str(plan_id), component), ("", component))[1], incurred, total, runs.get(period)
        )
        for period, key, plan_id, plan, component, incurred, total in sums
        if total
    ]


def _runs(period_ids: Iterable[Any]) -> dict[Any, UUID]:
    rows = Run.objects.filter(period__in=list(period_ids), state=RunState.POSTED).order_by("facts_known_at")
    return dict(rows.values_list("period_id", "pk"))


def month_entries(viewer: Viewer, book: ExpenseBook, month: date) -> QuerySet[ExpenseEntry]:
    """Give what moved the balance of a book in a month, by contract and kind."""
    rows = ExpenseEntry.objects.filter(book=book, month=month).exclude(kind=EntryKind.EXPENSED.value)
    return rows.select_related("asset__contract", "asset__opportunity", "period").order_by(
        "asset__opportunity__source_key", "asset", "kind", "pk"
    )


JOURNAL_COLUMNS = ("Date", "Book", "Account", "Debit", "Credit", "Currency", "Kind", "Contract", "Deal")


def journal_rows(viewer: Viewer, book: ExpenseBook, month: date) -> list[tuple[Any, ...]]:
    """Give a month as a journal for the books of account: two rows for each cost and kind, whose debits equal their credits."""
    last = date.fromordinal(month_first(month_number(month) + 1).toordinal() - 1)
    sums = (
        month_entries(viewer, book, month)
        .order_by("asset__opportunity__source_key", "asset__contract__source_key", "currency", "kind")
        .values_list("asset__opportunity__source_key", "asset__contract__source_key", "currency", "kind")
        .annotate(total=Sum("amount_minor"))
    )
    found: list[tuple[Any, ...]] = []
    for deal, contract, currency, kind, total in sums:
        amount = to_major(abs(total), currency)
        accounts = [getattr(book, f"{name}_account") for name in FLOWS[EntryKind(kind)]]
        debit, credit = accounts if total > 0 else reversed(accounts)
        about = (currency, kind, contract or "", deal)
        found.append((last, book.name, debit, amount, None, *about))
        found.append((last, book.name, credit, None, amount, *about))
    return found
