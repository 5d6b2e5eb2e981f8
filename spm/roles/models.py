"""Which roles a member has in a company, on which days."""

from typing import ClassVar

from django.db import models

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


class RoleGrant(Timeline):
    """A role of a member, on the days of `during`."""

    membership = models.ForeignKey("identity.Membership", models.CASCADE, related_name="+", db_constraint=False)
    role = models.CharField(max_length=30, choices=Role.choices)

    class Meta:
        constraints: ClassVar = [no_overlap("role_grant_once", "membership", "role"), not_empty("role_grant_days")]
