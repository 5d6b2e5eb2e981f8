"""Where the books of each period stand, which books take an entry, and what stands in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from incentives.models import (
    BooksState,
    LedgerAccount,
    PayCalendar,
    PayoutAnswer,
    PayoutBatch,
    PayoutLine,
    PeriodStep,
)
from incentives.selectors.converting import pay_unconverted
from incentives.selectors.facts import digest_of
from incentives.selectors.hand_holding import whole_holds
from incentives.selectors.papers.acceptance import documents_unaccepted
from incentives.selectors.statements import statement_hashes
from planning.selectors import period_list
from spm.roles.policy import Viewer

KIND, REOPENING = "period", "period reopening"
"""What is asked for in `spm.approvals`: that a period is right as it stands, and that its books are opened again."""
TAKING = (BooksState.OPEN, BooksState.CALCULATING)
"""The states in which the books of a period take what runs and people post."""

_TOTALS = """
    select coalesce(p.name, ''), e.currency, case when j.kind = 'carry' then 'carried' else e.account end, sum(e.amount_minor)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    left join incentives_planversion v on v.id = e.plan_version_id left join incentives_plan p on p.id = v.plan_id
    where e.period_id = %s group by 1, 2, 3
"""
_BOOKS = """
    select participant_id::text, currency, account, sum(amount_minor)::text from incentives_ledgerentry
    where period_id = %s group by 1, 2, 3 order by 1, 2, 3
"""
_PAYABLE = """
    select e.participant_id, e.currency, sum(e.amount_minor)::bigint from incentives_ledgerentry e
    join planning_period p on p.id = e.period_id
    where e.account = %(account)s and p.calendar_id = %(calendar)s and lower(p.during) <= %(start)s
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
      and (select s.to_state from incentives_periodstep s where s.period_id = p.id order by s.number desc limit 1) = any(%(shut)s)
    group by 1, 2 having sum(e.amount_minor) > 0 order by 1, 2
"""
_SHUT_AFTER = """
    select left_on.who, p.key from unnest(%s::uuid[], %s::date[]) left_on(who, day)
    join planning_period p on upper(p.during) > left_on.day + 1
    where coalesce((select s.to_state from incentives_periodstep s where s.period_id = p.id order by s.number desc limit 1), 'open')
          <> all(%s)
      and exists (select 1 from incentives_ledgerentry e where e.period_id = p.id and e.participant_id = left_on.who)
    order by 1, lower(p.during), 2
"""
UNLOCKED = (BooksState.APPROVED, BooksState.PAID)
"""The states of approved books that can still be paid from."""
APPROVED = (*UNLOCKED, BooksState.LOCKED)
"""The states of books that somebody has approved: only what stands in those is paid."""


CARRIED = "carried"
"""What sums call the legs of journals that carry: they stand on the account payable."""
BESIDE_PLANS = (LedgerAccount.CLEARING, LedgerAccount.DRAW, LedgerAccount.WRITTEN_OFF, LedgerAccount.RECOVERED)
"""The accounts of what nobody earned: brought forward, converted, advanced and recovered, forfeited."""


class Payable(NamedTuple):
    """What a person is owed in one currency, minor units; `held` says why it is not paid out yet, and is empty where nothing keeps it."""

    participant_id: UUID
    currency: str
    amount_minor: int
    held: str = ""


class Total(NamedTuple):
    """What the books of a period hold in one currency, minor units; `plan` is empty for what belongs to none.

    Payments are posted per person, not per plan, so that what is payable and paid is right only in the sum over all plans. `other_minor`
    is what nobody earned: brought forward, converted, advanced less recovered, forfeited. Earned − waiting − held + other is eligible,
    and eligible + carried − paid is payable.
    """

    plan: str
    currency: str
    earned_minor: int
    waiting_minor: int
    held_minor: int
    payable_minor: int
    paid_minor: int
    other_minor: int
    carried_minor: int

    @property
    def kept_minor(self) -> int:
        """Give what waits or is held in these books; below 0 they released more that earlier books kept."""
        return self.waiting_minor + self.held_minor

    @property
    def eligible_minor(self) -> int:
        """Give what these books set free; with what was carried and less what was paid it is what is payable."""
        return self.earned_minor - self.kept_minor + self.other_minor


@dataclass(frozen=True)
class Books:
    """A period, the state of its books, and its last step; None where it took none."""

    period: Any
    state: BooksState
    step: PeriodStep | None
    totals: tuple[Total, ...] = ()

    @property
    def takes_entries(self) -> bool:
        """Tell whether runs and people post into it."""
        return self.state in TAKING


def steps_latest(period_ids: Iterable[UUID] | None = None) -> dict[UUID, PeriodStep]:
    """Give the last step of each period that took one."""
    rows = PeriodStep.objects.order_by("period_id", "-number").distinct("period_id")
    if period_ids is not None:
        rows = rows.filter(period_id__in=list(period_ids))
    return {step.period_id: step for step in rows}


def periods_locked(period_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give of the periods those whose books are locked, each with the word for it."""
    last = steps_latest(period_ids)
    return {
        key: step.get_to_state_display().lower() for key, step in last.items() if step.to_state == BooksState.LOCKED
    }


