"""Who asked or wrote never decides and answers no step, themself or through a deputy, also for whoever speaks SQL, except under the company's
recorded policy.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
ALTER TABLE approvals_approvalrequest ADD CONSTRAINT approval_never_barred
    CHECK (is_single_operator OR decided_by_id IS NULL OR decided_by_id <> ALL (barred_ids));
ALTER TABLE approvals_approvalstep ADD CONSTRAINT approval_step_never_barred CHECK (
    is_single_operator OR (
        (decided_by_id IS NULL OR decided_by_id <> ALL (barred_ids))
        AND (decided_for_id IS NULL OR decided_for_id <> ALL (barred_ids))
    )
);
"""
BACKWARD = """
ALTER TABLE approvals_approvalstep DROP CONSTRAINT approval_step_never_barred;
ALTER TABLE approvals_approvalrequest DROP CONSTRAINT approval_never_barred;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("approvals", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
