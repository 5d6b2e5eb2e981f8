"""From earned to payable: what the books of a period did with pay, in steps that add up by themselves.

What books keep (it waits for its event, or is held) and later books release is told on both sides, each naming the other: the entries of
books are never changed, so that they go on saying what they kept. `known_at` gives the steps as the ledger stood then, for papers.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.models import JournalKind, LedgerAccount
from incentives.selectors.settling import PLAN_DRAW
from planning.selectors import period_list

_SUMS = """
    select e.currency, e.account, case when e.account = 'clearing' then j.kind else '' end, sum(e.amount_minor)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    where e.period_id = %(period)s and e.account not in ('earned', 'held', 'payable')
      and not (j.kind = 'opening' and e.component = %(draw)s)
      and (%(who)s::uuid is null or e.participant_id = %(who)s::uuid)
      and (%(known_at)s::timestamptz is null or j.posted_at <= %(known_at)s::timestamptz)
    group by 1, 2, 3
"""
"""Draws that were owed to a former system move no pay here: they are told with what is owed."""
_CARRIED = """
    select e.currency, case when e.earned_in_id = e.period_id then j.period_id else e.earned_in_id end, sum(e.amount_minor)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    where e.period_id = %(period)s and j.kind = 'carry' and e.account = 'payable'
      and (%(who)s::uuid is null or e.participant_id = %(who)s::uuid)
      and (%(known_at)s::timestamptz is null or j.posted_at <= %(known_at)s::timestamptz)
    group by 1, 2 having sum(e.amount_minor) <> 0
"""
GROUP = """
    e.participant_id, e.currency, e.account, v.plan_id, e.component, e.earned_in_id,
    case when j.kind = 'hand_hold' then split_part(j.slot, ':', 2) else '' end
"""
"""What is kept and released as one: by which books it was kept is found by it."""
_KEPT = f"""
    with rows as (
        select {GROUP} as hold, e.period_id, lower(b.during) as starts, sum(e.amount_minor)::bigint as minor, max(j.posted_at) as at
        from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id join planning_period b on b.id = e.period_id
        left join incentives_planversion v on v.id = e.plan_version_id
        where e.account in ('earned', 'held') and e.earned_in_id in (
              select earned_in_id from incentives_ledgerentry where period_id = %(period)s and account in ('earned', 'held'))
          and (%(who)s::uuid is null or e.participant_id = %(who)s::uuid)
          and (%(known_at)s::timestamptz is null or j.posted_at <= %(known_at)s::timestamptz)
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9 having sum(e.amount_minor) <> 0
    ), named as (
        select *, dense_rank() over (order by participant_id, currency, account, plan_id, component, earned_in_id, hold) as place,
               bool_or(period_id = %(period)s) over (
                   partition by participant_id, currency, account, plan_id, component, earned_in_id, hold) as is_here
        from rows
    )
    select place, currency, account, component, plan_id::text, hold, period_id, minor, at from named where is_here order by place, starts
"""


class Step(NamedTuple):
    """A step from earned to payable in one currency: what it adds or takes (minor units), and the other period where it names one."""

    key: str
    words: str
    amount_minor: int
    period_key: str = ""
    period_id: UUID | None = None


class Since(NamedTuple):
    """What of that which a period's books kept was set free by later ones (minor units), and when."""

    account: str
    plan: str
    component: str
    amount_minor: int
    at: datetime
    period_key: str
    period_id: UUID
    hold: str
    """The key of the hold by hand that kept it; empty where it waited for its event or was held otherwise."""


