"""What latest statements say is earned, for engines: nobody is shown it as it is."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, Func, JSONField, Max, Q, Value

from incentives.models import Statement
from incentives.selectors.statements import statements_latest

AMOUNTS = Func(
    F("content"),
    Value("$.lines[*].earned_minor"),
    function="jsonb_path_query_array",
    template="%(function)s(%(expressions)s::jsonpath)",
    output_field=JSONField(),
)


def earned_in(period_id: UUID) -> dict[tuple[UUID, str], int | None]:
    """Give what plans paid by a period's statements, by participant and currency; None where something could not be calculated.

    It is the sum of the lines: what was adjusted by hand, or differs for earlier periods, is no pay of a plan in this one.
    """
    known = Q(content__findings=[]) & ~Q(content__lines__contains=[{"calculated": False}])
    rows = statements_latest().filter(period=period_id).annotate(is_known=known, amounts=AMOUNTS)
    told = rows.values_list("participant", "currency", "amounts", "is_known")
    return {(person, currency): sum(amounts) if is_known else None for person, currency, amounts, is_known in told}


def statements_issued_at(period_id: UUID) -> datetime | None:
    """Give when the latest statement of a period was issued; None without any."""
    found: datetime | None = Statement.objects.filter(period=period_id).aggregate(at=Max("issued_at"))["at"]
    return found
