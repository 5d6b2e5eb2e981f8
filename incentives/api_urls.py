"""Addresses of the incentives API."""

from django.urls import path

from incentives.api import (
    changes,
    credits,
    designs,
    estimates,
    expense,
    files,
    lifecycle,
    papers,
    plans,
    runs,
    statements,
    terms,
    trials,
)

urlpatterns = [
    path("plans/", plans.PlanListApi.as_view(), name="api_incentives_plans"),
    path("plans/<uuid:pk>/versions/", plans.VersionListApi.as_view(), name="api_incentives_plan_versions"),
    path("plans/<uuid:pk>/assignments/", plans.AssignmentListApi.as_view(), name="api_incentives_plan_assignments"),
    path("plan-reviews/", designs.PlanReviewApi.as_view(), name="api_incentives_plan_reviews"),
    path(
        "plan-versions/<uuid:pk>/compare/<uuid:other>/",
        designs.VersionCompareApi.as_view(),
        name="api_incentives_plan_version_compare",
    ),
    path("plan-versions/<uuid:pk>/text/", designs.VersionTextApi.as_view(), name="api_incentives_plan_version_text"),
    path("plan-versions/<uuid:pk>/", plans.VersionApi.as_view(), name="api_incentives_plan_version"),
    path(
        "plan-versions/<uuid:pk>/submit/",
        lifecycle.VersionSubmitApi.as_view(),
        name="api_incentives_plan_version_submit",
    ),
    path(
        "plan-versions/<uuid:pk>/withdraw/",
        lifecycle.VersionWithdrawApi.as_view(),
        name="api_incentives_plan_version_withdraw",
    ),
    path(
        "plan-versions/<uuid:pk>/tests/", lifecycle.VersionTestsApi.as_view(), name="api_incentives_plan_version_tests"
    ),
    path(
        "plan-versions/<uuid:pk>/examples/",
        lifecycle.VersionExampleApi.as_view(),
        name="api_incentives_plan_version_examples",
    ),
    path(
        "plan-versions/<uuid:pk>/publish/",
        lifecycle.VersionPublishApi.as_view(),
        name="api_incentives_plan_version_publish",
    ),
    path(
        "plan-versions/<uuid:pk>/whatif/",
        trials.TrialApi.as_view(),
        name="api_incentives_plan_version_whatif",
    ),
    path("targets/", terms.TargetListApi.as_view(), name="api_incentives_targets"),
    path("targets/<uuid:pk>/", terms.TargetApi.as_view(), name="api_incentives_target"),
    path("ramps/", terms.RampListApi.as_view(), name="api_incentives_ramps"),
    path("ramps/<uuid:pk>/", terms.RampApi.as_view(), name="api_incentives_ramp"),
    path("ramp-schedules/", terms.ScheduleListApi.as_view(), name="api_incentives_ramp_schedules"),
    path("leaves/", terms.LeaveListApi.as_view(), name="api_incentives_leaves"),
    path("leaves/<uuid:pk>/", terms.LeaveApi.as_view(), name="api_incentives_leave"),
    path("targets/file/", files.TargetFileApi.as_view(), name="api_incentives_target_file"),
    path("ramps/file/", files.RampFileApi.as_view(), name="api_incentives_ramp_file"),
    path("leaves/file/", files.LeaveFileApi.as_view(), name="api_incentives_leave_file"),
    path("plan-assignments/file/", files.AssignmentFileApi.as_view(), name="api_incentives_assignment_file"),
    path("credits/", credits.CreditListApi.as_view(), name="api_incentives_credits"),
    path("credits/<uuid:pk>/reverse/", credits.CreditReverseApi.as_view(), name="api_incentives_credit_reverse"),
    path("runs/", runs.RunListApi.as_view(), name="api_incentives_runs"),
    path("runs/<uuid:pk>/", runs.RunApi.as_view(), name="api_incentives_run"),
    path("runs/<uuid:pk>/findings/", runs.RunFindingsApi.as_view(), name="api_incentives_run_findings"),
    path("statements/", statements.StatementListApi.as_view(), name="api_incentives_statements"),
    path("statements/papers/", papers.PapersApi.as_view(), name="api_incentives_papers"),
    path("statements/papers/<uuid:pk>/zip/", papers.PapersZipApi.as_view(), name="api_incentives_papers_zip"),
    path("statements/<uuid:pk>/pdf/", papers.StatementPdfApi.as_view(), name="api_incentives_statement_pdf"),
    path("statements/<uuid:pk>/", statements.StatementApi.as_view(), name="api_incentives_statement"),
    path(
        "statements/<uuid:pk>/lines/<int:place>/trace/",
        statements.StatementLineTraceApi.as_view(),
        name="api_incentives_statement_trace",
    ),
    path(
        "statements/<uuid:pk>/lines/<int:place>/changes/",
        changes.StatementChangesApi.as_view(),
        name="api_incentives_statement_changes",
    ),
    path(
        "statements/<uuid:pk>/estimate/",
        estimates.StatementEstimateApi.as_view(),
        name="api_incentives_statement_estimate",
    ),
    path("runs/<uuid:pk>/changes/", changes.RunChangesApi.as_view(), name="api_incentives_run_changes"),
    path("journals/", runs.JournalListApi.as_view(), name="api_incentives_journals"),
    path("journals/<uuid:pk>/entries/", runs.JournalEntriesApi.as_view(), name="api_incentives_journal_entries"),
    path("expense-books/", expense.BookListApi.as_view(), name="api_incentives_expense_books"),
    path("expense-books/<uuid:pk>/policies/", expense.PolicyListApi.as_view(), name="api_incentives_expense_policies"),
    path(
        "expense-books/<uuid:pk>/roll-forward/", expense.RollForwardApi.as_view(), name="api_incentives_expense_rolls"
    ),
    path("expense-books/<uuid:pk>/costs/", expense.CostListApi.as_view(), name="api_incentives_expense_costs"),
    path("expense-books/<uuid:pk>/entries/", expense.EntryListApi.as_view(), name="api_incentives_expense_entries"),
    path(
        "expense-books/<uuid:pk>/reconciliation/",
        expense.ReconciliationApi.as_view(),
        name="api_incentives_expense_reconciliation",
    ),
]
