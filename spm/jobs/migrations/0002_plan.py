"""The steps of a job are asked for once and kept, so that every turn goes on with the same list."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("jobs", "0001_initial")]
    operations: ClassVar = [
        migrations.AddField(model_name="job", name="plan", field=models.JSONField(null=True)),
    ]
