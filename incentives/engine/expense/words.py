"""The words of commission expense, each spelled as it is stored. Source: ASC 340-40, IFRS 15.91 to 104."""

from enum import StrEnum


class Basis(StrEnum):
    """Over which days a capitalised cost is expensed."""

    TERM = "TERM"
    BENEFIT = "BENEFIT"
    COMMENSURATE = "COMMENSURATE"
    """The term where renewals are paid in proportion to the first contract, else the expected period of benefit."""


class Convention(StrEnum):
    """How time is counted on the straight line."""

    DAYS = "DAYS"
    MONTHS = "MONTHS"
    """Equal parts; the month of the first day counts whole."""


class Reason(StrEnum):
    """What became of an amount, and why."""

    CAPITALISED = "CAPITALISED"
    NOT_CAPITALISED = "NOT_CAPITALISED"
    NOT_INCREMENTAL = "NOT_INCREMENTAL"
    EXPEDIENT = "EXPEDIENT"
    NO_CONTRACT = "NO_CONTRACT"
    UNALLOCATED = "UNALLOCATED"


class EntryKind(StrEnum):
    """What an entry moves. All but EXPENSED change what is capitalised; their sum is the balance."""

    ADDED = "ADDED"
    CLAWED_BACK = "CLAWED_BACK"
    AMORTISED = "AMORTISED"
    IMPAIRED = "IMPAIRED"
    WRITTEN_OFF = "WRITTEN_OFF"
    EXPENSED = "EXPENSED"


BALANCE_KINDS = (
    EntryKind.ADDED,
    EntryKind.CLAWED_BACK,
    EntryKind.AMORTISED,
    EntryKind.IMPAIRED,
    EntryKind.WRITTEN_OFF,
)
"""The kinds whose sum is what stands capitalised."""
