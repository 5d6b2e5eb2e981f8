"""Addresses of the pages of incentives."""

from django.urls import path

from incentives.views import changes, credits, estimates, lifecycle, plans, runs, statements, templates, trials, writing

app_name = "incentives"
urlpatterns = [
    path("statements/", statements.StatementListPage.as_view(), name="statement_list"),
    path("statements/export.<str:form>", statements.StatementExport.as_view(), name="statement_export"),
    path("statements/<uuid:pk>/", statements.StatementPage.as_view(), name="statement_detail"),
    path("statements/<uuid:pk>/estimate/", estimates.StatementEstimatePage.as_view(), name="statement_estimate"),
    path("statements/<uuid:pk>/lines/<int:place>/", statements.StatementLinePage.as_view(), name="statement_line"),
    path(
        "statements/<uuid:pk>/lines/<int:place>/export.<str:form>",
        statements.StatementLineExport.as_view(),
        name="statement_line_export",
    ),
    path(
        "statements/<uuid:pk>/lines/<int:place>/changes/",
        changes.StatementChangesPage.as_view(),
        name="statement_changes",
    ),
    path("plans/", plans.PlanListPage.as_view(), name="plan_list"),
    path("plans/templates/", templates.PlanGalleryPage.as_view(), name="plan_gallery"),
    path("plans/import/", templates.PlanImportPage.as_view(), name="plan_import"),
    path("plans/new/", writing.PlanWritePage.as_view(), name="plan_new"),
    path("plans/<uuid:pk>/", plans.PlanPage.as_view(), name="plan_detail"),
    path("plans/<uuid:pk>/versions/new/", writing.PlanVersionNewPage.as_view(), name="plan_version_new"),
    path("plans/<uuid:pk>/assign/", plans.PlanAssignPage.as_view(), name="plan_assign"),
    path("plans/versions/<uuid:pk>/edit/", writing.PlanEditPage.as_view(), name="plan_edit"),
    path("plans/versions/<uuid:pk>/examples/new/", lifecycle.PlanExampleNew.as_view(), name="plan_example_new"),
    path("plans/versions/<uuid:pk>/submit/", lifecycle.PlanSubmit.as_view(), name="plan_submit"),
    path("plans/versions/<uuid:pk>/withdraw/", lifecycle.PlanWithdraw.as_view(), name="plan_withdraw"),
    path("plans/versions/<uuid:pk>/compare/", templates.PlanComparePage.as_view(), name="plan_compare"),
    path("plans/versions/<uuid:pk>/plan.yaml", templates.PlanExport.as_view(), name="plan_export"),
    path("plans/versions/<uuid:pk>/publish/", lifecycle.PlanPublishPage.as_view(), name="plan_publish"),
    path("plans/versions/<uuid:pk>/end/", lifecycle.PlanVersionEnd.as_view(), name="plan_version_end"),
    path("plans/versions/<uuid:pk>/delete/", plans.PlanDraftDelete.as_view(), name="plan_draft_delete"),
    path("plans/versions/<uuid:pk>/whatif/", trials.PlanTrialPage.as_view(), name="plan_whatif"),
    path(
        "plans/versions/<uuid:pk>/whatif/export.<str:form>",
        trials.PlanTrialExport.as_view(),
        name="plan_whatif_export",
    ),
    path("plans/assignments/<uuid:pk>/end/", plans.PlanAssignmentEnd.as_view(), name="plan_assignment_end"),
    path("credits/", credits.CreditListPage.as_view(), name="credit_list"),
    path("credits/new/", credits.CreditNewPage.as_view(), name="credit_new"),
    path("credits/<uuid:pk>/", credits.CreditPage.as_view(), name="credit_detail"),
    path("runs/", runs.RunListPage.as_view(), name="run_list"),
    path("runs/start/", runs.RunStart.as_view(), name="run_start"),
    path("runs/<uuid:pk>/", runs.RunPage.as_view(), name="run_detail"),
    path("runs/<uuid:pk>/changes/", changes.RunChangesPage.as_view(), name="run_changes"),
    path("journals/", runs.JournalListPage.as_view(), name="journal_list"),
    path("journals/<uuid:pk>/", runs.JournalPage.as_view(), name="journal_detail"),
    path("journals/<uuid:pk>/export.<str:form>", runs.JournalExport.as_view(), name="journal_export"),
]