def locked_until() -> date | None:
    """Give the first day after the last locked books: up to it nothing that was owed or paid changes any more. None where none are."""
    locked = [key for key, step in steps_latest().items() if step.to_state == BooksState.LOCKED]
    return max((each.during.upper for each in period_list().filter(pk__in=locked)), default=None)


def shut_after(last_days: Mapping[UUID, date]) -> dict[UUID, list[str]]:
    """Give of people, each with a last day, the periods with later days whose books take no entries and have something of them."""
    asked = [[str(each) for each in last_days], list(last_days.values()), list(TAKING)]
    found: dict[UUID, list[str]] = {}
    for who, key in _rows(_SHUT_AFTER, asked):
        found.setdefault(who, []).append(key)
    return found


def books_get(period: Any) -> Books:
    """Give where the books of a period stand."""
    return books_of([period])[0]


def books_of(periods: Iterable[Any]) -> list[Books]:
    """Give where the books of each of the periods stand, in their order."""
    asked = list(periods)
    last = steps_latest([each.id for each in asked])
    return [_books(each, last.get(each.id)) for each in asked]


def _books(period: Any, step: PeriodStep | None, totals: tuple[Total, ...] = ()) -> Books:
    return Books(period, BooksState.OPEN if step is None else BooksState(step.to_state), step, totals)


def pay_calendar_of(period: Any) -> UUID:
    """Give the calendar in which what a period earns is paid: its own, unless the company says another."""
    rule = PayCalendar.objects.filter(calendar_id=period.calendar_id).first()
    return period.calendar_id if rule is None else rule.paid_in_id


def pay_calendar_list() -> QuerySet[PayCalendar]:
    """Give the calendars whose periods are paid in those of another."""
    return PayCalendar.objects.select_related("calendar", "paid_in").order_by("calendar__name")


def is_paid_elsewhere(period: Any) -> bool:
    """Tell whether the periods of another calendar pay what is earned in the period."""
    return bool(pay_calendar_of(period) != period.calendar_id)


def books_for(period: Any, day: date, *, paid_in: UUID | None = None) -> Any | None:
    """Give the period in whose books stands what is posted now of what the period earned; None where no open one follows.

    That is the period itself, or the pay period that holds the day (not before the period begins, nor after it ends); from there the
    earliest one whose books take entries. `paid_in` is its pay calendar, where that is known.
    """
    calendar = paid_in or pay_calendar_of(period)
    first = period.during.lower
    if calendar != period.calendar_id:
        first = max(first, min(day, period.during.upper - timedelta(days=1)))
    candidates = period_list().filter(calendar_id=calendar, during__endswith__gt=first).order_by("during")
    last = steps_latest()
    return next((one for one in candidates if one.id not in last or last[one.id].to_state in TAKING), None)


def books_list(viewer: Viewer) -> list[Books]:
    """Give the pay periods that hold entries or took a step, latest first, with totals per currency: also one that has not begun,
    where a locked one before it left its difference."""
    last = steps_latest()
    totals = _totals_of_all()
    rows = [one for one in period_list() if one.id in totals or one.id in last]
    return [_books(one, last.get(one.id), tuple(totals.get(one.id, ()))) for one in rows]


