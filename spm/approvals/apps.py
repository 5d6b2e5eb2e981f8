from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "spm.approvals"
    label = "approvals"
