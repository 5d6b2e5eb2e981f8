from django.db import migrations, models

BASIS, FORECAST = "insights_payforecastbasis", "insights_payforecast"
ONCE, CURRENT = "pay_forecast_basis_once", "pay_forecast_basis_current"
SAVED = models.UniqueConstraint(fields=["organisation_id", "period", "as_on"], name=ONCE)
LATEST = models.UniqueConstraint(
    fields=["organisation_id", "period"], name=CURRENT, condition=models.Q(("is_current", True))
)


class Migration(migrations.Migration):
    """Pay forecasts of past days stay for their record, beside what the statements came to."""

    dependencies = [("insights", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                f"ALTER TABLE {FORECAST} ADD COLUMN actual_minor bigint",
                f"ALTER TABLE {BASIS} ADD COLUMN is_current boolean NOT NULL DEFAULT true, ADD COLUMN settled_at timestamptz",
                f"ALTER TABLE {BASIS} ALTER COLUMN is_current DROP DEFAULT, DROP CONSTRAINT {ONCE}",
                f"ALTER TABLE {BASIS} ADD CONSTRAINT {ONCE} UNIQUE (organisation_id, period_id, as_on)",
                f"CREATE UNIQUE INDEX {CURRENT} ON {BASIS} (organisation_id, period_id) WHERE is_current",
            ],
            [
                f"DELETE FROM {FORECAST} f USING {BASIS} b WHERE b.id = f.basis_id AND NOT b.is_current",
                f"DELETE FROM {BASIS} WHERE NOT is_current",
                f"DROP INDEX {CURRENT}",
                f"ALTER TABLE {BASIS} DROP CONSTRAINT {ONCE}, DROP COLUMN is_current, DROP COLUMN settled_at",
                f"ALTER TABLE {BASIS} ADD CONSTRAINT {ONCE} UNIQUE (organisation_id, period_id)",
                f"ALTER TABLE {FORECAST} DROP COLUMN actual_minor",
            ],
            state_operations=[
                migrations.RemoveConstraint("payforecastbasis", ONCE),
                migrations.AddField("payforecast", "actual_minor", models.BigIntegerField(null=True)),
                migrations.AddField("payforecastbasis", "is_current", models.BooleanField(default=True)),
                migrations.AddField("payforecastbasis", "settled_at", models.DateTimeField(null=True)),
                migrations.AddConstraint("payforecastbasis", SAVED),
                migrations.AddConstraint("payforecastbasis", LATEST),
            ],
        ),
    ]
