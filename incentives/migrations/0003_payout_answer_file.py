from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0002_database")]

    operations = [
        migrations.AddField(
            model_name="payoutanswer",
            name="file_digest",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
