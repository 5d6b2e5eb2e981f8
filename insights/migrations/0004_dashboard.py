import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("insights", "0003_kpi_target"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dashboard",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("by_name", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=100)),
                ("tiles", models.JSONField(default=list)),
                ("kept", models.JSONField(default=dict)),
                ("period", models.CharField(blank=True, max_length=40)),
                ("roles", models.JSONField(default=list)),
                (
                    "mails",
                    models.CharField(
                        choices=[
                            ("NEVER", "never"),
                            ("WEEKLY", "every Monday"),
                            ("MONTHLY", "on the first of the month"),
                        ],
                        default="NEVER",
                        max_length=7,
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.membership",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation_id", "membership"], name="dashboard_of_member")],
            },
        ),
    ]
