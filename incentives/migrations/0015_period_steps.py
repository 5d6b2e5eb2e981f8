"""The steps of each period, and the database's own refusal of entries in the books of a period that is shut."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models

FORWARD = """
CREATE FUNCTION spm_period_books() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE shut record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('books:' || each.period_id, 0))
    FROM (SELECT DISTINCT period_id FROM added ORDER BY period_id) each;
    SELECT p.key, step.to_state AS state INTO shut
    FROM (SELECT DISTINCT organisation_id, period_id, journal_id FROM added) a
    JOIN incentives_journal j ON j.organisation_id = a.organisation_id AND j.id = a.journal_id
    JOIN planning_period p ON p.organisation_id = a.organisation_id AND p.id = a.period_id
    CROSS JOIN LATERAL (
        SELECT s.to_state FROM incentives_periodstep s
        WHERE s.organisation_id = a.organisation_id AND s.period_id = a.period_id ORDER BY s.number DESC LIMIT 1
    ) step
    WHERE step.to_state IN ('in_review', 'locked') OR (step.to_state IN ('approved', 'paid') AND j.kind <> 'pay')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the books of % are %: post the difference into the earliest open period, or reopen it', shut.key,
            replace(shut.state, '_', ' ') USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER books_open AFTER INSERT ON incentives_ledgerentry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION spm_period_books();

CREATE FUNCTION spm_period_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('books:' || NEW.period_id, 0));
    SELECT s.number, s.to_state INTO before FROM incentives_periodstep s
    WHERE s.organisation_id = NEW.organisation_id AND s.period_id = NEW.period_id ORDER BY s.number DESC LIMIT 1;
    IF NEW.number <> coalesce(before.number, 0) + 1 OR NEW.from_state <> coalesce(before.to_state, 'open') THEN
        RAISE EXCEPTION 'step % from % does not follow the period''s last step', NEW.number, NEW.from_state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER follows BEFORE INSERT ON incentives_periodstep FOR EACH ROW EXECUTE FUNCTION spm_period_step();
"""
"""A step waits for the entries that are being written in its period, and they for it: what is approved is what stands."""

BACKWARD = """
DROP TRIGGER follows ON incentives_periodstep;
DROP FUNCTION spm_period_step();
DROP TRIGGER books_open ON incentives_ledgerentry;
DROP FUNCTION spm_period_books();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0002_never_barred"),
        ("incentives", "0014_earned_in"),
        ("planning", "0005_score_evidence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PeriodStep",
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
                    models.UniqueConstraint(fields=("organisation_id", "period", "number"), name="period_step_number"),
                    models.CheckConstraint(
                        condition=models.Q(("from_state", models.F("to_state")), _negated=True),
                        name="period_step_moves",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="period_step_counts"),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
