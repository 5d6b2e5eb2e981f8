import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models
import spm.tenancy.operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        spm.tenancy.operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Participant",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("source", models.CharField(default="manual", max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                        ("name", models.CharField(max_length=200)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("employee_number", models.CharField(blank=True, max_length=50)),
                        ("currency", models.CharField(blank=True, max_length=3)),
                        (
                            "membership",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="identity.membership",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["organisation_id", "name"], name="participant_name")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="participant_source_key"
                            ),
                            models.UniqueConstraint(
                                fields=("organisation_id", "membership"), name="participant_membership"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Employment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
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
                                name="employment_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="employment_days"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Position",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("code", models.CharField(max_length=200)),
                        ("name", models.CharField(max_length=200)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "code"), name="position_code")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PositionHolding",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                        ("is_main", models.BooleanField(default=True)),
                        (
                            "participant",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "position",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.position",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("position"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="holding_one_per_position",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("is_main", True)),
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("participant"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="holding_one_main",
                            ),
                            models.CheckConstraint(condition=models.Q(("during__isempty", False)), name="holding_days"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Relationship",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                        ("name", models.CharField(max_length=100)),
                        (
                            "participant",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "related",
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
                                    (models.F("related"), "="),
                                    (models.F("name"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="relationship_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="relationship_days"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("participant", models.F("related")), _negated=True),
                                name="relationship_not_self",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReportingLine",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                        (
                            "manager",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.position",
                            ),
                        ),
                        (
                            "position",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.position",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("position"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="reporting_line_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="reporting_line_days"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("position", models.F("manager")), _negated=True),
                                name="reporting_line_not_self",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Title",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("code", models.CharField(max_length=100)),
                        ("name", models.CharField(max_length=200)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("organisation_id", "code"), name="title_code")],
                    },
                ),
                migrations.CreateModel(
                    name="PositionTitle",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                        (
                            "position",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.position",
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
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("position"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="position_title_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="position_title_days"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Unit",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("code", models.CharField(max_length=100)),
                        ("name", models.CharField(max_length=200)),
                        (
                            "parent",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("organisation_id", "code"), name="unit_code")],
                    },
                ),
                migrations.CreateModel(
                    name="PositionUnit",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                        (
                            "position",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.position",
                            ),
                        ),
                        (
                            "unit",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("position"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="position_unit_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="position_unit_days"
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
