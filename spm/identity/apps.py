from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "spm.identity"
    label = "identity"
