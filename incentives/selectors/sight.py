"""What of two runs' inputs a viewer may be shown: rows of people and plans within reach, deals credited or owned there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from incentives.engine.affected import deciders_of, is_separable
from incentives.models import Run
from incentives.selectors.facts import Inputs, texts_of
from incentives.selectors.plans import plan_rows
from incentives.selectors.surroundings import around_kept
from spm.roles.models import Reach
from spm.roles.policy import Viewer

Row = Mapping[Any, str]
OWN = frozenset({"quotas", "targets", "ramps", "leaves"})
"""Frames whose rows change a line only where they are of the person or of whoever's deals can credit the person."""
BESIDE = "It changed for others, whom you don't see."


@dataclass(frozen=True)
class Sight:
    """People, plans, seats and titles whose rows are shown, None for all; `deals` are shown whosever they are.

    `focus` names whose quotas and target pay can change the line at hand, None for everybody's.
    """

    people: frozenset[str] | None = None
    plans: frozenset[str] | None = None
    deals: frozenset[str] = frozenset()
    focus: frozenset[str] | None = None
    seats: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    focus_seats: frozenset[str] = frozenset()

    def over(self, *inputs: Inputs) -> "Sight":
        """Give the same sight with the seats and titles that its people hold in the inputs."""
        held = [row for each in inputs for row in texts_of(each.frames["positions"]).to_dict("records")]
        mine = [row for row in held if row["participant_key"] in (self.people or ())]
        return replace(
            self,
            seats=frozenset(row["position_key"] for row in mine),
            titles=frozenset(row["title_key"] for row in mine if row.get("title_key")),
            focus_seats=frozenset(row["position_key"] for row in held if row["participant_key"] in (self.focus or ())),
        )

    def sees_plan(self, plan: str) -> bool:
        """Tell whether a plan is named."""
        return self.plans is None or plan in self.plans

    def sees_deal(self, key: str, *rows: Row | None) -> bool:
        """Tell whether a deal is named: it is credited, or was or is of somebody within reach."""
        if self.people is None or key in self.deals:
            return True
        return any(row is not None and row.get("owner_key") in self.people for row in rows)

    def sees(self, frame: str, row: Row) -> bool:
        """Tell whether a row of a frame is shown. A row that is nobody's is shown to those who see everybody."""
        if self.focus is not None and frame in OWN and not _is_of(row, self.focus, self.focus_seats):
            return False
        if self.people is None:
            return True
        if row.get("participant_key") or row.get("position_key") or row.get("owner_key"):
            return _is_of(row, self.people, self.seats)
        return row.get("deal_key") in self.deals or row.get("title_key") in self.titles


def _is_of(row: Row, people: Collection[str], seats: Collection[str]) -> bool:
    """Tell whose a row is by its first key: who reports is shown the seat that is reported to."""
    if row.get("participant_key"):
        return row["participant_key"] in people
    return row.get("position_key", "") in seats or row.get("owner_key", "") in people


def sight_of(viewer: Viewer) -> Sight:
    """Give what the viewer sees of a whole run."""
    if viewer.reach is Reach.ALL:
        return Sight()
    plans = frozenset(str(key) for key in plan_rows(viewer).values_list("pk", flat=True))
    return Sight(frozenset(map(str, viewer.participant_ids)), plans)


def line_sight(
    viewer: Viewer | None, run: Run, *, participant_id: UUID, plan_id: UUID, deals: Collection[str]
) -> Sight:
    """Give what the viewer sees of the causes of a person's line; without a viewer, as on a paper, what the person may see alone."""
    person, plan = str(participant_id), str(plan_id)
    sight = Sight(frozenset({person}), frozenset()) if viewer is None else sight_of(viewer)
    around = around_kept(run)
    frames, focus = around.frames, None
    if is_separable(around.plans):
        focus = deciders_of(person, around.plans, frames["positions"], frames["reporting"], frames.get("relations"))
    plans = None if sight.plans is None else sight.plans | {plan}
    return replace(sight, plans=plans, deals=frozenset(deals), focus=focus)
