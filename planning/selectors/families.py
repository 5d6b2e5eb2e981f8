"""Families of accounts: a top account with its subsidiaries, who owns each, and what they are worth together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from planning.engine.families import Families, families_of, tree_of
from planning.selectors.rules import AccountRow, account_rows
from spm.core.findings import Finding, Severity
from spm.crm.selectors.accounts import AccountDeals, account_parents, deals_of_year
from spm.crm.selectors.lists import account_list
from spm.crm.selectors.visibility import deal_owners
from spm.roles.policy import Viewer


@dataclass(frozen=True)
class Worth:
    """What accounts are worth in the company's currency. `unknown` states no revenue in it; `foreign` deals are in no amount.

    `all_deals` is false where sales and pipeline hold the deals that the viewer sees, and no others.
    """

    accounts: int
    revenue: int
    unknown: int
    sales: int
    open_pipeline: int
    foreign: int
    all_deals: bool


@dataclass(frozen=True)
class Family:
    """A top account and what it is worth with all below it, of those within the viewer's reach."""

    top: Any
    worth: Worth


@dataclass(frozen=True)
class Member:
    """An account of a family: how deep it stands, where it belongs on the day, and its deals. `revenue` is None where it is unknown."""

    depth: int
    row: AccountRow
    revenue: int | None
    deals: AccountDeals


@dataclass(frozen=True)
class FamilyTree:
    """A family from the top down, with its sums."""

    top: Any
    members: tuple[Member, ...]
    worth: Worth
    hidden: int
    """Accounts of the family out of the viewer's reach: in no sum."""

    @property
    def owners(self) -> int:
        """How many different people own accounts of the family."""
        return len(frozenset().union(*(member.row.owners for member in self.members)))


def families_known() -> Families:
    """Give all families of the company, as known now."""
    return families_of(account_parents())


def family_findings(viewer: Viewer, found: Families) -> list[Finding]:
    """Name every chain of parents that runs in a circle, of accounts within reach, with the way out."""
    keys = [key for circle in found.circles for key in circle]
    names = {str(row.fact_id): row.name for row in _accounts(viewer, keys)}
    return [_circle([names[key] for key in circle]) for circle in found.circles if all(key in names for key in circle)]


def family_tops(viewer: Viewer, found: Families, q: str = "") -> Any:
    """Give the top accounts within reach that have subsidiaries, by name."""
    rows = account_list(viewer.acting("fact.view")).filter(fact__in=set(found.top.values()))
    if q:
        rows = rows.filter(name__icontains=q)
    return rows.order_by("name", "fact")


def family_list(viewer: Viewer, tops: Iterable[Any], found: Families, *, on: date) -> list[Family]:
    """Give families with what they are worth on the day."""
    shown = list(tops)
    members = found.members()
    keys = [key for top in shown for key in members[str(top.fact_id)]]
    versions = {str(row.fact_id): row for row in _accounts(viewer, keys)}
    deals = _deals(viewer, list(versions), on)
    return [
        Family(top, _worth(viewer, [versions[key] for key in members[str(top.fact_id)] if key in versions], deals))
        for top in shown
    ]


def family_tree(viewer: Viewer, account_id: UUID, *, on: date) -> FamilyTree:
    """Give the family that an account belongs to; raises ObjectDoesNotExist for one out of reach or in a circle."""
    parents = account_parents()
    found = families_of(parents)
    key = found.top.get(str(account_id))
    if key is None and any(str(account_id) in circle for circle in found.circles):
        raise ObjectDoesNotExist
    key = key or str(account_id)
    account_list(viewer.acting("fact.view")).get(fact=account_id)
    keys = found.members().get(key, [key])
    versions = {str(row.fact_id): row for row in _accounts(viewer, keys)}
    deals = _deals(viewer, list(versions), on)
    currency = viewer.organisation.currency
    inside = {child: parent for child, parent in parents.items() if found.top.get(child) == key}
    places = [
        (each, depth)
        for each, depth in tree_of(key, inside, {one: row.name for one, row in versions.items()})
        if each in versions
    ]
    rows = account_rows([versions[each] for each, _depth in places], on)
    members = tuple(
        Member(depth, row, _revenue(row.version, currency), deals.get(each, AccountDeals()))
        for (each, depth), row in zip(places, rows, strict=True)
    )
    top = versions.get(key) or versions[str(account_id)]
    worth = _worth(viewer, list(versions.values()), deals)
    return FamilyTree(top, members, worth, len(keys) - len(versions))


def _accounts(viewer: Viewer, keys: Sequence[str]) -> list[Any]:
    return list(account_list(viewer.acting("fact.view")).filter(fact__in=keys))


def _deals(viewer: Viewer, keys: list[str], on: date) -> dict[str, AccountDeals]:
    return deals_of_year(viewer.organisation.currency, on, owners=deal_owners(viewer), only=keys)


def _revenue(version: Any, currency: str) -> int | None:
    return version.annual_revenue_minor if version.currency in (currency, "") else None


def _worth(viewer: Viewer, versions: Sequence[Any], deals: dict[str, AccountDeals]) -> Worth:
    revenues = [_revenue(each, viewer.organisation.currency) for each in versions]
    held = [deals.get(str(each.fact_id), AccountDeals()) for each in versions]
    return Worth(
        len(versions),
        sum(each for each in revenues if each is not None),
        sum(each is None for each in revenues),
        sum(each.sales for each in held),
        sum(each.open_pipeline for each in held),
        sum(each.foreign for each in held),
        deal_owners(viewer) is None,
    )


def _circle(names: list[str]) -> Finding:
    path = " → ".join([*names, names[0]])
    return Finding(
        "ACCOUNT_CIRCLE",
        names[0],
        f"The parents run in a circle: {path}.",
        "No account of it is the top, so they are in no family and in no sum.",
        "Open one of them and let it belong to nobody, or correct the parent in the CRM system and import it again.",
        Severity.WARNING,
    )
