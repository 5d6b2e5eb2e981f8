"""What rows of measures are told by and kept by: seller, unit, product, segment, depth of the discount. Sums and rows share these texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from insights.engine.discounts import BANDS, EDGES, band_name
from insights.engine.kpis import Base
from insights.selectors.deals import unit_of_owner
from insights.selectors.measure_rows import now
from planning.selectors.segments import segments_by_rules
from spm.core.ids import id_of
from spm.core.money import RATE_SCALE
from spm.crm.deal_columns import PRICED
from spm.crm.models import AccountVersion, ProductVersion
from spm.people.models import Participant
from spm.people.models import Unit as OfficeUnit
from spm.people.selectors import subordinate_ids
from spm.roles.policy import Viewer, visible


class Group(StrEnum):
    """What figures are told by."""

    SELLER = "seller"
    UNIT = "unit"
    PRODUCT = "product"
    SEGMENT = "segment"
    DISCOUNT = "discount"


LACKING: dict[Base, dict[Group, str]] = {
    Base.ACTIVITY: {
        Group.PRODUCT: "Activities name no product: how many are of this one is not known.",
        Group.DISCOUNT: "Activities have no discount: how many are of this depth is not known.",
    },
    Base.CONTRACT: {Group.DISCOUNT: "Contracts have no discount: how many are of this depth is not known."},
    Base.STATEMENT: {
        Group.PRODUCT: "Quotas are of people, not of products.",
        Group.SEGMENT: "Quotas are of people, not of segments.",
        Group.DISCOUNT: "Quotas are of people, not of depths of discounts.",
    },
}
"""The groups that the rows of a base don't say anything of, each with the reason: to keep to one of them would be a guess."""
LACKS = frozenset(reason for groups in LACKING.values() for reason in groups.values())
"""These reasons."""


@dataclass(frozen=True)
class Kept:
    """Keeps the rows of one of these groups; the key "" is that of rows that have none.

    `team` is the person whose own rows and those of everybody below are kept; the keys are those sellers.
    """

    group: Group
    keys: tuple[str, ...]
    team: str = ""

    @property
    def address(self) -> list[tuple[str, str]]:
        """Give what an address says to keep the same."""
        return [(TEAM, self.team)] if self.team else [(KEPT_BY[self.group], key) for key in self.keys]


_SEGMENT = f"coalesce((select a.segment from crm_accountversion a where a.fact_id = r.account_id and {now('a')}), '')"
_TOLD = {
    Group.SELLER: "coalesce(r.owner_id::text, '')",
    Group.UNIT: "coalesce(r.owner_id::text, '')",
    Group.PRODUCT: "coalesce(r.product_id::text, '')",
    Group.SEGMENT: _SEGMENT,
}
_SOLD = f"""(select s.opportunity_id, sum(s.list_minor) as list_minor, sum(s.net_minor) as net_minor
        from (with {PRICED} select * from priced) s where s.reverses_id is null and s.opportunity_id is not null
        group by s.opportunity_id having count(distinct s.currency) <= 1
        and bool_and(s.list_minor is not null and s.net_minor is not null))"""
_STATED = "(t.attributes->>'discount_rate')::bigint"
_OF_DEAL = f"""left join lateral (
        select coalesce(case when {_STATED} is not null then {RATE_SCALE} end, q.list_minor) as list_minor,
               coalesce({RATE_SCALE} - {_STATED}, q.net_minor) as net_minor
        from crm_opportunityversion t where t.fact_id = r.row_id and {now("t")}
    ) z on true"""
_DEALS = (Base.DEAL, Base.OPEN, Base.RAMP)


def discount_join(base: Base) -> str:
    """Give the join that tells the discount of deals: the one that they state (`discount_rate`), else that of their order lines.

    What deals state comes first, so that won and lost ones are held against the same thing.
    """
    return f"left join {_SOLD} q on q.opportunity_id = r.row_id {_OF_DEAL}" if base in _DEALS else ""


