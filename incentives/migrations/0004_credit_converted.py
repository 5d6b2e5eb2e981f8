from django.db import migrations, models


class Migration(migrations.Migration):
    """What the amount that a credited deal states came to in the plan's currency: returns of one sale are rounded together."""

    dependencies = [("incentives", "0003_payout_answer_file")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE incentives_runcredit ADD COLUMN converted_minor bigint",
            "ALTER TABLE incentives_runcredit DROP COLUMN converted_minor",
            state_operations=[
                migrations.AddField(
                    model_name="runcredit", name="converted_minor", field=models.BigIntegerField(null=True)
                )
            ],
        ),
    ]
