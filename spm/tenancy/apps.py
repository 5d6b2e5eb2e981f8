from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "spm.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        """Watch which database role this process uses."""
        from celery.signals import beat_init, worker_init
        from django.db.backends.signals import connection_created

        from spm.tenancy import checks

        connection_created.connect(checks.connection_check, dispatch_uid="spm.role")
        for starting in (worker_init, beat_init):
            starting.connect(checks.start_check, dispatch_uid="spm.role", weak=False)
