"""What was billed, taken back and paid: invoices, credit notes, payments."""

from __future__ import annotations

from decimal import Decimal

from spm.crm.feeds.fields import Field, Kind, amount_field, currency_field, date_field, key_field, reference_field
from spm.crm.feeds.kinds.deals import ACCOUNTS
from spm.crm.feeds.kinds.orders import ORDERS

INVOICES = ("invoice id", "invoice number", "invoice", "invoice no", "invoice key", "bill number")
POSITIVE = (Decimal(0), Decimal(10**17))

INVOICE = Kind(
    name="invoice",
    label="Invoice",
    plural="Invoices",
    help="A bill to a customer.",
    fields=(
        key_field("What the source calls the invoice.", *INVOICES),
        reference_field("order", "The order it bills.", *ORDERS),
        reference_field(
            "contract", "The contract it bills.", "contract id", "contract number", "contract", "subscription id"
        ),
        reference_field("account", "Who is billed.", *ACCOUNTS),
        date_field(
            "invoiced_on",
            "Invoiced",
            "The day of the invoice.",
            "invoiced on",
            "invoice date",
            "billed on",
            "date",
            "issued on",
            required=True,
        ),
        date_field("due_on", "Due", "The day by which it is to be paid.", "due on", "due date", "payment due", "due"),
        amount_field(
            "amount",
            "Amount",
            "What is billed.",
            "amount",
            "invoice amount",
            "total",
            "invoice total",
            "net amount",
            required=True,
        ),
        currency_field("The currency of the invoice."),
    ),
)

CREDIT_NOTE = Kind(
    name="credit_note",
    label="Credit note",
    plural="Credit notes",
    help="A reversal of an invoice or of a part of it. Its amount is positive.",
    fields=(
        key_field(
            "What the source calls the credit note.",
            "credit note id",
            "credit note number",
            "credit note",
            "credit memo",
            "credit memo number",
        ),
        reference_field("invoice", "The invoice it reverses.", *INVOICES, required=True),
        date_field(
            "credited_on",
            "Credited",
            "The day of the credit note.",
            "credited on",
            "credit date",
            "credit note date",
            "date",
            required=True,
        ),
        amount_field(
            "amount",
            "Amount",
            "What is taken back, as a positive amount.",
            "amount",
            "credit amount",
            "credited amount",
            "total",
            required=True,
            bounds=POSITIVE,
        ),
        currency_field("The currency of the credit note."),
        Field(
            name="reason",
            label="Reason",
            help="Why it was credited.",
            synonyms=("reason", "credit reason", "reason code", "comment"),
        ),
    ),
)

PAYMENT = Kind(
    name="payment",
    label="Payment",
    plural="Payments",
    help="Money received for an invoice.",
    fields=(
        key_field(
            "What the source calls the payment.",
            "payment id",
            "payment number",
            "payment",
            "receipt number",
            "payment reference",
        ),
        reference_field("invoice", "The invoice it pays.", *INVOICES, required=True),
        date_field(
            "paid_on",
            "Paid",
            "The day the money came in.",
            "paid on",
            "payment date",
            "date paid",
            "received on",
            "date",
            required=True,
        ),
        amount_field(
            "amount", "Amount", "What came in.", "amount", "payment amount", "paid amount", "amount paid", required=True
        ),
        currency_field("The currency of the payment."),
    ),
)

KINDS = (INVOICE, CREDIT_NOTE, PAYMENT)
