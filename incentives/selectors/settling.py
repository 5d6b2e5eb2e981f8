"""What settlement reads: what was posted and stands of each group, what each deal earned it, and what is known of the deal's money."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from incentives.engine.awaiting import Group, Moment, Part
from incentives.engine.plan import Plan
from incentives.engine.releasing import Bill, DealMoney, Money
from incentives.models import JournalKind, LedgerAccount, PlanState, PlanVersion
from incentives.selectors.facts import plans_of_versions
from planning.selectors import period_list
from spm.core.dated import day_number
from spm.crm.deal_columns import BILLS, known
from spm.crm.deal_keys import Dealt, deals_named
from spm.people.models import PositionHolding

PLAN_DRAW = "plan-draw"
"""The component under which draws and their recovery stand."""

_OPEN = """
    select distinct earned_in_id::text from (
        select e.earned_in_id from incentives_ledgerentry e
        where e.period_id = any(%(books)s::uuid[]) and e.component <> %(plan_draw)s and e.account in (%(earned)s, %(held)s)
          and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
        group by e.participant_id, e.plan_version_id, e.component, e.currency, e.earned_in_id
        having coalesce(sum(e.amount_minor) filter (where e.account = %(earned)s), 0) <> 0 or bool_or(e.account = %(held)s)
    ) version
"""
"""The periods whose pay may have something waiting or held. Most of the earlier ones came to nothing, which needs no join to be seen."""
_STANDING = """
    select e.participant_id::text, v.plan_id::text, e.component, e.currency, e.earned_in_id::text, max(v.id::text),
           coalesce(-sum(e.amount_minor) filter (where e.account = %(expense)s and j.kind = %(earn)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(earned)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(held)s and j.kind <> %(by_hand)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(written_off)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(payable)s and j.kind = %(clawback)s), 0)::bigint,
           coalesce(-sum(e.amount_minor) filter (where e.account = %(held)s and j.kind = %(write_off)s), 0)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    join incentives_planversion v on v.id = e.plan_version_id
    where e.period_id = any(%(books)s::uuid[]) and e.component <> %(plan_draw)s
      and ((e.account in (%(earned)s, %(held)s) and j.kind <> %(by_hand)s) or v.plan_id = any(%(plans)s::uuid[]))
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
      and (%(open)s::uuid[] is null or e.earned_in_id = any(%(open)s::uuid[]))
    group by 1, 2, 3, 4, 5
    having coalesce(sum(e.amount_minor) filter (where e.account = %(earned)s), 0) <> 0
        or coalesce(sum(e.amount_minor) filter (where e.account = %(held)s and j.kind <> %(by_hand)s), 0) <> 0
        or bool_or(v.plan_id = any(%(plans)s::uuid[]))
"""
_CHOSEN = """
    select distinct on (r.participant_id, v.plan_id, r.component) r.participant_id::text, v.plan_id::text, r.component, r.run_id::text
    from incentives_runearning r join incentives_run n on n.id = r.run_id join incentives_planversion v on v.id = r.plan_version_id
    where n.period_id = %(period)s and n.state = 'posted' and n.facts_known_at <= %(known_at)s and v.plan_id = any(%(plans)s::uuid[])
      and (%(people)s::uuid[] is null or r.participant_id = any(%(people)s::uuid[]))
    order by r.participant_id, v.plan_id, r.component, n.facts_known_at desc
