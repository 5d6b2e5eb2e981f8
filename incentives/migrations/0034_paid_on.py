"""A journal of a payment says on which day it was paid, where that is not the day on which it was posted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0033_moved")]

    operations = [
        migrations.AddField(model_name="journal", name="paid_on", field=models.DateField(null=True)),
    ]
