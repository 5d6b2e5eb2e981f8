from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "spm.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Let a worker load what its jobs need before its processes part from it, and hand memory back after each."""
        from celery.signals import task_postrun, worker_init

        from spm.celery import worker_settle
        from spm.jobs.memory import memory_give_back

        worker_init.connect(worker_settle, dispatch_uid="spm.settle", weak=False)
        task_postrun.connect(memory_give_back, dispatch_uid="spm.memory", weak=False)
