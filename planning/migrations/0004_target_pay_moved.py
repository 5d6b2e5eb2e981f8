"""Target pay moved to the terms of pay."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("planning", "0003_targets_and_scores")]
    operations: ClassVar = [migrations.DeleteModel(name="Target")]