@dataclass(frozen=True)
class Bridge:
    """The steps of one currency, first those to what is eligible, then those to what is payable; `since` is what later books set free."""

    currency: str
    earned_minor: int
    kept: tuple[Step, ...]
    moved: tuple[Step, ...]
    since: tuple[Since, ...]

    @property
    def eligible_minor(self) -> int:
        """Give what these books set free: earned, brought forward or advanced, and neither waiting nor held."""
        return self.earned_minor + sum(step.amount_minor for step in self.kept)

    @property
    def payable_minor(self) -> int:
        """Give what is left to be paid by these books, or below 0 owed."""
        return self.eligible_minor + sum(step.amount_minor for step in self.moved)

    @property
    def held_minor(self) -> int:
        """Give what these books keep back, whatever became of it since."""
        return -sum(step.amount_minor for step in self.kept if step.key in ("waits", "held"))

    @property
    def since_minor(self) -> int:
        """Give what of that later books set free."""
        return sum(one.amount_minor for one in self.since)

    @property
    def paid_minor(self) -> int:
        """Give what these books paid."""
        return -sum(step.amount_minor for step in self.moved if step.key == "paid")

    @property
    def since_by_period(self) -> tuple[Step, ...]:
        """Give the later periods that set it free, each with how much."""
        sums: dict[tuple[str, UUID], int] = {}
        for one in self.since:
            sums[one.period_key, one.period_id] = sums.get((one.period_key, one.period_id), 0) + one.amount_minor
        return tuple(Step("since", "", minor, key, period_id) for (key, period_id), minor in sums.items())

    @property
    def rows(self) -> tuple[Step, ...]:
        """Give all of it in order, with the four states: earned, eligible, paid as a step, payable."""
        return (
            Step("earned", _("Earned"), self.earned_minor),
            *self.kept,
            Step("eligible", _("Eligible"), self.eligible_minor),
            *self.moved,
            Step("payable", _("Payable"), self.payable_minor),
        )


class _Flow(NamedTuple):
    """An amount of an account that left the books of one period (None: it began in these) and what it came to in those of another."""

    currency: str
    account: str
    plan: str
    component: str
    hold: str
    source: UUID | None
    books: UUID
    minor: int
    at: datetime


def bridges_of(period: Any, *, participant_id: UUID | None = None, known_at: datetime | None = None) -> list[Bridge]:
    """Give the way from earned to payable in the books of a period, of everybody or of one person, per currency."""
    asked = {
        "period": str(period.id),
        "who": None if participant_id is None else str(participant_id),
        "known_at": known_at,
        "draw": PLAN_DRAW,
    }
    sums: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for currency, account, kind, minor in _rows(_SUMS, asked):
        sums[currency][account, kind] = minor
    carried = _rows(_CARRIED, asked)
    flows = _flows(_rows(_KEPT, asked))
    keys = _periods({one for _c, one, _m in carried} | {one for flow in flows for one in (flow.source, flow.books)})
    currencies = sorted({*sums, *(row[0] for row in carried), *(flow.currency for flow in flows)})
    return [
        Bridge(
            currency,
            -sums[currency].get((LedgerAccount.EXPENSE, ""), 0),
            (*_beside(sums[currency]), *_kept([one for one in flows if one.currency == currency], period, keys)),
            (*_carried([row[1:] for row in carried if row[0] == currency], keys, period), *_paid(sums[currency])),
            _since([one for one in flows if one.currency == currency], period, keys),
        )
        for currency in currencies
    ]


def bridge_of(period: Any, participant_id: UUID, currency: str, *, known_at: datetime | None = None) -> Bridge:
    """Give that of one person and currency."""
    found = bridges_of(period, participant_id=participant_id, known_at=known_at)
    return next((one for one in found if one.currency == currency), Bridge(currency, 0, (), (), ()))


def _flows(rows: Iterable[tuple[Any, ...]]) -> list[_Flow]:
    """What books keep, and what of it later ones set free, the earliest first; below 0 is what is still to be taken back."""
    found: list[_Flow] = []
    place, open_rows = None, list[tuple[UUID, int]]()
    for number, currency, account, component, plan, hold, books, minor, at in rows:
        if number != place:
            place, open_rows = number, []
        left = minor
        while left and open_rows and (open_rows[0][1] > 0) != (left > 0):
            source, kept = open_rows[0]
            taken = min(abs(kept), abs(left)) * (1 if left > 0 else -1)
            found.append(_Flow(currency, account, plan or "", component, hold, source, books, taken, at))
            left -= taken
            open_rows[0] = (source, kept + taken)
            if not open_rows[0][1]:
                open_rows.pop(0)
        if left:
            found.append(_Flow(currency, account, plan or "", component, hold, None, books, left, at))
            open_rows.append((books, left))
    return found


