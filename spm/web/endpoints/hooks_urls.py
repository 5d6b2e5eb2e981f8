"""Addresses of the webhooks API."""

from django.urls import path

from spm.web.endpoints import hooks

urlpatterns = [
    path("", hooks.HookListApi.as_view(), name="api_hooks"),
    path("<uuid:pk>/", hooks.HookApi.as_view(), name="api_hook"),
    path("<uuid:pk>/test/", hooks.HookTestApi.as_view(), name="api_hook_test"),
    path("<uuid:pk>/secret/", hooks.HookSecretApi.as_view(), name="api_hook_secret"),
    path("<uuid:pk>/switch/", hooks.HookSwitchApi.as_view(), name="api_hook_switch"),
    path("<uuid:pk>/deliveries/", hooks.DeliveryListApi.as_view(), name="api_hook_deliveries"),
    path("<uuid:pk>/attempts/", hooks.AttemptListApi.as_view(), name="api_hook_attempts"),
    path("deliveries/<uuid:pk>/replay/", hooks.ReplayApi.as_view(), name="api_hook_replay"),
]
