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
        ("approvals", "0001_initial"),
        ("crm", "0001_initial"),
        ("identity", "__first__"),
        ("jobs", "0001_initial"),
        ("people", "0001_initial"),
        ("planning", "0001_initial"),
    ]

    operations = [
        spm.tenancy.operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="RunCredit",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "run_id", "line", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("organisation_id", models.BigIntegerField()),
                        ("run_id", models.UUIDField()),
                        ("line", models.IntegerField()),
                        ("participant_id", models.UUIDField()),
                        ("position_id", models.UUIDField()),
                        ("opportunity_id", models.UUIDField()),
                        ("plan_version_id", models.UUIDField()),
                        ("component", models.CharField(max_length=100)),
                        ("rule", models.CharField(max_length=100)),
                        ("share_rate", models.BigIntegerField()),
                        ("via_participant_id", models.UUIDField(null=True)),
                        ("credit_on", models.DateField()),
                        ("credit_minor", models.BigIntegerField()),
                        ("earned_minor", models.BigIntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        ("stated_minor", models.BigIntegerField(null=True)),
                        ("rate_number", models.IntegerField(null=True)),
                    ],
                    options={
                        "db_table": "incentives_runcredit",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="AdjustmentBatch",
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
                        ("number", models.IntegerField()),
                        ("title", models.CharField(max_length=200)),
                        ("asked_by_name", models.CharField(max_length=200)),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "number"), name="adjustment_batch_number"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Dispute",
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
                        ("number", models.IntegerField()),
                        (
                            "section",
                            models.CharField(
                                choices=[
                                    ("lines", "How it was earned"),
                                    ("prior", "Earlier periods"),
                                    ("others", "Beside the plans"),
                                ],
                                default="lines",
                                max_length=10,
                            ),
                        ),
                        ("place", models.IntegerField()),
                        ("line_key", models.CharField(max_length=64)),
                        ("label", models.CharField(max_length=300)),
                        ("component", models.CharField(blank=True, max_length=100)),
                        ("currency", models.CharField(max_length=3)),
                        ("earned_minor", models.BigIntegerField()),
                        ("claimed_minor", models.BigIntegerField(null=True)),
                        ("deal", models.CharField(blank=True, max_length=200)),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("split", "Split or share of a deal"),
                                    ("territory", "Territory or owner"),
                                    ("timing", "Timing: period, invoice or refund"),
                                    ("plan_change", "Plan, rate or quota changed"),
                                    ("currency", "Currency or exchange rate"),
                                    ("data", "Data: a deal is missing or wrong"),
                                    ("other", "Something else"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("raised_by_name", models.CharField(max_length=200)),
                        ("raised_at", models.DateTimeField(auto_now_add=True)),
                        ("raised_on", models.DateField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("answered", "Answered"),
                                    ("accepted", "Accepted"),
                                    ("rejected", "Rejected"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("round", models.IntegerField(default=1)),
                        ("assignee_name", models.CharField(blank=True, max_length=200)),
                        ("due_on", models.DateField()),
                        (
                            "cause",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("split", "Split or share of a deal"),
                                    ("territory", "Territory or owner"),
                                    ("timing", "Timing: period, invoice or refund"),
                                    ("plan_change", "Plan, rate or quota changed"),
                                    ("currency", "Currency or exchange rate"),
                                    ("data", "Data: a deal is missing or wrong"),
                                    ("other", "Something else"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("closed_on", models.DateField(null=True)),
                        (
                            "assignee",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
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
                        (
                            "raised_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "state", "due_on"], name="dispute_due"),
                            models.Index(fields=["organisation_id", "participant", "period"], name="dispute_person"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="dispute_number"),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["open", "answered"])),
                                fields=("organisation_id", "participant", "period", "currency", "line_key"),
                                name="dispute_open_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_on", None), ("state__in", ["open", "answered"])),
                                    models.Q(
                                        ("closed_on__isnull", False),
                                        ("state__in", ["accepted", "rejected", "withdrawn"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="dispute_closed_has_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DisputePolicy",
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
                        ("days_to_answer", models.IntegerField(default=5)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id",), name="dispute_policy_once"),
                            models.CheckConstraint(
                                condition=models.Q(("days_to_answer__gte", 1), ("days_to_answer__lte", 90)),
                                name="dispute_policy_days",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DocumentPolicy",
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
                            "policy",
                            models.CharField(
                                choices=[
                                    ("warn", "Warn: pay, and name the person"),
                                    ("hold_until_accepted", "Hold: pay nothing until it is accepted"),
                                    ("pay_anyway", "Pay anyway"),
                                ],
                                default="pay_anyway",
                                max_length=30,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id",), name="document_policy_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EvidenceFile",
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
                        ("place", models.IntegerField()),
                        ("name", models.CharField(max_length=300)),
                        ("digest", models.CharField(max_length=64)),
                        ("size", models.BigIntegerField()),
                        (
                            "job",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="jobs.job",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "job", "name"), name="evidence_file_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EvidencePack",
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
                        ("number", models.IntegerField()),
                        ("manifest", models.TextField()),
                        ("hash", models.CharField(max_length=64)),
                        ("files", models.IntegerField()),
                        ("size", models.BigIntegerField()),
                        ("made_by_name", models.CharField(max_length=200)),
                        ("made_at", models.DateTimeField()),
                        (
                            "job",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="jobs.job",
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
                                fields=("organisation_id", "period", "number"), name="evidence_pack_number"
                            ),
                            models.UniqueConstraint(fields=("organisation_id", "job"), name="evidence_pack_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EvidencePart",
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
                        ("number", models.IntegerField()),
                        ("content", models.BinaryField()),
                        (
                            "file",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="incentives.evidencefile",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "file", "number"), name="evidence_part_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpenseBook",
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
                        ("code", models.SlugField(max_length=40)),
                        ("name", models.CharField(max_length=200)),
                        ("starts_on", models.DateField()),
                        ("close_after_days", models.PositiveSmallIntegerField(default=5)),
                        ("asset_account", models.CharField(max_length=60)),
                        ("expense_account", models.CharField(max_length=60)),
                        ("amortisation_account", models.CharField(max_length=60)),
                        ("impairment_account", models.CharField(max_length=60)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "code"), name="expense_book_code"),
                            models.CheckConstraint(
                                condition=models.Q(("starts_on__day", 1)), name="expense_book_month"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpenseClose",
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
                        ("month", models.DateField()),
                        ("closed_at", models.DateTimeField()),
                        ("closed_by", models.CharField(max_length=200)),
                        ("non_current", models.JSONField(default=dict)),
                        (
                            "book",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.expensebook",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "book", "month"), name="expense_close_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpensePolicy",
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
                        ("capitalises", models.BooleanField(default=True)),
                        ("uses_expedient", models.BooleanField(default=False)),
                        (
                            "basis",
                            models.CharField(
                                choices=[("TERM", "TERM"), ("BENEFIT", "BENEFIT"), ("COMMENSURATE", "COMMENSURATE")],
                                max_length=12,
                            ),
                        ),
                        ("benefit_months", models.PositiveSmallIntegerField()),
                        (
                            "convention",
                            models.CharField(choices=[("DAYS", "DAYS"), ("MONTHS", "MONTHS")], max_length=6),
                        ),
                        ("new_rate", models.BigIntegerField(default=0)),
                        ("renewal_rate", models.BigIntegerField(default=0)),
                        ("includes_overrides", models.BooleanField(default=True)),
                        ("capitalises_without_contract", models.BooleanField(default=False)),
                        ("lapse_months", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("direct_cost_rate", models.BigIntegerField(blank=True, null=True)),
                        ("components", models.JSONField(default=list)),
                        ("reason", models.CharField(max_length=500)),
                        (
                            "book",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.expensebook",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("book"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="expense_policy_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="expense_policy_days"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("benefit_months__range", (1, 600))), name="expense_policy_benefit"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpenseAsset",
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
                        ("currency", models.CharField(max_length=3)),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("CAPITALISED", "CAPITALISED"),
                                    ("NOT_CAPITALISED", "NOT_CAPITALISED"),
                                    ("NOT_INCREMENTAL", "NOT_INCREMENTAL"),
                                    ("EXPEDIENT", "EXPEDIENT"),
                                    ("NO_CONTRACT", "NO_CONTRACT"),
                                    ("UNALLOCATED", "UNALLOCATED"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "contract",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.contract",
                            ),
                        ),
                        (
                            "opportunity",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
                        (
                            "book",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.expensebook",
                            ),
                        ),
                        (
                            "policy",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.expensepolicy",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "book", "opportunity", "contract", "currency"),
                                name="expense_asset_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpenseTake",
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
                        ("fingerprint", models.CharField(max_length=64)),
                        ("taken_at", models.DateTimeField()),
                        (
                            "book",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.expensebook",
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
                            models.Index(
                                fields=["organisation_id", "book", "period", "-taken_at"], name="expense_take_latest"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpenseTerm",
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
                        ("number", models.IntegerField()),
                        ("month", models.DateField()),
                        ("start_on", models.DateField()),
                        ("base_on", models.DateField()),
                        ("until_on", models.DateField()),
                        ("contract_until", models.DateField(null=True)),
                        (
                            "convention",
                            models.CharField(choices=[("DAYS", "DAYS"), ("MONTHS", "MONTHS")], max_length=6),
                        ),
                        ("carried_minor", models.BigIntegerField()),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("FIRST", "First terms"),
                                    ("CHANGED", "Terms changed"),
                                    ("IMPAIRED", "After an impairment"),
                                    ("LOST", "Contract lost"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "asset",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.expenseasset",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "asset", "number"), name="expense_term_number"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FormerUpload",
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
                        ("number", models.IntegerField()),
                        ("digest", models.CharField(max_length=64)),
                        ("count", models.IntegerField()),
                        ("uploaded_by_name", models.CharField(max_length=200)),
                        ("uploaded_at", models.DateTimeField(auto_now_add=True)),
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
                            "uploaded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="former_upload_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hold",
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
                        ("number", models.IntegerField()),
                        ("component", models.CharField(blank=True, max_length=100)),
                        ("starts_on", models.DateField()),
                        ("reason", models.TextField()),
                        ("asked_by_name", models.CharField(max_length=200)),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
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
                            "deal",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="hold_number"),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="hold_has_reason"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HoldRelease",
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
                        ("reason", models.TextField()),
                        ("asked_by_name", models.CharField(max_length=200)),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
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
                            "hold",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.hold",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="hold_release_has_reason"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Journal",
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
                        ("number", models.BigIntegerField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("earn", "Earned"),
                                    ("release", "Released"),
                                    ("hold", "Held back"),
                                    ("hand_hold", "Held by hand"),
                                    ("adjust", "Adjusted by hand"),
                                    ("draw", "Draw advanced"),
                                    ("recover", "Draw recovered"),
                                    ("clawback", "Clawed back"),
                                    ("pay", "Paid"),
                                    ("carry", "Carried to later books"),
                                    ("write_off", "Written off"),
                                    ("opening", "Opening balance"),
                                    ("convert", "Converted"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("slot", models.CharField(max_length=150)),
                        ("reason", models.CharField(max_length=300)),
                        ("posted_at", models.DateTimeField()),
                        ("paid_on", models.DateField(null=True)),
                        ("actor", models.CharField(max_length=200)),
                        ("previous_hash", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64)),
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
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="journal_number"),
                            models.UniqueConstraint(fields=("organisation_id", "kind", "slot"), name="journal_slot"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Leave",
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
                    name="LedgerExport",
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
                        ("number", models.IntegerField()),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("earned", "When it is earned: every journal"),
                                    ("paid", "When it is paid: the accrual at period end and its reversal"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("after_number", models.BigIntegerField()),
                        ("until_number", models.BigIntegerField()),
                        ("form", models.JSONField()),
                        ("made_by_name", models.CharField(max_length=200)),
                        ("made_at", models.DateTimeField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="ledger_export_number"),
                            models.CheckConstraint(
                                condition=models.Q(("until_number__gte", models.F("after_number"))),
                                name="ledger_export_forward",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LedgerExportLine",
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
                        ("number", models.IntegerField()),
                        ("on", models.DateField()),
                        ("gl_account", models.CharField(max_length=60)),
                        ("cost_centre", models.CharField(blank=True, max_length=60)),
                        ("currency", models.CharField(max_length=3)),
                        ("debit_minor", models.BigIntegerField()),
                        ("credit_minor", models.BigIntegerField()),
                        ("details", models.JSONField(default=dict)),
                        (
                            "export",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.ledgerexport",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "export", "number"), name="ledger_export_line_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("credit_minor", 0), ("debit_minor__gt", 0)),
                                    models.Q(("credit_minor__gt", 0), ("debit_minor", 0)),
                                    _connector="OR",
                                ),
                                name="ledger_export_line_side",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LedgerExportWithdrawal",
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
                        ("reason", models.CharField(max_length=300)),
                        ("by_name", models.CharField(max_length=200)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "export",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.ledgerexport",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "export"), name="ledger_export_withdrawn_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="ledger_export_withdrawn_why"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LedgerFormat",
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
                        ("number", models.IntegerField()),
                        ("columns", models.JSONField()),
                        ("delimiter", models.CharField(max_length=1)),
                        ("decimal", models.CharField(max_length=1)),
                        ("has_header", models.BooleanField()),
                        ("has_trailer", models.BooleanField()),
                        ("set_by_name", models.CharField(max_length=200)),
                        ("set_at", models.DateTimeField()),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("earned", "When it is earned: every journal"),
                                    ("paid", "When it is paid: the accrual at period end and its reversal"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("accounts", models.JSONField()),
                        ("centres", models.JSONField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="ledger_format_number"),
                            models.CheckConstraint(
                                condition=models.Q(("delimiter", models.F("decimal")), _negated=True),
                                name="ledger_format_readable",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ManualCredit",
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
                        ("number", models.IntegerField()),
                        ("measure", models.CharField(max_length=100)),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        ("credit_on", models.DateField()),
                        ("reason", models.TextField()),
                        ("asked_by_name", models.CharField(max_length=200)),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
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
                            "opportunity",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
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
                            "reverses",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.manualcredit",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "credit_on"], name="manual_credit_day"),
                            models.Index(
                                fields=["organisation_id", "participant", "-credit_on"], name="manual_credit_person"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="manual_credit_number"),
                            models.CheckConstraint(
                                condition=models.Q(("amount_minor", 0), _negated=True), name="manual_credit_not_zero"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="manual_credit_reason"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DisputeEvent",
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
                        ("round", models.IntegerField()),
                        (
                            "step",
                            models.CharField(
                                choices=[
                                    ("raised", "Raised"),
                                    ("said", "Added"),
                                    ("assigned", "Assigned"),
                                    ("answered", "Answered"),
                                    ("accepted", "Accepted"),
                                    ("rejected", "Rejected"),
                                    ("withdrawn", "Withdrawn"),
                                    ("reopened", "Reopened"),
                                    ("mended", "Fix named"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("text", models.TextField(blank=True)),
                        ("file_name", models.CharField(blank=True, max_length=200)),
                        ("content", models.BinaryField(default=bytes)),
                        (
                            "cause",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("split", "Split or share of a deal"),
                                    ("territory", "Territory or owner"),
                                    ("timing", "Timing: period, invoice or refund"),
                                    ("plan_change", "Plan, rate or quota changed"),
                                    ("currency", "Currency or exchange rate"),
                                    ("data", "Data: a deal is missing or wrong"),
                                    ("other", "Something else"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "fix",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("adjustment", "An adjustment of pay"),
                                    ("credit", "A manual credit"),
                                    ("source", "A correction at the source"),
                                    ("nothing", "Nothing needs to change"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("by_name", models.CharField(max_length=200)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "adjustment",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.adjustmentbatch",
                            ),
                        ),
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
                            "deal",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
                        (
                            "dispute",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.dispute",
                            ),
                        ),
                        (
                            "credit",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.manualcredit",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["organisation_id", "dispute", "at"], name="dispute_events")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("step__in", ["accepted", "rejected", "withdrawn"])),
                                fields=("organisation_id", "dispute", "round"),
                                name="dispute_closed_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("adjustment", None), ("fix", "adjustment"), _connector="OR"),
                                    models.Q(("credit", None), ("fix", "credit"), _connector="OR"),
                                    models.Q(("deal", None), ("fix", "source"), _connector="OR"),
                                ),
                                name="dispute_fix_is_one",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OpeningBatch",
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
                        ("number", models.IntegerField()),
                        ("title", models.CharField(max_length=200)),
                        ("digest", models.CharField(max_length=64)),
                        ("asked_by_name", models.CharField(max_length=200)),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
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
                            "reverses",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.openingbatch",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="opening_batch_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayCalendar",
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
                            "calendar",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.calendar",
                            ),
                        ),
                        (
                            "paid_in",
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
                            models.UniqueConstraint(fields=("organisation_id", "calendar"), name="pay_calendar_once"),
                            models.CheckConstraint(
                                condition=models.Q(("calendar", models.F("paid_in")), _negated=True),
                                name="pay_calendar_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayConversion",
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
                        ("from_currency", models.CharField(max_length=3)),
                        ("to_currency", models.CharField(max_length=3)),
                        ("from_minor", models.BigIntegerField()),
                        ("to_minor", models.BigIntegerField()),
                        ("from_change_minor", models.BigIntegerField()),
                        ("to_change_minor", models.BigIntegerField()),
                        ("policy", models.CharField(max_length=20)),
                        ("rate", models.TextField()),
                        ("taken_on", models.DateField(null=True)),
                        ("taken_until", models.DateField(null=True)),
                        ("rate_on", models.DateField(null=True)),
                        ("table_name", models.TextField()),
                        (
                            "converted_in",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.period",
                            ),
                        ),
                        (
                            "journal",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.journal",
                            ),
                        ),
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
                            models.Index(
                                fields=["organisation_id", "period", "participant"], name="pay_conversion_books"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayCurrency",
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
                        ("currency", models.CharField(max_length=3)),
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
                                name="pay_currency_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="pay_currency_days"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutBatch",
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
                        ("number", models.IntegerField()),
                        ("form", models.JSONField()),
                        ("made_by_name", models.CharField(max_length=200)),
                        ("made_at", models.DateTimeField()),
                        ("is_single_operator", models.BooleanField(default=False)),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="payout_batch_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutFormat",
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
                        ("number", models.IntegerField()),
                        ("columns", models.JSONField()),
                        ("delimiter", models.CharField(max_length=1)),
                        ("decimal", models.CharField(max_length=1)),
                        ("has_header", models.BooleanField()),
                        ("has_trailer", models.BooleanField()),
                        ("set_by_name", models.CharField(max_length=200)),
                        ("set_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="payout_format_number"),
                            models.CheckConstraint(
                                condition=models.Q(("delimiter", models.F("decimal")), _negated=True),
                                name="payout_format_readable",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutLine",
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
                        ("number", models.IntegerField()),
                        ("key", models.CharField(max_length=200)),
                        ("name", models.CharField(max_length=200)),
                        ("employee_number", models.CharField(blank=True, max_length=50)),
                        ("email", models.CharField(blank=True, max_length=254)),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "batch",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.payoutbatch",
                            ),
                        ),
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
                            models.UniqueConstraint(
                                fields=("organisation_id", "batch", "number"), name="payout_line_number"
                            ),
                            models.UniqueConstraint(
                                fields=("organisation_id", "batch", "participant", "currency"), name="payout_line_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_minor__gt", 0)), name="payout_line_pays"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutAnswer",
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
                        ("is_paid", models.BooleanField()),
                        ("paid_minor", models.BigIntegerField(null=True)),
                        ("reference", models.CharField(blank=True, max_length=200)),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        ("by_name", models.CharField(max_length=200)),
                        ("at", models.DateTimeField()),
                        ("is_single_operator", models.BooleanField(default=False)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "journal",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.journal",
                            ),
                        ),
                        (
                            "line",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.payoutline",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "line"), name="payout_answer_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("is_paid", True), ("journal__isnull", False)),
                                    models.Q(
                                        ("is_paid", False), ("journal", None), models.Q(("reason", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_answer_said",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("paid_minor", None),
                                    models.Q(
                                        ("is_paid", True),
                                        ("paid_minor__gt", 0),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_answer_otherwise",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayRateRule",
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
                            "policy",
                            models.CharField(
                                choices=[("PERIOD_END", "PERIOD_END"), ("PERIOD_AVERAGE", "PERIOD_AVERAGE")],
                                max_length=20,
                            ),
                        ),
                        ("set_by_name", models.CharField(max_length=200)),
                    ],
                    options={
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[(models.F("organisation_id"), "="), (models.F("during"), "&&")],
                                name="pay_rate_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="pay_rate_days"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PeriodStep",
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
                        ("number", models.IntegerField()),
                        (
                            "from_state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("calculating", "Calculating"),
                                    ("in_review", "In review"),
                                    ("approved", "Approved"),
                                    ("paid", "Paid"),
                                    ("locked", "Locked"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "to_state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("calculating", "Calculating"),
                                    ("in_review", "In review"),
                                    ("approved", "Approved"),
                                    ("paid", "Paid"),
                                    ("locked", "Locked"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("reason", models.TextField(blank=True)),
                        ("totals", models.JSONField(default=list)),
                        ("content", models.CharField(blank=True, max_length=64)),
                        ("by_name", models.CharField(max_length=200)),
                        ("at", models.DateTimeField()),
                        ("is_single_operator", models.BooleanField(default=False)),
                        (
                            "approval",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="approvals.approvalrequest",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                                fields=("organisation_id", "period", "number"), name="period_step_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("from_state", models.F("to_state")), _negated=True),
                                name="period_step_moves",
                            ),
                            models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="period_step_counts"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Plan",
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
                        "constraints": [models.UniqueConstraint(fields=("organisation_id", "code"), name="plan_code")],
                    },
                ),
                migrations.CreateModel(
                    name="OpeningBalance",
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
                        ("line", models.IntegerField()),
                        ("component", models.CharField(blank=True, max_length=100)),
                        ("currency", models.CharField(max_length=3)),
                        ("payable_minor", models.BigIntegerField(default=0)),
                        ("held_minor", models.BigIntegerField(default=0)),
                        ("held_reason", models.CharField(blank=True, max_length=300)),
                        ("draw_minor", models.BigIntegerField(default=0)),
                        ("paid_minor", models.BigIntegerField(default=0)),
                        ("credit_value", models.BigIntegerField(default=0)),
                        ("quota_value", models.BigIntegerField(default=0)),
                        ("target_minor", models.BigIntegerField(default=0)),
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
                        (
                            "batch",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.openingbatch",
                            ),
                        ),
                        (
                            "plan",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.plan",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "participant", "period"], name="opening_person")
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "batch", "line"), name="opening_line"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("held_minor", 0), models.Q(("held_reason", ""), _negated=True), _connector="OR"
                                ),
                                name="opening_hold_has_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FormerResult",
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
                        ("line", models.IntegerField()),
                        ("name", models.CharField(max_length=300)),
                        ("component", models.CharField(blank=True, max_length=100)),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        ("quota_minor", models.BigIntegerField(blank=True, null=True)),
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
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.formerupload",
                            ),
                        ),
                        (
                            "plan",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.plan",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "upload", "line"), name="former_result_line"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpenseEntry",
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
                        ("month", models.DateField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("ADDED", "ADDED"),
                                    ("CLAWED_BACK", "CLAWED_BACK"),
                                    ("AMORTISED", "AMORTISED"),
                                    ("IMPAIRED", "IMPAIRED"),
                                    ("WRITTEN_OFF", "WRITTEN_OFF"),
                                    ("EXPENSED", "EXPENSED"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=16)),
                        ("component", models.CharField(blank=True, max_length=100)),
                        ("incurred", models.DateField(null=True)),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        ("created_at", models.DateTimeField()),
                        (
                            "asset",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.expenseasset",
                            ),
                        ),
                        (
                            "book",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.expensebook",
                            ),
                        ),
                        (
                            "period",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.period",
                            ),
                        ),
                        (
                            "plan",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.plan",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "book", "month"], name="expense_entry_month"),
                            models.Index(fields=["organisation_id", "asset", "month"], name="expense_entry_asset"),
                            models.Index(fields=["organisation_id", "book", "period"], name="expense_entry_period"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_minor", 0), _negated=True), name="expense_entry_not_zero"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("period__isnull", True)),
                                fields=("organisation_id", "book", "month", "kind", "asset"),
                                name="expense_entry_month_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Adjustment",
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
                        ("line", models.IntegerField()),
                        ("component", models.CharField(blank=True, max_length=100)),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "reason_code",
                            models.CharField(
                                choices=[
                                    ("correction", "Correction of an error"),
                                    ("dispute", "Outcome of a dispute"),
                                    ("bonus", "Spot bonus"),
                                    ("guarantee", "Agreed guarantee"),
                                    ("transfer", "Transfer or leave"),
                                    ("reversal", "Reversal of an adjustment"),
                                    ("other", "Other"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("reason", models.TextField()),
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
                        (
                            "reverses",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.adjustment",
                            ),
                        ),
                        (
                            "batch",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.adjustmentbatch",
                            ),
                        ),
                        (
                            "plan",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.plan",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "participant", "period"], name="adjustment_person")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "batch", "line"), name="adjustment_line"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_minor", 0), _negated=True), name="adjustment_not_zero"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="adjustment_has_reason"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanAssignment",
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
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "plan",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.plan",
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
                            "title",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.title",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="plan_assignment_days"
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("title__isnull", False)),
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("plan"), "="),
                                    (models.F("title"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="plan_assignment_title",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("position__isnull", False)),
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("plan"), "="),
                                    (models.F("position"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="plan_assignment_position",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("participant__isnull", False)),
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("plan"), "="),
                                    (models.F("participant"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="plan_assignment_participant",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("participant__isnull", True),
                                        ("position__isnull", True),
                                        ("title__isnull", False),
                                    ),
                                    models.Q(
                                        ("participant__isnull", True),
                                        ("position__isnull", False),
                                        ("title__isnull", True),
                                    ),
                                    models.Q(
                                        ("participant__isnull", False),
                                        ("position__isnull", True),
                                        ("title__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="plan_assignment_one_target",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanDocument",
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
                        ("number", models.IntegerField()),
                        ("blocks", models.JSONField()),
                        ("digest", models.CharField(max_length=64)),
                        ("content", models.BinaryField()),
                        ("hash", models.CharField(max_length=64)),
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
                            "plan",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.plan",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "participant", "plan", "number"), name="plan_document_number"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DocumentEvent",
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
                                    ("read", "Read"),
                                    ("accepted", "Accepted"),
                                    ("declined", "Declined"),
                                    ("reminded", "Reminded"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("hash", models.CharField(max_length=64)),
                        ("reason", models.CharField(blank=True, max_length=1000)),
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
                            "document",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.plandocument",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("step__in", ["accepted", "declined"])),
                                fields=("organisation_id", "document"),
                                name="document_answered_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("step", "read")),
                                fields=("organisation_id", "document"),
                                name="document_read_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanVersion",
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
                        ("number", models.IntegerField()),
                        ("definition", models.JSONField()),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "author_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, size=None
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "plan",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.plan",
                            ),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "plan", "number"), name="plan_version_number"
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("state", "published")),
                                expressions=[
                                    (models.F("organisation_id"), "="),
                                    (models.F("plan"), "="),
                                    (models.F("during"), "&&"),
                                ],
                                name="plan_version_one_published",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="plan_version_days"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LedgerEntry",
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
                        ("component", models.CharField(max_length=100)),
                        (
                            "account",
                            models.CharField(
                                choices=[
                                    ("earned", "Earned, not released"),
                                    ("held", "Held"),
                                    ("payable", "Payable"),
                                    ("paid", "Paid"),
                                    ("draw", "Draw"),
                                    ("recovered", "Recovered"),
                                    ("written_off", "Written off"),
                                    ("expense", "Expense"),
                                    ("clearing", "Company clearing"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "earned_in",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.period",
                            ),
                        ),
                        (
                            "journal",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.journal",
                            ),
                        ),
                        (
                            "participant",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "period",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.period",
                            ),
                        ),
                        (
                            "plan_version",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.planversion",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "participant", "period", "account"],
                                name="ledger_participant",
                            ),
                            models.Index(fields=["organisation_id", "journal"], name="ledger_journal"),
                            models.Index(
                                fields=["organisation_id", "earned_in", "participant"], name="ledger_earned_in"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RampSchedule",
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
                            "shares",
                            django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("organisation_id", "code"), name="ramp_code")],
                    },
                ),
                migrations.CreateModel(
                    name="Ramp",
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
                    name="ReviewPart",
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
                            "part",
                            models.CharField(
                                choices=[("text", "Text"), ("cost", "Cost"), ("gaming", "Gaming")], max_length=10
                            ),
                        ),
                        ("content", models.JSONField()),
                        ("made_at", models.DateTimeField(auto_now_add=True)),
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
                                fields=("organisation_id", "request", "part"), name="review_part_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Run",
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
                        ("facts_known_at", models.DateTimeField()),
                        ("inputs", models.JSONField(default=dict)),
                        ("inputs_digest", models.CharField(blank=True, max_length=64)),
                        ("results_digest", models.CharField(blank=True, max_length=64)),
                        ("code_version", models.CharField(max_length=40)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("posted", "Posted"),
                                    ("failed", "Failed"),
                                ],
                                default="running",
                                max_length=10,
                            ),
                        ),
                        ("findings", models.JSONField(default=list)),
                        ("credit_count", models.IntegerField(default=0)),
                        ("scope", models.JSONField(blank=True, null=True)),
                        ("snapshot", models.TextField(blank=True, db_default="", default="")),
                        ("started_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "job",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="jobs.job",
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
                            models.Index(fields=["organisation_id", "period", "-started_at"], name="run_recent")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunEarning",
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
                        ("component", models.CharField(max_length=100)),
                        ("credit_minor", models.BigIntegerField()),
                        ("credit_count", models.IntegerField()),
                        ("quota_value", models.BigIntegerField(null=True)),
                        ("attainment_rate", models.BigIntegerField(null=True)),
                        ("earned_minor", models.BigIntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        ("slices", models.JSONField(default=list)),
                        ("moved", models.JSONField(default=list)),
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
                            models.UniqueConstraint(
                                fields=("organisation_id", "run", "participant", "plan_version", "component"),
                                name="run_earning_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunInput",
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
                        ("name", models.CharField(max_length=20)),
                        ("digest", models.CharField(max_length=64)),
                        ("content", models.TextField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "name", "digest"), name="run_input_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunRate",
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
                migrations.CreateModel(
                    name="Statement",
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
                        ("number", models.IntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        ("credit_minor", models.BigIntegerField()),
                        ("earned_minor", models.BigIntegerField()),
                        ("payable_minor", models.BigIntegerField()),
                        ("content", models.JSONField()),
                        ("hash", models.CharField(max_length=64)),
                        ("issued_at", models.DateTimeField()),
                        (
                            "participant",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "period",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="planning.period",
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
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "period", "participant", "-number"], name="statement_latest"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "participant", "period", "currency", "number"),
                                name="statement_number",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StatementPaper",
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
                        ("name", models.CharField(max_length=300)),
                        ("content", models.BinaryField()),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "job",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="jobs.job",
                            ),
                        ),
                        (
                            "statement",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incentives.statement",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "job", "statement"), name="statement_paper_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TargetPay",
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
                        ("target_minor", models.BigIntegerField()),
                        ("base_minor", models.BigIntegerField()),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "per",
                            models.CharField(
                                choices=[("year", "A fiscal year"), ("period", "Each pay period")],
                                default="year",
                                max_length=10,
                            ),
                        ),
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
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)), name="target_pay_days"
                            ),
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
                                condition=models.Q(("base_minor__gte", 0), ("target_minor__gte", 0)),
                                name="target_pay_amounts",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.AddField(
            model_name="hold",
            name="plan",
            field=spm.tenancy.models.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incentives.plan",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="plan",
            field=spm.tenancy.models.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incentives.plan",
            ),
        ),
        migrations.AddField(
            model_name="plandocument",
            name="plan_version",
            field=spm.tenancy.models.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incentives.planversion",
            ),
        ),
        migrations.AddField(
            model_name="journal",
            name="run",
            field=spm.tenancy.models.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incentives.run",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="statement",
            field=spm.tenancy.models.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incentives.statement",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("participant__isnull", False), ("plan__isnull", False), ("deal__isnull", False), _connector="OR"
                ),
                name="hold_of_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("component", ""), ("plan__isnull", False), _connector="OR"),
                name="hold_component_of_plan",
            ),
        ),
    ]
