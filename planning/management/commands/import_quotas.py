"""import_quotas: quotas from a file with one row per position and period."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from planning.models import QuotaMeasure
from planning.services.quotas import quota_rows_resolve, quota_set_many
from spm.core.money import AmountError, parse_amount
from spm.crm.feeds.errors import FeedError
from spm.crm.feeds.reading import open_table
from spm.roles.commands import CompanyCommand
from spm.roles.policy import Viewer

COLUMNS = ("position", "period", "amount")


class Command(CompanyCommand):
    help = "Sets quotas from a CSV or XLSX file with the columns position, period (such as 2026-Q1) and amount. All or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and the currency."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--currency", default="", help="Currency of the amounts. Default: the company's.")
        parser.add_argument(
            "--measure", default="amount", choices=QuotaMeasure.values, help="What the quotas count. Default: amount."
        )

    def work(self, actor: Viewer, options: dict[str, Any]) -> None:
        """Read every row first; write only when all of them are good."""
        measure = QuotaMeasure(options["measure"])
        currency = (options["currency"] or actor.organisation.currency) if measure.is_money else ""
        values, findings = quota_rows_resolve(_rows(options["file"], currency))
        if findings:
            raise CommandError("Nothing was set.\n" + "\n".join(finding.message for finding in findings))
        change = quota_set_many(values=values, currency=currency, measure=measure, actor=actor)
        self.stdout.write(f"Quotas: {change.created} added, {change.updated} changed, {change.unchanged} as they were.")


def _rows(path: Path, currency: str) -> list[tuple[int, str, str, int]]:
    try:
        sheet = open_table(path, path.name)[0]
        places = [sheet.header.index(column) for column in COLUMNS]
        rows = [(row.number, [str(row.values[place] or "") for place in places]) for row in sheet.rows]
    except FeedError as error:
        raise CommandError(error.finding.message) from error
    except ValueError as error:
        raise CommandError(
            f"The file needs the columns {', '.join(COLUMNS)}; it has {', '.join(sheet.header)}."
        ) from error
    return [(number, position, period, _amount(number, text, currency)) for number, (position, period, text) in rows]


def _amount(number: int, text: str, currency: str) -> int:
    try:
        return parse_amount(text, currency) if currency else int(text.replace(",", ""))
    except (AmountError, ValueError) as error:
        raise CommandError(f"Row {number}: {error}") from error
