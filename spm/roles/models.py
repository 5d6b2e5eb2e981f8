"""Which roles a member has in a company, on which days."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.people.models import Timeline, no_overlap, not_empty


class Role(models.TextChoices):
    """The roles of a company. What each may do is `spm.roles.catalogue`."""

    COMPANY_ADMIN = "company_admin", "Company admin"
    SALES_OPERATIONS = "sales_operations", "Sales operations"
    FINANCE = "finance", "Finance"
    MANAGER = "manager", "Manager"
    REP = "rep", "Rep"
    EXECUTIVE = "executive", "Executive"
    AUDITOR = "auditor", "Auditor"


class Reach(models.IntegerChoices):
    """How far a role sees, each step including the ones before."""

    SELF = 1, "Own rows"
    TEAM = 2, "The people below in the reporting line"
    UNIT = 3, "The people of the own unit"
    ALL = 4, "The whole company"


class RoleGrant(Timeline):
    """A role of a member, on the days of `during`. `reach` narrows the role's own reach; a grant never widens it."""

    membership = models.ForeignKey("identity.Membership", models.CASCADE, related_name="+", db_constraint=False)
    role = models.CharField(max_length=30, choices=Role.choices)
    reach = models.PositiveSmallIntegerField(null=True, blank=True, choices=Reach.choices)

    class Meta:
        constraints: ClassVar = [
            no_overlap("role_grant_once", "membership", "role"),
            not_empty("role_grant_days"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_grant_known"),
            models.CheckConstraint(condition=Q(reach=None) | Q(reach__gte=1, reach__lte=4), name="role_grant_reach"),
        ]
