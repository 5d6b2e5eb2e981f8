"""Commission expense: finance opens books and sets policies, auditors read, nobody else sees what commissions cost."""

from datetime import date

from incentives.engine.expense.policy import month_number
from incentives.models import ExpenseAsset, ExpenseBook
from incentives.services.expense.books import PolicyValues, book_create
from incentives.services.expense.closing import month_close
from incentives.services.expense.taking import book_take
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id
from tests.walls.permissions import API, Row

START = date(2026, 7, 1)


def _book(owner: str) -> ExpenseBook:
    """A book of the company in scope, whose first month is closed."""
    found = ExpenseBook.objects.first()
    if found is not None:
        return found
    company = Organisation.objects.get(pk=current_organisation_id())
    actor = viewer_of_system(company, on=date(2026, 9, 1), name="Test")
    policy = PolicyValues(capitalises_without_contract=True)
    book = book_create(name="ASC", starts_on=START, policy=policy, reason="Test", actor=actor)
    book_take(book_id=book.pk, actor=actor)
    month_close(book_id=book.pk, number=month_number(START), actor=actor)
    return book


def _asset(owner: str) -> ExpenseAsset:
    _book(owner)
    return ExpenseAsset.objects.get()


FACTORIES = {
    "expense book": lambda owner: _book(owner).pk,
    "expense asset": lambda owner: _asset(owner).pk,
    "month": lambda owner: "2026-07",
}
SEE, EDIT = "fin otto", "fin"
BOOK = {"pk": "expense book"}
MONTH = BOOK | {"month": "month"}

ROWS = [
    Row(route="incentives:expense", may=SEE, done=(200, 302)),
    Row(route="incentives:expense_new", may=EDIT),
    Row(route="incentives:expense_new", verb="POST", may=EDIT),
    Row(route="incentives:expense_update", verb="POST", may=EDIT),
    Row(route="incentives:expense_book", at=BOOK, may=SEE),
    Row(route="incentives:expense_book_export", at=BOOK | {"form": "csv"}, may=SEE),
    Row(route="incentives:expense_month", at=MONTH, may=SEE),
    Row(route="incentives:expense_journal_export", at=MONTH | {"form": "csv"}, may=SEE),
    Row(route="incentives:expense_contracts", at=BOOK, may=SEE),
    Row(route="incentives:expense_contracts_export", at=BOOK | {"form": "csv"}, may=SEE),
    Row(route="incentives:expense_asset", at=BOOK | {"asset": "expense asset"}, may=SEE),
    Row(route="incentives:expense_reconciliation", at=BOOK, may=SEE),
    Row(route="incentives:expense_reconciliation_export", at=BOOK | {"form": "csv"}, may=SEE),
    Row(route="incentives:expense_policy", at=BOOK, may=SEE),
    Row(route="incentives:expense_policy", verb="POST", at=BOOK, may=EDIT),
    Row(route="api_incentives_expense_books", kind=API, may=SEE),
    Row(route="api_incentives_expense_books", verb="POST", kind=API, may=EDIT),
    Row(route="api_incentives_expense_policies", kind=API, at=BOOK, may=SEE),
    Row(route="api_incentives_expense_policies", verb="POST", kind=API, at=BOOK, may=EDIT),
    Row(route="api_incentives_expense_rolls", kind=API, at=BOOK, may=SEE),
    Row(route="api_incentives_expense_costs", kind=API, at=BOOK, may=SEE),
    Row(route="api_incentives_expense_schedule", kind=API, at=BOOK | {"asset": "expense asset"}, may=SEE),
    Row(route="api_incentives_expense_entries", kind=API, at=BOOK, may=SEE, done=(400,)),
    Row(route="api_incentives_expense_reconciliation", kind=API, at=BOOK, may=SEE),
]
