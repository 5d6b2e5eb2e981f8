"""Books, their dated policies, and which months are closed."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from incentives.engine.compiling import compile_plan
from incentives.engine.expense.policy import Policy, month_first, month_number
from incentives.engine.expense.words import Basis, Convention
from incentives.models import ExpenseBook, ExpenseClose, ExpensePolicy, PlanState, PlanVersion
from spm.core.dated import day_read
from spm.roles.policy import Viewer


class Policies:
    """The policies of a book, asked by month."""

    def __init__(self, rows: Iterable[ExpensePolicy]) -> None:
        self.rows = list(rows)
        self._by_month: dict[int, tuple[ExpensePolicy, Policy] | None] = {}

    def on(self, month: int) -> tuple[ExpensePolicy, Policy] | None:
        """Give the policy that holds on the first day of a month, as stored and as the engine takes it; None where none does."""
        if month not in self._by_month:
            day = month_first(month)
            row = next((each for each in self.rows if _holds(each, day)), None)
            self._by_month[month] = None if row is None else (row, policy_of(row))
        return self._by_month[month]

    @property
    def words(self) -> str:
        """Give what tells these policies from others."""
        return "\n".join(f"{row.pk} {row.during.lower} {row.during.upper}" for row in self.rows)


def _holds(row: ExpensePolicy, day: date) -> bool:
    return bool(row.during.lower <= day and (row.during.upper is None or day < row.during.upper))


def policy_of(row: ExpensePolicy) -> Policy:
    """Give a stored policy as the engine takes it."""
    names = [name for name in asdict(Policy()) if name not in ("components", "basis", "convention")]
    return Policy(
        basis=Basis(row.basis),
        convention=Convention(row.convention),
        components={(each["plan"], each["component"]): bool(each["incremental"]) for each in row.components},
        **{name: getattr(row, name) for name in names},
    )


def policies_of(book: ExpenseBook) -> Policies:
    """Give the policies of a book, earliest first."""
    return Policies(ExpensePolicy.objects.filter(book=book).order_by("during"))


def book_list(viewer: Viewer) -> QuerySet[ExpenseBook]:
    """Give the company's books by name; `expense.view` decides who may ask."""
    return ExpenseBook.objects.order_by("name", "pk")


def policy_list(viewer: Viewer, book: ExpenseBook) -> QuerySet[ExpensePolicy]:
    """Give the policies of a book, latest first."""
    return ExpensePolicy.objects.filter(book=book).order_by("-during")


def month_open(book: ExpenseBook) -> int:
    """Give the number of the first month that is not closed."""
    last = ExpenseClose.objects.filter(book=book).aggregate(last=Max("month"))["last"]
    return month_number(book.starts_on) if last is None else month_number(last) + 1


def months_due(book: ExpenseBook, on: date) -> list[int]:
    """Give the open months that ended at least `close_after_days` days before the day, earliest first."""
    found, month = [], month_open(book)
    while (on - month_first(month + 1)).days >= book.close_after_days:
        found.append(month)
        month += 1
    return found


def components_known() -> dict[tuple[str, str], tuple[str, str]]:
    """Give the components of published plans, by plan and key, with the names of both."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    published = (
        PlanVersion.objects.exclude(state=PlanState.DRAFT).select_related("plan").order_by("plan__code", "number")
    )
    for version in published:
        plan, _ = compile_plan(version.definition)
        for component in plan.components if plan is not None else ():
            found[(str(version.plan_id), component.key)] = (version.plan.name, component.name)
    return found


def book_get(viewer: Viewer, pk: UUID | None = None) -> ExpenseBook | None:
    """Give the book, or the first one; None where there is none."""
    books = book_list(viewer)
    return (books if pk is None else books.filter(pk=pk)).first()


def month_read(text: str) -> date | None:
    """Give the first day of a month written as 2026-07; None for any other text."""
    return day_read(f"{text}-01")


def day_closed(book: ExpenseBook, month: int) -> Any:
    """Give the day on which the night closes a month."""
    return date.fromordinal(month_first(month + 1).toordinal() + book.close_after_days)


__all__ = [
    "Policies",
    "book_get",
    "book_list",
    "components_known",
    "day_closed",
    "month_open",
    "month_read",
    "months_due",
    "policies_of",
    "policy_list",
    "policy_of",
]