def _band(base: Base) -> str:
    if base not in (*_DEALS, Base.LINE):
        return "''"
    listed, net = ("r.list_amount", "r.net_amount") if base is Base.LINE else ("z.list_minor", "z.net_minor")
    steps = " ".join(f"when ({listed} - {net}) * 100 <= {edge} * {listed} then '{edge}'" for edge in EDGES)
    return f"""(case when {listed} is null or {net} is null or {listed} <= 0 then '' when {net} > {listed} then 'above'
        when {net} = {listed} then 'none' {steps} else 'beyond' end)"""


class Groups:
    """How rows are told by groups on the viewer's day; units, and segments by rules, are placed outside of the rows."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    @cached_property
    def _units(self) -> dict[str, str]:
        return unit_of_owner(self._viewer.on)

    @cached_property
    def _segments(self) -> dict[str, str] | None:
        return segments_by_rules(self._viewer.on)

    def placing(self, group: Group | None) -> dict[str, str] | None:
        """Give the group of each key that rows are told by; None where rows say their group themselves."""
        if group is Group.UNIT:
            return self._units
        return self._segments if group is Group.SEGMENT else None

    def told(self, group: Group | None, base: Base) -> str:
        """Give the SQL that rows are told by: the group, or the key that is placed into one."""
        if group is None:
            return "''"
        if group is Group.DISCOUNT:
            return _band(base)
        by_rules = group is Group.SEGMENT and self._segments is not None
        return "coalesce(r.account_id::text, '')" if by_rules else _TOLD[group]

    def condition(self, kept: Sequence[Kept], base: Base) -> tuple[str, dict[str, Any]]:
        """Give the SQL that keeps the rows of groups, with its parameters."""
        found, parameters = "", {}
        for place, one in enumerate(kept):
            told, group_of = self.told(one.group, base), self.placing(one.group)
            name, others = f"kept_{place}", f"others_{place}"
            if group_of is None:
                found += f" and {told} = any(%({name})s::text[])"
                parameters[name] = list(one.keys)
                continue
            parameters[name] = [key for key, group in group_of.items() if group and group in one.keys]
            parameters[others] = [key for key, group in group_of.items() if group]
            without = f" or {told} <> all(%({others})s::text[])" if "" in one.keys else ""
            found += f" and ({told} = any(%({name})s::text[]){without})"
        return found, parameters

    def has(self, kept: Sequence[Kept], person: str) -> bool:
        """Tell whether rows of a person are kept, by seller and unit."""
        return all(
            (person if (group_of := self.placing(one.group)) is None else group_of.get(person, "")) in one.keys
            for one in kept
        )


def joins(group: Group | None, kept: Sequence[Kept], base: Base) -> str:
    """Give the joins that a group and what is kept need."""
    return discount_join(base) if Group.DISCOUNT in (group, *(one.group for one in kept)) else ""


def kept_of(asked: Iterable[tuple[str, Sequence[str]]]) -> tuple[Kept, ...]:
    """Give what an address or a stored choice keeps, by name of the group, in the order of the groups."""
    given = {name: tuple(dict.fromkeys(keys)) for name, keys in asked}
    return tuple(Kept(group, given[group]) for group in Group if given.get(group))


KEPT_BY = {group: f"only_{group.value}" for group in Group}
"""What an address calls the groups that it keeps rows of."""


TEAM = "only_team"
"""What an address calls a person whose rows it keeps with those of everybody below."""


def kept_asked(query: QueryDict, on: date) -> tuple[Kept, ...]:
    """Give what an address keeps; the names of groups may be repeated."""
    groups = kept_of((group.value, query.getlist(name)) for group, name in KEPT_BY.items())
    return (*kept_team(query.get(TEAM, ""), on), *groups)


def kept_team(person: str, on: date) -> tuple[Kept, ...]:
    """Give what keeps the rows of a person and of everybody below on the day; of nobody where the person is not known."""
    if not person:
        return ()
    below = subordinate_ids(UUID(person), on=on) if _is_id(person) else ()
    return (Kept(Group.SELLER, (person, *sorted(map(str, below))), team=person),)


def group_names(group: Group, keys: Sequence[str]) -> dict[str, str]:
    """Give what groups are called; the one without a key is what has none."""
    known = [key for key in keys if key]
    names: dict[str, str] = {key: key for key in known}
    if group is Group.SELLER:
        names = {str(key): name for key, name in Participant.objects.filter(pk__in=known).values_list("pk", "name")}
    elif group is Group.UNIT:
        names = {str(key): name for key, name in OfficeUnit.objects.filter(pk__in=known).values_list("pk", "name")}
    elif group is Group.PRODUCT:
        versions: Any = ProductVersion
        told = versions.objects.current().filter(fact__in=known).values_list("fact_id", "fact__source_key", "name")
        names = {str(key): name or source_key for key, source_key, name in told}
    elif group is Group.DISCOUNT:
        names = {key: _(band_name(key)) for key in BANDS}
    without = {
        Group.SELLER: _("Nobody"),
        Group.UNIT: _("No unit"),
        Group.PRODUCT: _("No product"),
        Group.SEGMENT: _("No segment"),
        Group.DISCOUNT: _("Discount not known"),
    }
    return names | {"": without[group]}


def group_choices(viewer: Viewer, group: Group) -> list[tuple[str, str]]:
    """Give the keys and names of all units, products or segments there are, by name."""
    versions: Any
    if group is Group.UNIT:
        return [(str(key), name) for key, name in OfficeUnit.objects.order_by("name", "pk").values_list("pk", "name")]
    if group is Group.PRODUCT:
        versions = ProductVersion
        keys = [str(key) for key in versions.objects.current().values_list("fact_id", flat=True)]
    else:
        by_rules, versions = segments_by_rules(viewer.on), AccountVersion
        told = versions.objects.current().values_list("segment", flat=True).distinct()
        keys = sorted({one for one in (told if by_rules is None else by_rules.values()) if one})
    names = group_names(group, keys)
    return sorted(((key, names[key]) for key in keys), key=lambda one: (one[1].casefold(), one[0]))


def group_order(group: Group | None, key: str, name: str) -> str:
    """Give what groups are sorted by: their names, and bands of discount by how deep they are."""
    if group is Group.DISCOUNT:
        return f"{BANDS.index(key) if key in BANDS else len(BANDS):02}"
    return name.casefold()


GROUP_LABELS = {
    Group.SELLER: "Seller",
    Group.UNIT: "Unit",
    Group.PRODUCT: "Product",
    Group.SEGMENT: "Segment",
    Group.DISCOUNT: "Discount",
}
"""What pages call the groups."""


def kept_words(viewer: Viewer, kept: Sequence[Kept]) -> list[str]:
    """Give what is kept, in words; people beyond the viewer's reach have no name here."""
    return [
        f"{_('Team') if one.team else _(GROUP_LABELS[one.group])}: {', '.join(kept_names(viewer, one))}" for one in kept
    ]


def kept_names(viewer: Viewer, one: Kept, unknown: str = "") -> list[str]:
    """Give what the keys that are kept are called; `unknown` is what is not known to the viewer."""
    keys = (one.team,) if one.team else one.keys
    known = [key for key in keys if one.group in (Group.SEGMENT, Group.DISCOUNT) or _is_id(key)]
    if one.group is Group.SELLER:
        seen = visible(viewer, Participant.objects.filter(pk__in=known), participant="pk")
        names = {str(key): name for key, name in seen.values_list("pk", "name")} | {"": _("Nobody")}
    else:
        names = group_names(one.group, known)
    return [names.get(key, unknown or _("something that is not known here")) for key in keys]


def _is_id(key: str) -> bool:
    """Whether a key is an id as ids are written: another way of writing one names nothing here."""
    found = id_of(key)
    return found is not None and str(found) == key
