"""Long pieces of work: queued, leased by one worker at a time, cut into steps that may be repeated safely."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Job(TenantModel):
    """One piece of work. `slot` is unique per kind, so that two schedulers start it once.

    `plan` names the steps in order, kept from the first turn on; the first `progress_done` of them are done. `attempts`
    counts turns since the last finished step. `lease_until`: a running job belongs to its worker so long, a queued one
    is in the broker's hands so long; when it has passed, the reconciler sends the job again. `requested_as` names the
    service key that asked; `requested_by` is then who made the key.
    """

    unaudited = "Progress of work, written every few seconds; what the work changes is audited where it is changed."

    kind = models.CharField(max_length=50)
    slot = models.CharField(max_length=100)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    requested_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    requested_as = models.CharField(max_length=200, blank=True)
    plan = models.JSONField(null=True)
    progress_done = models.IntegerField(default=0)
    progress_total = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    findings = models.JSONField(default=list)
    outcome = models.JSONField(default=dict)

    @property
    def asked_by(self) -> str:
        """Give who asked for it: a person, or a service key and who made it; empty for the timetable."""
        person = str(self.requested_by or "")
        return f"{self.requested_as} ({person})" if self.requested_as else person

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id", "kind", "slot"], name="job_slot")]
        indexes: ClassVar = [models.Index(fields=["organisation_id", "state", "lease_until"], name="job_open")]


class JobStep(TenantModel):
    """One chunk of a job, done exactly once: its effect and this row are committed together."""

    unaudited = "Progress of work, written every few seconds; what the work changes is audited where it is changed."

    job = TenantForeignKey(Job, models.CASCADE)
    name = models.CharField(max_length=200)
    outcome = models.JSONField(default=dict)
    done_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "job", "name"], name="job_step_once")
        ]
