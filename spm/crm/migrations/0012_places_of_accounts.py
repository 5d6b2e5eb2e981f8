"""Counties and coordinates of accounts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0011_absent_records"),
    ]

    operations = [
        migrations.AddField(
            model_name="accountversion",
            name="county",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
        migrations.AddField(
            model_name="accountversion",
            name="latitude",
            field=models.DecimalField(blank=True, decimal_places=12, max_digits=15, null=True),
        ),
        migrations.AddField(
            model_name="accountversion",
            name="longitude",
            field=models.DecimalField(blank=True, decimal_places=12, max_digits=15, null=True),
        ),
    ]
