"""Dashboards that people put together for themselves, and share with roles."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantModel


class Mails(models.TextChoices):
    """When a dashboard is sent as a link: its figures stay behind the sign-in."""

    NEVER = "NEVER", "never"
    WEEKLY = "WEEKLY", "every Monday"
    MONTHLY = "MONTHLY", "on the first of the month"


class Dashboard(TenantModel):
    """Figures that a member chose, in their order, and what they are kept to.

    `tiles` holds kpi, shows and by of each; `kept` the keys by name of the group, `team` a participant with everybody below. An empty
    `period` is the current one. `roles` share it: each viewer's figures are worked out with the viewer's own rights. `version` grows with
    each change. A dashboard that was removed can be brought back.
    """

    membership = models.ForeignKey("identity.Membership", models.CASCADE, related_name="+", db_constraint=False)
    by_name = models.CharField(max_length=200)
    name = models.CharField(max_length=100)
    tiles = models.JSONField(default=list)
    kept = models.JSONField(default=dict)
    period = models.CharField(max_length=40, blank=True)
    roles = models.JSONField(default=list)
    mails = models.CharField(max_length=7, choices=Mails.choices, default=Mails.NEVER)
    version = models.IntegerField(default=1)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation_id", "membership"], name="dashboard_of_member")]
