"""Deals on their way: opportunities, the stages they passed, and what was done about them."""

from __future__ import annotations

from spm.crm.feeds.fields import (
    SHARE_BOUNDS,
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

WON = (("status", "won"),)
STATUSES = ("open", "won", "lost")
DEAL = ("opportunity id", "opportunity", "opportunity name", "deal id", "deal", "deal name")
ACCOUNTS = (
    "account",
    "account id",
    "account name",
    "company",
    "customer",
    "customer id",
    "company name",
    "customer name",
)

OPPORTUNITY = Kind(
    name="opportunity",
    label="Opportunity",
    plural="Opportunities",
    help="A deal: open, won or lost. A won deal needs its account, close date and amount; an open one may lack them.",
    fields=(
        key_field(
            "What the source calls the deal.",
            "opportunity id",
            "deal id",
            "opportunity key",
            "opportunity number",
            "deal number",
        ),
        Field(
            name="name",
            label="Name",
            help="The title of the deal.",
            synonyms=("opportunity name", "deal name", "name", "opportunity", "deal"),
        ),
        reference_field("account", "Who buys.", *ACCOUNTS, required_when=WON, wanted="The deal names no account yet."),
        reference_field(
            "product", "What is sold.", "product", "product name", "product id", "product code", "sku", "item"
        ),
        owner_field("The participant who sells."),
        Field(
            name="kind",
            label="Kind",
            help="New business, renewal, expansion: in the words of the source.",
            synonyms=("opportunity type", "deal type", "opportunity kind", "type"),
            max_length=50,
        ),
        Field(
            name="stage",
            label="Stage",
            help="The step of the sales process, in the words of the source.",
            required=True,
            synonyms=("deal stage", "stage", "stage name", "sales stage", "opportunity stage", "pipeline stage"),
            max_length=100,
        ),
        Field(
            name="status",
            label="Status",
            type=ValueType.CHOICE,
            choices=STATUSES,
            help="Open, won or lost; taken from the stage by a list of values when no column says it.",
            required=True,
            synonyms=("status", "deal status", "opportunity status"),
        ),
        Field(
            name="forecast_category",
            label="Forecast category",
            help="Commit, best case, pipeline: the seller's word.",
            synonyms=("forecast category", "forecast category name", "forecast"),
            max_length=50,
        ),
        amount_field(
            "amount",
            "Amount",
            "What the deal is worth.",
            "amount",
            "close value",
            "deal amount",
            "deal value",
            "value",
            required_when=WON,
        ),
        currency_field("The currency of the amount."),
        date_field(
            "created_on",
            "Created",
            "The day the deal began.",
            "created on",
            "created date",
            "engage date",
            "create date",
            "created",
            "created at",
            "open date",
        ),
        date_field(
            "close_on",
            "Closed",
            "The day it was won or lost.",
            "close date",
            "closed date",
            "closed on",
            "close on",
            "won date",
            required_when=WON,
        ),
        date_field(
            "expected_close_on",
            "Expected close",
            "The day an open deal is expected to close.",
            "expected close date",
            "expected close",
            "expected close on",
            "target close date",
            "forecast close date",
        ),
        Field(
            name="probability",
            label="Probability",
            type=ValueType.PERCENT,
            help="How likely it is to be won, from 0 % to 100 %.",
            synonyms=("probability", "win probability", "probability percent", "likelihood"),
            bounds=SHARE_BOUNDS,
        ),
        Field(
            name="next_step",
            label="Next step",
            help="What happens next.",
            synonyms=("next step", "next steps", "next action"),
            max_length=500,
        ),
    ),
)

SPLIT = Kind(
    name="split",
    label="Split",
    plural="Splits",
    help="Somebody's share of a deal. Revenue shares of a deal sum to 100 %; overlay shares stand beside them.",
    natural_key=("opportunity", "participant", "kind"),
    fields=(
        key_field(
            "What the source calls the share; deal, person and kind, when there is no number.",
            "split id",
            "opportunity split id",
        ),
        reference_field("opportunity", "The deal that is shared.", *DEAL, required=True),
        reference_field(
            "participant",
            "Who has the share.",
            "split owner",
            "team member",
            "participant",
            "person",
            "sales agent",
            "seller",
            "owner",
            required=True,
        ),
        Field(
            name="kind",
            label="Kind",
            type=ValueType.CHOICE,
            choices=("revenue", "overlay"),
            help="Revenue or overlay.",
            required=True,
            synonyms=("split type", "split kind", "credit type", "kind", "type"),
        ),
        Field(
            name="share",
            label="Share",
            type=ValueType.PERCENT,
            help="The share, from 0 % (none any more) to 100 %.",
            required=True,
            synonyms=("split percentage", "split percent", "split share", "share", "percentage", "percent", "split"),
            bounds=SHARE_BOUNDS,
        ),
    ),
)

STAGE_CHANGE = Kind(
    name="stage_change",
    label="Stage change",
    plural="Stage changes",
    help="A deal entering a stage, as the source recorded it.",
    natural_key=("opportunity", "stage", "entered_on"),
    fields=(
        key_field(
            "What the source calls the change; deal, stage and day, when there is no number.",
            "history id",
            "change id",
            "stage change id",
        ),
        reference_field("opportunity", "The deal that moved.", *DEAL, required=True),
        Field(
            name="stage",
            label="Stage",
            help="The stage it entered.",
            required=True,
            synonyms=("stage", "new stage", "to stage", "stage name", "deal stage", "new value"),
            max_length=100,
        ),
        date_field(
            "entered_on",
            "Entered",
            "The day it entered the stage.",
            "entered on",
            "changed on",
            "change date",
            "stage date",
            "date",
            "created date",
            "last modified",
            required=True,
        ),
    ),
)

ACTIVITY = Kind(
    name="activity",
    label="Activity",
    plural="Activities",
    help="A call, meeting, mail or task.",
    fields=(
        key_field("What the source calls the activity.", "activity id", "task id", "event id", "engagement id"),
        Field(
            name="kind",
            label="Kind",
            help="Call, meeting, mail, task: in the words of the source.",
            required=True,
            synonyms=("activity type", "kind", "type", "task type", "engagement type", "activity kind"),
            max_length=50,
        ),
        owner_field("The participant who did it."),
        reference_field("account", "The account it was with.", *ACCOUNTS),
        reference_field("opportunity", "The deal it was about.", *DEAL),
        date_field(
            "happened_on",
            "Happened",
            "The day it took place.",
            "happened on",
            "activity date",
            "date",
            "due date",
            "timestamp",
            "occurred on",
            required=True,
        ),
        Field(
            name="subject",
            label="Subject",
            help="What it was about.",
            synonyms=("subject", "title", "activity subject", "description"),
        ),
    ),
)

KINDS = (OPPORTUNITY, SPLIT, STAGE_CHANGE, ACTIVITY)
