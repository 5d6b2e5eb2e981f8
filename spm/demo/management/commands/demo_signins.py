"""demo_signins: how to get into the demo company, one sign-in per role."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spm.demo.company import demo_exists, signins


class Command(BaseCommand):
    help = "Prints one sign-in per role of the demo company."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a table."""
        if not demo_exists():
            raise CommandError("There is no demo company. Run manage.py demo_create first.")
        rows = signins()
        self.stdout.write(f"  Password of all: {rows[0].password}")
        for row in rows:
            self.stdout.write(f"  {row.role:<18} {row.email}")