"""
"""The run that last calculated each group. It is put together with the credits here: the database knows nothing yet of how many rows a
new run has, and would look through all of them for each group."""
_PARTS = """
    select c.run_id::text, c.participant_id::text, v.plan_id::text, c.component, c.currency, c.opportunity_id::text,
           sum(c.earned_minor)::bigint, min(c.credit_on)
    from incentives_runcredit c join incentives_planversion v on v.id = c.plan_version_id
    where c.run_id = any(%(runs)s::uuid[]) and v.plan_id = any(%(plans)s::uuid[])
      and (%(people)s::uuid[] is null or c.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4, 5, 6
"""
_MOVED = """
    select r.run_id::text, r.participant_id::text, v.plan_id::text, r.component, r.currency, m.deal, sum(m.minor)::bigint, min(m."on")
    from incentives_runearning r join incentives_planversion v on v.id = r.plan_version_id
    cross join lateral jsonb_to_recordset(r.moved) as m(deal text, minor bigint, "on" date)
    where r.run_id = any(%(runs)s::uuid[]) and v.plan_id = any(%(plans)s::uuid[])
      and (%(people)s::uuid[] is null or r.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4, 5, 6
"""
"""What of an earning is moved between deals, because it changes what earlier deals of its window earned."""
_EVEN = """
    with returned as materialized (
        select distinct c.participant_id, v.plan_id, c.component
        from incentives_runcredit c join incentives_planversion v on v.id = c.plan_version_id
        where c.run_id = %(run)s and c.earned_minor < 0 and v.plan_id = any(%(plans)s::uuid[])
          and (%(people)s::uuid[] is null or c.participant_id = any(%(people)s::uuid[]))
        union
        select m.participant_id, v.plan_id, m.component
        from incentives_runearning m join incentives_planversion v on v.id = m.plan_version_id
        where m.run_id = %(run)s and m.moved <> '[]' and v.plan_id = any(%(plans)s::uuid[])
          and (%(people)s::uuid[] is null or m.participant_id = any(%(people)s::uuid[]))
    )
    select r.participant_id::text, v.plan_id::text, r.component, r.currency, n.period_id::text, max(v.id::text)
    from incentives_runearning r join incentives_run n on n.id = r.run_id join incentives_planversion v on v.id = r.plan_version_id
    join returned b on b.participant_id = r.participant_id and b.plan_id = v.plan_id and b.component = r.component
    where r.run_id = %(run)s
    group by 1, 2, 3, 4, 5 having sum(r.earned_minor) = 0
"""
"""Only a group with a return, or one that changes earlier deals, can have deals and come to 0; the credits of a run have no index, so they
are looked through once."""
_AMOUNTS = f"""
    select v.fact_id::text, v.amount_minor, v.currency from crm_opportunityversion v
    where v.fact_id = any(%(deals)s::uuid[]) and {known("v")}
"""
_INVOICES = f"""
    with {BILLS}
    select b.opportunity_id::text, b.invoice_id::text, b.invoiced_on, b.amount_minor, i.currency
    from bills b join crm_invoiceversion i on i.fact_id = b.invoice_id and {known("i")}
    where b.opportunity_id = any(%(deals)s::uuid[]) order by b.invoiced_on, b.invoice_id
"""
_PAYMENTS = f"""
    select y.invoice_id::text, y.paid_on, y.amount_minor, y.currency from crm_paymentversion y
    where y.invoice_id = any(%(invoices)s::uuid[]) and {known("y")} order by y.paid_on, y.fact_id
"""
_NOTES = f"""
    select n.invoice_id::text, n.credited_on, n.amount_minor, n.currency from crm_creditnoteversion n
    where n.invoice_id = any(%(invoices)s::uuid[]) and {known("n")} order by n.credited_on, n.fact_id
"""
_LEFT = """
    with spans as (
        select participant_id, during, true as employed from people_employment
        union all select participant_id, during, false from people_positionholding
    ), last as (
        select participant_id, employed, max(coalesce(upper(during), 'infinity')) as ended from spans
        where lower(during) <= %(day)s and (%(people)s::uuid[] is null or participant_id = any(%(people)s::uuid[])) group by 1, 2
    )
    select a.participant_id::text, a.ended from last a
    where a.ended <= %(day)s
      and (a.employed or not exists (select from last b where b.participant_id = a.participant_id and b.employed))
    order by 1
"""


class Posted(NamedTuple):
    """What stands of a group: the latest version it was posted under, what it earned, and its balances (minor units); of what is
    forfeited, `dropped` had been held back."""

    version: str
    earned: int
    waiting: int
    held: int
    forfeited: int
    clawed: int
    dropped: int


def books_until(period: Any) -> list[Any]:
    """Give the pay periods of the period's calendar up to it, earliest first."""
    return list(
        period_list()
        .filter(calendar_id=period.calendar_id, during__startswith__lte=period.during.lower)
        .order_by("during")
    )


def plans_settled(period: Any) -> dict[str, Plan]:
    """Give the plans that were ever published, by key, each as its latest version that had begun by the end of the period says it."""
    found: dict[str, Plan] = {}
    versions = PlanVersion.objects.filter(state=PlanState.PUBLISHED, during__startswith__lt=period.during.upper)
    rows = list(versions.order_by("during", "number"))
    for version, plan in zip(rows, plans_of_versions(rows), strict=True):
        found[str(version.plan_id)] = plan
    return found


def standing_of(books: Sequence[Any], plans: Iterable[str], people: Sequence[str] | None) -> dict[Group, Posted]:
    """Give what stands of the groups that have something waiting or held, and of all groups of the plans named."""
    asked: dict[str, Any] = {
        "books": [period.id for period in books],
        "plans": list(plans),
        "people": None if people is None else list(people),
        "plan_draw": PLAN_DRAW,
        "expense": LedgerAccount.EXPENSE,
        "earned": LedgerAccount.EARNED,
        "held": LedgerAccount.HELD,
        "written_off": LedgerAccount.WRITTEN_OFF,
        "payable": LedgerAccount.PAYABLE,
        "clawback": JournalKind.CLAWBACK,
        "earn": JournalKind.EARN,
        "write_off": JournalKind.WRITE_OFF,
        "by_hand": JournalKind.HAND_HOLD,
    }
    asked["open"] = None if asked["plans"] else [key for (key,) in _rows(_OPEN, asked)]
    return {Group(*row[:5]): Posted(*row[5:]) for row in _rows(_STANDING, asked)}


def even_of(run: Any, plans: Sequence[str], people: Sequence[str] | None) -> dict[Group, Posted]:
    """Give the groups whose sales and returns came to 0 in a run: the ledger may know nothing of them, and their deals are settled."""
    if run is None or not plans:
        return {}
    asked = {"run": run.id, "plans": plans, "people": None if people is None else list(people)}
    return {Group(*key): Posted(version, 0, 0, 0, 0, 0, 0) for *key, version in _rows(_EVEN, asked)}


class Earned(NamedTuple):
    """What a row of deals earned a group in a period, and the day that credited it."""

    group: Group
    key: str
    earned: int
    on: date


def parts_earned(
    periods: Iterable[str], plans: Sequence[str], people: Sequence[str] | None, known_at: datetime
) -> tuple[list[Part], dict[str, DealMoney]]:
    """Give what each deal earned in the periods under the plans, by the last run of each group at the moment, and the deals' money."""
    rows: list[Earned] = []
    moved: list[Earned] = []
    for period in sorted(set(periods)) if plans else ():
        asked: dict[str, Any] = {
            "period": period,
            "plans": list(plans),
            "people": people and list(people),
            "known_at": known_at,
        }
        chosen = {(who, plan, component): run for who, plan, component, run in _rows(_CHOSEN, asked)}
        asked["runs"] = sorted(set(chosen.values()))
        for query, found in ((_PARTS, rows), (_MOVED, moved)):
            found += [
                Earned(Group(who, plan, component, currency, period), *rest)
                for run, who, plan, component, currency, *rest in (_rows(query, asked) if chosen else ())
                if chosen.get((who, plan, component)) == run
            ]
    rows, changes = _moved(rows, moved)
    named = deals_named({row.key for row in [*rows, *changes]}, known_at)
    parts: list[Part] = []
    on: dict[str, date] = {}
    for row in rows:
        dealt, deal = named.get(row.key), _deal(named, row.key)
        is_return = row.earned < 0 or (dealt is not None and dealt.kind in ("order", "credit_note"))
        parts.append(Part(row.group, deal, row.earned, is_return))
        if not is_return:
            on[deal] = min(on.get(deal, row.on), row.on)
        else:
            on.setdefault(deal, row.on)
    for row in changes:
        deal = _deal(named, row.key)
        parts.append(Part(row.group, deal, row.earned))
        on[deal] = min(on.get(deal, row.on), row.on)
    return parts, deal_monies(on, known_at)


def _deal(named: Mapping[str, Dealt], key: str) -> str:
    """The deal behind a row of deals; the row itself where nothing is known of it."""
    dealt = named.get(key)
    return dealt.deal_id if dealt is not None and dealt.deal_id else key


def _moved(rows: Sequence[Earned], moved: Sequence[Earned]) -> tuple[list[Earned], list[Earned]]:
    """What each row of deals earned once pay is moved between deals, and beside it what is changed of deals of earlier periods."""
    by_key = {(row.group, row.key): row.earned for row in moved}
    found = [row._replace(earned=row.earned + by_key.pop((row.group, row.key), 0)) for row in rows]
    return found, [row for row in moved if (row.group, row.key) in by_key]


def moment_of(period: Any, books: Sequence[Any], groups: Iterable[Group]) -> Moment:
    """Give the end of a pay period as settlement asks it for some groups; `books` are the pay periods up to it."""
    asked = list(groups)
    earned_in = period_list().filter(pk__in={group.earned_in for group in asked})
    begins = {str(each.id): day_number(each.during.lower) for each in earned_in}
    ends = {str(each.id): day_number(each.during.upper) - 1 for each in earned_in}
    paid = [day_number(each.during.upper) - 1 for each in books]
    return Moment(
        day=day_number(period.during.upper) - 1,
        begins=begins,
        ends=ends,
        ages={key: sum(1 for day in paid if day >= end) for key, end in ends.items()},
        left_on=left_on({group.participant for group in asked}, period.during.upper),
    )


def deal_monies(days: Mapping[str, date], known_at: datetime) -> dict[str, DealMoney]:
    """Give what is known of the money of deals; `days` are the days that credited them."""
    asked: dict[str, Any] = {"deals": list(days), "known_at": known_at}
    amounts = {key: (amount or 0, currency) for key, amount, currency in _rows(_AMOUNTS, asked)}
    invoices = _rows(_INVOICES, asked)
    asked["invoices"] = [row[1] for row in invoices]
    paid, credited = _monies(_rows(_PAYMENTS, asked)), _monies(_rows(_NOTES, asked))
    bills: dict[str, list[Bill]] = defaultdict(list)
    for deal, invoice, on, amount, currency in invoices:
        own = currency or amounts.get(deal, (0, ""))[1]
        made = Bill(day_number(on), amount, own, _in(paid[invoice], own), _in(credited[invoice], own))
        bills[deal].append(made)
    return {
        deal: DealMoney(day_number(on), *amounts.get(deal, (0, "")), tuple(bills[deal])) for deal, on in days.items()
    }


def _monies(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Money]]:
    found: dict[str, list[Money]] = defaultdict(list)
    for invoice, on, amount, currency in rows:
        found[invoice].append(Money(day_number(on), amount, currency))
    return found


def _in(monies: Iterable[Money], currency: str) -> tuple[Money, ...]:
    """Money whose currency is not told is in that of its invoice."""
    return tuple(money if money.currency else replace(money, currency=currency) for money in monies)


def left_on(people: Iterable[str] | None, day: date) -> dict[str, int]:
    """Give the last day of those who are employed no more at the end of a day; of people whose employment is not known, of those who hold
    no position any more."""
    found = _rows(_LEFT, {"people": None if people is None else list(people), "day": day})
    return {who: day_number(end) - 1 for who, end in found}


def days_held(people: Iterable[str], start: date, end: date) -> dict[str, int]:
    """Give on how many days of [start, end) each of the people held a position."""
    found: dict[str, set[int]] = defaultdict(set)
    held = PositionHolding.objects.filter(during__overlap=(start, end), participant_id__in=list(people))
    for who, during in held.values_list("participant_id", "during"):
        first = max(start, during.lower or start)
        last = min(end, during.upper or end)
        found[str(who)] |= set(range(day_number(first), day_number(last)))
    return {who: len(days) for who, days in found.items()}


def _rows(query: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
