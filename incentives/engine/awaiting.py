"""What of everybody's earned pay waits, is forfeited or is held at the end of a pay period: deal by deal, then added up by group.

A group is a participant, plan, component, currency and the period that earned. What of it waits, is forfeited and is held are
balances: who posts them posts the difference to what stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from incentives.engine.clawing import due_by_now
from incentives.engine.holding import Kept, ended, ends_on, held_back, kept_after
from incentives.engine.plan import Component, Plan
from incentives.engine.plan_settling import Clawback, Holdback, Release
from incentives.engine.releasing import DealMoney, Held, Reason, held_of_period, released
from incentives.engine.spans import after
from incentives.engine.words import LeaverHoldback, LeaverInstalments, LeaverPay, ReleaseWhen
from spm.core.dated import FOREVER


class Group(NamedTuple):
    """Whose pay, of which plan and component, in which currency, earned in which period."""

    participant: str
    plan: str
    component: str
    currency: str
    earned_in: str


class Part(NamedTuple):
    """What one deal, or one return of it, earned a group. `deal` names the deal also for its returns."""

    group: Group
    deal: str
    earned: int
    is_return: bool = False


class Waiting(NamedTuple):
    """An amount that is not payable: whose, of which deal (empty: of none), how much, why, for which event or until which day.

    `kept` is what of it is held back even then.
    """

    group: Group
    deal: str
    amount: int
    reason: str
    when: str
    until: int | None
    kept: Kept | None = None


@dataclass(frozen=True)
class Moment:
    """The end of a pay period: its last day, first and last days of the periods up to it by key, and how many lie between."""

    day: int
    begins: Mapping[str, int]
    ends: Mapping[str, int]
    ages: Mapping[str, int]
    """How many pay periods ago a period was, its own counted: 1 for the pay period itself."""
    left_on: Mapping[str, int] = field(default_factory=dict)
    """The day on which a person left."""


@dataclass
class Standing:
    """What should stand for each group, and each amount that is not payable with its reason."""

    waiting: dict[Group, int] = field(default_factory=lambda: defaultdict(int))
    forfeited: dict[Group, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[Group, int] = field(default_factory=lambda: defaultdict(int))
    dropped: dict[Group, int] = field(default_factory=lambda: defaultdict(int))
    """What was held back and is forfeited."""
    taken: dict[Group, int] = field(default_factory=lambda: defaultdict(int))
    """What returns have taken back of pay by now, as a negative amount."""
    details: list[Waiting] = field(default_factory=list)


Free = dict[Group, dict[int, int]]
"""What is free of the deals of a group, by the last day of the period that earned the sale: its own, or of a return that of its sale."""


@dataclass(frozen=True)
class Terms:
    """What holds for one component of one plan; pay that belongs to no component goes by the plan."""

    release: Release
    holdback: Holdback | None
    clawback: Clawback | None

    @classmethod
    def of(cls, plan: Plan, component: str) -> Terms:
        """The component's own terms, else those of its plan."""
        own: Component | None = next((each for each in plan.components if each.key == component), None)
        if own is None:
            return cls(plan.release, plan.holdback, None)
        return cls(own.release or plan.release, own.holdback or plan.holdback, own.clawback)


def waits(plan: Plan) -> bool:
    """True when some of a plan's pay may wait or be clawed back, so that its deals have to be looked at one by one."""
    parts: Sequence[Plan | Component] = (plan, *plan.components)
    releases = [part.release for part in parts if part.release is not None]
    slow = any(each.clawback is not None for each in plan.components)
    return slow or any(not each.is_on_booking for each in releases) or any(part.holdback for part in parts)


