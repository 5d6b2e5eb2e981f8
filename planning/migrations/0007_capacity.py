import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_relationships"),
        ("planning", "0006_territory_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="CapacityPlan",
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
                ("currency", models.CharField(max_length=3)),
                ("target_minor", models.BigIntegerField()),
                ("season", models.JSONField(blank=True, default=list)),
                ("calls", models.JSONField(blank=True, default=dict)),
                ("calls_per_head", models.PositiveIntegerField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("written_by_name", models.CharField(max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation_id", "name"), name="capacity_plan_name"),
                    models.CheckConstraint(condition=models.Q(("target_minor__gte", 0)), name="capacity_plan_target"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CapacityHire",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("starts_on", models.DateField()),
                ("heads", models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)])),
                (
                    "title",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.title",
                    ),
                ),
                (
                    "unit",
                    spm.tenancy.models.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "plan",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="planning.capacityplan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "plan", "title", "unit", "starts_on"),
                        name="capacity_hire_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(condition=models.Q(("heads__gt", 0)), name="capacity_hire_heads"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CapacityRole",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("quota_minor", models.BigIntegerField()),
                ("ramp", models.JSONField(blank=True, default=list)),
                ("attainment_rate", models.BigIntegerField(blank=True, null=True)),
                ("attrition_rate", models.BigIntegerField(blank=True, null=True)),
                ("availability_rate", models.BigIntegerField(default=100000000)),
                (
                    "plan",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="planning.capacityplan",
                    ),
                ),
                (
                    "title",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.title",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation_id", "plan", "title"), name="capacity_role_once"),
                    models.CheckConstraint(condition=models.Q(("quota_minor__gte", 0)), name="capacity_role_quota"),
                    models.CheckConstraint(
                        condition=models.Q(("attainment_rate__gte", 0)), name="capacity_role_attainment"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("attrition_rate__gte", 0), ("attrition_rate__lt", 100000000)),
                        name="capacity_role_attrition",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("availability_rate__gt", 0), ("availability_rate__lte", 100000000)),
                        name="capacity_role_availability",
                    ),
                ],
            },
        ),
    ]
