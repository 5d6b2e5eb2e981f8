import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0007_capacity"),
    ]

    operations = [
        migrations.CreateModel(
            name="Scenario",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("name", models.CharField(max_length=200)),
                ("starts_on", models.DateField()),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("PUBLISHED", "Published")], default="DRAFT", max_length=10
                    ),
                ),
                ("written_by_name", models.CharField(max_length=200)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("published_by_name", models.CharField(blank=True, max_length=200)),
                (
                    "capacity_plan",
                    spm.tenancy.models.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="planning.capacityplan",
                    ),
                ),
                (
                    "restores",
                    spm.tenancy.models.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="planning.scenario",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ScenarioChange",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("COVER", "Coverage"), ("QUOTA", "Quota"), ("RULES", "Territory rules")], max_length=10
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("values", models.JSONField()),
                ("before", models.JSONField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("author_ids", models.JSONField(default=list)),
                ("changed_by_name", models.CharField(max_length=200)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "scenario",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="planning.scenario",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="scenario",
            constraint=models.UniqueConstraint(fields=("organisation_id", "name"), name="scenario_name"),
        ),
        migrations.AddConstraint(
            model_name="scenariochange",
            constraint=models.UniqueConstraint(
                fields=("organisation_id", "scenario", "kind", "key"), name="scenario_change_once"
            ),
        ),
    ]
