from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "spm.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Let a worker load what its jobs need before its processes part from it."""
        from celery.signals import worker_init

        from spm.celery import worker_settle

        worker_init.connect(worker_settle, dispatch_uid="spm.settle", weak=False)
