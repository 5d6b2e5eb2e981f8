from django.apps import AppConfig


class RolesConfig(AppConfig):
    name = "spm.roles"
    label = "roles"
