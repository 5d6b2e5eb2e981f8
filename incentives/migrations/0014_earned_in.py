"""An entry says in which period it was earned, beside the one in whose books it stands; before, the two were always the same."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import PROTECT

from spm.tenancy.models import TenantForeignKey

FORWARD = """
ALTER TABLE incentives_ledgerentry ADD COLUMN earned_in_id uuid;
ALTER TABLE incentives_ledgerentry ALTER COLUMN earned_in_id TYPE uuid USING period_id, ALTER COLUMN earned_in_id SET NOT NULL;
"""
"""The table is written anew with its column filled: its rows are never updated, also not by a migration."""

BACKWARD = "ALTER TABLE incentives_ledgerentry DROP COLUMN earned_in_id"

KINDS = [
    ("earn", "Earned"),
    ("release", "Released"),
    ("hold", "Held back"),
    ("adjust", "Adjusted by hand"),
    ("draw", "Draw advanced"),
    ("recover", "Draw recovered"),
    ("clawback", "Clawed back"),
    ("pay", "Paid"),
    ("write_off", "Written off"),
    ("opening", "Opening balance"),
    ("convert", "Converted"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incentives", "0013_shared_values"), ("planning", "0005_score_evidence")]
    operations: ClassVar = [
        migrations.AlterField("journal", "kind", models.CharField(choices=KINDS, max_length=10)),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.AddField(
                    "ledgerentry",
                    "earned_in",
                    TenantForeignKey("planning.period", PROTECT, db_constraint=False, db_index=False, related_name="+"),
                    preserve_default=False,
                )
            ],
        ),
        migrations.AddIndex(
            "ledgerentry",
            models.Index(fields=["organisation_id", "earned_in", "participant"], name="ledger_earned_in"),
        ),
    ]
