"""demo_create: the demo company, once."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from spm.demo.beginning import beginning_make
from spm.demo.company import NAME, demo_create, demo_exists


class Command(BaseCommand):
    help = "Creates the demo company from a seeded generator through the public doors. Does nothing where it exists."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create it whole or not at all."""
        if demo_exists():
            self.stdout.write(f"{NAME} exists already.")
            return
        with transaction.atomic():
            beginning_make(demo_create(timezone.now().date(), say=self.stdout.write))
        self.stdout.write(f"{NAME} was created.")
