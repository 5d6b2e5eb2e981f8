"""Why a figure changed between two runs of a period: the inputs of the later run take the place of the earlier one's, one after another,
and each is answerable for what the figure moved by. The parts sum to the difference exactly. Reads and computes; writes nothing.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import pandas as pd

from incentives.models import LineSection, PlanState, PlanVersion, Run, RunCredit, RunEarning, Statement
from incentives.selectors.cause_names import deal_names
from incentives.selectors.cause_words import deal_words, frame_words
from incentives.selectors.changed import LineChange
from incentives.selectors.deal_steps import deals_changed, deals_only
from incentives.selectors.facts import Inputs
from incentives.selectors.kept import computed, moment_inputs
from incentives.selectors.lines import Line, lines_of
from incentives.selectors.sight import Sight, line_sight, sight_of
from incentives.selectors.standing import Standing, known_to, run_calculating, standing_of
from incentives.selectors.surroundings import around_kept
from incentives.selectors.why import earning_of
from spm.core.dated import day_of
from spm.people.models import Participant
from spm.roles.models import Reach
from spm.roles.policy import Viewer, visible

TOGETHER = ("plans", "assignments", "window", "periods")
"""Frames that name each other's rows and only change places together."""
WHOLE_RUN = 50_000
"""Runs with more credits than this are not taken apart as a whole; each person's lines are."""


class Kind(StrEnum):
    """What changed: a deal, the plan with who is on it, a quota, a seat, a reporting line, another input, or the calculation itself."""

    DEAL = "DEAL"
    DEALS = "DEALS"
    PLAN = "PLAN"
    QUOTA = "QUOTA"
    POSITION = "POSITION"
    REPORTING = "REPORTING"
    INPUT = "INPUT"
    CODE = "CODE"


FRAME_KINDS = {"plans": Kind.PLAN, "quotas": Kind.QUOTA, "positions": Kind.POSITION, "reporting": Kind.REPORTING}


@dataclass(frozen=True)
class Cause:
    """One changed input and what it moved the figure by, in minor units; `details` say what was and what is."""

    kind: Kind
    label: str
    details: tuple[str, ...]
    amount_minor: int
    deal_key: str = ""


@dataclass(frozen=True)
class Explained:
    """A figure in two runs, and why it is another one: the amounts of the causes sum to the difference."""

    earlier: Run
    later: Run
    before_minor: int
    after_minor: int
    causes: tuple[Cause, ...]

    @property
    def difference_minor(self) -> int:
        """Give by how much the figure changed."""
        return self.after_minor - self.before_minor


@dataclass(frozen=True)
class Moved:
    """A person's component that a later run pays otherwise."""

    participant_id: UUID
    name: str
    plan_id: UUID
    component: str
    currency: str
    before_minor: int
    after_minor: int
    plan_name: str = ""
    component_name: str = ""

    @property
    def difference_minor(self) -> int:
        """Give by how much it changed."""
        return self.after_minor - self.before_minor


Value = Callable[[Inputs], int]


def runs_before(run: Run) -> list[Run]:
    """Give the earlier runs of the same period, latest first."""
    rows = Run.objects.filter(period=run.period_id, facts_known_at__lt=run.facts_known_at)
    return list(rows.exclude(state__in=("running", "failed")).select_related("period").order_by("-facts_known_at"))


def runs_moved(viewer: Viewer, earlier: Run, later: Run, *, participant_id: UUID | None = None) -> list[Moved]:
    """Give what people within reach, or one of them, are paid otherwise by the later run, the largest change first.

    What either run could not calculate is unknown, and in no difference: see `runs_uncalculated`.
    """
    rows = visible(viewer, RunEarning.objects.all())
    rows = rows if participant_id is None else rows.filter(participant=participant_id)
    both = [standing_of(run, rows) for run in (earlier, later)]
    before, after = (known_to(one, both) for one in both)
    changed = [key for key in before.keys() | after.keys() if before.get(key, 0) != after.get(key, 0)]
    names = dict(Participant.objects.filter(pk__in={key[0] for key in changed}).values_list("id", "name"))
    told = _component_names({key[1] for key in changed})
    moved = [
        Moved(
            *(key[0], names[key[0]], *key[1:]),
            *(before.get(key, 0), after.get(key, 0)),
            *told.get((key[1], key[2]), ("", key[2])),
        )
        for key in changed
    ]
    return sorted(moved, key=lambda one: (-abs(one.difference_minor), one.name, one.component))


def lines_beside(viewer: Viewer, found: Explained, *, participant_id: UUID, without: tuple[UUID, str]) -> list[Moved]:
    """Give the person's other lines that the later run pays otherwise: those of a plan the person left among them."""
    moved = runs_moved(viewer, found.earlier, found.later, participant_id=participant_id)
    return [one for one in moved if (one.plan_id, one.component) != without]


