"""What holds by hand are settled from: the holds that were approved, what is payable in books beside them, and what they keep."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from incentives.engine.awaiting import Group
from incentives.engine.hand_holding import Kept
from incentives.models import BooksState, Hold, HoldRelease, JournalKind, LedgerAccount
from incentives.selectors.settling import PLAN_DRAW
from incentives.selectors.waiting import component_names
from planning.selectors import period_list
from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.approvals.selectors import approved_keys

KIND, RELEASING = "hold", "hold_release"
"""What is asked for in `spm.approvals`: that pay is kept back, and that it is released."""
OF_NO_COMPONENT = {"": "Adjustments", PLAN_DRAW: "Draws"}
"""What pay is called that no component of a plan earned."""
BESIDE = [JournalKind.HAND_HOLD.value, JournalKind.CONVERT.value, JournalKind.CARRY.value]
"""The journals after which nothing else is payable than before: holds themselves, what is converted once they have kept theirs, and what
is carried to later books."""

_PAYABLE = """
    select e.participant_id::text, coalesce(v.plan_id::text, ''), e.component, e.currency, e.earned_in_id::text,
           max(e.plan_version_id::text), sum(e.amount_minor)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    left join incentives_planversion v on v.id = e.plan_version_id
    where e.period_id = %(books)s and e.account = %(payable)s and j.kind <> all(%(beside)s)
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4, 5
"""
_KEPT = """
    select split_part(j.slot, ':', 2), e.participant_id::text, coalesce(v.plan_id::text, ''), e.component, e.currency,
           e.earned_in_id::text, max(e.plan_version_id::text),
           coalesce(sum(e.amount_minor) filter (where e.period_id <> %(books)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.period_id = %(books)s), 0)::bigint
    from incentives_journal j join incentives_ledgerentry e on e.journal_id = j.id
    join planning_period b on b.id = e.period_id
    left join incentives_planversion v on v.id = e.plan_version_id
    where j.kind = %(kind)s and e.account = %(held)s and b.calendar_id = %(calendar)s and lower(b.during) <= %(start)s
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4, 5, 6 having sum(e.amount_minor) <> 0 or bool_or(e.period_id = %(books)s)
"""

_SAID = """
    select e.participant_id::text, e.currency, split_part(j.slot, ':', 2), coalesce(v.plan_id::text, ''), e.component, e.earned_in_id::text,
           sum(e.amount_minor)::bigint, coalesce(sum(e.amount_minor) filter (where e.period_id = %(period)s), 0)::bigint,
           coalesce(-sum(e.amount_minor) filter (where e.period_id = %(period)s and j.posted_at >= r.released_at), 0)::bigint
    from incentives_journal j join incentives_ledgerentry e on e.journal_id = j.id
    join planning_period b on b.id = e.period_id left join incentives_planversion v on v.id = e.plan_version_id
    left join unnest(%(over)s::text[], %(over_at)s::timestamptz[]) r(hold, released_at) on r.hold = split_part(j.slot, ':', 2)
    where j.kind = %(kind)s and e.account = %(held)s and {of}
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4, 5, 6
    having sum(e.amount_minor) <> 0 or coalesce(sum(e.amount_minor) filter (where e.period_id = %(period)s), 0) <> 0
        or coalesce(sum(e.amount_minor) filter (where e.period_id = %(period)s and j.posted_at >= r.released_at), 0) <> 0
