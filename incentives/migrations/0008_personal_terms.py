"""Target pay, ramps and leave."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0007_manual_credits"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RampSchedule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("code", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=200)),
                ("shares", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organisation_id", "code"), name="ramp_code")],
            },
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("relieves_quota", models.BooleanField(default=True)),
                ("relieves_target", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "participant",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (models.F("organisation_id"), "="),
                            (models.F("participant"), "="),
                            (models.F("during"), "&&"),
                        ],
                        name="leave_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("during__isempty", False)), name="leave_days"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ramp",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "participant",
                    spm.tenancy.models.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.participant",
                    ),
                ),
                (
                    "position",
                    spm.tenancy.models.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.position",
                    ),
                ),
                (
                    "schedule",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incentives.rampschedule",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("participant__isnull", False), ("position__isnull", True)),
                            models.Q(("participant__isnull", True), ("position__isnull", False)),
                            _connector="OR",
                        ),
                        name="ramp_holder",
                    ),
                    models.CheckConstraint(condition=models.Q(("during__isempty", False)), name="ramp_days"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("participant__isnull", False)),
                        expressions=[
                            (models.F("organisation_id"), "="),
                            (models.F("participant"), "="),
                            (models.F("during"), "&&"),
                        ],
                        name="ramp_person",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("position__isnull", False)),
                        expressions=[
                            (models.F("organisation_id"), "="),
                            (models.F("position"), "="),
                            (models.F("during"), "&&"),
                        ],
                        name="ramp_position",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TargetPay",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("name", models.CharField(max_length=100)),
                ("target_minor", models.BigIntegerField()),
                ("base_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "participant",
                    spm.tenancy.models.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.participant",
                    ),
                ),
                (
                    "position",
                    spm.tenancy.models.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.position",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("participant__isnull", False), ("position__isnull", True)),
                            models.Q(("participant__isnull", True), ("position__isnull", False)),
                            _connector="OR",
                        ),
                        name="target_pay_holder",
                    ),
                    models.CheckConstraint(condition=models.Q(("during__isempty", False)), name="target_pay_days"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("participant__isnull", False)),
                        expressions=[
                            (models.F("organisation_id"), "="),
                            (models.F("participant"), "="),
                            (models.F("name"), "="),
                            (models.F("during"), "&&"),
                        ],
                        name="target_pay_person",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("position__isnull", False)),
                        expressions=[
                            (models.F("organisation_id"), "="),
                            (models.F("position"), "="),
                            (models.F("name"), "="),
                            (models.F("during"), "&&"),
                        ],
                        name="target_pay_position",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("base_minor__gte", 0), ("target_minor__gte", 0)), name="target_pay_amounts"
                    ),
                ],
            },
        ),
    ]
