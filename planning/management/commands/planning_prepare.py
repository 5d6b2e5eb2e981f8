"""planning_prepare: periods of a calendar, and territories from the business units."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from planning.services.territories import territories_from_units
from spm.roles.commands import CompanyCommand
from spm.roles.policy import Viewer


class Command(CompanyCommand):
    help = "Makes the periods of a calendar for some years and one territory per business unit. Running it again adds only what is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the calendar and the years."""
        super().add_arguments(parser)
        parser.add_argument("--calendar", choices=CalendarKind.values, default=CalendarKind.QUARTERLY.value)
        parser.add_argument("--from-year", type=int, required=True)
        parser.add_argument(
            "--until-year", type=int, help="The first year without periods. Default: the year after --from-year."
        )

        parser.add_argument(
            "--cut-from", type=date.fromisoformat, help="The first day of any two weeks, once for a BIWEEKLY calendar."
        )

    def work(self, actor: Viewer, options: dict[str, Any]) -> None:
        """Make what is missing."""
        until_year = options["until_year"] or options["from_year"] + 1
        start, until = date(options["from_year"], 1, 1), date(until_year, 1, 1)
        kind, cut_from = CalendarKind(options["calendar"]), options["cut_from"]
        added = calendar_extend(kind=kind, start=start, until=until, actor=actor, cut_from=cut_from)
        assigned = territories_from_units(actor=actor)
        self.stdout.write(f"{len(added)} periods and {assigned} territory assignments added.")