def books_totals(period_id: UUID) -> list[Total]:
    """Give what stands in the books of a period by plan and currency."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for plan, currency, account, total in _rows(_TOTALS, [str(period_id)]):
        found.setdefault((plan, currency), {})[account] = total
    return [_total(plan, currency, accounts) for (plan, currency), accounts in sorted(found.items())]


def books_by_plan(totals: Iterable[Total]) -> list[Total]:
    """Give those of them that a plan, or no plan, earned or holds: what only was paid belongs to none and is in the sums."""
    return [one for one in totals if one.earned_minor or one.waiting_minor or one.held_minor]


def books_sums(totals: Iterable[Total]) -> list[Total]:
    """Give the same over all plans, one per currency."""
    found: dict[str, list[int]] = {}
    for one in totals:
        sums = found.setdefault(one.currency, [0] * len(one[2:]))
        found[one.currency] = [first + second for first, second in zip(sums, one[2:], strict=True)]
    return [Total("", currency, *sums) for currency, sums in sorted(found.items())]


def books_digest(period_id: UUID) -> str:
    """Give the digest of what stands in the books of a period and of its statements: what is approved is exactly this."""
    return digest_of([_rows(_BOOKS, [str(period_id)]), statement_hashes(period_id)])


def payable_of(period: Any) -> list[Payable]:
    """Give who is owed something by the approved books of the period and of those before it in its calendar; who owes is left out, and
    it is carried. Whose pay is all held by hand or could not be converted into the currency they are paid in, or whose plan document is
    not accepted where the company holds pay until then, is named with the reason.
    """
    amounts = payable_amounts(period)
    people = {who for who, _ in amounts}
    by_hand = whole_holds(people, period.during.upper - timedelta(days=1))
    held = documents_unaccepted(people, period) | {who: f"{hold}: {hold.reason}" for who, hold in by_hand.items()}
    unrated = pay_unconverted(period, people)
    return [
        Payable(who, currency, amount, held.get(who) or unrated.get((str(who), currency), ""))
        for (who, currency), amount in amounts.items()
    ]


def payable_amounts(period: Any, people: Iterable[UUID] | None = None) -> dict[tuple[UUID, str], int]:
    """Give the same amounts, of everybody or of these people, by person and currency, held or not."""
    asked = {
        "account": LedgerAccount.PAYABLE,
        "calendar": period.calendar_id,
        "start": period.during.lower,
        "shut": list(APPROVED),
        "people": None if people is None else sorted(people),
    }
    return {(who, currency): amount for who, currency, amount in _rows(_PAYABLE, asked)}


def payout_waiting() -> PayoutBatch | None:
    """Give the earliest payout that waits for payroll's answer: until it has come, no period is said to be paid."""
    waiting = PayoutBatch.objects.filter(
        pk__in=PayoutLine.objects.exclude(pk__in=PayoutAnswer.objects.values("line_id")).values("batch_id")
    )
    return waiting.order_by("number").first()


def step_list(period_id: UUID) -> QuerySet[PeriodStep]:
    """Give the steps of a period, latest first."""
    return PeriodStep.objects.filter(period_id=period_id).select_related("approval").order_by("-number")


def _totals_of_all() -> dict[UUID, list[Total]]:
    query = """
        select e.period_id, e.currency, case when j.kind = 'carry' then 'carried' else e.account end, sum(e.amount_minor)::bigint
        from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id group by 1, 2, 3
    """
    found: dict[tuple[UUID, str], dict[str, int]] = {}
    for period, currency, account, total in _rows(query, None):
        found.setdefault((period, currency), {})[account] = total
    totals: dict[UUID, list[Total]] = {}
    for (period, currency), accounts in sorted(found.items(), key=lambda one: one[0][1]):
        totals.setdefault(period, []).append(_total("", currency, accounts))
    return totals


def _total(plan: str, currency: str, accounts: dict[str, int]) -> Total:
    return Total(
        plan,
        currency,
        -accounts.get(LedgerAccount.EXPENSE, 0),
        accounts.get(LedgerAccount.EARNED, 0),
        accounts.get(LedgerAccount.HELD, 0),
        accounts.get(LedgerAccount.PAYABLE, 0) + accounts.get(CARRIED, 0),
        accounts.get(LedgerAccount.PAID, 0),
        -sum(accounts.get(each, 0) for each in BESIDE_PLANS),
        accounts.get(CARRIED, 0),
    )


def _rows(query: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
