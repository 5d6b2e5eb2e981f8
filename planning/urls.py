"""Addresses of the planning pages."""

from django.urls import path

from planning.views import balances, capacity, comparing, files, goals, grids, rules, scenarios

app_name = "planning"
urlpatterns = [
    path("territories/", grids.TerritoryListPage.as_view(), name="territory_list"),
    path("territories/new/", grids.TerritoryFormPage.as_view(), name="territory_new"),
    path("territories/from-units/", grids.TerritoriesFromUnits.as_view(), name="territories_from_units"),
    path("territories/<uuid:pk>/", grids.TerritoryPage.as_view(), name="territory_detail"),
    path("territories/<uuid:pk>/edit/", grids.TerritoryFormPage.as_view(), name="territory_edit"),
    path("territories/<uuid:pk>/assignments/<uuid:assignment>/", grids.AssignmentEnd.as_view(), name="assignment_end"),
    path("rules/", rules.RuleListPage.as_view(), name="rule_list"),
    path("rules/export.<str:form>", rules.RuleExport.as_view(), name="rule_export"),
    path("rules/<uuid:pk>/", rules.RuleSetPage.as_view(), name="rule_set"),
    path("rules/<uuid:pk>/new/", rules.RuleFormPage.as_view(), name="rule_new"),
    path("rules/<uuid:pk>/<uuid:rule>/", rules.RuleFormPage.as_view(), name="rule_edit"),
    path("balances/", balances.BalanceListPage.as_view(), name="balance_list"),
    path("balances/<uuid:pk>/", balances.BalancePage.as_view(), name="balance_detail"),
    path("balances/<uuid:pk>/export.<str:form>", balances.BalanceExport.as_view(), name="balance_export"),
    path("accounts/", rules.AccountListPage.as_view(), name="account_list"),
    path("accounts/route/", rules.AccountsRoute.as_view(), name="accounts_route"),
    path("accounts/export.<str:form>", rules.AccountExport.as_view(), name="account_export"),
    path("accounts/<uuid:pk>/", rules.AccountPage.as_view(), name="account_detail"),
    path("accounts/<uuid:pk>/named/<uuid:named>/", rules.AccountNameEnd.as_view(), name="account_name_end"),
    path("scenarios/", scenarios.ScenarioListPage.as_view(), name="scenario_list"),
    path("scenarios/compare/", comparing.ScenarioCompare.as_view(), name="scenario_compare"),
    path(
        "scenarios/compare/export.<str:form>", comparing.ScenarioCompareExport.as_view(), name="scenario_compare_export"
    ),
    path("scenarios/<uuid:pk>/", scenarios.ScenarioPage.as_view(), name="scenario"),
    path("scenarios/<uuid:pk>/cover/", scenarios.ScenarioCover.as_view(), name="scenario_cover"),
    path("scenarios/<uuid:pk>/quota/", scenarios.ScenarioQuota.as_view(), name="scenario_quota"),
    path("scenarios/<uuid:pk>/export.<str:form>", scenarios.ScenarioExport.as_view(), name="scenario_export"),
    path("capacity/", capacity.CapacityListPage.as_view(), name="capacity_list"),
    path("capacity/file/", files.HireFilePage.as_view(), name="hire_file"),
    path("capacity/file/<slug:what>.<str:form>", files.HireFileDownload.as_view(), name="hire_file_download"),
    path("capacity/<uuid:pk>/", capacity.CapacityPage.as_view(), name="capacity_plan"),
    path("capacity/<uuid:pk>/edit/", capacity.CapacityEdit.as_view(), name="capacity_edit"),
    path("capacity/<uuid:pk>/export.<str:form>", capacity.CapacityExport.as_view(), name="capacity_export"),
    path("capacity/<uuid:pk>/roles/new/", capacity.CapacityRolePage.as_view(), name="capacity_role_new"),
    path("capacity/<uuid:pk>/roles/<uuid:title>/", capacity.CapacityRolePage.as_view(), name="capacity_role"),
    path("quotas/", grids.QuotaListPage.as_view(), name="quota_list"),
    path("scores/", goals.ScoreListPage.as_view(), name="score_list"),
    path("quotas/file/", files.QuotaFilePage.as_view(), name="quota_file"),
    path("quotas/file/<slug:what>.<str:form>", files.QuotaFileDownload.as_view(), name="quota_file_download"),
    path("scores/evidence/", goals.EvidencePage.as_view(), name="evidence_new"),
    path("scores/evidence/<uuid:pk>/file/", goals.EvidenceFile.as_view(), name="evidence_file"),
    path("scores/file/", files.ScoreFilePage.as_view(), name="score_file"),
    path("scores/file/<slug:what>.<str:form>", files.ScoreFileDownload.as_view(), name="score_file_download"),
    path("quotas/periods/", grids.PeriodsMake.as_view(), name="periods_make"),
    path("quotas/export.<str:form>", grids.QuotaExport.as_view(), name="quota_export"),
]
