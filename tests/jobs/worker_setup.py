"""What the tests' workers and beats start from (`celery -A tests.jobs.worker_setup`): the product's own application, the
tests' kinds of work beside the product's, and a faster clock."""

from datetime import timedelta

import django

from spm.celery import app

django.setup()

from spm.jobs import runner, services  # noqa: E402 - models need the set-up
from tests.jobs import works  # noqa: E402

works.install()
runner.LEASE = timedelta(seconds=2)
runner.RESEND = services.RESEND = timedelta(seconds=2)
runner.BUDGET_SECONDS = 1.0
app.conf.beat_schedule = {
    "reconciler": {"task": "spm.jobs.tasks.reconcile", "schedule": 0.5, "options": {"expires": 2}},
}
