"""What people had earned by a run of a period: of each person, what the last run that calculated them found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from incentives.models import Run, RunEarning
from incentives.selectors.left_out import LeftOut
from spm.crm.models import CreditNoteVersion, OpportunityVersion, OrderVersion
from spm.people.models import Participant
from spm.roles.policy import Viewer, visible

Key = tuple[UUID, UUID, str, str]
"""Participant, plan, component, currency."""


@dataclass
class Standing:
    """Amounts that stand by a run; `doubts` are the people whom the last run over them could not calculate whole."""

    earned: dict[Key, int] = field(default_factory=dict)
    fresh: set[tuple[UUID, UUID, str]] = field(default_factory=set)
    doubts: dict[UUID, LeftOut] = field(default_factory=dict)

    def unknown(self, person: UUID, plan: UUID, component: str) -> str:
        """Say why a line is unknown by the run, whatever stood before; empty where it is known, as nothing where it has no figure."""
        if person not in self.doubts or (person, plan, component) in self.fresh:
            return ""
        return self.doubts[person].reason(str(person), str(plan), component)


@dataclass(frozen=True)
class Uncalculated:
    """A person whom one of two runs could not calculate, and why: not part of the difference."""

    participant_id: UUID
    name: str
    is_earlier: bool
    reason: str


def runs_until(run: Run) -> QuerySet[Run]:
    """Give the runs of the period up to this one, latest first."""
    runs = Run.objects.filter(period=run.period_id, facts_known_at__lte=run.facts_known_at)
    return runs.exclude(state__in=("running", "failed")).select_related("period").order_by("-facts_known_at")


def standing_of(run: Run, rows: QuerySet[RunEarning]) -> Standing:
    """Give what stands by a run: what a run could not calculate stays as the run before it found it."""
    found, seen, waiting, is_whole = Standing(), set[UUID](), set[UUID](), False
    for one in runs_until(run):
        mine = rows.filter(run=one).exclude(participant__in=seen)
        _take(found, mine.filter(participant__in=waiting) if is_whole else mine, waiting)
        left = LeftOut.of(one)
        named = _named(left, one)
        covered = None if one.scope is None else {UUID(person) for person in one.scope["people"]}
        here = (named if covered is None else named & covered) - seen
        for person in here if not is_whole else ():
            found.doubts.setdefault(person, left)
        settled = waiting - here if covered is None else covered - here
        seen |= settled
        waiting = (waiting - settled) if is_whole else (waiting | here) - settled
        is_whole = is_whole or covered is None
        if is_whole and not waiting:
            break
    return found


def _take(found: Standing, rows: QuerySet[RunEarning], waiting: set[UUID]) -> None:
    """Take the figures of a run; of people whom a later run left out only those lines that it could not calculate."""
    known = set(found.earned)
    columns = ("participant_id", "plan_version__plan_id", "component", "currency", "earned_minor")
    for person, plan, component, currency, earned in rows.values_list(*columns):
        key = (person, plan, component, currency)
        if person in waiting:
            if key in known or not found.unknown(person, plan, component):
                continue
        else:
            found.fresh.add((person, plan, component))
        found.earned[key] = found.earned.get(key, 0) + earned


def _named(left: LeftOut, run: Run) -> set[UUID]:
    """Whom the errors of a run concern: of an error about a whole plan, everybody who ever earned in the period."""
    if left.people is not None:
        return {UUID(person) for person in left.people}
    earning = RunEarning.objects.filter(run__period=run.period_id).order_by()
    named = {UUID(about["participant_key"]) for about, _ in left.errors if "participant_key" in about}
    return named | set(earning.values_list("participant_id", flat=True).distinct())


def known_to(one: Standing, both: Sequence[Standing]) -> dict[Key, int]:
    """Give what stands by one of two runs, of the lines that both could calculate."""
    return {key: amount for key, amount in one.earned.items() if not any(each.unknown(*key[:3]) for each in both)}


def run_calculating(run: Run, participant_id: UUID, plan_id: UUID, component: str) -> Run | None:
    """Give the run, or the last one before it, by which a person's line is known; None where it never was."""
    rows = RunEarning.objects.filter(participant=participant_id)
    for one in runs_until(run):
        if not standing_of(one, rows).unknown(participant_id, plan_id, component):
            return one
    return None


def runs_uncalculated(viewer: Viewer, earlier: Run, later: Run) -> list[Uncalculated]:
    """Give the people within reach whom either run could not calculate, by name: they are left out of the difference."""
    rows = visible(viewer, RunEarning.objects.all())
    return sorted(
        (
            each
            for run, is_earlier in ((later, False), (earlier, True))
            for each in _uncalculated(viewer, standing_of(run, rows), is_earlier=is_earlier)
        ),
        key=lambda one: (one.is_earlier, one.name, one.reason),
    )


def _uncalculated(viewer: Viewer, standing: Standing, *, is_earlier: bool) -> Iterable[Uncalculated]:
    people = visible(viewer, Participant.objects.filter(pk__in=standing.doubts), participant="pk")
    for key, name in people.values_list("id", "name"):
        for words in standing.doubts[key].words(str(key)):
            yield Uncalculated(key, name, is_earlier, words)


def errors_standing(run: Run) -> list[tuple[Run, list[Any]]]:
    """Give what could not be calculated by a run, latest first: of runs before it, back to the last over everybody, what was not
    calculated again since.

    An error about a person stands until a later run calculates them, one about a fact until that is known otherwise.
    """
    found, seen = [], set[str]()
    for one in runs_until(run):
        errors = [each for each in one.findings if each["severity"] == "ERROR"]
        if one.pk != run.pk:
            changed = _changed_keys(errors, one, run)
            errors = [each for each in errors if _is_open(each["about"], seen, changed)]
        if errors:
            found.append((one, errors))
        if one.scope is None:
            break
        seen |= set(one.scope["people"])
    return found


def _is_open(about: Mapping[str, Any], seen: set[str], changed: set[str]) -> bool:
    """Whether an error of an earlier run is still one; what concerns a whole plan is told by each later run itself."""
    if "participant_key" in about:
        return about["participant_key"] not in seen
    return "source_key" in about and about["source_key"] not in changed


def _changed_keys(errors: Iterable[Mapping[str, Any]], since: Run, until: Run) -> set[str]:
    """The keys of facts named by errors that became known otherwise between two runs."""
    keys = {each["about"]["source_key"] for each in errors if "source_key" in each["about"]}
    asked = {
        "known_from__gt": since.facts_known_at,
        "known_from__lte": until.facts_known_at,
        "fact__source_key__in": keys,
    }
    kinds: tuple[Any, ...] = (OpportunityVersion, OrderVersion, CreditNoteVersion)
    return {
        key for kind in kinds if keys for key in kind.objects.filter(**asked).values_list("fact__source_key", flat=True)
    }
