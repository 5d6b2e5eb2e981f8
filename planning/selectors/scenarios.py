"""Scenarios: their changes beside what is live now, and whole plans compared. Changes are replayed onto the live plan of a day."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from planning.engine.comparing import Measures, World, measured
from planning.models import (
    ChangeKind,
    Period,
    Quota,
    QuotaMeasure,
    RuleSet,
    Scenario,
    ScenarioChange,
    Territory,
    TerritoryAssignment,
)
from planning.selectors.capacity import capacity_figures
from planning.selectors.quotas import quota_measure_name
from planning.selectors.rule_sets import rule_set_on, rules_get
from planning.selectors.rules import account_territories, routing_of
from planning.selectors.territories import coverage_frame
from spm.approvals.selectors import approval_latest, approval_state
from spm.core.money import format_amount
from spm.core.periods import months_from
from spm.crm.selectors.accounts import account_sales, accounts_frame
from spm.people.models import Position
from spm.roles.policy import Viewer

SCENARIO = "scenario"
SOLD_MONTHS = 12
"""What an account is worth: what it bought in so many months before the day."""


@dataclass(frozen=True)
class ChangeRow:
    """A change as a page shows it: what it is about, before, after, and what is live now. `is_stale`: live is not what it was."""

    change: ScenarioChange
    about: str
    before: str
    after: str
    now: str
    is_stale: bool


@dataclass(frozen=True)
class Column:
    """A plan in a comparison; without `scenario` the live one. `carried` and `gap` are those of its capacity plan, where it has one."""

    name: str
    scenario: Scenario | None
    measures: Measures
    carried: int | None = None
    gap: int | None = None


def scenario_list() -> QuerySet[Scenario]:
    """Give the scenarios, drafts first, the latest day first, each with the `asked` state of its approval."""
    rows = Scenario.objects.annotate(asked=approval_state(SCENARIO)).select_related("capacity_plan", "restores")
    return rows.order_by("state", "-starts_on", "name")


def change_list(scenario: Scenario) -> list[ScenarioChange]:
    """Give the changes in the order in which they were first made."""
    return list(ScenarioChange.objects.filter(scenario=scenario).order_by("pk"))


def change_rows(scenario: Scenario) -> list[ChangeRow]:
    """Give the changes with what is live now; those of a published scenario are never stale."""
    changes, names = change_list(scenario), _Names()
    is_draft = scenario.published_at is None
    found = []
    for change in changes:
        now = live_values(change.kind, change.key, scenario.starts_on) if is_draft else change.values
        before, after, live = (names.said(change.kind, each) for each in (change.before, change.values, now))
        is_stale = is_draft and now != change.before
        found.append(ChangeRow(change, names.about(change), before, after, live, is_stale))
    return found


def scenario_digest(scenario: Scenario) -> str:
    """Give the digest of what is approved: the day, every change with what it replaces, and the rules word by word."""
    rows: list[Any] = [scenario.starts_on.isoformat()]
    for change in change_list(scenario):
        rows.append([change.kind, change.key, change.values, change.before])
        if change.kind == ChangeKind.RULES:
            rules = rules_get(RuleSet.objects.filter(pk=change.values["rule_set"]).first())
            rows += [[str(each.key), each.name, str(each.territory_id), each.conditions] for each in rules]
    return sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def scenario_standing(scenario: Scenario) -> str:
    """Say where the approval stands: "" not asked, open, approved, declined, or changed since it was asked or approved."""
    latest = approval_latest(SCENARIO, scenario.pk)
    if latest is None:
        return ""
    return str(latest.state) if latest.content == scenario_digest(scenario) else "changed"


def live_values(kind: str, key: str, on: date) -> dict[str, Any]:
    """Give what a thing is live on a day, in the shape of a change's values."""
    if kind == ChangeKind.RULES:
        rules = rule_set_on(on)
        return {"rule_set": None if rules is None else str(rules.pk)}
    if kind == ChangeKind.COVER:
        territory, seat = (UUID(each) for each in key.split(":"))
        held = TerritoryAssignment.objects.filter(territory=territory, position=seat, during__contains=on).first()
        return {"share_rate": None if held is None else held.share_rate}
    position, period, measure = key.split(":")
    quota = Quota.objects.filter(position=UUID(position), period=UUID(period), measure=measure).first()
    return {"value": None, "currency": ""} if quota is None else {"value": quota.value, "currency": quota.currency}


def live_world(on: date, currency: str) -> World:
    """Give the live plan of a day; an account is worth what it bought in the twelve months before."""
    places = {str(a): str(t) for a, t in account_territories(on).values_list("account_id", "territory_id")}
    accounts = accounts_frame()["account_key"].tolist()
    worth = account_sales(start=months_from(on, -SOLD_MONTHS), end=on, currency=currency)
    frame = coverage_frame(on).drop_duplicates(["territory_id", "position_id"])
    columns = (frame[name].tolist() for name in ("territory_id", "position_id", "share_rate"))
    cover = {(territory, position): int(share) for territory, position, share in zip(*columns, strict=True)}
    territories = tuple(str(key) for key in Territory.objects.order_by("pk").values_list("pk", flat=True))
    return World(
        territories,
        cover,
        {key: places.get(key) for key in accounts},
        {key: max(0, value) for key, value in worth.items()},
        _by_position(_quota_cells(on, currency), on),
    )


