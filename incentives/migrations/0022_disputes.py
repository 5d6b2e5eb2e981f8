"""Disputes of statement lines, what became of them, and how soon they are answered."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0009_won_deals"),
        ("incentives", "0021_review_parts"),
        ("people", "0002_relationships"),
        ("planning", "0005_score_evidence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dispute",
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
                    "raised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "statement",
                    spm.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incentives.statement",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DisputeEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
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
            ],
        ),
        migrations.CreateModel(
            name="DisputePolicy",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
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
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(fields=["organisation_id", "state", "due_on"], name="dispute_due"),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(fields=["organisation_id", "participant", "period"], name="dispute_person"),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.UniqueConstraint(fields=("organisation_id", "number"), name="dispute_number"),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["open", "answered"])),
                fields=("organisation_id", "participant", "period", "currency", "line_key"),
                name="dispute_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_on", None), ("state__in", ["open", "answered"])),
                    models.Q(("closed_on__isnull", False), ("state__in", ["accepted", "rejected", "withdrawn"])),
                    _connector="OR",
                ),
                name="dispute_closed_has_day",
            ),
        ),
        migrations.AddIndex(
            model_name="disputeevent",
            index=models.Index(fields=["organisation_id", "dispute", "at"], name="dispute_events"),
        ),
        migrations.AddConstraint(
            model_name="disputeevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("step__in", ["accepted", "rejected", "withdrawn"])),
                fields=("organisation_id", "dispute", "round"),
                name="dispute_closed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputeevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("adjustment", None), ("fix", "adjustment"), _connector="OR"),
                    models.Q(("credit", None), ("fix", "credit"), _connector="OR"),
                    models.Q(("deal", None), ("fix", "source"), _connector="OR"),
                ),
                name="dispute_fix_is_one",
            ),
        ),
    ]
