"""Credits that people grant."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_splits_and_returns"),
        ("incentives", "0006_run_scope"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ManualCredit",
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
                    models.Index(fields=["organisation_id", "participant", "-credit_on"], name="manual_credit_person"),
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
    ]
