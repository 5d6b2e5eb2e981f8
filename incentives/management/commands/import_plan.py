"""import_plan: a plan from a YAML file; published and assigned where asked."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from incentives.models import Plan
from incentives.services.assignments import plan_assign
from incentives.services.documents import PlanRefused, document_read
from incentives.services.lifecycle import plan_publish, plan_submit
from incentives.services.plans import plan_create, plan_version_save
from spm.people.models import Title
from spm.roles.commands import CompanyCommand
from spm.roles.policy import Viewer


class Command(CompanyCommand):
    help = (
        "Stores a plan file as a new draft (docs/plan-language.md), sends it for review with --submit, publishes it with "
        "--publish where the company needs no second person, and puts titles on it with --title."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, whether to publish, and the titles that get the plan."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--publish", action="store_true")
        way.add_argument("--submit", action="store_true")
        parser.add_argument("--accept", default="", metavar="WHY", help="Why rates over 1,000 %% are right.")
        parser.add_argument(
            "--title", action="append", default=[], metavar="CODE", help="Code of a title that is on the plan."
        )

    def work(self, actor: Viewer, options: dict[str, Any]) -> None:
        """Check, store, publish and assign, all or nothing."""
        text = options["file"].read_text(encoding="utf-8")
        try:
            version, warnings = _save(text, actor)
        except PlanRefused as error:
            raise CommandError(
                "The plan was not stored.\n" + "\n".join(finding.message for finding in error.findings)
            ) from error
        for warning in warnings:
            self.stdout.write(warning.message)
        if options["publish"]:
            plan_publish(version_id=version.pk, accept=options["accept"], actor=actor)
        if options["submit"]:
            plan_submit(version_id=version.pk, actor=actor)
        for code in options["title"]:
            _assign(version, code, actor)
        done = "published" if options["publish"] else "in review" if options["submit"] else "a draft"
        self.stdout.write(f"{version.plan.name}: version {version.number} is {done}.")


def _save(text: str, actor: Viewer) -> Any:
    document = document_read(text)
    existing = Plan.objects.filter(code=str(document.get("plan", ""))).first()
    if existing is None:
        return plan_create(document=document, actor=actor)
    return plan_version_save(plan_id=existing.pk, document=document, actor=actor)


def _assign(version: Any, code: str, actor: Viewer) -> None:
    title = Title.objects.filter(code=code).first()
    if title is None:
        known = ", ".join(Title.objects.order_by("code").values_list("code", flat=True)) or "none"
        raise CommandError(f"There is no title {code}. Titles: {known}.")
    during = version.during
    days = {"start": during.lower, "until": during.upper}
    try:
        plan_assign(plan_id=version.plan_id, target="title", target_id=title.pk, **days, actor=actor)
    except ValidationError as error:
        raise CommandError("Nothing was stored: " + " ".join(error.messages)) from error
