"""Who buys: accounts and leads."""

from __future__ import annotations

from decimal import Decimal

from spm.crm.feeds.fields import (
    INTEGER_BOUNDS,
    Field,
    Kind,
    amount_field,
    currency_field,
    date_field,
    key_field,
    owner_field,
    reference_field,
)
from spm.crm.feeds.values import ValueType

COUNTRIES = (
    "country",
    "billing country",
    "office location",
    "country name",
    "country code",
    "location",
    "mailing country",
)

ACCOUNT = Kind(
    name="account",
    label="Account",
    plural="Accounts",
    help="A company that buys or may buy, with the company it belongs to.",
    natural_key=("name",),
    fields=(
        key_field(
            "What the source calls the account; its name, when there is no number.",
            "account id",
            "account key",
            "company id",
            "customer id",
        ),
        Field(
            name="name",
            label="Name",
            help="The name of the account.",
            required=True,
            synonyms=(
                "account",
                "account name",
                "company",
                "company name",
                "customer",
                "customer name",
                "name",
                "organisation",
                "organization",
            ),
        ),
        reference_field(
            "account",
            "The account that owns this one.",
            "subsidiary of",
            "parent account",
            "parent account id",
            "parent company",
            "parent",
            "parent id",
            "ultimate parent",
            name="parent",
            label="Parent account",
        ),
        Field(
            name="industry",
            label="Industry",
            help="The trade of the account, as received; near standard names are offered.",
            synonyms=("industry", "sector", "vertical", "branch"),
            vocabulary="industry",
        ),
        Field(
            name="employees",
            label="Employees",
            type=ValueType.INTEGER,
            help="How many people work there.",
            synonyms=("employees", "number of employees", "employee count", "headcount", "num employees"),
            bounds=INTEGER_BOUNDS,
        ),
        amount_field(
            "annual_revenue",
            "Annual revenue",
            "What it sells in a year.",
            "annual revenue",
            "revenue",
            "yearly revenue",
            "turnover",
        ),
        currency_field("The currency of the annual revenue."),
        Field(
            name="country",
            label="Country",
            type=ValueType.COUNTRY,
            help="Where it is; an unknown name is kept and a standard one offered.",
            synonyms=COUNTRIES,
            vocabulary="country",
            max_length=100,
        ),
        Field(
            name="region",
            label="Region",
            help="State, province or sales region.",
            synonyms=("region", "state", "billing state", "province", "state region"),
            max_length=100,
        ),
        Field(
            name="city",
            label="City",
            help="The town it is in.",
            synonyms=("city", "billing city", "town"),
            max_length=100,
        ),
        Field(
            name="postal_code",
            label="Postal code",
            help="Kept as text, with leading zeros.",
            synonyms=("postal code", "zip", "zip code", "postcode", "billing postal code", "billing zip"),
            max_length=20,
        ),
        Field(
            name="segment",
            label="Segment",
            help="The class of customers it belongs to, such as enterprise.",
            synonyms=("segment", "customer segment", "tier", "size class"),
            max_length=100,
        ),
        Field(
            name="founded_year",
            label="Founded",
            type=ValueType.INTEGER,
            help="The year it was founded.",
            synonyms=("year established", "founded year", "founded", "year founded", "year started"),
            bounds=(Decimal(800), Decimal(2199)),
        ),
        owner_field("The participant who looks after it."),
    ),
)

LEAD = Kind(
    name="lead",
    label="Lead",
    plural="Leads",
    help="A person or company that may become a customer.",
    fields=(
        key_field("What the source calls the lead.", "lead id", "lead key", "contact id"),
        Field(
            name="name",
            label="Name",
            help="Who it is.",
            required=True,
            synonyms=("lead name", "name", "full name", "contact name", "lead"),
        ),
        Field(
            name="company",
            label="Company",
            help="Where they work.",
            synonyms=("company", "company name", "organisation", "organization"),
        ),
        owner_field("The participant who follows it up."),
        Field(
            name="status",
            label="Status",
            help="How far it has come, in the words of the source.",
            synonyms=("lead status", "status", "lead stage"),
            max_length=50,
        ),
        date_field(
            "created_on",
            "Created",
            "The day it came in.",
            "created on",
            "created date",
            "create date",
            "created at",
            "created",
        ),
        Field(
            name="country",
            label="Country",
            type=ValueType.COUNTRY,
            help="Where it is; an unknown name is kept and a standard one offered.",
            synonyms=COUNTRIES,
            vocabulary="country",
            max_length=100,
        ),
    ),
)

KINDS = (ACCOUNT, LEAD)
