"""Addresses of the approvals API."""

from django.urls import path

from spm.web.endpoints import approval_routes, approvals

urlpatterns = [
    path("", approvals.ApprovalListApi.as_view(), name="api_approvals"),
    path("decisions/", approval_routes.DecisionsApi.as_view(), name="api_approval_decisions"),
    path("routes/", approval_routes.RouteListApi.as_view(), name="api_approval_routes"),
    path("routes/preview/", approval_routes.RoutePreviewApi.as_view(), name="api_approval_route_preview"),
    path("routes/<uuid:pk>/end/", approval_routes.RouteEndApi.as_view(), name="api_approval_route_end"),
    path("deputies/", approval_routes.DeputyListApi.as_view(), name="api_approval_deputies"),
    path("deputies/<uuid:pk>/end/", approval_routes.DeputyEndApi.as_view(), name="api_approval_deputy_end"),
    path("reminders/", approval_routes.ReminderApi.as_view(), name="api_approval_reminders"),
    path("conflicts/", approval_routes.ConflictListApi.as_view(), name="api_approval_conflicts"),
    path("<uuid:pk>/", approvals.ApprovalApi.as_view(), name="api_approval"),
    path("<uuid:pk>/decision/", approvals.ApprovalDecisionApi.as_view(), name="api_approval_decision"),
    path("<uuid:pk>/withdrawal/", approvals.ApprovalWithdrawalApi.as_view(), name="api_approval_withdrawal"),
]
