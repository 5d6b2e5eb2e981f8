"""Tiers of a quota that single deals are read against: a cap of a deal needs per: DEAL, which takes attainment away."""

from __future__ import annotations

from incentives.engine.checks.asking import Stage
from incentives.engine.checks.wording import told
from incentives.engine.plan import Component
from incentives.engine.words import Per, TierUnit
from spm.core.findings import Finding


def check_by_deal(stage: Stage, component: Component) -> list[Finding]:
    """A warning where deals are capped one by one and each is read alone against tiers in percent of the whole quota."""
    table = component.pay.table
    is_read_alone = component.per == Per.DEAL and table is not None and table.unit == TierUnit.ATTAINMENT
    if not is_read_alone or component.cap.deal is None:
        return []
    what = f"{component.name} rates every deal alone against tiers in percent of the quota: the sum of the period no longer counts."
    why = "A deal that is smaller than the quota stays in the low tiers, however much the period has sold."
    fix = "To cap a deal and keep the tiers of the period, remove per: DEAL and use the credit cap of one deal (credit: {cap: …})."
    return [told(stage, component.key, "TIERS_BY_DEAL", "per", (what, why, fix), None)]
