from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "spm.jobs"
    label = "jobs"
