"""Which territory or segment an account belongs to: sets of rules that begin on a day, accounts named apart, and what came of both."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from planning.models.territories import Territory
from spm.people.models import Timeline, no_overlap, not_empty
from spm.tenancy.keys import uuid7
from spm.tenancy.models import TenantForeignKey, TenantModel


class RuleSetState(models.TextChoices):
    """Whether rules are being written or count."""

    DRAFT = "DRAFT", "Draft"
    IN_FORCE = "IN_FORCE", "In force"


class RulePurpose(models.TextChoices):
    """What rules give accounts to."""

    TERRITORY = "TERRITORY", "Territories"
    SEGMENT = "SEGMENT", "Segments"


class RuleSet(TenantModel):
    """The rules of a company, for one purpose, from `starts_on` until the next set begins.

    Rules of a set in force are never changed: a later set follows.
    """

    purpose = models.CharField(max_length=10, choices=RulePurpose.choices, default=RulePurpose.TERRITORY)
    starts_on = models.DateField()
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=RuleSetState.choices, default=RuleSetState.DRAFT)
    written_by_name = models.CharField(max_length=200)
    in_force_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "purpose", "starts_on"],
                condition=Q(state="IN_FORCE"),
                name="rule_set_purpose_day",
            )
        ]


class TerritoryRule(TenantModel):
    """One rule of a set, at its place from 1: all `conditions` together lead to the territory or segment.

    `key` stays the same from set to set.

    A condition is {"field", "test", "values": [texts]} or, for numbers, {"field", "test", "number"}; see `planning.engine.rules`.
    """

    rule_set = TenantForeignKey(RuleSet)
    key = models.UUIDField(default=uuid7, editable=False)
    place = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    territory = TenantForeignKey(Territory, null=True, blank=True)
    segment = models.CharField(max_length=100, blank=True, default="")
    conditions = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "rule_set", "place"],
                name="rule_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(territory=None) & ~Q(segment="") | Q(territory__isnull=False, segment=""),
                name="rule_leads_to_one",
            ),
        ]

    @property
    def leads_to(self) -> str:
        """Give the name of what it gives accounts to."""
        return self.territory.name if self.territory else self.segment


class NamedAccount(Timeline):
    """An account that belongs to a territory on the days of `during`, whatever the rules say."""

    account = TenantForeignKey("crm.Account")
    territory = TenantForeignKey(Territory)
    reason = models.CharField(max_length=500)

    class Meta:
        constraints: ClassVar = [no_overlap("named_account_once", "account"), not_empty("named_account_days")]


class AccountTerritory(Timeline):
    """What rules and names came to: the territory of an account on the days of `during`, and the rule that won; none for a named one."""

    account = TenantForeignKey("crm.Account")
    territory = TenantForeignKey(Territory)
    rule = TenantForeignKey(TerritoryRule, null=True, blank=True)

    class Meta:
        constraints: ClassVar = [no_overlap("account_territory_once", "account"), not_empty("account_territory_days")]
        indexes: ClassVar = [models.Index(fields=["organisation_id", "territory"], name="account_territory_of")]
