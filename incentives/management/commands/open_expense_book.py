"""open_expense_book: a book of commission expense with its first policy."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from incentives.engine.expense.words import Basis, Convention
from incentives.engine.typed import rate_read
from incentives.services.expense.books import PolicyValues, book_create
from spm.core.money import AmountError
from spm.roles.commands import CompanyCommand
from spm.roles.policy import Viewer


def _rate(text: str) -> int:
    try:
        return rate_read(text).scaled
    except AmountError as error:
        raise ValidationError(str(error)) from error


class Command(CompanyCommand):
    help = "Opens a book of commission expense (docs/finance.md) from a month on; the nightly job takes, closes and expenses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name, the first month, and the policy."""
        super().add_arguments(parser)
        parser.add_argument("name")
        parser.add_argument("--from", dest="start", type=date.fromisoformat, required=True, metavar="YYYY-MM-01")
        parser.add_argument("--reason", required=True, metavar="WHY")
        parser.add_argument("--expense-all", action="store_true", help="Capitalise nothing.")
        parser.add_argument("--expedient", action="store_true", help="Expense at once what is expensed within a year.")
        parser.add_argument("--basis", choices=[each.value for each in Basis], default=Basis.TERM.value)
        parser.add_argument("--benefit-months", type=int, default=60)
        parser.add_argument("--convention", choices=[each.value for each in Convention], default=Convention.DAYS.value)
        parser.add_argument("--new-rate", default="0 %")
        parser.add_argument("--renewal-rate", default="0 %")
        parser.add_argument("--lapse-months", type=int, default=None)
        parser.add_argument("--without-overrides", action="store_true")

    def work(self, actor: Viewer, options: dict[str, Any]) -> None:
        """Open the book."""
        policy = PolicyValues(
            capitalises=not options["expense_all"],
            uses_expedient=options["expedient"],
            basis=options["basis"],
            benefit_months=options["benefit_months"],
            convention=options["convention"],
            new_rate=_rate(options["new_rate"]),
            renewal_rate=_rate(options["renewal_rate"]),
            includes_overrides=not options["without_overrides"],
            lapse_months=options["lapse_months"],
        )
        book = book_create(
            name=options["name"], starts_on=options["start"], policy=policy, reason=options["reason"], actor=actor
        )
        self.stdout.write(f"{book.name} is open from {book.starts_on:%Y-%m} on.")
