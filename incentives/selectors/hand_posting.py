"""What of the holds by hand is not posted yet in the books of a period: what each should keep, less what these have."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from incentives.engine.hand_holding import Hold as Held
from incentives.engine.hand_holding import Kept, keep
from incentives.selectors.hand_holding import Standing, holds_approved, standing_by_hand
from incentives.selectors.held_deals import deals_pay


class ToPost(NamedTuple):
    """Each hold that has anything to post with its amounts (minor units), and what the books have."""

    changes: list[tuple[Any, dict[Kept, int]]]
    standing: Standing


def holds_to_post(period: Any, people: Sequence[str] | None = None) -> ToPost:
    """Give what the approved holds, and releases, still have to post in the books of a period, of the people or of all."""
    holds = {str(one.pk): one for one in holds_approved()}
    if not holds:
        return ToPost([], Standing({}, {}, {}, {}))
    standing = standing_by_hand(period, people)
    last = period.during.upper - timedelta(days=1)
    asked = [_held(one) for one in holds.values() if one.is_over or one.starts_on <= last]
    deals = {one.deal for one in asked if one.deal and one.is_on}
    groups = standing.payable.keys() | {group for _, group in standing.before}
    pay = deals_pay(period, deals, groups, people) if deals else {}
    wanted = keep(asked, standing.payable, standing.before, pay)
    changes: dict[str, dict[Kept, int]] = defaultdict(dict)
    for kept in sorted(wanted.keys() | standing.posted.keys()):
        change = wanted.get(kept, 0) - standing.posted.get(kept, 0)
        if change:
            changes[kept[0]][kept] = change
    return ToPost([(holds[key], amounts) for key, amounts in changes.items()], standing)


def _held(hold: Any) -> Held:
    return Held(
        str(hold.pk),
        str(hold.participant_id or ""),
        str(hold.plan_id or ""),
        hold.component,
        str(hold.deal_id or ""),
        is_on=not hold.is_over,
    )
