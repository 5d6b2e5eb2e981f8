"""Addresses of the pages of approvals."""

from django.urls import path

from spm.web.pages import approval_routes, approvals

app_name = "approvals"
urlpatterns = [
    path("", approvals.ApprovalListPage.as_view(), name="approval_list"),
    path("bulk/", approvals.ApprovalBulkPage.as_view(), name="approval_bulk"),
    path("routes/", approval_routes.RouteListPage.as_view(), name="route_list"),
    path("routes/new/", approval_routes.RouteNewPage.as_view(), name="route_new"),
    path("routes/<uuid:pk>/end/", approval_routes.RouteEnd.as_view(), name="route_end"),
    path("deputies/", approval_routes.DeputyListPage.as_view(), name="deputy_list"),
    path("deputies/<uuid:pk>/end/", approval_routes.DeputyEnd.as_view(), name="deputy_end"),
    path("conflicts/", approval_routes.ConflictPage.as_view(), name="conflict_list"),
    path("conflicts/<slug:form>/", approval_routes.ConflictExport.as_view(), name="conflict_export"),
    path("<uuid:pk>/", approvals.ApprovalPage.as_view(), name="approval_detail"),
    path("<uuid:pk>/withdraw/", approvals.ApprovalWithdraw.as_view(), name="approval_withdraw"),
]
