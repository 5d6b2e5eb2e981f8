import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models
import spm.tenancy.operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0001_initial"),
        ("identity", "__first__"),
        ("people", "0001_initial"),
    ]

    operations = [
        spm.tenancy.operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Calendar",
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
                        ("code", models.CharField(max_length=50)),
                        ("name", models.CharField(max_length=100)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("MONTHLY", "Months"),
                                    ("QUARTERLY", "Quarters"),
                                    ("YEARLY", "Years"),
                                    ("WEEKLY", "Weeks"),
                                    ("BIWEEKLY", "Two weeks"),
                                    ("SEMI_MONTHLY", "Half months"),
                                    ("445", "4-4-5 weeks"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("cut_from", models.DateField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "code"), name="calendar_code")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CapacityPlan",
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
                            models.CheckConstraint(
                                condition=models.Q(("target_minor__gte", 0)), name="capacity_plan_target"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Period",
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
                        ("key", models.CharField(max_length=20)),
                        (
                            "calendar",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.calendar",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "calendar", "key"), name="period_key"),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("calendar"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="period_no_overlap",
                            ),
                            models.CheckConstraint(condition=models.Q(("during__isempty", False)), name="period_days"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Quota",
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
                        (
                            "measure",
                            models.CharField(
                                choices=[
                                    ("amount", "Amount"),
                                    ("units", "Units"),
                                    ("count", "Deals"),
                                    ("margin", "Margin"),
                                    ("recurring", "Recurring revenue"),
                                    ("contract", "Contract value"),
                                    ("distinct", "Customers, products, other distinct values"),
                                ],
                                default="amount",
                                max_length=20,
                            ),
                        ),
                        ("value", models.BigIntegerField()),
                        ("currency", models.CharField(blank=True, max_length=3)),
                        (
                            "period",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.period",
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
                            models.UniqueConstraint(
                                fields=("organisation_id", "position", "period", "measure"), name="quota_once"
                            ),
                            models.CheckConstraint(condition=models.Q(("value__gte", 0)), name="quota_not_negative"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuotaLetter",
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
                        ("values", models.JSONField()),
                        ("total", models.BigIntegerField()),
                        ("reliefs", models.JSONField(default=list)),
                        ("due_on", models.DateField(null=True)),
                        ("sent_by_name", models.CharField(max_length=200)),
                        ("sent_at", models.DateTimeField(auto_now_add=True)),
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
                ),
                migrations.CreateModel(
                    name="LetterEvent",
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
                        (
                            "step",
                            models.CharField(
                                choices=[
                                    ("accepted", "Accepted"),
                                    ("change_asked", "Change asked"),
                                    ("answered", "Answered"),
                                    ("change_agreed", "Change agreed"),
                                    ("change_refused", "Change refused"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("text", models.CharField(blank=True, max_length=1000)),
                        ("by_name", models.CharField(max_length=200)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "by_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "letter",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.quotaletter",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("step", "accepted")),
                                fields=("organisation_id", "letter"),
                                name="quota_letter_accepted_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuotaPlan",
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
                        ("name", models.CharField(max_length=100)),
                        ("year", models.PositiveSmallIntegerField()),
                        (
                            "measure",
                            models.CharField(
                                choices=[
                                    ("amount", "Amount"),
                                    ("units", "Units"),
                                    ("count", "Deals"),
                                    ("margin", "Margin"),
                                    ("recurring", "Recurring revenue"),
                                    ("contract", "Contract value"),
                                    ("distinct", "Customers, products, other distinct values"),
                                ],
                                default="amount",
                                max_length=20,
                            ),
                        ),
                        ("currency", models.CharField(blank=True, max_length=3)),
                        ("total", models.BigIntegerField()),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("EVEN", "Evenly by person"),
                                    ("HISTORY", "Sales of the year before"),
                                    ("TRAILING", "Sales of the last 12 months"),
                                    ("POTENTIAL", "Potential of the territories"),
                                    ("CUSTOM", "Own weights"),
                                ],
                                default="EVEN",
                                max_length=10,
                            ),
                        ),
                        (
                            "season",
                            models.CharField(
                                choices=[
                                    ("EVEN", "Evenly"),
                                    ("HISTORY", "As the year before"),
                                    ("SET", "By set weights"),
                                ],
                                default="EVEN",
                                max_length=10,
                            ),
                        ),
                        ("season_weights", models.JSONField(default=list)),
                        ("season_history", models.JSONField(default=list)),
                        ("paddings", models.JSONField(default=list)),
                        ("guardrail_rate", models.BigIntegerField(default=10000000)),
                        ("potential_unit", models.CharField(blank=True, max_length=6)),
                        ("growth_rate", models.BigIntegerField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[("DRAFT", "Draft"), ("PUBLISHED", "Published"), ("DISCARDED", "Thrown away")],
                                default="DRAFT",
                                max_length=10,
                            ),
                        ),
                        ("written_by_name", models.CharField(max_length=200)),
                        ("published_by_name", models.CharField(blank=True, max_length=200)),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "calendar",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.calendar",
                            ),
                        ),
                        (
                            "revises",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.quotaplan",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("total__gte", 0)), name="quota_plan_not_negative"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuotaEdit",
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
                        ("number", models.PositiveIntegerField()),
                        ("what", models.CharField(max_length=200)),
                        ("why", models.CharField(blank=True, max_length=500)),
                        ("changes", models.JSONField(default=list)),
                        ("undoes", models.PositiveIntegerField(blank=True, null=True)),
                        ("by_name", models.CharField(max_length=200)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "by_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "plan",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.quotaplan",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "plan", "number"), name="quota_edit_number"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuotaSeat",
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
                        ("history", models.BigIntegerField(default=0)),
                        ("trailing", models.BigIntegerField(default=0)),
                        ("potential", models.BigIntegerField(default=0)),
                        ("custom", models.BigIntegerField(default=1)),
                        ("manual", models.BigIntegerField(blank=True, null=True)),
                        ("value", models.BigIntegerField(default=0)),
                        ("kept", models.CharField(default="SHARED", max_length=10)),
                        ("commitment", models.BigIntegerField(blank=True, null=True)),
                        ("commitment_note", models.CharField(blank=True, max_length=500)),
                        ("committed_by_name", models.CharField(blank=True, max_length=200)),
                        (
                            "parent",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.quotaseat",
                            ),
                        ),
                        (
                            "plan",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.quotaplan",
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
                            models.UniqueConstraint(
                                fields=("organisation_id", "plan", "position"), name="quota_seat_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuotaRelief",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("JOINED", "Joined during the year"),
                                    ("LEFT", "Leaves during the year"),
                                    ("RAMP", "Ramp of a joiner"),
                                    ("LEAVE", "Leave"),
                                    ("TERRITORY", "Territory lost"),
                                    ("OTHER", "Other"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("rate", models.BigIntegerField(default=100000000)),
                        ("amount", models.BigIntegerField(blank=True, null=True)),
                        ("reason", models.CharField(max_length=500)),
                        ("by_name", models.CharField(max_length=200)),
                        (
                            "seat",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.quotaseat",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="quota_relief_days"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount", None), ("amount__gt", 0), _connector="OR"),
                                name="quota_relief_amount",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rate__gt", 0), ("rate__lte", 100000000)), name="quota_relief_rate"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuotaCell",
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
                        ("manual", models.BigIntegerField(blank=True, null=True)),
                        ("value", models.BigIntegerField(default=0)),
                        ("carried", models.BigIntegerField(default=0)),
                        (
                            "period",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.period",
                            ),
                        ),
                        (
                            "seat",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.quotaseat",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "seat", "period"), name="quota_cell_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuotaStep",
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
                        ("starts_on", models.DateField()),
                        ("value", models.BigIntegerField()),
                        ("reason", models.CharField(blank=True, max_length=500)),
                        ("by_name", models.CharField(max_length=200)),
                        ("at", models.DateTimeField(auto_now=True)),
                        (
                            "quota",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="planning.quota",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "quota", "starts_on"), name="quota_step_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("value__gte", 0)), name="quota_step_not_negative"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RuleSet",
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
                        (
                            "purpose",
                            models.CharField(
                                choices=[("TERRITORY", "Territories"), ("SEGMENT", "Segments")],
                                default="TERRITORY",
                                max_length=10,
                            ),
                        ),
                        ("starts_on", models.DateField()),
                        ("note", models.CharField(blank=True, max_length=500)),
                        (
                            "state",
                            models.CharField(
                                choices=[("DRAFT", "Draft"), ("IN_FORCE", "In force")], default="DRAFT", max_length=10
                            ),
                        ),
                        ("written_by_name", models.CharField(max_length=200)),
                        ("in_force_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "IN_FORCE")),
                                fields=("organisation_id", "purpose", "starts_on"),
                                name="rule_set_purpose_day",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Scenario",
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
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "name"), name="scenario_name")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScenarioChange",
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
                        (
                            "kind",
                            models.CharField(
                                choices=[("COVER", "Coverage"), ("QUOTA", "Quota"), ("RULES", "Territory rules")],
                                max_length=10,
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
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "scenario", "kind", "key"), name="scenario_change_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Score",
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
                        ("objective", models.CharField(max_length=100)),
                        ("score_rate", models.BigIntegerField()),
                        ("evidence", models.TextField()),
                        ("content", models.CharField(max_length=64)),
                        ("entered_by_name", models.CharField(max_length=200)),
                        ("entered_at", models.DateTimeField(auto_now=True)),
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
                            "period",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.period",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "participant", "period", "objective"), name="score_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("score_rate__gte", 0), ("score_rate__lte", 1000000000)),
                                name="score_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("evidence", ""), _negated=True), name="score_with_evidence"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScoreCard",
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
                        (
                            "kind",
                            models.CharField(
                                choices=[("POTENTIAL", "Potential"), ("WORKLOAD", "Workload")], max_length=10
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("DRAFT", "Draft"), ("IN_FORCE", "In force"), ("REPLACED", "Replaced")],
                                default="DRAFT",
                                max_length=10,
                            ),
                        ),
                        ("factors", models.JSONField(default=list)),
                        ("written_by_name", models.CharField(max_length=200)),
                        ("in_force_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "REPLACED"), _negated=True),
                                fields=("organisation_id", "kind", "state"),
                                name="score_card_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScoreEvidence",
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
                        ("objective", models.CharField(max_length=100)),
                        ("text", models.TextField(blank=True)),
                        ("link", models.URLField(blank=True, max_length=500)),
                        ("file_name", models.CharField(blank=True, max_length=200)),
                        ("content", models.BinaryField(default=bytes)),
                        ("given_by_name", models.CharField(max_length=200)),
                        ("given_at", models.DateTimeField(auto_now_add=True)),
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
                            "period",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.period",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "period", "participant"], name="evidence_of")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("file_name", ""), ("link", ""), ("text", ""), _negated=True),
                                name="evidence_shows_something",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Territory",
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
                                to="planning.territory",
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "code"), name="territory_code")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NamedAccount",
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
                        ("reason", models.CharField(max_length=500)),
                        (
                            "account",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "territory",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.territory",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("account"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="named_account_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="named_account_days"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BalanceProposal",
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
                        ("starts_on", models.DateField()),
                        ("settings", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[("ASKED", "Being computed"), ("READY", "Ready"), ("COMMITTED", "Committed")],
                                default="ASKED",
                                max_length=10,
                            ),
                        ),
                        ("solved", models.JSONField(default=dict)),
                        ("findings", models.JSONField(default=list)),
                        ("asked_by_name", models.CharField(max_length=200)),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
                        ("committed_by_name", models.CharField(blank=True, max_length=200)),
                        ("committed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "parent",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.territory",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="BalanceAccount",
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
                        ("name", models.CharField(max_length=200)),
                        ("region", models.CharField(blank=True, max_length=210)),
                        ("workload", models.BigIntegerField()),
                        ("potential", models.BigIntegerField()),
                        ("sales_minor", models.BigIntegerField()),
                        ("load_rate", models.BigIntegerField()),
                        ("is_fixed", models.BooleanField()),
                        ("latitude", models.DecimalField(blank=True, decimal_places=12, max_digits=15, null=True)),
                        ("longitude", models.DecimalField(blank=True, decimal_places=12, max_digits=15, null=True)),
                        (
                            "account",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "proposal",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.balanceproposal",
                            ),
                        ),
                        (
                            "after",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.territory",
                            ),
                        ),
                        (
                            "before",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.territory",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "proposal", "account"), name="balance_account_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TerritoryAssignment",
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
                        ("share_rate", models.BigIntegerField(default=100000000)),
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
                            "territory",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.territory",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("territory"), "="),
                                    (models.F("position"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="territory_assignment_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="territory_assignment_days"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("share_rate__gt", 0), ("share_rate__lte", 100000000)),
                                name="territory_assignment_share",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TerritoryRule",
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
                        ("key", models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False)),
                        ("place", models.PositiveIntegerField()),
                        ("name", models.CharField(max_length=200)),
                        ("segment", models.CharField(blank=True, default="", max_length=100)),
                        ("conditions", models.JSONField(default=list)),
                        (
                            "rule_set",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.ruleset",
                            ),
                        ),
                        (
                            "territory",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.territory",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                                fields=("organisation_id", "rule_set", "place"),
                                name="rule_place",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("territory", None), models.Q(("segment", ""), _negated=True)),
                                    models.Q(("segment", ""), ("territory__isnull", False)),
                                    _connector="OR",
                                ),
                                name="rule_leads_to_one",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccountTerritory",
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
                            "account",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "territory",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.territory",
                            ),
                        ),
                        (
                            "rule",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.territoryrule",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["organisation_id", "territory"], name="account_territory_of")],
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("account"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="account_territory_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="account_territory_days"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CapacityHire",
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
                        ("starts_on", models.DateField()),
                        (
                            "heads",
                            models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)]),
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
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
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
                            models.UniqueConstraint(
                                fields=("organisation_id", "plan", "title"), name="capacity_role_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("quota_minor__gte", 0)), name="capacity_role_quota"
                            ),
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
            ],
        ),
        migrations.AddField(
            model_name="quotaletter",
            name="plan",
            field=spm.tenancy.models.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="planning.quotaplan",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotaletter",
            constraint=models.UniqueConstraint(
                fields=("organisation_id", "plan", "position", "participant"), name="quota_letter_once"
            ),
        ),
    ]
