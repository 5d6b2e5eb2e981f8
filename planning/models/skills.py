"""Which skills accounts ask of the people who cover them."""

from typing import ClassVar

from django.db import models

from spm.people.models import SkillKind
from spm.tenancy.models import TenantModel


class SkillNeed(TenantModel):
    """Accounts whose `field` is `value` ask for a skill. It counts in proposals only, which keep what they were computed with."""

    kind = models.CharField(max_length=10, choices=SkillKind.choices)
    name = models.CharField(max_length=100)
    field = models.CharField(max_length=20)
    value = models.CharField(max_length=200)
    is_required = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "kind", "name", "field", "value"], name="skill_need_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
