"""Attainment and pay of a period per person: what first pages and team tables are made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse

from incentives.models import Statement
from incentives.selectors.ledger import Balance, balances
from incentives.selectors.lines import Line, NextTier, lines_of_many, pace_rate
from incentives.selectors.statements import TeamTotal, period_current, statement_list
from spm.roles.policy import Viewer

__all__ = ["Attainment", "NextTier", "TeamTotal", "attainment_get", "attainment_list", "period_current", "team_total"]


@dataclass(frozen=True)
class Attainment:
    """Where a person stands in a period: the main line of the latest statement and the ledger's totals. Minor units, rates at 10**8."""

    participant_id: UUID
    participant_name: str
    period_id: UUID
    period_key: str
    period_start: date
    period_end: date
    currency: str
    statement_id: UUID
    plan_name: str
    component: str
    component_name: str
    credit_minor: int
    quota_minor: int | None
    attainment_rate: int | None
    pace_rate: int | None
    edges: tuple[tuple[int, str], ...]
    next_tier: NextTier | None
    is_highest: bool
    earned_minor: int
    payable_minor: int
    paid_minor: int
    line_url: str
    waiting: tuple[Line, ...] = ()
    """The lines that pay nothing before something is reached."""


def attainment_get(viewer: Viewer, *, period_id: UUID, participant_id: UUID) -> tuple[Attainment, ...]:
    """Give where the person stands, one per currency; nothing for a person out of reach or without a statement of the period."""
    return tuple(_attainments(viewer, statement_list(viewer, period_id=period_id, participant_id=participant_id)))


def attainment_list(viewer: Viewer, *, period_id: UUID) -> list[Attainment]:
    """Give where everybody within reach stands in the period, by name."""
    return _attainments(viewer, statement_list(viewer, period_id=period_id))


def team_total(viewer: Viewer, *, period_id: UUID) -> list[TeamTotal]:
    """Give what the people within reach come to in the period, one per currency; people without a quota count in pay only."""
    found: dict[str, list[Attainment]] = {}
    for one in attainment_list(viewer, period_id=period_id):
        found.setdefault(one.currency, []).append(one)
    return [
        TeamTotal(
            currency=currency,
            people=len(rows),
            credit_minor=sum(row.credit_minor for row in rows if row.quota_minor is not None),
            earned_minor=sum(row.earned_minor for row in rows),
            payable_minor=sum(row.payable_minor for row in rows),
            quota_minor=sum(row.quota_minor or 0 for row in rows),
        )
        for currency, rows in sorted(found.items())
    ]


def _attainments(viewer: Viewer, rows: Iterable[Statement]) -> list[Attainment]:
    statements = list(rows)
    lines = lines_of_many(statements)
    paid = balances({one.period_id for one in statements}, {one.participant_id for one in statements})
    return [
        _attainment(viewer, one, lines[one.id], paid.get((one.participant_id, one.period_id, one.currency), Balance()))
        for one in statements
    ]


def _attainment(viewer: Viewer, statement: Statement, lines: tuple[Line, ...], balance: Balance) -> Attainment:
    main = next((line for line in lines if line.quota_minor is not None), lines[0] if lines else None)
    days = statement.period.during
    return Attainment(
        participant_id=statement.participant_id,
        participant_name=statement.participant.name,
        period_id=statement.period_id,
        period_key=statement.period.key,
        period_start=days.lower,
        period_end=days.upper,
        currency=statement.currency,
        statement_id=statement.id,
        plan_name=main.plan_name if main else "",
        component=main.component if main else "",
        component_name=main.component_name if main else "",
        credit_minor=main.credit_minor if main else 0,
        quota_minor=main.quota_minor if main else None,
        attainment_rate=main.attainment_rate if main else None,
        pace_rate=pace_rate(days.lower, days.upper, viewer.on),
        edges=main.edges if main else (),
        next_tier=main.next_tier if main else None,
        is_highest=main.is_highest if main else False,
        earned_minor=balance.earned_minor,
        payable_minor=balance.payable_minor,
        paid_minor=balance.paid_minor,
        line_url=reverse("incentives:statement_line", args=[statement.id, main.place]) if main else "",
        waiting=tuple(line for line in lines if line.waits_for),
    )
