"""nightly: the nightly job of one company, by hand."""

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from spm.jobs.models import Job, JobState
from spm.jobs.services import OPEN, nightly_start
from spm.jobs.tasks import job_work_here
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, organisation_scope


class Command(BaseCommand):
    """Queues the same job as the timetable does, so that the two never do a day twice."""

    help = "Runs the nightly job of a company: recompute, post differences, snapshot, forecast, tell people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the company, the day and how to run."""
        parser.add_argument("--organisation", required=True, metavar="SLUG", help="The company.")
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="DAY", help="The day, as 2026-11-02. Default: today there."
        )
        parser.add_argument("--again", action="store_true", help="Run it even if the day's job is done already.")
        parser.add_argument(
            "--wait", action="store_true", help="Show progress until it has ended; exit code 1 if it failed."
        )
        parser.add_argument("--here", action="store_true", help="Do the work in this process instead of a worker.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Queue the job, and do or watch it as asked."""
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no company {options['organisation']}. Companies: {_slugs()}.")
        on = options["on"] or organisation.day_of(timezone.now())
        actor = viewer_of_system(organisation, on=on, name="manage.py nightly", via="command")
        with organisation_scope(organisation.pk, actor=actor):
            job = nightly_start(on=on, again=options["again"], actor=actor)
        self.stdout.write(f"Nightly job of {organisation.name} for {on}: {job.state}, job {job.pk}.")
        if options["here"]:
            job_work_here(organisation.pk, job.pk)
        if options["wait"] or options["here"]:
            self._watch(organisation, job.pk, actor)

    def _watch(self, organisation: Organisation, job_id: UUID, actor: Actor) -> None:
        shown = ""
        while True:
            job = _read(organisation, job_id, actor)
            line = f"{job.state}: {job.progress_done} of {job.progress_total} steps"
            if line != shown:
                self.stdout.write(line)
                shown = line
            if job.state not in OPEN:
                break
            time.sleep(0.5)
        for finding in job.findings:
            self.stdout.write(f"{finding['severity']} {finding['where']}: {finding['what']} {finding['fix']}".strip())
        for name, value in job.outcome.items():
            self.stdout.write(f"{name}: {value}")
        if job.state != JobState.DONE:
            raise CommandError(f"The job ended as {job.state}.")


def _read(organisation: Organisation, job_id: UUID, actor: Actor) -> Job:
    with organisation_scope(organisation.pk, actor=actor):
        return Job.objects.get(pk=job_id)


def _slugs() -> str:
    return ", ".join(Organisation.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
