"""Imports files of facts from the command line, by the same services as the page."""

import json
from argparse import ArgumentParser
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from spm.core.findings import FindingError
from spm.crm.feeds.attributes import KIND as ATTRIBUTED
from spm.crm.feeds.attributes import TYPES, Attribute, attribute_name
from spm.crm.feeds.mapping import Mapping
from spm.crm.feeds.schemas import IMPORT_ORDER, KINDS
from spm.crm.intake.reading import upload_open
from spm.crm.models import Upload
from spm.crm.services.findings import MappingError
from spm.crm.services.uploads import mapping_guess, mapping_save, upload_commit, upload_create, upload_preview
from spm.roles.policy import Viewer, viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope


class Command(BaseCommand):
    """import_facts FILE… --organisation SLUG: previews, and with --commit writes. All files or none."""

    help = "Import files of facts (CSV, XLSX). Without --commit it says what a commit would do. All files are taken or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare files and choices."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--organisation", required=True, metavar="SLUG", help="The company.")
        parser.add_argument(
            "--kind", choices=list(KINDS), help="What the files hold; guessed from their columns where it is left out."
        )
        parser.add_argument(
            "--source", default="crm", help="The name of the system the files come from (default: crm)."
        )
        parser.add_argument(
            "--currency", default="", help="The currency of amounts where no column names it, such as USD."
        )
        parser.add_argument("--mapping", type=Path, metavar="FILE", help="A mapping as JSON, for one file.")
        parser.add_argument(
            "--valid-from", type=date.fromisoformat, metavar="DAY", help="The day from which people's seats hold."
        )
        parser.add_argument(
            "--attribute",
            action="append",
            default=[],
            metavar="COLUMN:TYPE",
            help="A further column of the deals that plans and figures may ask, such as Discount:PERCENT. May be repeated.",
        )
        parser.add_argument("--commit", action="store_true", help="Write the facts.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import inside the company's scope; any error undoes everything."""
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no company {options['organisation']}. Check --organisation.")
        today = organisation.day_of(timezone.now())
        actor = viewer_of_system(organisation, on=today, name="import_facts", via="command")
        try:
            with organisation_scope(organisation.pk, actor=actor):
                for upload in self._in_order([self._receive(path, actor, options) for path in options["files"]]):
                    self._import(upload, actor, options)
        except MappingError as error:
            raise CommandError("\n".join(finding.message for finding in error.findings)) from error
        except FindingError as error:
            raise CommandError(error.finding.message) from error

    def _receive(self, path: Path, actor: Viewer, options: dict[str, Any]) -> Upload:
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        return upload_create(
            content=path.read_bytes(),
            file_name=path.name,
            source=options["source"],
            kind=options["kind"] or "",
            currency=options["currency"],
            actor=actor,
        )

    def _in_order(self, uploads: list[Upload]) -> list[Upload]:
        """Take what is referred to before what refers to it."""
        for upload in uploads:
            if not upload.kind:
                raise CommandError(f"{upload.file_name}: its columns fit no kind of facts. Name it with --kind.")
        return sorted(uploads, key=lambda upload: IMPORT_ORDER.index(upload.kind))

    def _import(self, upload: Upload, actor: Viewer, options: dict[str, Any]) -> None:
        mapping_save(upload_id=upload.pk, mapping=self._mapping(upload, options), actor=actor)
        done = (
            upload_commit(upload_id=upload.pk, actor=actor)
            if options["commit"]
            else upload_preview(upload_id=upload.pk, actor=actor)
        )
        counts = ", ".join(
            f"{name} {getattr(done, name):,}" for name in ("received", "created", "updated", "unchanged", "held")
        )
        self.stdout.write(f"{done.file_name}: {KINDS[done.kind].plural.lower()}: {counts}")
        for finding in done.findings:
            self.stdout.write(f"  {finding['what']} {finding['fix']}")
        for group in done.preview["groups"]:
            self.stdout.write(
                f"  held {group['count']:,}: {group['column']} “{group['value']}”: {group['reason']} {group['fix']}"
            )

    def _mapping(self, upload: Upload, options: dict[str, Any]) -> Mapping:
        if options["mapping"]:
            if len(options["files"]) > 1:
                raise CommandError("--mapping is for one file. Import the files one by one.")
            return self._read_mapping(options["mapping"])
        mapping = Mapping.from_dict(upload.mapping)
        if options["kind"] and mapping.kind != options["kind"]:
            with upload_open(upload) as sheet:
                mapping = mapping_guess(sheet, options["kind"], options["currency"])
        if mapping.kind == "participant" and options["valid_from"]:
            mapping = replace(mapping, constants={**mapping.constants, "starts_on": options["valid_from"].isoformat()})
        if mapping.kind == ATTRIBUTED and options["attribute"]:
            mapping = replace(mapping, attributes=mapping.attributes | _attributes(options["attribute"]))
        return mapping

    def _read_mapping(self, path: Path) -> Mapping:
        try:
            return Mapping.from_dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise CommandError(f"{path} is not a mapping: {error}. Take one from the page or the API.") from error


def _attributes(asked: list[str]) -> dict[str, Attribute]:
    """The attributes of deals that the command line names, each under the name that its column and type give."""
    found = {}
    for one in asked:
        column, _, kind = one.rpartition(":")
        if not column or kind not in dict(TYPES):
            raise CommandError(f"--attribute {one} is not COLUMN:TYPE. The types are {', '.join(dict(TYPES))}.")
        found[attribute_name(column, kind)] = Attribute(column, kind)
    return found
