"""What is sold: products and their dated prices."""

from __future__ import annotations

from spm.crm.feeds.fields import Field, Kind, amount_field, currency_field, date_field, key_field, reference_field

PRODUCT = Kind(
    name="product",
    label="Product",
    plural="Products",
    help="Something that is sold, with its list price.",
    natural_key=("name",),
    fields=(
        key_field(
            "What the source calls the product; its name, when there is no number.",
            "product id",
            "product code",
            "sku",
            "item number",
        ),
        Field(
            name="name",
            label="Name",
            help="The name of the product.",
            required=True,
            synonyms=("product", "product name", "name", "item", "item name"),
        ),
        Field(
            name="family",
            label="Family",
            help="The line of products it belongs to.",
            synonyms=("family", "product family", "series", "product line", "category", "product category"),
        ),
        amount_field(
            "list_price",
            "List price",
            "The price before discounts.",
            "list price",
            "sales price",
            "price",
            "unit price",
            "standard price",
        ),
        amount_field(
            "unit_cost",
            "Unit cost",
            "What one of it costs to make or buy.",
            "unit cost",
            "cost",
            "standard cost",
            "cost price",
        ),
        currency_field("The currency of price and cost."),
    ),
)

PRICE = Kind(
    name="price",
    label="Price",
    plural="Prices",
    help="A dated entry of a price list.",
    natural_key=("product", "currency", "valid_from"),
    fields=(
        key_field(
            "What the source calls the entry; product, currency and first day, when there is no number.",
            "price id",
            "price book entry id",
        ),
        reference_field(
            "product",
            "The product it is the price of.",
            "product",
            "product id",
            "product code",
            "sku",
            "product name",
            required=True,
        ),
        currency_field("The currency of the price."),
        amount_field(
            "list_price",
            "List price",
            "The price before discounts.",
            "list price",
            "price",
            "unit price",
            "sales price",
            required=True,
        ),
        date_field(
            "valid_from",
            "Valid from",
            "The first day of the price.",
            "valid from",
            "start date",
            "effective from",
            "from",
            required=True,
        ),
        date_field(
            "valid_until",
            "Valid until",
            "The day from which it holds no longer.",
            "valid until",
            "end date",
            "effective until",
            "until",
            "valid to",
        ),
    ),
)

KINDS = (PRODUCT, PRICE)
