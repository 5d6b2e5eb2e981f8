"""Whitespace: the products that the family of an account has not bought, and how many similar accounts have."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from planning.selectors.families import families_known
from planning.selectors.segments import segmented
from spm.core.money import RATE_SCALE
from spm.crm.selectors.accounts import accounts_frame, products_bought
from spm.crm.selectors.lists import account_list, product_list
from spm.crm.selectors.visibility import deal_owners
from spm.roles.policy import Viewer


@dataclass(frozen=True)
class Gap:
    """A product that the family has not bought: how many of the `similar` accounts have."""

    product: Any
    bought: int
    similar: int

    @property
    def share_rate(self) -> int | None:
        """Give their share at scale 10**8; None without similar accounts."""
        return self.bought * RATE_SCALE // self.similar if self.similar else None


@dataclass(frozen=True)
class Whitespace:
    """What the family of an account has not bought, what most similar accounts bought first; `bought` counts the products that it has.

    Similar are the accounts of its segment on the day, beside its family, of which the viewer sees every purchase. Where the viewer does
    not see what the family bought, the whole is hidden.
    """

    account: Any
    segment: str
    similar: int
    bought: int
    gaps: tuple[Gap, ...]
    is_hidden: bool = False


def whitespace_get(viewer: Viewer, account_id: UUID, *, on: date) -> Whitespace:
    """Give the whitespace of an account as known now; raises DoesNotExist for one out of reach."""
    reach = account_list(viewer.acting("fact.view"))
    account, key, owners = reach.get(fact=account_id), str(account_id), deal_owners(viewer)
    families = families_known()
    family = set(families.members().get(families.top.get(key, key), [])) | {key}
    frame = segmented(accounts_frame(), on)
    segments = dict(zip(frame["account_key"], frame["segment"], strict=True))
    bought: dict[str, set[str]] = {}
    unseen = set()
    for each, product, is_unseen in products_bought(owners):
        bought.setdefault(each, set()).add(product)
        if is_unseen:
            unseen.add(each)
    segment = segments.get(key, "")
    if family & unseen:
        return Whitespace(account, segment, 0, 0, (), is_hidden=True)
    seen = None if owners is None else {str(each) for each in reach.values_list("fact", flat=True)} - unseen
    similar = {
        each for each, name in segments.items() if segment and name == segment and (seen is None or each in seen)
    } - family
    owned: set[str] = set().union(*(bought.get(each, set()) for each in family))
    counts = Counter(product for each in similar for product in bought.get(each, ()))
    products = product_list(viewer).order_by("name", "fact")
    gaps = [Gap(each, counts[str(each.fact_id)], len(similar)) for each in products if str(each.fact_id) not in owned]
    ordered = tuple(sorted(gaps, key=lambda gap: -gap.bought))
    return Whitespace(account, segment, len(similar), len(owned), ordered)
