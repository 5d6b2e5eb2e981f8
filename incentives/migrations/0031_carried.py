"""What is left payable in approved books may be carried to later ones, so that what pays it and what it pays stand in the same books."""

from django.db import migrations, models

BOOKS = """
CREATE OR REPLACE FUNCTION spm_period_books() RETURNS trigger LANGUAGE plpgsql AS $$
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
    WHERE step.to_state IN ('in_review', 'locked') OR (step.to_state IN ('approved', 'paid') AND j.kind NOT IN (%(kinds)s))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the books of %% are %%: post the difference into the earliest open period, or reopen it', shut.key,
            replace(shut.state, '_', ' ') USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""
FORWARD, BACKWARD = BOOKS % {"kinds": "'pay', 'carry'"}, BOOKS % {"kinds": "'pay'"}


class Migration(migrations.Migration):
    dependencies = [("incentives", "0030_pay_currencies")]

    operations = [
        migrations.AlterField(
            model_name="journal",
            name="kind",
            field=models.CharField(
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
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
