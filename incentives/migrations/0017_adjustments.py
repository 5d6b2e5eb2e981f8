"""Adjustments by hand, and calendars whose periods are paid in those of another."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0016_statement_papers"),
        ("people", "0002_relationships"),
        ("planning", "0005_score_evidence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AdjustmentBatch",
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
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
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
            ],
        ),
        migrations.CreateModel(
            name="PayCalendar",
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
        ),
        migrations.AddConstraint(
            model_name="adjustmentbatch",
            constraint=models.UniqueConstraint(fields=("organisation_id", "number"), name="adjustment_batch_number"),
        ),
        migrations.AddIndex(
            model_name="adjustment",
            index=models.Index(fields=["organisation_id", "participant", "period"], name="adjustment_person"),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.UniqueConstraint(fields=("organisation_id", "batch", "line"), name="adjustment_line"),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor", 0), _negated=True), name="adjustment_not_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="adjustment_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="paycalendar",
            constraint=models.UniqueConstraint(fields=("organisation_id", "calendar"), name="pay_calendar_once"),
        ),
        migrations.AddConstraint(
            model_name="paycalendar",
            constraint=models.CheckConstraint(
                condition=models.Q(("calendar", models.F("paid_in")), _negated=True), name="pay_calendar_another"
            ),
        ),
    ]
