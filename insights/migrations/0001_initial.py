import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models
import spm.tenancy.operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0001_initial"),
        ("people", "0001_initial"),
        ("planning", "0001_initial"),
    ]

    operations = [
        spm.tenancy.operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="ForecastPolicy",
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
                            "roll_up",
                            models.CharField(
                                choices=[("SINGLE", "Each category alone"), ("CUMULATIVE", "Each with the surer ones")],
                                default="CUMULATIVE",
                                max_length=10,
                            ),
                        ),
                        ("categories", models.JSONField(default=dict)),
                        ("due_weekday", models.PositiveSmallIntegerField(default=4)),
                        ("remind_days", models.PositiveSmallIntegerField(default=1)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id",), name="forecast_policy_one"),
                            models.CheckConstraint(
                                condition=models.Q(("due_weekday__lte", 6), ("remind_days__lte", 6)),
                                name="forecast_policy_days",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LikelihoodTrial",
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
                        ("as_on", models.DateField()),
                        ("cut_on", models.DateField(null=True)),
                        ("trained", models.IntegerField(default=0)),
                        ("tested", models.IntegerField(default=0)),
                        ("brier_rate", models.BigIntegerField(null=True)),
                        ("stage_brier_rate", models.BigIntegerField(null=True)),
                        ("base_brier_rate", models.BigIntegerField(null=True)),
                        ("gap_rate", models.BigIntegerField(null=True)),
                        ("bins", models.JSONField(default=list)),
                        ("refused", models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "as_on"), name="likelihood_trial_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayForecastBasis",
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
                        ("as_on", models.DateField()),
                        ("seed", models.BigIntegerField()),
                        ("scenarios", models.IntegerField(default=0)),
                        ("deals", models.IntegerField(default=0)),
                        ("at_share", models.IntegerField(default=0)),
                        (
                            "source",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("LIKELIHOOD", "Likelihood of each deal"),
                                    ("STAGE_SHARE", "Share of decided deals won, by stage"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("source_reason", models.CharField(blank=True, max_length=300)),
                        ("in_full", models.BooleanField(default=False)),
                        ("reason", models.TextField(blank=True)),
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
                                fields=("organisation_id", "period"), name="pay_forecast_basis_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayForecast",
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
                            "scope",
                            models.CharField(
                                choices=[("PERSON", "Person"), ("TEAM", "Team"), ("COMPANY", "Company")], max_length=7
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("people", models.IntegerField(default=1)),
                        ("unknown", models.IntegerField(default=0)),
                        ("earned_minor", models.BigIntegerField(null=True)),
                        ("low_minor", models.BigIntegerField(null=True)),
                        ("median_minor", models.BigIntegerField(null=True)),
                        ("high_minor", models.BigIntegerField(null=True)),
                        ("reason", models.TextField(blank=True)),
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
                        (
                            "basis",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="insights.payforecastbasis",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "basis", "scope", "participant", "currency"),
                                name="pay_forecast_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PipelineSnapshot",
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
                        ("day", models.DateField()),
                        ("stage", models.CharField(max_length=100)),
                        ("currency", models.CharField(blank=True, max_length=3)),
                        ("deal_count", models.IntegerField()),
                        ("unvalued_count", models.IntegerField()),
                        ("amount_minor", models.BigIntegerField()),
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
                                fields=("organisation_id", "day", "participant", "stage", "currency"),
                                name="pipeline_snapshot_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DealLikelihood",
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
                        ("as_on", models.DateField()),
                        ("chance_rate", models.BigIntegerField()),
                        ("reasons", models.JSONField(default=list)),
                        (
                            "deal",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "deal"), name="deal_likelihood_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Forecast",
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
                        ("made_on", models.DateField()),
                        (
                            "model",
                            models.CharField(
                                choices=[
                                    ("seasonal_naive", "Same period a year ago"),
                                    ("weighted_pipeline", "Weighted pipeline"),
                                    ("time_series", "Months before"),
                                    ("likelihood", "Likelihood of deals"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("amount_minor", models.BigIntegerField(null=True)),
                        ("low_minor", models.BigIntegerField(null=True)),
                        ("high_minor", models.BigIntegerField(null=True)),
                        ("low_95_minor", models.BigIntegerField(null=True)),
                        ("high_95_minor", models.BigIntegerField(null=True)),
                        ("held_80", models.IntegerField(default=0)),
                        ("tried_80", models.IntegerField(default=0)),
                        ("held_95", models.IntegerField(default=0)),
                        ("tried_95", models.IntegerField(default=0)),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        ("wmape_rate", models.BigIntegerField(null=True)),
                        ("bias_rate", models.BigIntegerField(null=True)),
                        ("test_count", models.IntegerField(default=0)),
                        ("skill_rate", models.BigIntegerField(null=True)),
                        ("record_because", models.CharField(blank=True, max_length=300)),
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
                            "unit",
                            spm.tenancy.models.TenantForeignKey(
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
                            models.UniqueConstraint(
                                fields=("organisation_id", "made_on", "period", "unit", "model"),
                                name="forecast_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ForecastShare",
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
                        ("made_on", models.DateField()),
                        ("model", models.CharField(max_length=20)),
                        ("currency", models.CharField(max_length=3)),
                        ("amount_minor", models.BigIntegerField()),
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
                                fields=("organisation_id", "period", "participant"),
                                name="forecast_share_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ForecastSnapshot",
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
                        ("day", models.DateField()),
                        ("currency", models.CharField(max_length=3)),
                        ("own", models.JSONField(default=dict)),
                        ("team", models.JSONField(default=dict)),
                        ("submitted", models.JSONField(default=dict)),
                        ("overridden", models.JSONField(default=dict)),
                        ("model_minor", models.BigIntegerField(null=True)),
                        (
                            "manager",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
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
                                fields=("organisation_id", "day", "period", "participant"),
                                name="forecast_snapshot_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ForecastSubmission",
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
                            "category",
                            models.CharField(
                                choices=[
                                    ("CLOSED", "Closed"),
                                    ("COMMIT", "Commit"),
                                    ("BEST", "Best case"),
                                    ("PIPELINE", "Pipeline"),
                                    ("OMITTED", "Left out"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("is_override", models.BooleanField(default=False)),
                        ("number", models.PositiveIntegerField()),
                        ("amount_minor", models.BigIntegerField(null=True)),
                        ("currency", models.CharField(max_length=3)),
                        ("note", models.CharField(blank=True, max_length=500)),
                        ("by_name", models.CharField(max_length=200)),
                        ("at", models.DateTimeField(auto_now_add=True)),
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
                                fields=(
                                    "organisation_id",
                                    "period",
                                    "participant",
                                    "category",
                                    "is_override",
                                    "number",
                                ),
                                name="forecast_submission_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("category__in", ["COMMIT", "BEST"])),
                                name="forecast_submission_category",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_minor", None), ("amount_minor__gte", 0), _connector="OR"),
                                name="forecast_submission_not_negative",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