def _component_names(plan_ids: set[UUID]) -> dict[tuple[UUID, str], tuple[str, str]]:
    """The names of plan and component by the plan's key and the component's; the latest published version that has it says it."""
    versions = PlanVersion.objects.filter(plan__in=plan_ids).exclude(state=PlanState.DRAFT)
    versions = versions.order_by("number").select_related("plan")
    found = {}
    for version in versions:
        for each in version.definition.get("components") or ():
            if isinstance(each, dict) and each.get("key"):
                found[version.plan_id, each["key"]] = (version.plan.name, str(each.get("name") or each["key"]))
    return found


def run_chosen(run: Run, wanted: str) -> Run | None:
    """Give the earlier run that is asked for by its key, else the one just before; None where there is none."""
    earlier = runs_before(run)
    return next((one for one in earlier if str(one.pk) == wanted), None) or next(iter(earlier), None)


def biggest_changes(viewer: Viewer, run: Run, count: int = 5) -> list[Moved]:
    """Give the largest changes against the run before, for the page of a run."""
    earlier = run_chosen(run, "")
    return runs_moved(viewer, earlier, run)[:count] if earlier else []


def line_run(statement: Statement, line: Line) -> Run | None:
    """Give the run that a line of a statement is from; None where none calculated it."""
    earning = earning_of(statement, line)
    return earning.run if earning else None


def prior_run(line: Mapping[str, Any]) -> Run | None:
    """Give the run that a prior-period adjustment is from; None where it is from none."""
    return Run.objects.select_related("period").get(pk=line["run"]) if line["run"] else None


def line_changes(viewer: Viewer | None, statement: Statement, line: Line, *, since: str = "") -> Explained | None:
    """Explain why a line of a statement that the viewer was given is not what an earlier run of the period paid.

    Without a viewer, as on a paper, the causes say what the person of the statement may see.
    """
    later = line_run(statement, line)
    earlier = run_chosen(later, since) if later else None
    if later is None or earlier is None:
        return None
    return _line_compare(viewer, earlier, later, statement.participant_id, line.plan_id, line.component)


def prior_changes(
    viewer: Viewer | None, statement: Statement, line: Mapping[str, Any], *, since: str = ""
) -> Explained | None:
    """Explain a prior-period adjustment of a statement that the viewer was given, or what moved it since a run; None where no run was
    posted before it.
    """
    later = prior_run(line)
    before = runs_before(later) if later else []
    earlier = next((one for one in before if str(one.pk) == (since or line["since"])), None)
    if later is None or earlier is None:
        return None
    return _line_compare(viewer, earlier, later, statement.participant_id, UUID(line["plan"]), line["component"])


def change_explained(
    viewer: Viewer | None, statement: Statement, before: Statement, change: LineChange
) -> Explained | None:
    """Explain a line that differs from the version before, on page, paper and API alike; None where no two runs tell the difference."""
    found, place = None, (change.place or 0) - 1
    if change.section == LineSection.LINES:
        found = line_changes(viewer, statement, lines_of(statement)[place], since=str(before.run_id))
    elif change.runs:
        found = prior_changes(viewer, statement, statement.content["prior"][place], since=change.runs[0])
    return found if found and found.difference_minor == change.difference_minor else None


def _line_compare(
    viewer: Viewer | None, earlier: Run, later: Run, participant_id: UUID, plan_id: UUID, component: str
) -> Explained | None:
    """Explain a line from the last runs, up to these, that could calculate it: what a run could not is no measure, and never 0."""
    since, until = (run_calculating(run, participant_id, plan_id, component) for run in (earlier, later))
    if since is None or until is None:
        return None
    mine = {"participant_id": participant_id, "plan_id": plan_id}
    return line_explain(viewer, earlier=since, later=until, component=component, **mine)


def line_explain(
    viewer: Viewer | None, *, earlier: Run, later: Run, participant_id: UUID, plan_id: UUID, component: str
) -> Explained:
    """Explain why one person's component of a plan pays otherwise in the later run.

    The person's own deals are enough, unless people are ranked: then, and wherever the person's deals don't come to what the runs stored,
    all of them are read.
    """
    rows = RunEarning.objects.filter(participant=participant_id, plan_version__plan=plan_id, component=component)
    stored = [sum(standing_of(run, rows).earned.values()) for run in (earlier, later)]
    plans = frozenset({str(plan_id)})

    def value(inputs: Inputs) -> int:
        return _earned(inputs, later.period.key, plans, {str(participant_id)}, component)

    before, after = _both(earlier, later)
    deals = _deals_of(later, participant_id)
    few = [deals_only(inputs, deals) for inputs in (before, after)]
    if [value(few[0]), value(few[1])] == stored:
        before, after = few
    sight = line_sight(viewer, later, participant_id=participant_id, plan_id=plan_id, deals=deals)
    return _explained(earlier, later, before, after, value, stored, sight)


