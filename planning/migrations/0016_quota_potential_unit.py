from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("planning", "0015_fortnights")]

    operations = [
        migrations.AddField(
            model_name="quotaplan",
            name="potential_unit",
            field=models.CharField(blank=True, default="", max_length=6),
            preserve_default=False,
        ),
    ]