"""
_UNTIL = "b.calendar_id = %(calendar)s and lower(b.during) <= %(start)s"


class Standing(NamedTuple):
    """What the books of a period have: payable of each group beside holds, what each hold kept in the books before and keeps in these,
    and the plan version of each group, None for pay of no plan (minor units)."""

    payable: dict[Group, int]
    before: dict[Kept, int]
    posted: dict[Kept, int]
    versions: dict[Group, str | None]


def holds_approved() -> QuerySet[Any]:
    """Give the holds that were approved, the earliest first; `is_over` tells those whose release was approved."""
    released = HoldRelease.objects.filter(hold=OuterRef("pk"), pk__in=approved_keys(RELEASING))
    return (
        Hold.objects.filter(pk__in=approved_keys(KIND))
        .select_related("deal")
        .annotate(is_over=Exists(released))
        .order_by("number")
    )


def standing_by_hand(period: Any, people: Sequence[str] | None) -> Standing:
    """Give what the books of a period, and those before them in its calendar, have of payable pay and of holds by hand."""
    asked = {
        "books": str(period.id),
        "calendar": str(period.calendar_id),
        "start": period.during.lower,
        "people": None if people is None else list(people),
        "kind": JournalKind.HAND_HOLD,
        "beside": BESIDE,
        "payable": LedgerAccount.PAYABLE,
        "held": LedgerAccount.HELD,
    }
    found = Standing({}, {}, {}, {})
    for *key, version, amount in _rows(_PAYABLE, asked):
        group = Group(*key)
        found.payable[group] = amount
        found.versions[group] = version
    for hold, who, plan, component, currency, earned_in, version, before, posted in _rows(_KEPT, asked):
        group = Group(who, plan, component, currency, earned_in)
        found.before[hold, group] = before
        found.posted[hold, group] = posted
        found.versions.setdefault(group, version)
    return found


def books_of_people(people: Iterable[str] | None) -> list[Any]:
    """Give the pay periods in whose books the people, None is everybody, have anything payable or held by hand, the earliest first."""
    query = """
        select distinct e.period_id from incentives_ledgerentry e
        where e.account in (%(payable)s, %(held)s) and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    """
    asked = {
        "people": None if people is None else list(people),
        "payable": LedgerAccount.PAYABLE,
        "held": LedgerAccount.HELD,
    }
    return list(period_list().filter(pk__in=[key for (key,) in _rows(query, asked)]).order_by("during"))


def holds_said(
    period: Any, people: Iterable[str] | None, *, is_earned_in: bool = False
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Give what statements of a period say of holds by hand, by participant and currency: a row per hold and group.

    Of each what is kept at the end of the period's books, what these took or gave back of it, and what they gave back since its release
    was approved: that stays said where the hold began in the same books, so that nothing is left of it. With `is_earned_in` what is kept of
    all that was earned in the period, in whatever books it stands.
    """
    holds = {str(one.pk): one for one in holds_approved()}
    if not holds:
        return {}
    ends = releases_approved()
    asked = {
        "period": str(period.id),
        "calendar": str(period.calendar_id),
        "start": period.during.lower,
        "people": None if people is None else list(people),
        "kind": JournalKind.HAND_HOLD,
        "held": LedgerAccount.HELD,
        "over": list(ends),
        "over_at": [at for _, at in ends.values()],
    }
    rows = _rows(_SAID.format(of="e.earned_in_id = %(period)s" if is_earned_in else _UNTIL), asked)
    keys = {str(each.id): each.key for each in period_list().filter(pk__in={row[5] for row in rows})}
    names = component_names({row[3] for row in rows if row[3]})
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for who, currency, key, plan, component, earned_in, kept, here, released in rows:
        hold, (end, at) = holds[key], ends.get(key, (None, None))
        found.setdefault((who, currency), []).append(
            {
                "hold": str(hold),
                **({"deal": hold.deal.source_key} if hold.deal is not None else {}),
                "plan": plan,
                "component": component,
                "component_name": names.get((plan, component)) or OF_NO_COMPONENT.get(component, component),
                "period": keys[earned_in],
                "amount_minor": kept,
                "here_minor": here,
                "held_by": hold.asked_by_name,
                "reason": hold.reason,
                "released_by": end.asked_by_name if end else "",
                "released_reason": end.reason if end else "",
                **({"released_at": at.isoformat(), "released_minor": released} if at is not None else {}),
            }
        )
    for said in found.values():
        said.sort(key=lambda row: (row["hold"], row["period"], row["plan"], row["component"]))
    return found


def releases_approved() -> dict[str, tuple[HoldRelease, datetime]]:
    """The approved release of each hold that is over, the first, and when it was approved."""
    asked = ApprovalRequest.objects.filter(kind=RELEASING, state=ApprovalState.APPROVED, decided_at__isnull=False)
    approved = {key: at for key, at in asked.values_list("key", "decided_at") if at is not None}
    rows = HoldRelease.objects.filter(pk__in=approved).order_by("asked_at", "pk")
    return {str(one.hold_id): (one, approved[one.pk]) for one in reversed(rows)}


