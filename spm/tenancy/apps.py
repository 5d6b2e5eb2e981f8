from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "spm.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        from spm.tenancy import checks  # noqa: F401  registers the checks
