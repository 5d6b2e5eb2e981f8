"""Commission expense: books with dated policies, the costs of contracts, and what each month did to them. Entries are never changed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from incentives.engine.expense.words import Basis, Convention, EntryKind, Reason
from spm.people.models import Timeline, no_overlap, not_empty
from spm.tenancy.models import TenantForeignKey, TenantModel


class ExpenseBook(TenantModel):
    """One set of accounts, such as ASC or local GAAP. It takes the pay of periods that begin on `starts_on` or later.

    A month is closed `close_after_days` days after its end. The accounts name what its journal is exported to.
    """

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=200)
    starts_on = models.DateField()
    close_after_days = models.PositiveSmallIntegerField(default=5)
    asset_account = models.CharField(max_length=60)
    expense_account = models.CharField(max_length=60)
    amortisation_account = models.CharField(max_length=60)
    impairment_account = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "code"], name="expense_book_code"),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="expense_book_month"),
        ]

    def __str__(self) -> str:
        return self.name


class ExpensePolicy(Timeline):
    """How a book treats commissions from a month on (`incentives.engine.expense.policy`); rates are at RATE_SCALE.

    `components` holds the decisions for single components of plans: {"plan": key, "component": key, "incremental": bool}.
    """

    book = TenantForeignKey(ExpenseBook)
    capitalises = models.BooleanField(default=True)
    uses_expedient = models.BooleanField(default=False)
    basis = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Basis])
    benefit_months = models.PositiveSmallIntegerField()
    convention = models.CharField(max_length=6, choices=[(each.value, each.value) for each in Convention])
    new_rate = models.BigIntegerField(default=0)
    renewal_rate = models.BigIntegerField(default=0)
    includes_overrides = models.BooleanField(default=True)
    capitalises_without_contract = models.BooleanField(default=False)
    lapse_months = models.PositiveSmallIntegerField(null=True, blank=True)
    direct_cost_rate = models.BigIntegerField(null=True, blank=True)
    components = models.JSONField(default=list)
    reason = models.CharField(max_length=500)

    class Meta:
        constraints: ClassVar = [
            no_overlap("expense_policy_once", "book"),
            not_empty("expense_policy_days"),
            models.CheckConstraint(condition=Q(benefit_months__range=(1, 600)), name="expense_policy_benefit"),
        ]


class ExpenseAsset(TenantModel):
    """What was paid for a contract, or for a deal without one, in one currency; the decision is taken once, when the cost arises."""

    append_only = True
    unaudited = (
        "Written once from posted results by the book's policy and never changed; entries and terms are its history."
    )
    in_bulk = "A row or more for each contract is written at once, by one statement."

    book = TenantForeignKey(ExpenseBook, db_index=False)
    opportunity = TenantForeignKey("crm.Opportunity")
    contract = TenantForeignKey("crm.Contract", null=True, blank=True)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=16, choices=[(each.value, each.value) for each in Reason])
    policy = TenantForeignKey(ExpensePolicy)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "book", "opportunity", "contract", "currency"],
                name="expense_asset_once",
                nulls_distinct=False,
            )
        ]


class TermReason(models.TextChoices):
    """Why the days of a cost are what they are from a month on."""

    FIRST = "FIRST", "First terms"
    CHANGED = "CHANGED", "Terms changed"
    IMPAIRED = "IMPAIRED", "After an impairment"
    LOST = "LOST", "Contract lost"


class ExpenseTerm(TenantModel):
    """From `month` on a cost is expensed on the line [base_on, until_on), beginning with `carried_minor` and what comes since.

    `contract_until` is the end of the contract as known then: an earlier one later means that it was ended early.
    """

    append_only = True
    unaudited = "Append-only: every change of terms is a further row."
    in_bulk = "A row or more for each contract is written at once, by one statement."

    asset = TenantForeignKey(ExpenseAsset, db_index=False)
    number = models.IntegerField()
    month = models.DateField()
    start_on = models.DateField()
    base_on = models.DateField()
    until_on = models.DateField()
    contract_until = models.DateField(null=True)
    convention = models.CharField(max_length=6, choices=[(each.value, each.value) for each in Convention])
    carried_minor = models.BigIntegerField()
    reason = models.CharField(max_length=10, choices=TermReason.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "asset", "number"], name="expense_term_number")
        ]


class ExpenseEntry(TenantModel):
    """One movement of a book in a month. EXPENSED went past the balance; the other kinds change it by `amount_minor`.

    What comes from the ledger names the period, plan and component that paid it and the month in which it was credited.
    """

    append_only = True
    unaudited = "Append-only: what was wrong is answered by a further entry with the difference."
    in_bulk = "A row or more for each contract is written at once, by one statement."

    book = TenantForeignKey(ExpenseBook, db_index=False)
    month = models.DateField()
    kind = models.CharField(max_length=12, choices=[(each.value, each.value) for each in EntryKind])
    reason = models.CharField(max_length=16, blank=True)
    asset = TenantForeignKey(ExpenseAsset, null=True, db_index=False)
    period = TenantForeignKey("planning.Period", null=True, db_index=False)
    plan = TenantForeignKey("incentives.Plan", null=True)
    component = models.CharField(max_length=100, blank=True)
    incurred = models.DateField(null=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="expense_entry_not_zero"),
            models.UniqueConstraint(
                fields=["organisation_id", "book", "month", "kind", "asset"],
                name="expense_entry_month_once",
                condition=Q(period__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "book", "month"], name="expense_entry_month"),
            models.Index(fields=["organisation_id", "asset", "month"], name="expense_entry_asset"),
            models.Index(fields=["organisation_id", "book", "period"], name="expense_entry_period"),
        ]


class ExpenseTake(TenantModel):
    """A book has taken what a pay period's ledger says; `fingerprint` tells what it read, so that nothing new is not read again."""

    append_only = True
    unaudited = "Append-only: it says when which state of the ledger was taken."

    book = TenantForeignKey(ExpenseBook)
    period = TenantForeignKey("planning.Period")
    fingerprint = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "book", "period", "-taken_at"], name="expense_take_latest")
        ]


class ExpenseClose(TenantModel):
    """A month of a book is closed: nothing is dated in it any more. The current part needs no entries, so it is kept here by currency."""

    append_only = True

    book = TenantForeignKey(ExpenseBook)
    month = models.DateField()
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=200)
    non_current = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "book", "month"], name="expense_close_once")
        ]
