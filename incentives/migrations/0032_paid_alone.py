"""A step of a period says whether the policy let who closed or approved it pay it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0031_carried")]

    operations = [
        migrations.AddField(
            model_name="periodstep", name="is_single_operator", field=models.BooleanField(default=False)
        ),
    ]
