from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0004_credit_converted")]

    operations = [
        migrations.AddField(
            model_name="adjustmentbatch",
            name="digest",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
