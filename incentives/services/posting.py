"""Posts what a run found: the difference to what stands on the ledger, then the statements that changed.

A group is a participant, plan, component and currency of one period. A group that the run could not calculate keeps what was posted.
The books of a period that is in review, approved, paid or locked never change: its differences stand in those of the next open one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from incentives.models import JournalKind, LedgerAccount, PlanState, PlanVersion, Run, RunState
from incentives.selectors.earnings import Earned, Group, people_of_run, posted_by_group
from incentives.selectors.left_out import LeftOut
from incentives.selectors.periods import books_for, is_paid_elsewhere, pay_calendar_of
from incentives.selectors.waiting import waits_said
from incentives.services.ledger import Leg, journal_post, ledger_lock
from incentives.services.runs import run_latest, run_lock
from incentives.services.settling import Settlement, period_settle, settles_by_itself
from incentives.services.statements import statements_issue, statements_reissue
from spm.core.findings import Finding
from spm.roles.policy import Viewer, require


@dataclass(frozen=True)
class Posting:
    """What posting did: how many groups changed, how many statements were issued; `findings` say why nothing could be posted."""

    groups: int = 0
    statements: int = 0
    findings: tuple[Finding, ...] = ()


class _Difference(NamedTuple):
    """What has to be posted for a group, and under which version of its plan."""

    group: Group
    plan_version_id: str
    amount_minor: int


@transaction.atomic
def run_post(*, run_id: UUID, actor: Viewer) -> Posting:
    """Post the differences of a run and issue the statements that changed; posting a run again posts nothing.

    Where no open period follows to take them, nothing is posted, a finding says so, and the run can be posted later.
    Raises ValidationError for a run that failed or that a later run of the period has replaced. Source: house.md, Numbers.
    """
    require(actor, "run.start")
    run = Run.objects.select_related("period").get(pk=run_id)
    run_lock(run.period_id)
    ledger_lock()
    run = Run.objects.select_for_update(of=("self",)).select_related("period").get(pk=run_id)
    if run.state == RunState.POSTED:
        return Posting(statements=_settled_again(run, actor))
    latest = run_latest(run.period_id)
    if run.state != RunState.DONE or latest is None or latest.id != run.id:
        raise ValidationError(
            f"This run of {run.period.key} is {run.state} or was replaced by a later one. Nothing was posted. Post the latest run."
        )
    earned, paid_in = Earned.of(run), pay_calendar_of(run.period)
    changes = _differences(run, earned)
    books = books_for(run.period, actor.on, paid_in=paid_in)
    if books is None and changes:
        return Posting(findings=(no_books(run.period),))
    if changes:
        _journals(run, books, changes, actor)
    run.state = RunState.POSTED
    run.save(update_fields=["state"])
    settled = Settlement({one.group[0] for one in changes})
    if books is not None:
        done = period_settle(period=books, actor=actor, people=people_of_run(run), run=run)
        settled = Settlement(settled.people | done.people, done.waiting)
    return Posting(groups=len(changes), statements=_statements(run, books, settled, earned, paid_in))


def no_books(period: Any) -> Finding:
    """Say that what a period earned has no books to stand in."""
    return Finding(
        "NO_OPEN_PERIOD",
        period.key,
        f"The books of {period.key} take no entries, and no open period follows in the calendar that pays it.",
        "Nothing was posted; the run keeps its figures.",
        "Add the coming periods to the calendar, or reopen a period, and post the run again.",
        about=(("period_key", period.key),),
    )


def _statements(run: Run, books: Any | None, settled: Settlement, earned: Earned, paid_in: UUID) -> int:
    """Those of the run's period while it is open or is paid by others, and those of the books that took its differences."""
    issued, is_own = 0, books is not None and books.id == run.period_id
    waits, is_elsewhere = waits_said(settled.waiting), paid_in != run.period.calendar_id
    if is_elsewhere or is_own:
        issued += statements_issue(
            run=run, earned=earned, waits=waits if is_own else None, is_paid_elsewhere=is_elsewhere
        )
    if settled.people and books is not None and not is_own:
        issued += statements_reissue(period=books, run=run, people=settled.people, waits=waits)
    return issued


def _settled_again(run: Run, actor: Viewer) -> int:
    """Settle what days and events have changed since the run was posted, and tell whom it concerns; gives the number of statements."""
    books = books_for(run.period, actor.on)
    if books is None or not settles_by_itself(books):
        return 0
    settled = period_settle(period=books, actor=actor)
    issued = 0
    if settled.people and is_paid_elsewhere(run.period):
        issued += statements_issue(run=run, earned=Earned.of(run), is_paid_elsewhere=True)
    people = settled.people | {who for who, _ in settled.waiting}
    return issued + statements_reissue(period=books, run=run, people=people, waits=waits_said(settled.waiting))


def _differences(run: Run, earned: Earned) -> list[_Difference]:
    plans = {key: str(version.plan_id) for key, version in earned.versions.items()}
    wanted: dict[Group, int] = {}
    versions: dict[Group, str] = {}
    for row in earned.rows:
        group = (row.participant_id, plans[row.plan_version_id], row.component, row.currency)
        wanted[group] = wanted.get(group, 0) + row.earned_minor
        versions[group] = max(versions.get(group, row.plan_version_id), row.plan_version_id)
    posted = posted_by_group(run)
    held = kept_groups(run, (group for group in posted if group not in wanted))
    versions |= _versions_of([group for group in posted if group not in versions])
    found = []
    for group in wanted.keys() | posted.keys():
        change = wanted.get(group, 0) - posted.get(group, 0)
        if change and group not in held:
            found.append(_Difference(group, versions[group], change))
    return found


def kept_groups(run: Run, groups: Iterable[Group]) -> set[Group]:
    """Give those of the groups that the run has no figure for because an error of the run names them: they are not taken back."""
    left = LeftOut.of(run)
    return {group for group in groups if left.reason(*group[:3])}


def _versions_of(groups: Sequence[Group]) -> dict[Group, str]:
    """The latest published version of each group's plan, for groups that this run has no version for."""
    if not groups:
        return {}
    rows = PlanVersion.objects.exclude(state=PlanState.DRAFT).order_by("number").values_list("plan_id", "id")
    latest = {str(plan): str(version) for plan, version in rows}
    return {group: latest[group[1]] for group in groups}


def _journals(run: Run, books: Any, changes: list[_Difference], actor: Viewer) -> None:
    """The journal that earns; what is payable of it is for the settlement to say."""
    into, out_of = LedgerAccount.EARNED.value, LedgerAccount.EXPENSE.value
    legs = [leg for change in changes for leg in _legs(change, run.period_id, into, out_of)]
    reason = f"Earned: {run.period.key}, difference to what was posted"
    journal_post(
        kind=JournalKind.EARN, slot=f"run:{run.id}", period=books, legs=legs, reason=reason, actor=actor, run=run
    )


def _legs(change: _Difference, earned_in: UUID, into: str, out_of: str) -> tuple[Leg, Leg]:
    participant, _, component, currency = change.group
    return (
        Leg(participant, change.plan_version_id, component, into, change.amount_minor, currency, earned_in),
        Leg(participant, change.plan_version_id, component, out_of, -change.amount_minor, currency, earned_in),
    )