def stand(
    plans: Mapping[str, Plan],
    earned: Mapping[Group, int],
    parts: Iterable[Part],
    deals: Mapping[str, DealMoney],
    moment: Moment,
) -> Standing:
    """What should wait, be forfeited and be held of what was earned; `parts` are those of plans that hold something back.

    Of a group that earned 0 the parts count where they too sum to 0, as a sale and an equal return do; else they are those of a run
    whose pay was taken back since.
    """
    found = Standing()
    free_of: Free = defaultdict(lambda: defaultdict(int))
    by_group: dict[Group, list[Part]] = defaultdict(list)
    for part in parts:
        by_group[part.group].append(part)
    sums = {group: sum(part.earned for part in own) for group, own in by_group.items() if group in earned}
    of_deals = {group: amount for group, amount in sums.items() if earned[group] or not amount}
    by_deal: dict[tuple[str, ...], list[Part]] = defaultdict(list)
    for group in of_deals:
        for part in by_group[group]:
            by_deal[(*group[:4], part.deal)].append(part)
    for key in sorted(by_deal):
        _stand_deal(plans[key[1]], by_deal[key], deals.get(key[4]), moment, found, free_of)
    for group in sorted(earned):
        plan = plans.get(group.plan)
        if plan is not None:
            _stand_rest(plan, group, earned[group] - of_deals.get(group, 0), free_of[group], moment, found)
    return found


def _stand_deal(
    plan: Plan, parts: list[Part], deal: DealMoney | None, moment: Moment, found: Standing, free_of: Free
) -> None:
    """One deal of one person and component: its sales, then its returns."""
    terms = Terms.of(plan, parts[0].group.component)
    money = deal or DealMoney(moment.day, 0, "")
    until, is_over = _last_day(plan, parts[0].group.participant, moment)
    net = sum(part.earned for part in parts)
    is_due = plan.leavers.instalments == LeaverInstalments.AT_ONCE and _has_left(parts[0].group.participant, moment)
    sold = min((_end(part.group, moment) for part in parts if not part.is_return), default=None)
    later = {} if is_due else _in_instalments(terms, parts, money, until, moment)
    for part in sorted(parts):
        free, held = released(part.earned, terms.release, money, until, net=net)
        if part.is_return and part.earned < 0:
            owed = min(-free, later.get(part.group, 0))
            if owed:
                held = (*held, Held(-owed, Reason.INSTALMENTS, ReleaseWhen.SCHEDULE))
                later[part.group] -= owed
                free += owed
            found.taken[part.group] += free
        if held:
            holdback = _held_next(plan, terms.holdback, part.group, money, moment)
            _wait(part.group, part.deal, held, holdback, moment, found, is_over=is_over)
        free_of[part.group][_end(part.group, moment) if sold is None or not part.is_return else sold] += free
        _hold(plan, part, free, terms.holdback, money, moment, found)


def _in_instalments(
    terms: Terms, parts: Sequence[Part], money: DealMoney, until: int, moment: Moment
) -> dict[Group, int]:
    """What of a deal's returns comes back in later pay periods only, by the group of the return.

    A return lowers what is payable of its deal; that alone comes back in instalments, from what was payable before the pay period of the
    return. What never was payable only ceases to wait, whatever its day or its customer does later.
    """
    later: dict[Group, int] = {}
    if terms.clawback is None or terms.clawback.instalments == 1:
        return later
    known: list[Part] = []
    for group in sorted({part.group for part in parts}, key=lambda each: (_end(each, moment), each)):
        own = [part for part in parts if part.group == group]
        before = _payable(known, terms.release, money, min(until, moment.begins.get(group.earned_in, moment.day) - 1))
        known += own
        if any(part.is_return and part.earned < 0 for part in own):
            drop = max(0, before - _payable(known, terms.release, money, min(until, _end(group, moment))))
            later[group] = drop - due_by_now(drop, terms.clawback, moment.ages.get(group.earned_in, 1))
    return later


def _payable(parts: Sequence[Part], release: Release, money: DealMoney, day: int) -> int:
    """What is payable of a deal at the end of a day, if its returns come back at once."""
    net = sum(part.earned for part in parts)
    return sum(released(part.earned, release, money, day, net=net)[0] for part in parts)


def _end(group: Group, moment: Moment) -> int:
    return moment.ends.get(group.earned_in, moment.day)


