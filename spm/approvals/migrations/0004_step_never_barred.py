"""Who asked or wrote answers no step, themself or through a deputy, also for whoever speaks SQL."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
ALTER TABLE approvals_approvalstep ADD CONSTRAINT approval_step_never_barred CHECK (
    is_single_operator OR (
        (decided_by_id IS NULL OR decided_by_id <> ALL (barred_ids))
        AND (decided_for_id IS NULL OR decided_for_id <> ALL (barred_ids))
    )
);
"""
BACKWARD = "ALTER TABLE approvals_approvalstep DROP CONSTRAINT approval_step_never_barred;"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("approvals", "0003_routes")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
