"""The kinds of facts. Amounts are minor units of `currency`; rates are integers at scale 10**8; dates are the source's own days."""

from typing import ClassVar

from django.db import models

from spm.crm.models.base import Fact, FactVersion
from spm.tenancy.models import TenantForeignKey


def _text(length: int = 200) -> models.CharField:
    return models.CharField(max_length=length, blank=True, default="")


def _amount() -> models.BigIntegerField:
    return models.BigIntegerField(null=True, blank=True)


def _day() -> models.DateField:
    return models.DateField(null=True, blank=True)


def _degrees() -> models.DecimalField:
    return models.DecimalField(max_digits=15, decimal_places=12, null=True, blank=True)


def _currency() -> models.CharField:
    return models.CharField(max_length=3, blank=True, default="")


class Account(Fact):
    """A customer or prospect."""


class AccountVersion(FactVersion):
    """What is known of an account."""

    fact = TenantForeignKey(Account)
    name = _text()
    parent = TenantForeignKey(Account, null=True, blank=True)
    industry = _text()
    employees = models.IntegerField(null=True, blank=True)
    annual_revenue_minor = _amount()
    currency = _currency()
    country = _text(100)
    region = _text(100)
    county = _text(100)
    city = _text(100)
    postal_code = _text(20)
    latitude = _degrees()
    longitude = _degrees()
    segment = _text(100)
    founded_year = models.IntegerField(null=True, blank=True)
    owner = TenantForeignKey("people.Participant", null=True, blank=True)


class Product(Fact):
    """Something that is sold."""


class ProductVersion(FactVersion):
    """What is known of a product."""

    fact = TenantForeignKey(Product)
    name = _text()
    family = _text()
    list_price_minor = _amount()
    unit_cost_minor = _amount()
    currency = _currency()


class Price(Fact):
    """A dated entry of a price list."""


class PriceVersion(FactVersion):
    """What is known of a price."""

    fact = TenantForeignKey(Price)
    product = TenantForeignKey(Product)
    currency = _currency()
    list_price_minor = models.BigIntegerField()
    valid_from = models.DateField()
    valid_until = _day()


class Lead(Fact):
    """A possible customer."""


class LeadVersion(FactVersion):
    """What is known of a lead."""

    fact = TenantForeignKey(Lead)
    name = _text()
    company = _text()
    owner = TenantForeignKey("people.Participant", null=True, blank=True)
    status = _text(50)
    created_on = _day()
    country = _text(100)


class OpportunityStatus(models.TextChoices):
    """What a stage means for the pipeline."""

    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"


class Opportunity(Fact):
    """A deal."""


class OpportunityVersion(FactVersion):
    """What is known of a deal."""

    fact = TenantForeignKey(Opportunity)
    name = _text()
    account = TenantForeignKey(Account, null=True, blank=True)
    product = TenantForeignKey(Product, null=True, blank=True)
    owner = TenantForeignKey("people.Participant", null=True, blank=True)
    kind = _text(50)
    stage = _text(100)
    status = models.CharField(max_length=4, choices=OpportunityStatus.choices)
    forecast_category = _text(50)
    amount_minor = _amount()
    currency = _currency()
    created_on = _day()
    close_on = _day()
    expected_close_on = _day()
    probability_rate = _amount()
    next_step = _text(500)
    attributes = models.JSONField(default=dict, db_default={}, blank=True)
    """What the company's own columns say, by name: text, whole numbers of minor units or at 10**8."""

    class Meta(FactVersion.Meta):
        indexes: ClassVar = [
            *FactVersion.Meta.indexes,
            models.Index(
                fields=["organisation_id", "close_on"],
                name="opportunity_close",
                condition=models.Q(known_until__isnull=True),
            ),
            models.Index(
                fields=["organisation_id", "owner", "status", "close_on"],
                name="opportunity_owner_close",
                condition=models.Q(known_until__isnull=True),
            ),
            models.Index(
                fields=["organisation_id", "fact"],
                include=["close_on", "status", "known_from"],
                name="opportunity_won",
                condition=models.Q(known_until__isnull=True),
            ),
            models.Index(
                fields=["organisation_id", "close_on"],
                name="opportunity_lacking",
                condition=models.Q(known_until__isnull=True, status="won")
                & (
                    models.Q(close_on__isnull=True)
                    | models.Q(amount_minor__isnull=True)
                    | models.Q(currency="")
                    | models.Q(owner__isnull=True)
                ),
            ),
            models.Index(fields=["organisation_id", "known_from"], name="opportunity_known_from"),
            models.Index(
                fields=["organisation_id", "known_until"],
                name="opportunity_known_until",
                condition=models.Q(known_until__isnull=False),
            ),
        ]


