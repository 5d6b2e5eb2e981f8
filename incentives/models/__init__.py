"""Tables of incentives."""

from incentives.models.credits import ManualCredit
from incentives.models.ledger import Journal, JournalKind, LedgerAccount, LedgerEntry
from incentives.models.plans import Plan, PlanAssignment, PlanState, PlanVersion, Standing
from incentives.models.runs import Run, RunCredit, RunEarning, RunInput, RunState
from incentives.models.statements import Statement

__all__ = [
    "Journal",
    "JournalKind",
    "LedgerAccount",
    "LedgerEntry",
    "ManualCredit",
    "Plan",
    "PlanAssignment",
    "PlanState",
    "PlanVersion",
    "Run",
    "RunCredit",
    "RunEarning",
    "RunInput",
    "RunState",
    "Standing",
    "Statement",
]
