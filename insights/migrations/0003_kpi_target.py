import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("insights", "0002_pay_record"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="KpiTarget",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("kpi", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=100)),
                ("formula", models.CharField(blank=True, max_length=500)),
                ("unit", models.CharField(blank=True, max_length=16)),
                ("has_team", models.BooleanField(default=False)),
                ("missed_when", models.CharField(choices=[("BELOW", "below"), ("ABOVE", "above")], max_length=5)),
                ("number", models.BigIntegerField()),
                ("set_on", models.DateField()),
                ("by_name", models.CharField(max_length=200)),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.membership",
                    ),
                ),
                (
                    "participant",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "kpi", "formula", "participant", "has_team", "missed_when"),
                        name="kpi_target_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
