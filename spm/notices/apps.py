from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "spm.notices"
    label = "notices"
