"""What was ordered and agreed: orders, their lines, contracts."""

from __future__ import annotations

from decimal import Decimal

from spm.crm.feeds.fields import (
    QUANTITY_BOUNDS,
    Field,
    Kind,
    amount_field,
    currency_field,
    date_field,
    key_field,
    owner_field,
    reference_field,
)
from spm.crm.feeds.kinds.deals import ACCOUNTS, DEAL
from spm.crm.feeds.values import ValueType

ORDERS = ("order id", "order number", "order", "order no", "sales order", "sales order number", "order key")

ORDER = Kind(
    name="order",
    label="Order",
    plural="Orders",
    help="A customer's order; what was ordered stands in its lines.",
    fields=(
        key_field("What the source calls the order.", *ORDERS),
        reference_field("account", "Who ordered.", *ACCOUNTS),
        reference_field("opportunity", "The deal it came from.", *DEAL),
        owner_field("The participant who sold it."),
        reference_field(
            "order",
            "The order that this one takes back, wholly or in part; then its lines are negative.",
            "reverses",
            "reversed order",
            "return of order",
            "original order id",
            "original order",
            name="reverses",
        ),
        date_field(
            "ordered_on",
            "Ordered",
            "The day of the order.",
            "ordered on",
            "order date",
            "booked on",
            "booking date",
            "date",
            "ordered",
            required=True,
        ),
        currency_field("The currency of the order."),
        Field(
            name="status",
            label="Status",
            help="Booked, shipped, cancelled: in the words of the source.",
            synonyms=("order status", "status", "state"),
            max_length=50,
        ),
    ),
)

ORDER_LINE = Kind(
    name="order_line",
    label="Order line",
    plural="Order lines",
    help="A line of an order. Net and cost are of the whole line, the list price is of one piece.",
    fields=(
        key_field(
            "What the source calls the line.",
            "line id",
            "order line id",
            "order item id",
            "line key",
            "order product id",
        ),
        reference_field("order", "The order it belongs to.", *ORDERS, required=True),
        reference_field(
            "product",
            "What was ordered.",
            "product",
            "product name",
            "product id",
            "product code",
            "sku",
            "item",
            required=True,
        ),
        Field(
            name="quantity",
            label="Quantity",
            type=ValueType.DECIMAL,
            help="How many; negative for a return.",
            required=True,
            synonyms=("quantity", "qty", "units", "pieces"),
            bounds=QUANTITY_BOUNDS,
            places=4,
        ),
        amount_field(
            "list_price",
            "List price",
            "The price of one before discounts.",
            "list price",
            "unit price",
            "price",
            "sales price",
        ),
        Field(
            name="discount_rate",
            label="Discount",
            type=ValueType.PERCENT,
            help="The discount on the list price; negative for a surcharge.",
            synonyms=("discount rate", "discount", "discount percent", "discount pct"),
            bounds=(Decimal(-10), Decimal(1)),
        ),
        amount_field(
            "net_amount",
            "Net amount",
            "What the line costs the customer.",
            "net amount",
            "line total",
            "total",
            "amount",
            "net",
            "total price",
            "extended price",
        ),
        amount_field(
            "cost_amount", "Cost", "What the line costs the seller.", "cost amount", "line cost", "cost", "total cost"
        ),
        currency_field("The currency of the amounts: the order's.", stored=False),
    ),
)

CONTRACT = Kind(
    name="contract",
    label="Contract",
    plural="Contracts",
    help="An agreement over a time, or its renewal.",
    fields=(
        key_field(
            "What the source calls the contract.",
            "contract id",
            "contract number",
            "contract",
            "subscription id",
            "agreement number",
        ),
        reference_field("account", "Who agreed to it.", *ACCOUNTS),
        reference_field("opportunity", "The deal it came from.", *DEAL),
        owner_field("The participant who sold it."),
        date_field(
            "starts_on",
            "Starts",
            "Its first day.",
            "starts on",
            "start date",
            "contract start",
            "contract start date",
            "start",
            required=True,
        ),
        date_field(
            "ends_on",
            "Ends",
            "The day from which it holds no longer.",
            "ends on",
            "end date",
            "contract end",
            "contract end date",
            "end",
        ),
        currency_field("The currency of the annual value."),
        amount_field(
            "annual_value",
            "Annual value",
            "What it is worth in a year.",
            "annual value",
            "acv",
            "arr",
            "annual contract value",
            "annual amount",
        ),
        Field(
            name="kind",
            label="Kind",
            type=ValueType.CHOICE,
            choices=("new", "renewal"),
            help="New, or the renewal of another contract.",
            synonyms=("contract kind", "contract type", "kind", "type"),
        ),
        reference_field(
            "contract",
            "The contract that this one renews.",
            "renews",
            "renewal of",
            "renewed contract",
            "previous contract",
            "prior contract id",
            name="renews",
            required_when=(("kind", "renewal"),),
        ),
    ),
)

KINDS = (ORDER, ORDER_LINE, CONTRACT)