def run_explain(viewer: Viewer, earlier: Run, later: Run, *, currency: str) -> Explained | None:
    """Explain why all that a run pays people within reach in a currency is another amount; None where the run is too large to take apart
    as a whole."""
    if max(earlier.credit_count, later.credit_count) > WHOLE_RUN:
        return None
    both = [standing_of(run, visible(viewer, RunEarning.objects.filter(currency=currency))) for run in (earlier, later)]
    stored = [sum(known_to(one, both).values()) for one in both]
    reached = None if viewer.reach is Reach.ALL else {str(one) for one in viewer.participant_ids}

    def value(inputs: Inputs) -> int:
        earnings = computed(inputs, later.period.key).earnings
        mine = (earnings["currency"] == currency) & ~_unknown(earnings, inputs, both)
        if reached is not None:
            mine &= earnings["participant_key"].isin(reached)
        return int(earnings["earned_minor"][mine].sum())

    return _explained(earlier, later, *_both(earlier, later), value, stored, sight_of(viewer))


def _unknown(earnings: pd.DataFrame, inputs: Inputs, both: Sequence[Standing]) -> pd.Series:
    """Which earnings one of two runs could not calculate: they are in no difference, whatever the inputs between them come to."""
    found = earnings["participant_key"].isin({str(key) for one in both for key in one.doubts})
    plans = {row["id"]: UUID(row["plan"]) for row in json.loads(inputs.frames["plans"])}
    for index in found.index[found]:
        person, plan, component = earnings.loc[index, ["participant_key", "plan_key", "component_key"]]
        found[index] = any(one.unknown(UUID(person), plans[plan], component) for one in both)
    return found


def _explained(
    earlier: Run, later: Run, before: Inputs, after: Inputs, value: Value, stored: Sequence[int], sight: Sight
) -> Explained:
    """Put one input after another in the place of the earlier run's."""
    sight = sight.over(before, after)
    causes, reached, present = [], value(before), before
    start = reached
    for kind, names in _changed_frames(before, after):
        frames = {name: after.frames[name] for name in names if name in after.frames}
        kept = {name: content for name, content in present.frames.items() if name not in names}
        present = Inputs({**kept, **frames})
        now = value(present)
        label, details = frame_words(str(kind), before, after, names, sight)
        causes.append(Cause(kind, label, details, now - reached))
        reached = now
    changed = deals_changed(before, after, sight.deals)
    called = deal_names([*changed.alone, *(changed.others if len(changed.others) == 1 else ())], earlier, later)
    for step in changed.steps():
        present = Inputs({**present.frames, "deals": step.content})
        now = value(present)
        label, details = deal_words(step.rows, called, sight)
        kind = Kind.DEAL if len(step.rows) == 1 else Kind.DEALS
        key = step.rows[0][0] if len(step.rows) == 1 else ""
        causes.append(Cause(kind, label, details, now - reached, key))
        reached = now
    rest = (stored[1] - stored[0]) - (reached - start)
    if rest:
        words = (f"{earlier.code_version} → {later.code_version}",)
        causes.append(Cause(Kind.CODE, "The calculation itself", words, rest))
    told = tuple(cause for cause in causes if cause.amount_minor)
    return Explained(earlier, later, stored[0], stored[1], told)


def _changed_frames(before: Inputs, after: Inputs) -> Iterable[tuple[Kind, tuple[str, ...]]]:
    names = sorted({*before.frames, *after.frames} - {"deals", "gaps"})
    changed = [name for name in names if before.frames.get(name) != after.frames.get(name)]
    if set(changed) & set(TOGETHER):
        yield Kind.PLAN, TOGETHER
    for name in changed:
        if name not in TOGETHER:
            yield FRAME_KINDS.get(name, Kind.INPUT), (name,)


def _deals_of(run: Run, participant_id: UUID) -> frozenset[str]:
    """The deals that the person was credited for by runs up to this one, in all periods that it reads: a return leads to its sale."""
    runs = Run.objects.filter(facts_known_at__lte=run.facts_known_at, period__calendar=run.period.calendar_id)
    runs = runs.filter(period__during__overlap=tuple(map(day_of, around_kept(run).days)))
    rows = RunCredit.objects.filter(run_id__in=list(runs.values_list("pk", flat=True)), participant_id=participant_id)
    return frozenset(str(key) for key in rows.values_list("opportunity_id", flat=True))


def _earned(inputs: Inputs, period_key: str, plans: frozenset[str], people: set[str], component: str) -> int:
    keys = {row["id"] for row in json.loads(inputs.frames["plans"]) if row["plan"] in plans}
    earnings = computed(inputs, period_key).earnings
    mine = (
        earnings["plan_key"].isin(keys)
        & earnings["participant_key"].isin(people)
        & (earnings["component_key"] == component)
    )
    return int(earnings["earned_minor"][mine].sum())


def _both(earlier: Run, later: Run) -> tuple[Inputs, Inputs]:
    """What was known at both moments: what the plans of either ask of deals, over the days of either."""
    return moment_inputs(earlier, beside=later), moment_inputs(later, beside=earlier)