def _beside(sums: dict[tuple[str, str], int]) -> list[Step]:
    """What came into the books or left them that nobody earned, and what was forfeited."""
    opening, converted = ((LedgerAccount.CLEARING, kind) for kind in (JournalKind.OPENING, JournalKind.CONVERT))
    rest = sum(minor for (account, kind), minor in sums.items() if account == LedgerAccount.CLEARING)
    rest -= sums.get(opening, 0) + sums.get(converted, 0)
    lost = sum(sums.get((account, ""), 0) for account in (LedgerAccount.WRITTEN_OFF, LedgerAccount.RECOVERED))
    steps = [
        Step("opening", _("Brought forward from the former system"), -sums.get(opening, 0)),
        Step("converted", _("Converted from or into another currency"), -sums.get(converted, 0)),
        Step("clearing", _("Other movements with the company"), -rest),
        Step("draws", _("Draws advanced, less what was recovered or forgiven"), -sums.get((LedgerAccount.DRAW, ""), 0)),
        Step("written_off", _("Forfeited or written off"), -lost),
    ]
    return [one for one in steps if one.amount_minor]


def _kept(flows: list[_Flow], period: Any, keys: dict[UUID, tuple[date, str]]) -> list[Step]:
    """What these books keep, and what they set free of earlier ones."""
    sums: dict[tuple[str, UUID | None], int] = defaultdict(int)
    for one in flows:
        if one.books == period.id:
            sums[_kind(one), one.source] -= one.minor
    ordered = sorted(
        sums.items(), key=lambda one: (keys[one[0][1]] if one[0][1] else (period.during.lower,), one[0][0])
    )
    return [_step(kind.partition(" ")[0], _KEPT_WORDS[kind], minor, source, keys) for (kind, source), minor in ordered]


def _kind(one: _Flow) -> str:
    """What a flow is: kept or set free, or below 0 still to be taken back and taken back."""
    is_held = one.account == LedgerAccount.HELD
    if one.source is None:
        return ("held" if is_held else "waits") if one.minor > 0 else "later"
    return ("released hold" if is_held else "released event") if one.minor < 0 else "taken"


_KEPT_WORDS: dict[str, Any] = {
    "waits": gettext_lazy("Waits for its event"),
    "held": gettext_lazy("Held"),
    "later": gettext_lazy("Taken back in later periods"),
    "released hold": gettext_lazy("Released from hold, held by %(period)s"),
    "released event": gettext_lazy("Its event came, waited since %(period)s"),
    "taken": gettext_lazy("Taken back, left over from %(period)s"),
}


def _step(key: str, words: Any, minor: int, of: UUID | None, keys: dict[UUID, tuple[date, str]]) -> Step:
    named = "" if of is None else keys[of][1]
    return Step(key, str(words) % {"period": named} if of else str(words), minor, named, of)


def _carried(rows: Iterable[tuple[UUID, int]], keys: dict[UUID, tuple[date, str]], period: Any) -> list[Step]:
    steps = []
    for other, minor in sorted(rows, key=lambda row: keys[row[0]]):
        is_from = keys[other][0] < period.during.lower
        words = _("Carried from %(period)s") if is_from else _("Carried to %(period)s")
        steps.append(_step("carried", words, minor, other, keys))
    return steps


def _paid(sums: dict[tuple[str, str], int]) -> list[Step]:
    paid = sums.get((LedgerAccount.PAID, ""), 0)
    return [Step("paid", _("Paid"), -paid)] if paid else []


def _since(flows: list[_Flow], period: Any, keys: dict[UUID, tuple[date, str]]) -> tuple[Since, ...]:
    sums: dict[tuple[str, str, str, UUID, str], list[_Flow]] = defaultdict(list)
    for one in flows:
        if one.source == period.id and one.minor < 0:
            sums[one.account, one.plan, one.component, one.books, one.hold].append(one)
    found = [
        Since(
            account,
            plan,
            component,
            -sum(one.minor for one in some),
            max(one.at for one in some),
            keys[books][1],
            books,
            hold,
        )
        for (account, plan, component, books, hold), some in sums.items()
    ]
    return tuple(sorted(found, key=lambda one: (keys[one.period_id], one.account, one.plan, one.component, one.hold)))


def _periods(ids: Iterable[UUID | None]) -> dict[UUID, tuple[date, str]]:
    rows = period_list().filter(pk__in={one for one in ids if one is not None})
    return {one.id: (one.during.lower, one.key) for one in rows}


def _rows(query: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
