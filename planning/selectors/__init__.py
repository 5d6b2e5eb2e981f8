"""The door of planning: who covers what, and how much is expected."""

from planning.selectors.calendars import (
    calendar_cut,
    calendar_list,
    period_containing,
    period_frame,
    period_get,
    period_list,
)
from planning.selectors.goals import evidence_list, objective_rows, score_list, scores_csv
from planning.selectors.quotas import (
    quota_frame,
    quota_grid,
    quota_list,
    quota_matrix,
    quota_measure_name,
    quota_measures,
)
from planning.selectors.territories import (
    account_territories_csv,
    coverage_frame,
    territories_csv,
    territory_detail,
    territory_list,
    territory_tree,
)

__all__ = [
    "account_territories_csv",
    "evidence_list",
    "objective_rows",
    "calendar_cut",
    "calendar_list",
    "coverage_frame",
    "period_containing",
    "period_frame",
    "period_get",
    "period_list",
    "quota_frame",
    "quota_grid",
    "quota_list",
    "quota_matrix",
    "quota_measure_name",
    "quota_measures",
    "score_list",
    "scores_csv",
    "territories_csv",
    "territory_detail",
    "territory_list",
    "territory_tree",
]
