"""References of tables written in bulk are checked by statement (`spm.tenancy.walls`), and their single-column indexes go.

Each of these had another index that begins with the same column of the company.
"""

from typing import ClassVar

from django.db import migrations
from django.db.models import PROTECT

from spm.tenancy.models import TenantForeignKey

REFERENCES = (
    ("ledgerentry", "journal", "incentives.journal", False),
    ("ledgerentry", "participant", "people.participant", False),
    ("ledgerentry", "period", "planning.period", False),
    ("ledgerentry", "plan_version", "incentives.planversion", True),
    ("runearning", "plan_version", "incentives.planversion", False),
    ("runearning", "run", "incentives.run", False),
    ("statement", "participant", "people.participant", False),
    ("statement", "period", "planning.period", False),
    ("statement", "run", "incentives.run", False),
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("incentives", "0010_change_snapshots"),
        ("people", "0002_relationships"),
        ("planning", "0003_targets_and_scores"),
    ]
    operations: ClassVar = [
        migrations.AlterField(
            model,
            name,
            TenantForeignKey(to, PROTECT, null=is_nullable, db_constraint=False, db_index=False, related_name="+"),
        )
        for model, name, to, is_nullable in REFERENCES
    ]