class SplitKind(models.TextChoices):
    """Revenue shares divide a deal and sum to 100 %; overlay shares stand beside them."""

    REVENUE = "revenue", "Revenue"
    OVERLAY = "overlay", "Overlay"


class Split(Fact):
    """Somebody's share of a deal."""


class SplitVersion(FactVersion):
    """What is known of a share; `share_rate` is at scale 10**8, and 0 for whoever has none any more."""

    fact = TenantForeignKey(Split)
    opportunity = TenantForeignKey(Opportunity)
    participant = TenantForeignKey("people.Participant")
    kind = models.CharField(max_length=10, choices=SplitKind.choices)
    share_rate = models.BigIntegerField()

    class Meta(FactVersion.Meta):
        indexes: ClassVar = [
            *FactVersion.Meta.indexes,
            models.Index(fields=["organisation_id", "opportunity"], name="split_deal"),
            models.Index(
                fields=["organisation_id", "participant"],
                include=["opportunity", "known_from", "known_until"],
                name="split_participant_deals",
            ),
            models.Index(fields=["organisation_id", "known_from"], name="split_known_from"),
            models.Index(
                fields=["organisation_id", "known_until"],
                name="split_known_until",
                condition=models.Q(known_until__isnull=False),
            ),
        ]


class StageChange(Fact):
    """A deal entering a stage, as the source recorded it."""


class StageChangeVersion(FactVersion):
    """What is known of a stage change."""

    fact = TenantForeignKey(StageChange)
    opportunity = TenantForeignKey(Opportunity)
    stage = _text(100)
    entered_on = models.DateField()


class Order(Fact):
    """A customer's order."""


class OrderVersion(FactVersion):
    """What is known of an order. One that `reverses` another takes back what its lines name; their amounts are negative."""

    fact = TenantForeignKey(Order)
    account = TenantForeignKey(Account, null=True, blank=True)
    opportunity = TenantForeignKey(Opportunity, null=True, blank=True)
    owner = TenantForeignKey("people.Participant", null=True, blank=True)
    reverses = TenantForeignKey(Order, null=True, blank=True)
    ordered_on = models.DateField()
    currency = _currency()
    status = _text(50)


class OrderLine(Fact):
    """A line of an order."""


class OrderLineVersion(FactVersion):
    """What is known of an order line. `discount_rate` is at scale 10**8; net and cost are of the whole line."""

    fact = TenantForeignKey(OrderLine)
    order = TenantForeignKey(Order)
    product = TenantForeignKey(Product)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    list_price_minor = _amount()
    discount_rate = _amount()
    net_amount_minor = _amount()
    cost_amount_minor = _amount()


class Contract(Fact):
    """A contract or its renewal."""


class ContractVersion(FactVersion):
    """What is known of a contract."""

    fact = TenantForeignKey(Contract)
    account = TenantForeignKey(Account, null=True, blank=True)
    opportunity = TenantForeignKey(Opportunity, null=True, blank=True)
    owner = TenantForeignKey("people.Participant", null=True, blank=True)
    kind = _text(20)
    renews = TenantForeignKey(Contract, null=True, blank=True)
    starts_on = models.DateField()
    ends_on = _day()
    annual_value_minor = _amount()
    currency = _currency()


class Invoice(Fact):
    """An invoice to a customer."""


class InvoiceVersion(FactVersion):
    """What is known of an invoice."""

    fact = TenantForeignKey(Invoice)
    order = TenantForeignKey(Order, null=True, blank=True)
    contract = TenantForeignKey(Contract, null=True, blank=True)
    account = TenantForeignKey(Account, null=True, blank=True)
    invoiced_on = models.DateField()
    due_on = _day()
    amount_minor = models.BigIntegerField()
    currency = _currency()


class CreditNote(Fact):
    """A reversal of an invoice or a part of it."""


class CreditNoteVersion(FactVersion):
    """What is known of a credit note; its amount is positive."""

    fact = TenantForeignKey(CreditNote)
    invoice = TenantForeignKey(Invoice)
    credited_on = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = _currency()
    reason = _text()


class Payment(Fact):
    """Money received for an invoice."""


class PaymentVersion(FactVersion):
    """What is known of a payment."""

    fact = TenantForeignKey(Payment)
    invoice = TenantForeignKey(Invoice)
    paid_on = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = _currency()


class Activity(Fact):
    """A call, meeting, mail or task."""


class ActivityVersion(FactVersion):
    """What is known of an activity."""

    fact = TenantForeignKey(Activity)
    kind = _text(50)
    owner = TenantForeignKey("people.Participant", null=True, blank=True)
    account = TenantForeignKey(Account, null=True, blank=True)
    opportunity = TenantForeignKey(Opportunity, null=True, blank=True)
    happened_on = models.DateField()
    subject = _text()
