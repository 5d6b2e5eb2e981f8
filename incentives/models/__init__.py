"""Tables of incentives."""

from incentives.models.adjustments import Adjustment, AdjustmentBatch, AdjustmentReason
from incentives.models.credits import ManualCredit
from incentives.models.disputes import (
    DECIDED,
    LIVE,
    Dispute,
    DisputeEvent,
    DisputeFix,
    DisputePolicy,
    DisputeReason,
    DisputeState,
    DisputeStep,
    LineSection,
)
from incentives.models.documents import AcceptancePolicy, DocumentEvent, DocumentPolicy, DocumentStep, PlanDocument
from incentives.models.evidence import EvidenceFile, EvidencePack, EvidencePart
from incentives.models.expense import (
    ExpenseAsset,
    ExpenseBook,
    ExpenseClose,
    ExpenseEntry,
    ExpensePolicy,
    ExpenseTake,
    ExpenseTerm,
    TermReason,
)
from incentives.models.holds import Hold, HoldRelease
from incentives.models.ledger import Journal, JournalKind, LedgerAccount, LedgerEntry, PayConversion
from incentives.models.ledger_exports import (
    ExportBasis,
    LedgerExport,
    LedgerExportLine,
    LedgerExportWithdrawal,
    LedgerFormat,
)
from incentives.models.openings import OpeningBalance, OpeningBatch
from incentives.models.papers import StatementPaper
from incentives.models.parallel import FormerResult, FormerUpload
from incentives.models.payouts import PayoutAnswer, PayoutBatch, PayoutFormat, PayoutLine
from incentives.models.periods import BooksState, PayCalendar, PeriodStep
from incentives.models.plans import Plan, PlanAssignment, PlanState, PlanVersion, Standing
from incentives.models.reviews import ReviewPart, Shown
from incentives.models.runs import Run, RunCredit, RunEarning, RunInput, RunRate, RunState
from incentives.models.statements import Statement
from incentives.models.terms import Leave, PayCurrency, PayRateRule, Ramp, RampSchedule, TargetPay, TargetPer

__all__ = [
    "DECIDED",
    "LIVE",
    "Dispute",
    "DisputeEvent",
    "DisputeFix",
    "DisputePolicy",
    "DisputeReason",
    "DisputeState",
    "DisputeStep",
    "LineSection",
    "Adjustment",
    "AdjustmentBatch",
    "AdjustmentReason",
    "BooksState",
    "AcceptancePolicy",
    "DocumentEvent",
    "DocumentPolicy",
    "DocumentStep",
    "PlanDocument",
    "EvidenceFile",
    "EvidencePack",
    "EvidencePart",
    "ExpenseAsset",
    "ExpenseBook",
    "ExpenseClose",
    "ExpenseEntry",
    "ExpensePolicy",
    "ExpenseTake",
    "ExpenseTerm",
    "Hold",
    "HoldRelease",
    "ExportBasis",
    "FormerResult",
    "FormerUpload",
    "Journal",
    "JournalKind",
    "LedgerExport",
    "LedgerExportLine",
    "LedgerExportWithdrawal",
    "LedgerFormat",
    "Leave",
    "LedgerAccount",
    "LedgerEntry",
    "ManualCredit",
    "OpeningBalance",
    "OpeningBatch",
    "PayCalendar",
    "PayConversion",
    "PayCurrency",
    "PayRateRule",
    "BooksState",
    "PayoutAnswer",
    "PayoutBatch",
    "PayoutFormat",
    "PayoutLine",
    "PeriodStep",
    "Plan",
    "PlanAssignment",
    "PlanState",
    "PlanVersion",
    "Ramp",
    "RampSchedule",
    "ReviewPart",
    "Run",
    "RunCredit",
    "RunEarning",
    "RunInput",
    "RunRate",
    "RunState",
    "Shown",
    "Standing",
    "Statement",
    "StatementPaper",
    "TargetPay",
    "TargetPer",
    "TermReason",
]
