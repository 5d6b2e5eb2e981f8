from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "spm.people"
    label = "people"