def payable_open(hold: Hold) -> list[dict[str, Any]]:
    """Give what is payable in open books of whom a hold means, per currency, as an approver is shown it; holds by hand are left out.

    Nothing is said of a single deal: what of it is payable is known when the hold is settled.
    """
    if hold.deal_id is not None:
        return []
    sums: dict[str, int] = {}
    for _, currency, amount in _payable(hold, (BooksState.OPEN, BooksState.CALCULATING)):
        sums[currency] = sums.get(currency, 0) + amount
    return _totals("Payable now", sorted(row for row in sums.items() if row[1]))


class Unreached(NamedTuple):
    """Pay that a hold means and does not reach: of which period's books, how much (minor units); None where it is about one deal."""

    period_key: str
    currency: str
    amount_minor: int | None


def payable_shut(hold: Hold) -> list[Unreached]:
    """Give what is payable of a hold in books that are reviewed or approved and not paid: such books take no entry, so it is not held.

    Nothing is out of reach where all pay of a person is held: payouts leave such a person out.
    """
    if hold.participant_id is not None and hold.plan_id is None and hold.deal_id is None:
        return []
    rows = [row for row in _payable(hold, (BooksState.IN_REVIEW, BooksState.APPROVED)) if row[2] > 0]
    if hold.deal_id is None:
        return [Unreached(*row) for row in rows]
    return [Unreached(key, "", None) for key in sorted({key for key, _, _ in rows})]


def _payable(hold: Hold, states: Sequence[str]) -> list[tuple[str, str, int]]:
    """What is payable of whom a hold means in books of some states: period, currency, amount; holds by hand are left out."""
    query = """
        select b.key, e.currency, sum(e.amount_minor)::bigint
        from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
        join planning_period b on b.id = e.period_id left join incentives_planversion v on v.id = e.plan_version_id
        where e.account = %(payable)s and j.kind <> all(%(beside)s) and upper(b.during) > %(starts_on)s
          and coalesce((select s.to_state from incentives_periodstep s where s.period_id = b.id order by s.number desc limit 1), %(open)s)
              = any(%(states)s)
          and (%(person)s::uuid is null or e.participant_id = %(person)s::uuid)
          and (%(plan)s::uuid is null or v.plan_id = %(plan)s::uuid) and (%(component)s = '' or e.component = %(component)s)
        group by 1, 2 having sum(e.amount_minor) <> 0 order by 1, 2
    """
    asked = {
        "payable": LedgerAccount.PAYABLE,
        "beside": BESIDE,
        "starts_on": hold.starts_on,
        "open": BooksState.OPEN,
        "states": [str(each) for each in states],
        "person": hold.participant_id,
        "plan": hold.plan_id,
        "component": hold.component,
    }
    return _rows(query, asked)


def hold_kept(hold: Hold) -> list[dict[str, Any]]:
    """Give what a hold keeps in all books, per currency, as an approver is shown it."""
    return _totals("On hold", [(currency, sum(minor)) for currency, minor in _by_currency(kept_by_person(hold))])


def kept_by_person(hold: Hold) -> list[tuple[UUID, str, str, int]]:
    """Give what a hold keeps of each person: key, name, currency, amount (minor units), people by name."""
    query = """
        select e.participant_id, w.name, e.currency, sum(e.amount_minor)::bigint
        from incentives_journal j join incentives_ledgerentry e on e.journal_id = j.id join people_participant w on w.id = e.participant_id
        where j.kind = %(kind)s and j.slot like %(slot)s and e.account = %(held)s
        group by 1, 2, 3 having sum(e.amount_minor) <> 0 order by 2, 3, 1
    """
    return _rows(query, {"kind": JournalKind.HAND_HOLD, "slot": f"hold:{hold.pk}:%", "held": LedgerAccount.HELD})


def _by_currency(rows: Iterable[tuple[UUID, str, str, int]]) -> list[tuple[str, list[int]]]:
    sums: dict[str, list[int]] = {}
    for _, _, currency, amount in rows:
        sums.setdefault(currency, []).append(amount)
    return sorted(sums.items())


def _totals(label: str, rows: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"label": label, "currency": currency, "amount_minor": amount} for currency, amount in rows]


def whole_holds(people: Iterable[Any], day: date) -> dict[Any, Any]:
    """Give which of the people have all of their pay held in the books of a period that ends on a day, each with the hold."""
    rows = holds_approved().filter(
        is_over=False, participant_id__in=list(people), plan=None, deal=None, starts_on__lte=day
    )
    return {one.participant_id: one for one in reversed(rows)}


def _rows(query: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
