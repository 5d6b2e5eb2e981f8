"""Tables of planning."""

from planning.models.balances import BalanceAccount, BalanceProposal, BalanceState
from planning.models.calendars import Calendar, CalendarKind, Period
from planning.models.capacity import CapacityHire, CapacityPlan, CapacityRole
from planning.models.goals import Score, ScoreEvidence
from planning.models.quota_plans import (
    POINTS,
    LetterEvent,
    LetterStep,
    QuotaCell,
    QuotaEdit,
    QuotaLetter,
    QuotaMethod,
    QuotaPlan,
    QuotaPlanState,
    QuotaRelief,
    QuotaSeat,
    ReliefKind,
    Season,
)
from planning.models.quotas import Quota, QuotaMeasure, QuotaStep
from planning.models.rules import AccountTerritory, NamedAccount, RulePurpose, RuleSet, RuleSetState, TerritoryRule
from planning.models.scenarios import ChangeKind, Scenario, ScenarioChange, ScenarioState
from planning.models.scores import ScoreCard, ScoreKind, ScoreState
from planning.models.skills import SkillNeed
from planning.models.territories import Territory, TerritoryAssignment

__all__ = [
    "POINTS",
    "AccountTerritory",
    "BalanceAccount",
    "BalanceProposal",
    "BalanceState",
    "Calendar",
    "CalendarKind",
    "CapacityHire",
    "CapacityPlan",
    "CapacityRole",
    "ChangeKind",
    "LetterEvent",
    "LetterStep",
    "NamedAccount",
    "Period",
    "Quota",
    "QuotaCell",
    "QuotaEdit",
    "QuotaLetter",
    "QuotaMeasure",
    "QuotaMethod",
    "QuotaPlan",
    "QuotaPlanState",
    "QuotaRelief",
    "QuotaSeat",
    "QuotaStep",
    "ReliefKind",
    "RulePurpose",
    "RuleSet",
    "RuleSetState",
    "Scenario",
    "ScenarioChange",
    "ScenarioState",
    "Score",
    "ScoreCard",
    "ScoreEvidence",
    "ScoreKind",
    "ScoreState",
    "Season",
    "SkillNeed",
    "Territory",
    "TerritoryAssignment",
    "TerritoryRule",
]
