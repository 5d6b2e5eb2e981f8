"""Run credits carry what their trace needs: the position, the share, and the part of the earning that each credit caused."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
ALTER TABLE incentives_runcredit
    ADD COLUMN position_id uuid NOT NULL,
    ADD COLUMN share_rate bigint NOT NULL,
    ADD COLUMN earned_minor bigint NOT NULL;
"""

BACKWARD = """
ALTER TABLE incentives_runcredit DROP COLUMN position_id, DROP COLUMN share_rate, DROP COLUMN earned_minor;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incentives", "0003_run_inputs")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
