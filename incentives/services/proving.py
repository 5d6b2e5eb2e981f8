"""Tells who answers for the ledger that a statement is not what stands there. Nothing is mended by itself: money is never guessed."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from incentives.selectors.proving import Unequal, statements_unequal
from spm.core.findings import Finding
from spm.core.money import format_amount
from spm.notices.services import notice_send
from spm.roles.policy import Viewer, member_ids_with

KIND = "proof"
SHOWN = 50
"""So many lines are named one by one; the sum of the others is one finding."""


def statements_prove(*, period: Any, actor: Viewer) -> tuple[Finding, ...]:
    """Hold a period's latest statements against the ledger, and leave one notice for whoever sees the ledger; the same twice is one."""
    found = statements_unequal(period.id)
    if found:
        first = found[0]
        notice_send(
            membership_ids=member_ids_with("ledger.view", on=actor.on),
            kind=KIND,
            slot=f"{first.statement_id} {first.component_name} {first.posted_minor} {len(found)}"[:150],
            title=_("A statement of %(period)s is not what the ledger has") % {"period": period.key},
            body=_("%(person)s, %(component)s. Pay nothing of this period before the cause is found.")
            % {"person": first.person, "component": first.component_name},
            url=reverse("incentives:statement_detail", args=[first.statement_id]),
            wants_mail=True,
        )
    return findings_of(found, period)


def findings_of(found: Sequence[Unequal], period: Any) -> tuple[Finding, ...]:
    """Name the lines that differ, the first ones each by itself."""
    told = [_finding(one, period) for one in found[:SHOWN]]
    rest = len(found) - SHOWN
    if rest > 0:
        what = f"{rest} more lines of {period.key} differ from the ledger."
        told.append(Finding("STATEMENT_NOT_LEDGER", period.key, what, WHY, FIX, about=(("period_key", period.key),)))
    return tuple(told)


WHY = "A statement and the ledger were changed apart from each other: one of them is not what was issued or posted."
FIX = "Pay nothing of the period. Compare the seal of the statement and the chain of the journals with a backup, then tell the operator."


def _finding(one: Unequal, period: Any) -> Finding:
    said, posted = (format_amount(minor, one.currency) for minor in (one.said_minor, one.posted_minor))
    what = f"{one.component_name} says {said} {one.currency}, and the ledger has {posted} {one.currency}."
    about = (("period_key", period.key), ("statement", str(one.statement_id)))
    return Finding("STATEMENT_NOT_LEDGER", f"{one.person}, {period.key}", what, WHY, FIX, about=about)
