"""Addresses of the API of the company."""

from django.urls import path

from spm.web.endpoints import identity

urlpatterns = [
    path("me/", identity.MeView.as_view(), name="api_company_me"),
    path("members/", identity.MemberListView.as_view(), name="api_company_members"),
    path("keys/", identity.KeyListView.as_view(), name="api_company_keys"),
    path("keys/<uuid:pk>/", identity.KeyView.as_view(), name="api_company_key"),
]
