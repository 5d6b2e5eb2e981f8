"""Addresses of the pages of webhooks."""

from django.urls import path

from spm.web.pages import hooks

app_name = "hooks"
urlpatterns = [
    path("", hooks.HookListPage.as_view(), name="hook_list"),
    path("new/", hooks.HookNewPage.as_view(), name="hook_new"),
    path("<uuid:pk>/", hooks.HookPage.as_view(), name="hook_detail"),
    path("<uuid:pk>/edit/", hooks.HookEditPage.as_view(), name="hook_edit"),
    path("<uuid:pk>/test/", hooks.HookTest.as_view(), name="hook_test"),
    path("<uuid:pk>/delete/", hooks.HookDelete.as_view(), name="hook_delete"),
    path("<uuid:pk>/secret/", hooks.HookSecret.as_view(), name="hook_secret"),
    path("<uuid:pk>/switch/", hooks.HookSwitch.as_view(), name="hook_switch"),
    path("deliveries/<uuid:pk>/replay/", hooks.DeliveryReplay.as_view(), name="delivery_replay"),
]
