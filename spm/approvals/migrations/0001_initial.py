import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models
import spm.tenancy.operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "__first__"),
        ("people", "0001_initial"),
    ]

    operations = [
        spm.tenancy.operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="ApprovalRoute",
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
                        ("kind", models.CharField(max_length=50)),
                        ("name", models.CharField(max_length=100)),
                        ("position", models.PositiveSmallIntegerField(default=1)),
                        (
                            "measure",
                            models.CharField(
                                choices=[("largest", "The largest single line"), ("total", "All lines together")],
                                default="largest",
                                max_length=10,
                            ),
                        ),
                        ("limits", models.JSONField(default=list)),
                        ("asked_by_role", models.CharField(blank=True, max_length=30)),
                        ("steps", models.JSONField()),
                        ("set_by_name", models.CharField(max_length=200)),
                    ],
                    options={
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("kind"), "="),
                                    (models.F("position"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="approval_route_place",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApprovalRequest",
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
                        ("kind", models.CharField(max_length=50)),
                        ("key", models.UUIDField()),
                        ("content", models.CharField(max_length=64)),
                        ("action", models.CharField(max_length=50)),
                        ("title", models.CharField(max_length=300)),
                        ("url", models.CharField(blank=True, max_length=300)),
                        ("totals", models.JSONField(default=list)),
                        ("reason", models.TextField(blank=True)),
                        ("asked_by_name", models.CharField(max_length=200)),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "barred_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, size=None
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("approved", "Approved"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("decided_by_name", models.CharField(blank=True, max_length=200)),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("decision", models.TextField(blank=True)),
                        ("is_single_operator", models.BooleanField(default=False)),
                        (
                            "about",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "route",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="approvals.approvalroute",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "state", "-asked_at"], name="approval_inbox"),
                            models.Index(
                                fields=["organisation_id", "kind", "key", "-asked_at"], name="approval_of_thing"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")),
                                fields=("organisation_id", "kind", "key"),
                                name="approval_one_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_single_operator", True),
                                    ("decided_by", None),
                                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="approval_never_ones_own",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ("open", "withdrawn")), ("decided_at__isnull", False), _connector="OR"
                                ),
                                name="approval_decided",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApprovalStep",
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
                        ("number", models.PositiveSmallIntegerField()),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("right", "Whoever holds the right"),
                                    ("role", "Whoever has the role"),
                                    ("line", "Who stands above in the reporting line"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("role", models.CharField(blank=True, max_length=30)),
                        ("level", models.PositiveSmallIntegerField(default=0)),
                        (
                            "asked_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, size=None
                            ),
                        ),
                        (
                            "barred_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, size=None
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300)),
                        ("opened_at", models.DateTimeField(null=True)),
                        ("reminded_on", models.DateField(null=True)),
                        ("escalated_on", models.DateField(null=True)),
                        ("is_approved", models.BooleanField(null=True)),
                        ("decided_by_name", models.CharField(blank=True, max_length=200)),
                        ("decided_for_name", models.CharField(blank=True, max_length=200)),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("decision", models.TextField(blank=True)),
                        ("is_single_operator", models.BooleanField(default=False)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decided_for",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "request",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="approvals.approvalrequest",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "request", "number"), name="approval_step_number"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_single_operator", False)),
                                fields=("organisation_id", "request", "decided_by"),
                                name="approval_step_each_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_approved", None), ("decided_at__isnull", False), _connector="OR"
                                ),
                                name="approval_step_decided",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Deputy",
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
                        ("person_name", models.CharField(max_length=200)),
                        ("deputy_name", models.CharField(max_length=200)),
                        (
                            "actions",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=50), default=list, size=None
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        ("named_by_name", models.CharField(max_length=200)),
                        (
                            "deputy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("person"), "="),
                                    (models.F("deputy"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="deputy_once",
                            ),
                            models.CheckConstraint(condition=models.Q(("during__isempty", False)), name="deputy_days"),
                            models.CheckConstraint(
                                condition=models.Q(("person", models.F("deputy")), _negated=True), name="deputy_another"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReminderPolicy",
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
                        ("remind_after_days", models.PositiveSmallIntegerField(default=3)),
                        ("escalate_after_days", models.PositiveSmallIntegerField(default=7)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id",), name="reminder_policy_one")
                        ],
                    },
                ),
            ],
        ),
    ]
