"""What people within reach were held against in some periods: the main line of each latest statement, in one query, for insights."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from incentives.engine.compiling import compile_plan
from incentives.models import PlanVersion
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer

_LATEST = """
    with latest as (
        select distinct on (s.participant_id, s.period_id, s.currency) s.*
        from incentives_statement s
        where s.period_id = any(%(periods)s::uuid[]) and (%(reach)s::uuid[] is null or s.participant_id = any(%(reach)s::uuid[]))
        order by s.participant_id, s.period_id, s.currency, s.number desc
    )
    select l.id, l.participant_id, l.period_id, l.currency, l.earned_minor, main.place, main.line ->> 'plan_version',
           main.line ->> 'component', main.line ->> 'plan_name', (main.line ->> 'credit_minor')::bigint,
           (main.line ->> 'quota_value')::bigint, (main.line ->> 'attainment_rate')::bigint
    from latest l left join lateral (
        select line, place from jsonb_array_elements(l.content -> 'lines') with ordinality as lines(line, place)
        order by (line ->> 'quota_value' is null), place limit 1
    ) main on true
    order by l.participant_id, l.period_id, l.currency
"""


@dataclass(frozen=True)
class Attained:
    """The main line of a statement: the first that has a quota, else the first. `quota_minor` is None without a quota in money."""

    statement_id: UUID
    participant_id: UUID
    period_id: UUID
    currency: str
    earned_minor: int
    place: int | None
    plan_name: str
    credit_minor: int | None
    quota_minor: int | None
    attainment_rate: int | None


def attained_rows(viewer: Viewer, period_ids: Collection[UUID]) -> list[Attained]:
    """Give the latest statements of the periods within reach of the viewer's action, by person and period."""
    reach = None if viewer.reach is Reach.ALL else [str(one) for one in viewer.participant_ids]
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, {"periods": [str(one) for one in period_ids], "reach": reach})
        rows: list[Any] = cursor.fetchall()
    money = _in_money({(row[6], row[7]) for row in rows if row[10] is not None})
    return [
        Attained(
            row[0], row[1], row[2], row[3], row[4], row[5], row[8] or "", row[9],
            row[10] if (row[6], row[7]) in money else None, row[11],
        )
        for row in rows
    ]  # fmt: skip


def _in_money(lines: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """The components (by version and key) that measure an amount; those of a version that no longer compiles are left out."""
    versions = PlanVersion.objects.filter(pk__in={version for version, _ in lines})
    plans = {str(one.id): compile_plan(one.definition)[0] for one in versions}
    found = set()
    for version, key in lines:
        plan = plans.get(version)
        found |= {
            (version, each.key)
            for each in (plan.components if plan else ())
            if each.key == key and each.measure.is_money
        }
    return found
