"""Shares of a deal: the revenue shares must sum to 100 %, those of the file together with those known before."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from spm.core.money import RATE_SCALE
from spm.crm.feeds.records import Problem, Record
from spm.crm.models import SplitKind, SplitVersion


def splits_torn(source: str, records: Iterable[Record], deals: Mapping[str, str]) -> dict[str, Decimal]:
    """Give the sum of the revenue shares of each deal for which it would be neither 1 nor 0; deals by the keys of the records."""
    total: dict[str, Decimal] = {}
    for record in records:
        share = Decimal(str(record.values["share"])) if record.values["kind"] == SplitKind.REVENUE else Decimal(0)
        total[deals[record.key]] = total.get(deals[record.key], Decimal(0)) + share
    known: QuerySet[Any] = SplitVersion.objects.current()
    others = known.filter(opportunity__in=set(deals.values()), kind=SplitKind.REVENUE)
    for key, origin, deal, share in others.values_list("fact__source_key", "fact__source", "opportunity", "share_rate"):
        if key not in deals or origin != source:
            total[str(deal)] += Decimal(share) / RATE_SCALE
    return {deal: share for deal, share in total.items() if share not in (0, 1)}


def split_problem(record: Record, column: str, total: Decimal) -> Problem:
    """Say what the shares of the row's deal sum to."""
    return Problem(
        "SPLIT_NOT_WHOLE",
        "share",
        column,
        str(record.values["share"]),
        f"The revenue shares of “{record.values['opportunity']}” sum to {(total * 100).normalize():f} %, not to 100 %.",
        "Give all shares of the deal in one file, so that they sum to 100 %; 0 % takes a share away.",
    )
