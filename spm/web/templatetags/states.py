"""Every state a thing can be in: its tone and the word people read, in one table, the same on every page."""

from typing import Final

from django.utils.translation import gettext, gettext_noop

TONES: Final[dict[str, tuple[str, str]]] = {
    "DRAFT": ("neutral", gettext_noop("Draft")),
    "PROPOSED": ("info", gettext_noop("Proposed")),
    "IN_REVIEW": ("info", gettext_noop("In review")),
    "DECLINED": ("danger", gettext_noop("Declined")),
    "WITHDRAWN": ("neutral", gettext_noop("Withdrawn")),
    "PUBLISHED": ("success", gettext_noop("Published")),
    "ACTIVE": ("success", gettext_noop("Active")),
    "INACTIVE": ("neutral", gettext_noop("Inactive")),
    "ENDED": ("neutral", gettext_noop("Ended")),
    "ARCHIVED": ("neutral", gettext_noop("Archived")),
    "SUPERSEDED": ("neutral", gettext_noop("Superseded")),
    "QUEUED": ("neutral", gettext_noop("Queued")),
    "RUNNING": ("info", gettext_noop("Running")),
    "SUCCEEDED": ("success", gettext_noop("Succeeded")),
    "DONE": ("success", gettext_noop("Done")),
    "COMMITTING": ("info", gettext_noop("Being committed")),
    "RETIRED": ("neutral", gettext_noop("Retired")),
    "SUSPENDED": ("warning", gettext_noop("Suspended")),
    "COMPLETED": ("success", gettext_noop("Completed")),
    "FAILED": ("danger", gettext_noop("Failed")),
    "CANCELLED": ("neutral", gettext_noop("Cancelled")),
    "POSTED": ("success", gettext_noop("Posted")),
    "STALE": ("warning", gettext_noop("Stale")),
    "CALCULATING": ("warning", gettext_noop("Calculating")),
    "LOCKED": ("neutral", gettext_noop("Locked")),
    "OPEN": ("info", gettext_noop("Open")),
    "CLOSED": ("neutral", gettext_noop("Closed")),
    "WON": ("success", gettext_noop("Won")),
    "LOST": ("neutral", gettext_noop("Lost")),
    "RESOLVED": ("success", gettext_noop("Resolved")),
    "OVERDUE": ("danger", gettext_noop("Overdue")),
    "PENDING": ("warning", gettext_noop("Pending")),
    "INVITED": ("info", gettext_noop("Invited")),
    "ACCEPTED": ("success", gettext_noop("Accepted")),
    "PARTLY_ANSWERED": ("info", gettext_noop("Partly answered")),
    "ANSWERED": ("warning", gettext_noop("Answered")),
    "APPROVED": ("success", gettext_noop("Approved")),
    "REJECTED": ("danger", gettext_noop("Rejected")),
    "EXPIRED": ("neutral", gettext_noop("Expired")),
    "REVOKED": ("neutral", gettext_noop("Revoked")),
    "EARNED": ("info", gettext_noop("Earned")),
    "HELD": ("warning", gettext_noop("Held")),
    "PAYABLE": ("success", gettext_noop("Payable")),
    "PAID": ("neutral", gettext_noop("Paid")),
    "UPLOADED": ("neutral", gettext_noop("Uploaded")),
    "MAPPED": ("info", gettext_noop("Mapped")),
    "PREVIEWED": ("info", gettext_noop("Previewed")),
    "COMMITTED": ("success", gettext_noop("Committed")),
    "UNDONE": ("neutral", gettext_noop("Undone")),
    "EXPORTED": ("success", gettext_noop("Exported")),
    "RELEASED": ("success", gettext_noop("Released")),
    "WAITING": ("info", gettext_noop("Waiting")),
    "DELIVERED": ("success", gettext_noop("Delivered")),
    "GIVEN_UP": ("danger", gettext_noop("Given up")),
    "DISCARDED": ("neutral", gettext_noop("Discarded")),
}


def _key(value: object) -> str:
    return str(getattr(value, "value", value)).upper().replace(" ", "_").replace("-", "_")


def state_tone(value: object) -> str:
    """Return the tone of a state; one that is not in the table is neutral."""
    return TONES.get(_key(value), ("neutral", ""))[0]


def state_label(value: object) -> str:
    """Return the word people read for a state.

    >>> state_label("IN_REVIEW")
    'In review'
    """
    known = TONES.get(_key(value))
    return gettext(known[1]) if known else _key(value).replace("_", " ").capitalize()
