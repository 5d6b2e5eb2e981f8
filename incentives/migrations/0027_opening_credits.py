"""Credits, quota and target pay of the running year that people bring in from a former system."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0026_ledger_exports"),
    ]

    operations = [
        migrations.AddField(
            model_name="openingbalance",
            name="credit_value",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="openingbalance",
            name="quota_value",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="openingbalance",
            name="target_minor",
            field=models.BigIntegerField(default=0),
        ),
    ]
