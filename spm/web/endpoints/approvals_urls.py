"""Addresses of the approvals API."""

from django.urls import path

from spm.web.endpoints import approvals

urlpatterns = [
    path("", approvals.ApprovalListApi.as_view(), name="api_approvals"),
    path("<uuid:pk>/", approvals.ApprovalApi.as_view(), name="api_approval"),
    path("<uuid:pk>/decision/", approvals.ApprovalDecisionApi.as_view(), name="api_approval_decision"),
]