def world_of(scenario: Scenario, live: World, currency: str) -> World:
    """Replay a scenario's changes onto the live plan of its day."""
    cover, places = dict(live.cover), live.places
    cells, has_quotas = None, False
    for change in change_list(scenario):
        if change.kind == ChangeKind.COVER:
            territory, position = change.key.split(":")
            cover.pop((territory, position), None)
            if change.values["share_rate"] is not None:
                cover[territory, position] = change.values["share_rate"]
        elif change.kind == ChangeKind.RULES:
            rules = rules_get(RuleSet.objects.filter(pk=change.values["rule_set"]).first())
            routing = routing_of(rules, scenario.starts_on)
            places = dict(zip(routing.accounts["account_key"].tolist(), routing.territories, strict=True))
        elif change.key.endswith(f":{QuotaMeasure.AMOUNT}") and change.values["currency"] in ("", currency):
            position, period, _measure = change.key.split(":")
            cells, has_quotas = cells if cells is not None else _quota_cells(scenario.starts_on, currency), True
            cells[position, period] = change.values["value"] or 0
    quotas = _by_position(cells or {}, scenario.starts_on) if has_quotas else live.quotas
    return World(live.territories, cover, places, live.worth, quotas)


def compared(viewer: Viewer, scenarios: Sequence[Scenario]) -> list[Column]:
    """Give the live plan of the first scenario's day, then each scenario, measured side by side against it."""
    currency = viewer.organisation.currency
    lives: dict[date, World] = {}
    columns: list[Column] = []
    for scenario in scenarios:
        on = scenario.starts_on
        live = lives.get(on) or live_world(on, currency)
        lives[on] = live
        if not columns:
            columns.append(Column(gettext("Live"), None, measured(live, live)))
        carried, gap = _capacity(viewer, scenario)
        columns.append(
            Column(scenario.name, scenario, measured(world_of(scenario, live, currency), live), carried, gap)
        )
    return columns


def measure_numbers(column: Column) -> dict[str, Any]:
    """Give the measures of a plan as plain numbers; None where one can't be told."""
    found = column.measures
    return {
        "territories_uncovered": found.uncovered,
        "territories_over_100_percent": found.over,
        "accounts": found.accounts,
        "accounts_in_no_territory": found.unassigned,
        "accounts_without_cover": found.unowned,
        "accounts_double": found.double,
        "accounts_variation": found.work.variation,
        "sales_variation": found.value.variation,
        "sales_gini": found.value.gini,
        "accounts_moved": found.moved,
        "sales_moved_share": found.moved_value,
        "quota_minor": found.quota,
        "quotas_judged": found.judged,
        "quotas_outside_parity": found.unfair,
        "capacity_minor": column.carried,
        "capacity_gap_minor": column.gap,
    }


def _capacity(viewer: Viewer, scenario: Scenario) -> tuple[int | None, int | None]:
    if scenario.capacity_plan is None or not viewer.can("capacity.view"):
        return None, None
    figures = capacity_figures(scenario.capacity_plan, on=viewer.on)
    return (figures.carried, figures.gap) if figures.is_whole else (None, None)


def _quota_cells(on: date, currency: str) -> dict[tuple[str, str], int]:
    """Amounts of the year from the day on, by position and period."""
    rows = Quota.objects.filter(
        measure=QuotaMeasure.AMOUNT,
        currency=currency,
        period__during__startswith__gte=on,
        period__during__startswith__lt=months_from(on, 12),
    )
    return {(str(p), str(q)): value for p, q, value in rows.values_list("position_id", "period_id", "value")}


def _by_position(cells: Mapping[tuple[str, str], int], on: date) -> dict[str, int]:
    """The quota of each position: the largest of its calendars', so that a year and its quarters don't count twice."""
    spans = {"during__startswith__gte": on, "during__startswith__lt": months_from(on, 12)}
    calendars = {str(key): each for key, each in Period.objects.filter(**spans).values_list("pk", "calendar_id")}
    sums: dict[str, dict[Any, int]] = {}
    for (position, period), value in cells.items():
        if period in calendars:
            of = sums.setdefault(position, {})
            of[calendars[period]] = of.get(calendars[period], 0) + value
    return {position: max(each.values()) for position, each in sums.items()}


class _Names:
    """Words for the things that changes name; each kind is read once."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str]] = {}

    def about(self, change: ScenarioChange) -> str:
        """Say what a change is about."""
        if change.kind == ChangeKind.RULES:
            return gettext("Territory rules")
        first, second, *rest = change.key.split(":")
        if change.kind == ChangeKind.COVER:
            return f"{self._of('territory', first)}: {self._of('position', second)}"
        return f"{self._of('position', first)}: {self._of('period', second)}, {quota_measure_name(rest[0])}"

    def said(self, kind: str, values: Mapping[str, Any]) -> str:
        """Say values in words."""
        if kind == ChangeKind.COVER:
            share = values["share_rate"]
            return gettext("no cover") if share is None else f"{share / 10**6:g}%"
        if kind == ChangeKind.QUOTA:
            if values["value"] is None:
                return gettext("not set")
            return format_amount(values["value"], values["currency"]) if values["currency"] else f"{values['value']:,}"
        return self._of("rules", values["rule_set"]) if values["rule_set"] else gettext("no rules")

    def _of(self, what: str, key: str) -> str:
        if what not in self._known:
            self._known[what] = {str(one): name for one, name in _NAMES[what]()}
        return self._known[what].get(key, gettext("something that is gone"))


def _rule_names() -> Iterable[tuple[Any, str]]:
    for each in RuleSet.objects.all():
        yield each.pk, gettext("rules from %(day)s") % {"day": each.starts_on}


_NAMES: dict[str, Any] = {
    "territory": lambda: Territory.objects.values_list("pk", "name"),
    "position": lambda: Position.objects.values_list("pk", "name"),
    "period": lambda: Period.objects.values_list("pk", "key"),
    "rules": _rule_names,
}
