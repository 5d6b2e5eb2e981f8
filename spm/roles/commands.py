"""The base of commands that work for one company: finds it, opens its scope, acts as the system."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from spm.roles.policy import Viewer, viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope


class CompanyCommand(BaseCommand):
    """A command with `--organisation SLUG`; subclasses write `work(actor, options)`, which is one transaction."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the company."""
        parser.add_argument("--organisation", required=True, metavar="SLUG", help="The company.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the work inside the company's scope; what is refused is one sentence and exit code 1, and nothing is written."""
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            known = ", ".join(Organisation.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
            raise CommandError(f"There is no company {options['organisation']}. Companies: {known}.")
        on = organisation.day_of(timezone.now())
        name = f"manage.py {self.__module__.rpartition('.')[2]}"
        actor = viewer_of_system(organisation, on=on, name=name, via="command")
        try:
            with organisation_scope(organisation.pk, actor=actor):
                self.work(actor, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def work(self, actor: Viewer, options: dict[str, Any]) -> None:
        """Do what the command is for."""
        raise NotImplementedError
