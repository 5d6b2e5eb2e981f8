from django.apps import AppConfig


class HooksConfig(AppConfig):
    name = "spm.hooks"
    label = "hooks"
