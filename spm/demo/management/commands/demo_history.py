"""demo_history: what a company has done by now, once: books closed and paid, plan documents sent."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from spm.demo.company import demo_exists
from spm.demo.history import history_make


class Command(BaseCommand):
    help = "Closes and pays the past periods of the demo company and sends its plan documents, through the API, as its people would."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is not done yet."""
        if not demo_exists():
            raise CommandError("There is no demo company. Run manage.py demo_create first.")
        closed, sent = history_make(timezone.now().date())
        self.stdout.write(f"{closed} past periods are closed, {sent} plans were sent in words.")
