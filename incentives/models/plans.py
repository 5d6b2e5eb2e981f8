"""Plans, their versions, and who is on which plan."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from spm.people.models import Timeline, no_overlap, not_empty
from spm.tenancy.models import TenantForeignKey, TenantModel


class Plan(TenantModel):
    """A compensation plan by name; what it pays is in its versions."""

    code = models.CharField(max_length=100)
    name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id", "code"], name="plan_code")]

    def __str__(self) -> str:
        return self.name


class PlanState(models.TextChoices):
    """What is stored of where a version stands; the database refuses an edit of a published one."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class Standing(models.TextChoices):
    """Where a version stands on its way, as people see it; the two in between are answers of a second person."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class PlanVersion(Timeline):
    """What the plan pays on the days of `during`: `definition` is the plan as data (`incentives.engine.compiling`).

    `digest` is that of the definition with its examples: what is approved. `author_ids` are the users who wrote it; none of them approves.
    """

    plan = TenantForeignKey(Plan)
    number = models.IntegerField()
    definition = models.JSONField()
    digest = models.CharField(max_length=64)
    author_ids = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=10, choices=PlanState.choices, default=PlanState.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey("identity.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "plan", "number"], name="plan_version_number"),
            no_overlap("plan_version_one_published", "plan", condition=Q(state="published")),
            not_empty("plan_version_days"),
        ]


class PlanAssignment(Timeline):
    """Who is on the plan: a title, a position or a participant; the most specific wins."""

    plan = TenantForeignKey(Plan)
    title = TenantForeignKey("people.Title", null=True, blank=True)
    position = TenantForeignKey("people.Position", null=True, blank=True)
    participant = TenantForeignKey("people.Participant", null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            not_empty("plan_assignment_days"),
            no_overlap("plan_assignment_title", "plan", "title", condition=Q(title__isnull=False)),
            no_overlap("plan_assignment_position", "plan", "position", condition=Q(position__isnull=False)),
            no_overlap("plan_assignment_participant", "plan", "participant", condition=Q(participant__isnull=False)),
            models.CheckConstraint(
                condition=Q(title__isnull=False, position__isnull=True, participant__isnull=True)
                | Q(title__isnull=True, position__isnull=False, participant__isnull=True)
                | Q(title__isnull=True, position__isnull=True, participant__isnull=False),
                name="plan_assignment_one_target",
            ),
        ]
