"""migrate: as the owner role, and then the walls."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from spm.tenancy.verification import migrations_foreign, walls_missing
from spm.tenancy.walls import walls_raise, walls_stand


class Command(DjangoMigrate):
    help = "Migrates as the owner role (MIGRATION_DATABASE_URL) and raises the walls between companies."

    def handle(self, *args: Any, **options: Any) -> None:
        if "owner" not in connections.databases:
            raise CommandError(
                "MIGRATION_DATABASE_URL is not set. Tables are owned by a role of their own, not by the app's role; "
                "set it to the owner's address and run migrate again."
            )
        if foreign := next(migrations_foreign(MigrationLoader(connections["owner"])), None):
            raise CommandError(f"{foreign.where}: {foreign.what} {foreign.fix}")
        options["database"] = "owner"
        super().handle(*args, **options)
        if options.get("app_label") or options.get("plan") or options.get("check_unapplied"):
            return
        owner, app_role = connections["owner"], connections["default"].settings_dict["USER"]
        if not walls_stand(owner, app_role) or any(walls_missing()):
            walls_raise(owner, app_role)
        if options["verbosity"] > 0:
            self.stdout.write("Walls between companies are raised.")
