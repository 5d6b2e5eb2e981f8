"""import_credits: manual credits from a file, each asked for and waiting for approval."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from incentives.selectors.deal_keys import deal_of_key
from incentives.services.credits import CreditWish, credit_ask
from spm.core.money import AmountError, parse_amount
from spm.crm.feeds.errors import FeedError
from spm.crm.feeds.reading import open_table
from spm.people.models import Participant
from spm.roles.commands import CompanyCommand
from spm.roles.policy import Viewer

COLUMNS = ("person", "component", "amount", "date", "reason")


class Command(CompanyCommand):
    help = (
        "Asks for manual credits from a CSV or XLSX file with the columns person (name, e-mail or employee number), component, amount, "
        "date (2026-07-01) and reason, and, where there is one, deal. All or nothing; each waits for approval."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and the currency."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--currency", default="", help="Currency of the amounts. Default: the company's.")

    def work(self, actor: Viewer, options: dict[str, Any]) -> None:
        """Ask for every row, or for none."""
        currency = options["currency"] or actor.organisation.currency
        wishes = [_wish(number, row, currency, actor) for number, row in _rows(options["file"])]
        for wish in wishes:
            credit_ask(wish=wish, actor=actor)
        self.stdout.write(f"Manual credits: {len(wishes)} asked for. They count once they are approved.")


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        sheet = open_table(path, path.name)[0]
        rows = [
            (row.number, dict(zip(sheet.header, [str(value or "").strip() for value in row.values], strict=False)))
            for row in sheet.rows
        ]
    except FeedError as error:
        raise CommandError(error.finding.message) from error
    missing = [column for column in COLUMNS if column not in sheet.header]
    if missing:
        raise CommandError(f"The file needs the columns {', '.join(COLUMNS)}; it has no {', '.join(missing)}.")
    return rows


def _wish(number: int, row: dict[str, str], currency: str, actor: Viewer) -> CreditWish:
    try:
        return CreditWish(
            participant_id=_person(row["person"]),
            measure=row["component"],
            amount_minor=parse_amount(row["amount"], currency),
            currency=currency,
            credit_on=date.fromisoformat(row["date"]),
            reason=row["reason"],
            opportunity_id=_deal(row.get("deal", ""), actor),
        )
    except (AmountError, ValueError) as error:
        raise CommandError(f"Row {number}: {error} Nothing was asked for.") from error


def _person(text: str) -> UUID:
    """The one person with this name, address or number; a name of two people is refused."""
    for field in ("employee_number", "email", "name"):
        found = list(Participant.objects.filter(**{field: text}).values_list("pk", flat=True)[:2]) if text else []
        if len(found) == 1:
            return found[0]
    raise ValueError(
        f"{text or 'The empty cell'} names no one person. Write the employee number or the e-mail address."
    )


def _deal(text: str, actor: Viewer) -> UUID | None:
    if not text:
        return None
    try:
        return deal_of_key(text, actor).pk
    except ValidationError as error:
        raise ValueError(error.message) from error
