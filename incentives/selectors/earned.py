"""What latest statements say is earned, for engines: nobody is shown it as it is."""

from datetime import datetime
from uuid import UUID

from django.db.models import Case, Max, Q, When

from incentives.models import Statement
from incentives.selectors.statements import statements_latest


def earned_in(period_id: UUID) -> dict[tuple[UUID, str], int | None]:
    """Give what a period's statements say is earned, by participant and currency; None where a line could not be calculated."""
    unknown = Q(content__lines__contains=[{"calculated": False}])
    rows = (
        statements_latest().filter(period=period_id).annotate(is_unknown=Case(When(unknown, then=True), default=False))
    )
    told = rows.values_list("participant", "currency", "earned_minor", "is_unknown")
    return {(person, currency): None if is_unknown else earned for person, currency, earned, is_unknown in told}


def statements_issued_at(period_id: UUID) -> datetime | None:
    """Give when the latest statement of a period was issued; None without any."""
    found: datetime | None = Statement.objects.filter(period=period_id).aggregate(at=Max("issued_at"))["at"]
    return found
