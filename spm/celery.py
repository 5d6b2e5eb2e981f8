"""The Celery application. The schedule is short: the timetable (`spm.jobs.timetable`) decides what is due.

Only the kernel has tasks of Celery; the modules' work is found by the timetable and done by `spm.jobs.tasks.job_run`.
"""

import gc
import os

from celery import Celery
from django.urls import get_resolver

from spm.jobs.memory import memory_keep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spm.settings")
COUNTS_KEY = "jobs-by-state"  # where the reconciler leaves, and /metrics reads, how many jobs there are
app = Celery("spm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["spm.jobs", "spm.notices", "spm.hooks"])
app.conf.beat_schedule = {
    "timetable": {"task": "spm.jobs.tasks.timetable_tick", "schedule": 60.0, "options": {"expires": 55}},
    "reconciler": {"task": "spm.jobs.tasks.reconcile", "schedule": 20.0, "options": {"expires": 15}},
    "webhooks": {"task": "spm.hooks.tasks.webhooks_relay", "schedule": 10.0, "options": {"expires": 8}},
    "mail": {"task": "spm.notices.tasks.relay", "schedule": 30.0, "options": {"expires": 25}},
}


def worker_settle(**_: object) -> None:
    """Import what jobs need before a worker works, and leave it out of every later search for garbage: it stays until the worker ends.

    The pages are what takes time: a job that names an address needs all of them.
    """
    memory_keep()
    len(get_resolver().reverse_dict)
    gc.collect()
    gc.freeze()
