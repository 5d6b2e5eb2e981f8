"""Runs and their results. A run is immutable once it is done: it stores the moment whose facts it read and their digest."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class RunState(models.TextChoices):
    """Where a run stands."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    POSTED = "posted", "Posted"
    FAILED = "failed", "Failed"


class Run(TenantModel):
    """One calculation of one period. `inputs` names the digest of each frame that was read.

    Equal inputs (`inputs_digest`) give equal results, so the same inputs are never run twice.
    `scope` names the `people` whom a run over changed deals calculated and the `owners` whose deals it read; None for everybody.
    `snapshot` was taken before anything was read; see `spm.audit.snapshots`.
    """

    period = TenantForeignKey("planning.Period")
    facts_known_at = models.DateTimeField()
    inputs = models.JSONField(default=dict)
    inputs_digest = models.CharField(max_length=64, blank=True)
    results_digest = models.CharField(max_length=64, blank=True)
    code_version = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    job = TenantForeignKey("jobs.Job", null=True, blank=True)
    findings = models.JSONField(default=list)
    credit_count = models.IntegerField(default=0)
    scope = models.JSONField(null=True, blank=True)
    snapshot = models.TextField(blank=True, default="", db_default="")
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation_id", "period", "-started_at"], name="run_recent")]


class RunInput(TenantModel):
    """A frame that runs read and that has no versions of its own (seats, quotas, assignments, plans), kept as text once per content.

    A run names its frames by digest (`Run.inputs`), so that it can be computed again although the tables have moved on.
    """

    append_only = True
    unaudited = "Content-addressed copies of audited rows, never changed."

    name = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    content = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "name", "digest"], name="run_input_once")
        ]


class RunEarning(TenantModel):
    """What a run found for a participant and component: the earning and how it came about in figures."""

    append_only = True
    unaudited = "Results are inserted once and never changed: their run is their audit."
    in_bulk = "Thousands of rows are written at once, by one statement."

    run = TenantForeignKey(Run, db_index=False)
    participant = TenantForeignKey("people.Participant")
    plan_version = TenantForeignKey("incentives.PlanVersion", db_index=False)
    component = models.CharField(max_length=100)
    credit_minor = models.BigIntegerField()
    credit_count = models.IntegerField()
    quota_value = models.BigIntegerField(null=True)
    attainment_rate = models.BigIntegerField(null=True)
    earned_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    slices = models.JSONField(default=list)
    moved = models.JSONField(default=list)
    """What of it is moved between deals for settlement, because it changes what earlier deals of its window earned: deal, minor, on."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "run", "participant", "plan_version", "component"], name="run_earning_once"
            )
        ]


class RunRate(TenantModel):
    """A currency rate that a run converted credits of a plan at: from its day, or as the mean of [taken_on, taken_until).

    `rate` is the exact fraction, `rate_on` the first day of the newest entry behind it, `table_name` the lists that these are from.
    `RunCredit.rate_number` names it by its number.
    """

    append_only = True
    unaudited = "Results are inserted once and never changed: their run is their audit."

    run = TenantForeignKey(Run, db_index=False)
    number = models.IntegerField()
    plan_version = TenantForeignKey("incentives.PlanVersion", db_index=False)
    policy = models.CharField(max_length=20)
    from_currency = models.CharField(max_length=3)
    to_currency = models.CharField(max_length=3)
    taken_on = models.DateField()
    taken_until = models.DateField(null=True)
    rate = models.TextField()
    rate_on = models.DateField()
    table_name = models.TextField()
    entries = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "run", "number"], name="run_rate_once")
        ]


class RunCredit(models.Model):
    """A credit of a run, per deal and person. One partition per run, written by COPY; see `spm.tenancy.walls.EXCEPTIONS`.

    Where its deal is in another currency, `stated_minor` is what that states in it, `rate_number` the rate it was converted at, and
    `converted_minor` what it came to.
    """

    pk = models.CompositePrimaryKey("run_id", "line")
    organisation_id = models.BigIntegerField()
    run_id = models.UUIDField()
    line = models.IntegerField()
    participant_id = models.UUIDField()
    position_id = models.UUIDField()
    opportunity_id = models.UUIDField()
    plan_version_id = models.UUIDField()
    component = models.CharField(max_length=100)
    rule = models.CharField(max_length=100)
    share_rate = models.BigIntegerField()
    via_participant_id = models.UUIDField(null=True)
    credit_on = models.DateField()
    credit_minor = models.BigIntegerField()
    earned_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    stated_minor = models.BigIntegerField(null=True)
    rate_number = models.IntegerField(null=True)
    converted_minor = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "incentives_runcredit"
