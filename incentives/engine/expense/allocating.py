"""From what was posted to contracts: every cent of the ledger gets a contract, or a reason why it has none.

The parts of a posting are those that the run gave to its deals. Where the ledger says another sum (a limit of the plan, a group that a
later run could not calculate), the difference is shared by the size of the parts. Parts always sum to what was posted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from spm.core.money import split

Group = tuple[str, str, str, str]
"""Participant, plan, component, currency."""


@dataclass(frozen=True, slots=True)
class Part:
    """An amount of a group in a month (its number), for a deal or for none; `is_override` came by way of somebody else's credit."""

    group: Group
    month: int
    amount: int
    deal: str = ""
    is_override: bool = False

    @property
    def key(self) -> tuple[Group, int, str, bool]:
        """Give what tells a part from the others."""
        return self.group, self.month, self.deal, self.is_override


def fitted(posted: Mapping[Group, int], parts: Iterable[Part], *, month: int) -> list[Part]:
    """Give parts that sum to what was posted of every group; a group without parts is one of `month`, without a deal.

    >>> group = ("rex", "reps", "commission", "USD")
    >>> fitted({group: 90}, [Part(group, 1, 60, "a"), Part(group, 1, 40, "b")], month=1)[1].amount
    36
    """
    by_group: dict[Group, list[Part]] = {}
    for part in sorted(parts, key=lambda part: part.key):
        by_group.setdefault(part.group, []).append(part)
    found: list[Part] = []
    for group in sorted(posted):
        total, own = posted[group], by_group.get(group, [])
        found += _shared(total, own) if own else [Part(group, month, total)]
    return [part for part in found if part.amount]


def _shared(total: int, parts: Sequence[Part]) -> list[Part]:
    """The parts, and what is missing to the total shared by their size."""
    missing = total - sum(part.amount for part in parts)
    if not missing:
        return list(parts)
    weights = [abs(part.amount) for part in parts]
    if not any(weights):
        weights = [1] * len(parts)
    shares = split(missing, weights, [part.key for part in parts])
    return [replace(part, amount=part.amount + share) for part, share in zip(parts, shares, strict=True)]


def lumps_spread(parts: Sequence[Part], lumps: Iterable[tuple[str, str]]) -> list[Part]:
    """Share lump sums, named by (plan, component), over the deals that the same plan paid the same participant for.

    A bonus, or what a limit of the plan takes away, belongs to the contracts that reached it. Without any it stays as it is.
    """
    wanted = set(lumps)
    deals: dict[tuple[str, str, str], list[Part]] = {}
    for part in sorted(parts, key=lambda part: part.key):
        if part.deal:
            deals.setdefault(_payer(part), []).append(part)
    found: list[Part] = []
    for part in parts:
        own = deals.get(_payer(part), [])
        is_lump = not part.deal and part.group[1:3] in wanted and any(each.amount for each in own)
        found += _spread(part, own) if is_lump else [part]
    return found


def _payer(part: Part) -> tuple[str, str, str]:
    participant, plan, _, currency = part.group
    return participant, plan, currency


def _spread(lump: Part, deals: Sequence[Part]) -> list[Part]:
    shares = split(lump.amount, [abs(each.amount) for each in deals], [each.key for each in deals])
    return [
        replace(lump, amount=share, deal=each.deal, month=each.month, is_override=each.is_override)
        for share, each in zip(shares, deals, strict=True)
        if share
    ]


def shared_by_value(amount: int, values: Mapping[str, int]) -> dict[str, int]:
    """Share a deal's amount over its contracts by their value, evenly where they have none.

    >>> shared_by_value(100, {"a": 1, "b": 3}), shared_by_value(5, {"a": 0, "b": 0})
    ({'a': 25, 'b': 75}, {'a': 3, 'b': 2})
    """
    keys = sorted(values)
    weights = [max(0, values[key]) for key in keys]
    if not any(weights):
        weights = [1] * len(keys)
    return dict(zip(keys, split(amount, weights, keys), strict=True))
