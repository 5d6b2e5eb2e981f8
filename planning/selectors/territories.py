"""Territories and coverage on a day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pandas as pd
from django.db import connection
from django.db.models import Count, QuerySet

from planning.models import AccountTerritory, Territory, TerritoryAssignment
from spm.core.money import RATE_SCALE
from spm.people.models import PositionHolding
from spm.roles.policy import Viewer
from spm.tenancy.copying import copy_out

_COVERAGE = """
    select a.territory_id::text, a.position_id::text, h.participant_id::text, a.share_rate
    from planning_territoryassignment a
    left join people_positionholding h on h.position_id = a.position_id and h.during @> %(on)s::date
    where a.during @> %(on)s::date
    order by 1, 2, 3
"""

_COVERED = """
    select participant_key, territory, share, lower(days) - date '1970-01-01' as from_on, upper(days) - date '1970-01-01' as until_on
    from (
        select h.participant_id as participant_key, t.code as territory, a.share_rate as share,
               a.during * h.during * daterange(%(start)s, %(end)s) as days
        from planning_territoryassignment a join planning_territory t on t.id = a.territory_id
        join people_positionholding h on h.position_id = a.position_id and h.during && a.during
        where a.during && daterange(%(start)s, %(end)s)
    ) covered
    where not isempty(days)
    order by 1, 4, 3 desc, 2
"""

_BELONGING = """
    select account_key, territory, rule, lower(days) - date '1970-01-01' as from_on, upper(days) - date '1970-01-01' as until_on
    from (
        select a.account_id::text as account_key, t.code as territory, coalesce(r.name, '') as rule,
               a.during * daterange(%(start)s, %(end)s) as days
        from planning_accountterritory a join planning_territory t on t.id = a.territory_id
        left join planning_territoryrule r on r.id = a.rule_id
        where a.during && daterange(%(start)s, %(end)s)
    ) belonging
    order by 1, 4
"""


@dataclass(frozen=True)
class Cover:
    """Who covers a territory: the seat, its holder on the day, the share at scale 10**8, and since when."""

    assignment: TerritoryAssignment
    holder_name: str
    holder_id: UUID | None


@dataclass(frozen=True)
class TerritoryNode:
    """A territory in its tree, with its cover on the day."""

    territory: Territory
    depth: int
    covers: tuple[Cover, ...]
    accounts: int

    @property
    def share_total(self) -> int:
        """Sum of the shares on the day, at scale 10**8."""
        return sum(cover.assignment.share_rate for cover in self.covers)

    @property
    def is_crowded(self) -> bool:
        """Whether the shares of the day pass 100 %, as overlays are meant to."""
        return self.share_total > RATE_SCALE


def territories_csv(*, start: date, end: date) -> bytes:
    """Give participant_key, territory (code), share, from_on, until_on of everybody who covers a territory on a day of [start, end)."""
    return copy_out(_COVERED, {"start": start, "end": end})


def account_territories_csv(*, start: date, end: date) -> bytes:
    """Give account_key (its id), territory (code), rule (empty: named apart), from_on, until_on of accounts on days of [start, end)."""
    return copy_out(_BELONGING, {"start": start, "end": end})


def coverage_frame(on: date) -> pd.DataFrame:
    """Give who covers what on the day: territory_id, position_id, participant_id (None: empty seat), share_rate (10**8)."""
    with connection.cursor() as cursor:
        cursor.execute(_COVERAGE, {"on": on})
        return pd.DataFrame(cursor.fetchall(), columns=["territory_id", "position_id", "participant_id", "share_rate"])


def territory_list() -> QuerySet[Territory]:
    """Give the territories by name; the market's parts are no secret inside a company."""
    return Territory.objects.select_related("parent", "unit").order_by("name")


def territory_tree(viewer: Viewer, *, on: date) -> tuple[TerritoryNode, ...]:
    """Give every territory, parents before children, with who covers it on the day."""
    covers = covers_of(TerritoryAssignment.objects.filter(during__contains=on), on)
    held = AccountTerritory.objects.filter(during__contains=on).values_list("territory").annotate(number=Count("id"))
    accounts = dict(held.order_by())
    children: dict[UUID | None, list[Territory]] = {}
    for territory in territory_list():
        children.setdefault(territory.parent_id, []).append(territory)
    found: list[TerritoryNode] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for territory in children.get(parent, []):
            found.append(
                TerritoryNode(territory, depth, tuple(covers.get(territory.id, [])), accounts.get(territory.id, 0))
            )
            walk(territory.id, depth + 1)

    walk(None, 0)
    return tuple(found)


def territory_detail(viewer: Viewer, territory_id: UUID, *, on: date) -> tuple[Territory, list[Cover]]:
    """Give the territory and every assignment, past and future, latest first; raises Territory.DoesNotExist."""
    territory = Territory.objects.select_related("parent", "unit").get(pk=territory_id)
    covers = covers_of(TerritoryAssignment.objects.filter(territory=territory), on).get(territory.id, [])
    return territory, sorted(covers, key=lambda cover: cover.assignment.during.lower, reverse=True)


def covers_of(assignments: QuerySet[TerritoryAssignment], on: date) -> dict[UUID, list[Cover]]:
    """Give the assignments by territory, each with who holds the position on the day, by name of the position."""
    rows = list(assignments.select_related("position").order_by("position__name", "during"))
    holdings = PositionHolding.objects.filter(position__in={row.position_id for row in rows}, during__contains=on)
    holders = {holding.position_id: holding.participant for holding in holdings.select_related("participant")}
    found: dict[UUID, list[Cover]] = {}
    for row in rows:
        holder = holders.get(row.position_id)
        found.setdefault(row.territory_id, []).append(
            Cover(row, holder.name if holder else "", holder.id if holder else None)
        )
    return found
