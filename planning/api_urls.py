"""Addresses of the planning API."""

from django.urls import path

from planning.api import balances, capacity, families, files, goals, grids, quota_letters, quota_plans, rules, scenarios

urlpatterns = [
    path("rule-sets/", rules.RuleSetListApi.as_view(), name="api_planning_rule_sets"),
    path("rule-sets/<uuid:pk>/", rules.RuleSetApi.as_view(), name="api_planning_rule_set"),
    path("rule-sets/<uuid:pk>/start/", rules.RuleSetStartApi.as_view(), name="api_planning_rule_set_start"),
    path("rule-sets/<uuid:pk>/rules/", rules.RuleListApi.as_view(), name="api_planning_rules"),
    path("rule-sets/<uuid:pk>/rules/<uuid:rule>/", rules.RuleApi.as_view(), name="api_planning_rule"),
    path("balances/", balances.BalanceListApi.as_view(), name="api_planning_balances"),
    path("balances/<uuid:pk>/", balances.BalanceApi.as_view(), name="api_planning_balance"),
    path(
        "balances/<uuid:pk>/accounts/", balances.BalanceAccountListApi.as_view(), name="api_planning_balance_accounts"
    ),
    path("balances/<uuid:pk>/commit/", balances.BalanceCommitApi.as_view(), name="api_planning_balance_commit"),
    path("accounts/", rules.AccountTerritoryListApi.as_view(), name="api_planning_accounts"),
    path("accounts/route/", rules.AccountsRouteApi.as_view(), name="api_planning_accounts_route"),
    path("named-accounts/", rules.NamedListApi.as_view(), name="api_planning_named_accounts"),
    path("named-accounts/<uuid:pk>/end/", rules.NamedEndApi.as_view(), name="api_planning_named_account_end"),
    path("families/", families.FamilyListApi.as_view(), name="api_planning_families"),
    path("families/<uuid:pk>/", families.FamilyApi.as_view(), name="api_planning_family"),
    path("accounts/<uuid:pk>/parent/", families.AccountParentApi.as_view(), name="api_planning_account_parent"),
    path("scenarios/", scenarios.ScenarioListApi.as_view(), name="api_planning_scenarios"),
    path("scenarios/<uuid:pk>/", scenarios.ScenarioApi.as_view(), name="api_planning_scenario"),
    path("scenarios/<uuid:pk>/changes/", scenarios.ChangeApi.as_view(), name="api_planning_scenario_changes"),
    path("scenarios/<uuid:pk>/rules/", scenarios.ScenarioRulesApi.as_view(), name="api_planning_scenario_rules"),
    path("scenarios/<uuid:pk>/rebase/", scenarios.ScenarioRebaseApi.as_view(), name="api_planning_scenario_rebase"),
    path("scenarios/<uuid:pk>/ask/", scenarios.ScenarioAskApi.as_view(), name="api_planning_scenario_ask"),
    path("scenarios/<uuid:pk>/publish/", scenarios.ScenarioPublishApi.as_view(), name="api_planning_scenario_publish"),
    path("scenarios/<uuid:pk>/undo/", scenarios.ScenarioUndoApi.as_view(), name="api_planning_scenario_undo"),
    path("capacity-plans/", capacity.CapacityListApi.as_view(), name="api_planning_capacity_plans"),
    path("capacity-plans/file/", files.HireFileApi.as_view(), name="api_planning_hire_file"),
    path("capacity-plans/<uuid:pk>/", capacity.CapacityPlanApi.as_view(), name="api_planning_capacity_plan"),
    path("capacity-plans/<uuid:pk>/roles/", capacity.CapacityRoleApi.as_view(), name="api_planning_capacity_roles"),
    path("capacity-plans/<uuid:pk>/hires/", capacity.CapacityHireApi.as_view(), name="api_planning_capacity_hires"),
    path("periods/", grids.PeriodListApi.as_view(), name="api_planning_periods"),
    path("quotas/", grids.QuotaListApi.as_view(), name="api_planning_quotas"),
    path("scores/", goals.ScoreListApi.as_view(), name="api_planning_scores"),
    path("quotas/file/", files.QuotaFileApi.as_view(), name="api_planning_quota_file"),
    path("quota-plans/", quota_plans.QuotaPlanListApi.as_view(), name="api_planning_quota_plans"),
    path("quota-plans/<uuid:pk>/", quota_plans.QuotaPlanApi.as_view(), name="api_planning_quota_plan"),
    path("quota-plans/<uuid:pk>/review/", quota_plans.QuotaReviewApi.as_view(), name="api_planning_quota_review"),
    path(
        "quota-plans/<uuid:pk>/seats/<uuid:seat>/reliefs/",
        quota_plans.QuotaReliefListApi.as_view(),
        name="api_planning_quota_reliefs",
    ),
    path("quota-reliefs/<uuid:pk>/", quota_plans.QuotaReliefApi.as_view(), name="api_planning_quota_relief"),
    path("commitments/", quota_letters.CommitmentApi.as_view(), name="api_planning_commitments"),
    path("quota-letters/", quota_letters.QuotaLetterListApi.as_view(), name="api_planning_quota_letters"),
    path("quota-letters/<uuid:pk>/", quota_letters.QuotaLetterApi.as_view(), name="api_planning_quota_letter"),
    path(
        "quota-letters/<uuid:pk>/settle/",
        quota_letters.QuotaLetterSettleApi.as_view(),
        name="api_planning_quota_letter_settle",
    ),
    path("evidence/", goals.EvidenceListApi.as_view(), name="api_planning_evidence"),
    path("scores/file/", files.ScoreFileApi.as_view(), name="api_planning_score_file"),
    path("territories/", grids.TerritoryListApi.as_view(), name="api_planning_territories"),
    path("territories/<uuid:pk>/assignments/", grids.AssignmentListApi.as_view(), name="api_planning_assignments"),
]
