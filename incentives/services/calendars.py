"""Which calendar pays what the periods of another earn."""

from uuid import UUID

from django.db import transaction

from incentives.models import PayCalendar
from spm.roles.policy import Viewer, require


@transaction.atomic
def pay_calendar_set(*, calendar_id: UUID, paid_in_id: UUID, actor: Viewer) -> PayCalendar | None:
    """Let what a calendar's periods earn be paid by those of another; the calendar itself takes the rule away.

    It counts from the next posting: what is posted stays in the books where it stands.
    """
    require(actor, "period.close")
    if calendar_id == paid_in_id:
        PayCalendar.objects.filter(calendar_id=calendar_id).delete()
        return None
    rule, _ = PayCalendar.objects.update_or_create(calendar_id=calendar_id, defaults={"paid_in_id": paid_in_id})
    return rule
