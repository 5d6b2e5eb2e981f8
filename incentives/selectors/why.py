"""Why a line is what it is: the engine's trace, made on demand from the credits and the earning that the run stored.

Nothing is calculated anew, so the why is that of the statement, also after facts and plans have moved on.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db import connection

from incentives.engine.compiling import compile_plan
from incentives.engine.plan import Plan
from incentives.engine.prose import Clause, component_clauses
from incentives.engine.run import CREDIT_COLUMNS, EARNING_COLUMNS, Result
from incentives.engine.trace import TraceNode, trace
from incentives.models import RunEarning, Statement
from incentives.selectors.lines import Line, lines_of
from spm.core.dated import day_number
from spm.core.money import to_major

_CREDITS = """
    select c.opportunity_id::text, o.source_key, c.participant_id::text, coalesce(s.name, ''), c.plan_version_id::text, c.component,
           c.credit_on, c.rule, c.share_rate, c.credit_minor, c.currency, coalesce(via.name, ''), c.earned_minor,
           o.source, coalesce(a.source_key, ''), coalesce(p.source_key, '')
    from incentives_runcredit c
    left join crm_opportunity o on o.id = c.opportunity_id
    left join crm_opportunityversion v on v.fact_id = c.opportunity_id
        and v.known_from <= %(known_at)s and (v.known_until is null or v.known_until > %(known_at)s)
    left join crm_account a on a.id = v.account_id
    left join crm_product p on p.id = v.product_id
    left join people_position s on s.id = c.position_id
    left join people_participant via on via.id = c.via_participant_id
    where c.run_id = %(run)s and c.participant_id = %(participant)s and c.plan_version_id = %(version)s and c.component = %(component)s
    order by c.line
"""


@dataclass(frozen=True)
class Credit:
    """A deal behind a line, as the run knew it: what it credited and earned, and whose deal it was where it is somebody else's."""

    deal_id: str
    source: str
    source_key: str
    credit_on: Any
    position: str
    rule: str
    share_rate: int
    credit_minor: int
    earned_minor: int
    via: str
    account: str
    product: str


@dataclass(frozen=True)
class Why:
    """A line explained: the clauses that hold, the arithmetic in major units, exact before the one rounding, and the deals."""

    line: Line
    clauses: tuple[Clause, ...]
    credits: tuple[Credit, ...]
    exact: Decimal
    rounding: Decimal
    tree: TraceNode

    @property
    def has_others(self) -> bool:
        """Tell whether a deal of somebody else stands behind the line."""
        return any(one.via for one in self.credits)


def statement_line_why(statement: Statement, line: Line) -> Why | None:
    """Explain a line of a statement that the viewer was given; None for a line that its run did not calculate.

    A line that could not be calculated this time was taken over from the run of an earlier version.
    """
    earning = _earning(statement, line)
    if earning is None:
        return None
    plan, _ = compile_plan(earning.plan_version.definition)
    if plan is None:
        return None
    keyed = replace(plan, key=str(earning.plan_version_id))
    component = next(each for each in plan.components if each.key == line.component)
    credits = credits_of(earning)
    tree = trace(
        _result(keyed, earning, credits, statement), str(statement.participant_id), line.component, statement.period.key
    )
    exact = sum((one.amount for one in line.slices), Decimal(0))
    return Why(
        line=line,
        clauses=tuple(component_clauses(plan, component)),
        credits=tuple(credits),
        exact=exact,
        rounding=to_major(line.earned_minor, line.currency) - exact,
        tree=tree,
    )


def line_get(statement: Statement, place: int) -> Line | None:
    """Give the line at a place of a statement, or None."""
    return next((line for line in lines_of(statement) if line.place == place), None)


def _earning(statement: Statement, line: Line) -> RunEarning | None:
    mine = RunEarning.objects.filter(
        participant=statement.participant_id,
        plan_version=line.plan_version_id,
        component=line.component,
        run__period=statement.period_id,
        run__facts_known_at__lte=statement.run.facts_known_at,
    )
    return mine.select_related("plan_version", "run").order_by("-run__facts_known_at").first()


def credits_of(earning: RunEarning) -> list[Credit]:
    """Give the credits behind an earning, in the order in which they were earned."""
    parameters: dict[str, Any] = {
        "run": earning.run_id,
        "participant": earning.participant_id,
        "version": earning.plan_version_id,
        "component": earning.component,
        "known_at": earning.run.facts_known_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CREDITS, parameters)
        rows = cursor.fetchall()
    return [
        Credit(
            deal_id=row[0],
            source=row[13] or "",
            source_key=row[1] or row[0],
            credit_on=row[6],
            position=row[3],
            rule=row[7],
            share_rate=row[8],
            credit_minor=row[9],
            earned_minor=row[12],
            via=row[11],
            account=row[14],
            product=row[15],
        )
        for row in rows
    ]


def _result(plan: Plan, earning: RunEarning, credits: list[Credit], statement: Statement) -> Result:
    """The stored rows as the engine's own result; people and seats stand in it by name, because the trace is read."""
    person = str(statement.participant_id)
    common = {
        "plan_key": plan.key,
        "component_key": earning.component,
        "period_key": statement.period.key,
        "currency": plan.currency,
    }
    frame = pd.DataFrame(
        [
            {
                **common,
                "deal_key": one.deal_id,
                "source_key": one.source_key,
                "participant_key": person,
                "position_key": one.position,
                "credit_on": day_number(one.credit_on),
                "rule": one.rule,
                "share": one.share_rate,
                "credit_minor": one.credit_minor,
                "from_participant_key": one.via or person,
                "earned_minor": one.earned_minor,
            }
            for one in credits
        ],
        columns=list(CREDIT_COLUMNS),
    )
    row = {
        **common,
        "participant_key": person,
        "credit_minor": earning.credit_minor,
        "quota_minor": earning.quota_value,
        "attainment": earning.attainment_rate,
        "earned_minor": earning.earned_minor,
    }
    earnings = pd.DataFrame([row], columns=list(EARNING_COLUMNS)).astype(
        {"quota_minor": "Int64", "attainment": "Int64"}
    )
    return Result(credits=frame, earnings=earnings, findings=(), plans=(plan,))


def tree_dict(node: TraceNode) -> dict[str, Any]:
    """Give a trace as plain values: amounts as exact text, keys as text."""
    return {
        "label": node.label,
        "words": node.words,
        "amount": None if node.amount is None else f"{node.amount:f}",
        "unit": node.unit,
        "keys": {name: value if isinstance(value, int) else str(value) for name, value in node.keys.items()},
        "children": [tree_dict(child) for child in node.children],
    }
