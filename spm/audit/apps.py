from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "spm.audit"
    label = "audit"
