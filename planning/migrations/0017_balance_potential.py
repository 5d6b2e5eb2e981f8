from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("planning", "0016_quota_potential_unit")]

    operations = [
        migrations.RenameField(model_name="balanceaccount", old_name="potential_minor", new_name="potential"),
    ]
