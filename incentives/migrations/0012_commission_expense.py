"""Commission expense: books, policies, costs of contracts, and what each month did to them."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0005_changed_deals"),
        ("incentives", "0011_bulk_references"),
        ("planning", "0003_targets_and_scores"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExpenseBook",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
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
                    models.CheckConstraint(condition=models.Q(("starts_on__day", 1)), name="expense_book_month"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpensePolicy",
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
                ("convention", models.CharField(choices=[("DAYS", "DAYS"), ("MONTHS", "MONTHS")], max_length=6)),
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
        ),
        migrations.CreateModel(
            name="ExpenseAsset",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
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
        ),
        migrations.CreateModel(
            name="ExpenseTake",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
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
        ),
        migrations.CreateModel(
            name="ExpenseTerm",
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
                ("month", models.DateField()),
                ("start_on", models.DateField()),
                ("base_on", models.DateField()),
                ("until_on", models.DateField()),
                ("contract_until", models.DateField(null=True)),
                ("convention", models.CharField(choices=[("DAYS", "DAYS"), ("MONTHS", "MONTHS")], max_length=6)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incentives.expenseasset",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExpenseClose",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
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
                    models.UniqueConstraint(fields=("organisation_id", "book", "month"), name="expense_close_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpenseEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incentives.expensebook",
                    ),
                ),
                (
                    "period",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
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
        migrations.AddConstraint(
            model_name="expensepolicy",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[(models.F("organisation_id"), "="), (models.F("book"), "="), (models.F("during"), "&&")],
                name="expense_policy_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="expensepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("during__isempty", False)), name="expense_policy_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="expensepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("benefit_months__range", (1, 600))), name="expense_policy_benefit"
            ),
        ),
        migrations.AddConstraint(
            model_name="expenseasset",
            constraint=models.UniqueConstraint(
                fields=("organisation_id", "book", "opportunity", "contract", "currency"),
                name="expense_asset_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="expensetake",
            index=models.Index(fields=["organisation_id", "book", "period", "-taken_at"], name="expense_take_latest"),
        ),
        migrations.AddConstraint(
            model_name="expenseterm",
            constraint=models.UniqueConstraint(
                fields=("organisation_id", "asset", "number"), name="expense_term_number"
            ),
        ),
    ]
