"""What changed the open pipeline between two days, within reach, from the versions of the deals."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.engine.pipeline_changes import Change, Moved, Movement, State, Window, movement
from spm.core.dated import day_ends
from spm.crm.models import OpportunityVersion
from spm.crm.selectors.facts import facts_known_since_day
from spm.crm.selectors.visibility import ACTION
from spm.people.models import Participant
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible

WORDS = {
    Change.NEW: (gettext_lazy("New"), gettext_lazy("Not known on the first day.")),
    Change.REOPENED: (gettext_lazy("Opened again"), gettext_lazy("Was won or lost on the first day.")),
    Change.PULLED_IN: (gettext_lazy("Pulled in"), gettext_lazy("The close date came into the period.")),
    Change.ARRIVED: (gettext_lazy("Taken over"), gettext_lazy("Came from an owner outside your reach.")),
    Change.UP: (gettext_lazy("Amount up"), gettext_lazy("Open on both days, with a higher amount.")),
    Change.DOWN: (gettext_lazy("Amount down"), gettext_lazy("Open on both days, with a lower amount.")),
    Change.SLIPPED: (gettext_lazy("Slipped"), gettext_lazy("The close date left the period.")),
    Change.LEFT: (gettext_lazy("Handed over"), gettext_lazy("Went to an owner outside your reach.")),
    Change.WON: (gettext_lazy("Won"), gettext_lazy("Leaves the open pipeline with the amount of the first day.")),
    Change.LOST: (gettext_lazy("Lost"), gettext_lazy("Leaves the open pipeline with the amount of the first day.")),
    Change.WITHDRAWN: (gettext_lazy("Withdrawn"), gettext_lazy("No longer in the source.")),
    Change.CATEGORY: (gettext_lazy("Other category"), gettext_lazy("The same amount in another forecast category.")),
}
"""What each class is called, and what it means."""


@dataclass(frozen=True)
class Asked:
    """Between the ends of which two days, for deals that close in which window."""

    first: date
    last: date
    window: Window


@dataclass(frozen=True)
class Line:
    """A deal that changed the pipeline, with its name (else its key) and owner as known last."""

    deal_id: str
    name: str
    owner: str
    moved: Moved

    @property
    def label(self) -> str:
        """What the class is called."""
        return str(WORDS[self.moved.change][0])


@dataclass(frozen=True)
class PipelineChanges:
    """The movement in the company's currency, its deals by name, and how many open deals in other currencies are left out."""

    asked: Asked
    found: Movement
    lines: tuple[Line, ...]
    in_other_currencies: int
    known_since: date | None
    """The day on which the first deal became known; before it nothing is known."""

    @property
    def is_known(self) -> bool:
        """Tell whether anything was known on the first day."""
        return self.known_since is not None and self.known_since <= self.asked.first

    @cached_property
    def classes(self) -> list[tuple[Change, str, str, int, int]]:
        """Class, name, meaning, deals and amount of each that occurs."""
        return [
            (change, str(WORDS[change][0]), str(WORDS[change][1]), deals, amount)
            for change, (deals, amount) in self.found.by_change.items()
        ]


def pipeline_changes(viewer: Viewer, asked: Asked) -> PipelineChanges:
    """Compare the pipeline at the ends of the two days, as it was known then, within reach; in the company's currency."""
    zone = ZoneInfo(viewer.organisation.time_zone)
    moments = [day_ends(day, zone) for day in (asked.first, asked.last)]
    rows = [_open(viewer, moment) for moment in moments]
    deals = rows[0].keys() | rows[1].keys()
    for moment, known in zip(moments, rows, strict=True):
        known |= _of(moment, deals - known.keys())
    currencies = ["", viewer.organisation.currency]
    kept = {deal for deal in deals if all(known[deal]["currency"] in currencies for known in rows if deal in known)}
    looking = viewer.acting(ACTION)
    reach = None if looking.reach is Reach.ALL else set(looking.participant_ids)
    before, after = ({deal: _state(known[deal], reach) for deal in kept if deal in known} for known in rows)
    found = movement(before, after, asked.window)
    return PipelineChanges(
        asked,
        found,
        _lines(found, rows),
        len(deals) - len(kept),
        facts_known_since_day("opportunity", viewer.organisation),
    )


_FIELDS = (
    "fact_id", "fact__source_key", "name", "owner_id", "status", "amount_minor", "currency", "close_on", "expected_close_on",
    "forecast_category",
)  # fmt: skip


def _open(viewer: Viewer, moment: datetime) -> dict[str, dict[str, Any]]:
    """The deals that were open at the moment, those of owners within reach."""
    rows = visible(viewer, _known(moment).filter(status="open"), participant="owner", action=ACTION)
    return {str(row["fact_id"]): row for row in rows.values(*_FIELDS)}


def _of(moment: datetime, deals: set[str]) -> dict[str, dict[str, Any]]:
    return {str(row["fact_id"]): row for row in _known(moment).filter(fact_id__in=deals).values(*_FIELDS)}


def _known(moment: datetime) -> QuerySet[Any]:
    return OpportunityVersion.objects.known_at(moment)


def _state(row: dict[str, Any], reach: set[Any] | None) -> State:
    return State(
        row["status"],
        row["amount_minor"],
        row["expected_close_on"] or row["close_on"],
        row["forecast_category"],
        reach is None or row["owner_id"] in reach,
    )


def _lines(found: Movement, rows: list[dict[str, dict[str, Any]]]) -> tuple[Line, ...]:
    """The deals that moved, the largest first."""
    latest = {one.deal: rows[1].get(one.deal) or rows[0][one.deal] for one in found.moved}
    owners = dict(
        Participant.objects.filter(pk__in={row["owner_id"] for row in latest.values()}).values_list("pk", "name")
    )
    lines = [
        Line(
            one.deal,
            latest[one.deal]["name"] or latest[one.deal]["fact__source_key"],
            owners.get(latest[one.deal]["owner_id"], ""),
            one,
        )
        for one in found.moved
    ]
    return tuple(sorted(lines, key=lambda line: (-abs(line.moved.by_minor), line.name, line.deal_id)))


def movement_chart(changes: PipelineChanges, *, currency: str) -> dict[str, Any]:
    """Give the chart data from the first day's pipeline over its changes to the last day's."""
    steps = [(name, amount) for change, name, _meaning, _deals, amount in changes.classes if amount]
    return {
        "categories": [_("First day"), *(name for name, _amount in steps)],
        "series": [
            {"name": _("Open amount"), "values": [changes.found.opening_minor, *(amount for _name, amount in steps)]}
        ],
        "unit": "money",
        "currency": currency,
        "total": True,
        "labels": {"category": _("Change")},
    }