def _stand_rest(
    plan: Plan, group: Group, rest: int, of_deals: Mapping[int, int], moment: Moment, found: Standing
) -> None:
    """What no deal caused, and the holdbacks that go by the whole of a group."""
    terms = Terms.of(plan, group.component)
    end = _end(group, moment)
    until, is_over = _last_day(plan, group.participant, moment)
    held = held_of_period(rest, terms.release, end, until)
    if held:
        _wait(group, "", held, _held_next(plan, terms.holdback, group, None, moment), moment, found, is_over=is_over)
    free = rest - sum(each.amount for each in held)
    holdback = terms.holdback
    if holdback is None or holdback.event is not None:
        return
    becomes = _becomes_of_held(plan, group.participant, moment)
    if becomes == LeaverHoldback.FORFEITED:
        left = moment.left_on[group.participant]
        for sold, amount in (*of_deals.items(), (end, free)):
            found.dropped[group] += held_back(amount, holdback, period_end=sold, day=left)
        return
    amount = held_back(free + sum(of_deals.values()), holdback, period_end=end, day=moment.day)
    if amount and becomes == LeaverHoldback.KEPT:
        found.held[group] += amount
        found.details.append(Waiting(group, "", amount, "HOLDBACK", "DAY", ends_on(holdback, end)))


def _last_day(plan: Plan, participant: str, moment: Moment) -> tuple[int, bool]:
    """Until when events count for a person, and whether that is over: then what still waits is forfeited."""
    left, leavers = moment.left_on.get(participant), plan.leavers
    if left is None or not _has_left(participant, moment):
        return moment.day, False
    if leavers.pays == LeaverPay.FORFEITED:
        return left, True
    last = FOREVER if leavers.tail is None else after(left, leavers.tail)
    return min(moment.day, last), last <= moment.day


def _has_left(participant: str, moment: Moment) -> bool:
    left = moment.left_on.get(participant)
    return left is not None and left <= moment.day


def _becomes_of_held(plan: Plan, participant: str, moment: Moment) -> LeaverHoldback:
    """What becomes of what is held back of a person: kept, unless they have left and the plan says otherwise."""
    return plan.leavers.holdback if _has_left(participant, moment) else LeaverHoldback.KEPT


def _held_next(
    plan: Plan, holdback: Holdback | None, group: Group, deal: DealMoney | None, moment: Moment
) -> Holdback | None:
    """The holdback that what waits comes into by its release; none that is over, nor of who left where the plan keeps none."""
    if holdback is None or _becomes_of_held(plan, group.participant, moment) != LeaverHoldback.KEPT:
        return None
    return None if ended(holdback, period_end=_end(group, moment), day=moment.day, deal=deal) else holdback


def _wait(
    group: Group,
    deal: str,
    held: Iterable[Held],
    holdback: Holdback | None,
    moment: Moment,
    found: Standing,
    *,
    is_over: bool,
) -> None:
    end = _end(group, moment)
    for each in held:
        if is_over and each.amount > 0:
            found.forfeited[group] += each.amount
            continue
        found.waiting[group] += each.amount
        kept = kept_after(each, holdback, period_end=end) if holdback is not None and each.amount > 0 else None
        found.details.append(Waiting(group, deal, each.amount, str(each.reason), str(each.when), each.until, kept))


def _hold(
    plan: Plan,
    part: Part,
    free: int,
    holdback: Holdback | None,
    money: DealMoney,
    moment: Moment,
    found: Standing,
) -> None:
    """What is held of a deal until an event of it; other holdbacks go by the group."""
    if holdback is None or holdback.event is None:
        return
    end, becomes = _end(part.group, moment), _becomes_of_held(plan, part.group.participant, moment)
    if becomes == LeaverHoldback.FORFEITED:
        left = moment.left_on[part.group.participant]
        found.dropped[part.group] += held_back(free, holdback, period_end=end, day=left, deal=money)
        return
    amount = held_back(free, holdback, period_end=end, day=moment.day, deal=money)
    if amount and becomes == LeaverHoldback.KEPT:
        found.held[part.group] += amount
        found.details.append(Waiting(part.group, part.deal, amount, "HOLDBACK", str(holdback.event), None))
