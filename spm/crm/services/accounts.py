"""Says which account another belongs to, by the same path as a file: kept with who and when, and undone like one."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from spm.crm.models import HeldRow, Upload
from spm.crm.selectors.lists import account_list
from spm.crm.services.uploads import rows_commit
from spm.roles.policy import Viewer, require

FIELDS = ("key", "name", "parent")


@transaction.atomic
def account_parent_set(*, account_id: UUID, parent_id: UUID | None, actor: Viewer) -> Upload:
    """Let an account belong to another one, or to none. Raises ValidationError for what an import would hold, a circle among it."""
    require(actor, "fact.import")
    known = account_list(actor)
    account = known.get(fact=account_id)
    parent = known.get(fact=parent_id) if parent_id else None
    upload = rows_commit(
        kind="account",
        fields=FIELDS,
        rows=[(account.fact.source_key, account.name, parent.fact.source_key if parent else None)],
        file_name=f"parent-{account.fact.source_key}.csv",
        source=account.fact.source,
        actor=actor,
    )
    if upload.held:
        raise ValidationError([f"{row.reason} {row.fix}" for row in HeldRow.objects.filter(upload=upload)])
    if known.get(fact=account_id).parent_id != parent_id:
        key = parent.fact.source_key if parent else ""
        raise ValidationError(
            f"“{key}” is also the key of another account of the same source. Import the parent under a key of its own."
        )
    return upload
