"""A deal behind a line, down to its sources: what the run read of it, and the facts and rows of files that said so."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pandas as pd

from incentives.engine.asking import asked_of
from incentives.engine.covering import ACCOUNT
from incentives.engine.plan import Component, Plan
from incentives.models import RunEarning, Statement
from incentives.selectors.cause_words import FIELDS
from incentives.selectors.deals import deals_read, fact_column
from incentives.selectors.facts import frame_of
from incentives.selectors.lines import Line
from incentives.selectors.surroundings import around_kept
from incentives.selectors.why import Credit, compiled_of, credits_of, credits_told, earning_of
from spm.core.dated import day_of
from spm.core.money import Rate
from spm.crm.selectors.lists import Shown
from spm.crm.selectors.sources import DealSources, deal_sources
from spm.people.models import Participant
from spm.roles.policy import Viewer

ALWAYS = ("credit_on", "amount_minor", "owner_key")
"""What every calculation reads of a deal."""
NAMES = {
    "cost_minor": "cost",
    "list_minor": "list price",
    "annual_value_minor": "annual value of the contract",
    "contract_value_minor": "contract value",
    "contract_months": "months of the contract",
    "contract_kind": "kind of contract",
    "contract_starts_on": "start of the contract",
    "closed_on": "closed on",
    "created_on": "created on",
    "booked_on": "booked on",
    "invoiced_on": "invoiced on",
    "paid_on": "paid on",
    "order_key": "order",
    "line_key": "order line",
    "deal_source_key": "deal",
}


@dataclass(frozen=True)
class DealWhy:
    """A credited deal of a line: what the run read of it for this component, and what stood behind that when it read."""

    credit: Credit
    asked: tuple[tuple[str, Shown], ...]
    sources: DealSources


def statement_deal_why(viewer: Viewer, statement: Statement, line: Line, row_id: UUID | str) -> DealWhy | None:
    """Give what stands behind one credited row of a line of a statement within reach; None where the line has no such row."""
    earning = earning_of(statement, line)
    own = [] if earning is None else [one for one in credits_of(earning) if one.row_id == str(row_id)]
    if earning is None or not own:
        return None
    plan, component = compiled_of(earning)
    credit = credits_told(earning, component, own[:1])[0]
    columns = _columns(plan, component)
    sources = DealSources((), 0)
    if credit.deal_id:
        known_at = earning.run.facts_known_at
        sources = deal_sources(viewer, credit.deal_id, known_at=known_at, costs="cost_minor" in columns)
    return DealWhy(credit, _read(earning, credit, columns), sources)


def _columns(plan: Plan | None, component: Component | None) -> list[str]:
    """The columns of deals that the component asks, those that every calculation reads first."""
    if plan is None or component is None:
        return list(ALWAYS)
    asked = asked_of([replace(plan, components=(component,), measures=(component.measure,))])
    return list(
        dict.fromkeys(
            [*ALWAYS, *sorted(asked.days), *sorted(fact_column(name) or name for name in asked.columns - {ACCOUNT})]
        )
    )


def _read(earning: RunEarning, credit: Credit, columns: list[str]) -> tuple[tuple[str, Shown], ...]:
    """The values of these columns as the run read them, of the order line where it credited lines; none for a credit by hand."""
    around = around_kept(earning.run)
    frames = deals_read(
        around.plans,
        period=earning.run.period,
        since=day_of(around.days[0]),
        known_at=earning.run.facts_known_at,
        only=[credit.row_id],
    )
    for name in ("lines", "deals"):
        if frames.get(name, b"").strip():
            frame = frame_of(frames[name])
            rows = frame[frame["deal_key"] == credit.row_id].to_dict("records")
            if rows:
                row = {str(key): value for key, value in rows[0].items()}
                return tuple((_name(one), _shown(one, row)) for one in columns if one in row and _is_known(row[one]))
    return ()


def _is_known(value: Any) -> bool:
    return not pd.isna(value) and value != ""


def _name(column: str) -> str:
    return (
        (NAMES | FIELDS).get(column, column.removesuffix("_key").removesuffix("_minor").replace("_", " ")).capitalize()
    )


def _shown(column: str, row: dict[str, Any]) -> Shown:
    value = row[column]
    if column.endswith("_minor"):
        return Shown("amount", int(value), str(row["currency"]))
    if column.endswith("_on"):
        return Shown("day", day_of(int(value)))
    if column.endswith("_rate"):
        return Shown("text", str(Rate(int(value))))
    if column == "owner_key":
        return Shown("text", Participant.objects.filter(pk=value).values_list("name", flat=True).first() or value)
    return Shown("number" if column == "quantity" else "text", value)
