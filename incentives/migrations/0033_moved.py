"""An earning says what of it belongs to earlier deals of its window, so that it waits with them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0032_paid_alone")]

    operations = [
        migrations.AddField(model_name="runearning", name="moved", field=models.JSONField(default=list)),
    ]
