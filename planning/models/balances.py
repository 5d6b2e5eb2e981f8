"""Proposals that even out territories: what was asked, what was found, and where each account would go. Nothing changes by them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from planning.models.territories import Territory
from spm.tenancy.models import TenantForeignKey, TenantModel


class BalanceState(models.TextChoices):
    """How far a proposal is."""

    ASKED = "ASKED", _("Being computed")
    READY = "READY", _("Ready")
    COMMITTED = "COMMITTED", _("Committed")


class BalanceProposal(TenantModel):
    """A proposal for the territories below `parent` (all that have none below where it is empty), from `starts_on` on.

    `settings` are weights, `band_percent`, `protect_minor` and `is_quick`; `solved` is what the optimiser proved: `objective`, `bound`,
    `gap` (texts), `currency`, the measures that are `scores`, and `territories`: [{"id", "capacity", "skills"}] in the order in which they
    were asked.
    """

    starts_on = models.DateField()
    parent = TenantForeignKey(Territory, null=True, blank=True)
    settings = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=BalanceState.choices, default=BalanceState.ASKED)
    solved = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(auto_now_add=True)
    committed_by_name = models.CharField(max_length=200, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)


class BalanceAccount(TenantModel):
    """An account of a proposal: what it weighs, where it was, where it would go. `load_rate` is its part of the whole index at 10**8.

    Workload and potential are in hundredths of a point where `scores` of what was solved names them. Else workload is a number of accounts,
    and potential minor units of its `currency`. `needs` are the skills that it asks for: [[kind, name]].
    """

    unaudited = "A proposal changes nothing; what is committed of it is audited as accounts named apart."

    proposal = TenantForeignKey(BalanceProposal)
    account = TenantForeignKey("crm.Account")
    name = models.CharField(max_length=200)
    region = models.CharField(max_length=210, blank=True)
    workload = models.BigIntegerField()
    potential = models.BigIntegerField()
    sales_minor = models.BigIntegerField()
    load_rate = models.BigIntegerField()
    is_fixed = models.BooleanField()
    latitude = models.DecimalField(max_digits=15, decimal_places=12, null=True, blank=True)
    longitude = models.DecimalField(max_digits=15, decimal_places=12, null=True, blank=True)
    needs = models.JSONField(default=list)
    before = TenantForeignKey(Territory, null=True, blank=True, related_name="+")
    after = TenantForeignKey(Territory, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "proposal", "account"], name="balance_account_once")
        ]
