"""What pay came to, period by period."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from incentives.selectors.statements import statement_list
from spm.roles.policy import Viewer

PERIODS_SHOWN = 8


@dataclass(frozen=True)
class PeriodPay:
    """What the statements of a period within reach come to, in the company's currency (minor units)."""

    key: str
    people: int
    earned_minor: int
    currency: str


def pay_history(viewer: Viewer) -> list[PeriodPay]:
    """Give the last eight periods that have statements within reach, oldest first, in the company's currency."""
    currency = viewer.organisation.currency
    rows = statement_list(viewer).filter(currency=currency, period__during__startswith__lte=viewer.on).order_by()
    summed = rows.values("period__key", "period__during").annotate(people=Count("pk"), earned=Sum("earned_minor"))
    latest = summed.order_by("-period__during")[:PERIODS_SHOWN]
    return [PeriodPay(row["period__key"], row["people"], row["earned"], currency) for row in reversed(latest)]


def pay_chart(history: list[PeriodPay]) -> dict[str, Any]:
    """Give the chart data of what was earned per period."""
    return {
        "categories": [one.key for one in history],
        "series": [{"name": "Earned", "values": [one.earned_minor for one in history]}],
        "unit": "money",
        "currency": history[-1].currency,
        "labels": {"category": "Period"},
    }
