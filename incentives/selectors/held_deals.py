"""What deals that are held by hand brought the books of a pay period: what is free of their pay at its end, beside what was before it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from incentives.engine.awaiting import Group, Part, stand
from incentives.engine.hand_holding import DealPay
from incentives.models import BooksState, PeriodStep
from incentives.selectors.settling import books_until, moment_of, parts_earned, plans_settled
from planning.selectors import period_list
from spm.crm.selectors.facts import facts_moment

TAKING = (BooksState.OPEN, BooksState.CALCULATING)


def deals_pay(
    period: Any, deals: Collection[str], groups: Collection[Group], people: Sequence[str] | None
) -> dict[tuple[str, Group], DealPay]:
    """Give the pay of deals in some groups, by the end of the period's books and of those before them.

    What was free before is taken as it was known when those books were shut: what became known later came into later books.
    """
    now = _free(period, deals, groups, people, facts_moment())
    earlier = books_until(period)[:-1]
    before = _free(earlier[-1], deals, groups, people, _shut_at(earlier[-1])) if earlier and now else {}
    return {key: DealPay(free, before.get(key, 0)) for key, free in now.items()}


def _shut_at(period: Any) -> datetime:
    """When the books of a period stopped taking entries; now, where they take them."""
    last = PeriodStep.objects.filter(period=period).order_by("-number").first()
    if last is None or last.to_state in TAKING:
        return facts_moment()
    steps = PeriodStep.objects.filter(period=period, from_state__in=TAKING).exclude(to_state__in=TAKING)
    return steps.order_by("-number").values_list("at", flat=True)[0]


def _free(
    period: Any, deals: Collection[str], groups: Collection[Group], people: Sequence[str] | None, known_at: datetime
) -> dict[tuple[str, Group], int]:
    begun = {str(each.id) for each in period_list().filter(during__startswith__lt=period.during.upper)}
    plans = plans_settled(period)
    asked = [group for group in groups if group.plan in plans and group.earned_in in begun]
    if not asked:
        return {}
    keys = sorted({group.plan for group in asked})
    parts, monies = parts_earned({group.earned_in for group in asked}, keys, people, known_at)
    moment = moment_of(period, books_until(period), asked)
    found: dict[tuple[str, Group], int] = {}
    for deal in sorted(deals):
        own = [part for part in parts if part.deal == deal]
        earned = _earned(own)
        standing = stand(plans, earned, own, monies, moment)
        for group, amount in earned.items():
            not_free = (
                one.get(group, 0) for one in (standing.waiting, standing.forfeited, standing.held, standing.dropped)
            )
            found[deal, group] = amount - sum(not_free)
    return found


def _earned(parts: Sequence[Part]) -> Mapping[Group, int]:
    sums: dict[Group, int] = {}
    for part in parts:
        sums[part.group] = sums.get(part.group, 0) + part.earned
    return sums
