"""The currency rates that a run converted at, and at each credit which of them, with what its deal states in its own currency."""

import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models

FORWARD = "ALTER TABLE incentives_runcredit ADD COLUMN stated_minor bigint, ADD COLUMN rate_number integer"
BACKWARD = "ALTER TABLE incentives_runcredit DROP COLUMN stated_minor, DROP COLUMN rate_number"


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0023_opening_balances"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunRate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("number", models.IntegerField()),
                ("policy", models.CharField(max_length=20)),
                ("from_currency", models.CharField(max_length=3)),
                ("to_currency", models.CharField(max_length=3)),
                ("taken_on", models.DateField()),
                ("taken_until", models.DateField(null=True)),
                ("rate", models.TextField()),
                ("rate_on", models.DateField()),
                ("table_name", models.TextField()),
                ("entries", models.JSONField(default=list)),
                (
                    "plan_version",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incentives.planversion",
                    ),
                ),
                (
                    "run",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incentives.run",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation_id", "run", "number"), name="run_rate_once")
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
