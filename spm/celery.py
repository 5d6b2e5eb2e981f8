"""The Celery application. The schedule is two entries: the timetable (`spm.jobs.timetable`) decides what is due."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spm.settings")
app = Celery("spm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["spm.jobs", "spm.notices", "spm.crm", "planning", "incentives", "insights"])
app.conf.beat_schedule = {
    "timetable": {"task": "spm.jobs.tasks.timetable_tick", "schedule": 60.0, "options": {"expires": 55}},
    "reconciler": {"task": "spm.jobs.tasks.reconcile", "schedule": 20.0, "options": {"expires": 15}},
}
