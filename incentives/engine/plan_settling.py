"""What a plan says of the way from earned to paid: release, holdback, clawback, leavers. Data only; nothing is computed here."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from incentives.engine.words import LeaverHoldback, LeaverInstalments, LeaverPay, ReleaseWhen


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: whole months, then days."""

    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """A share of what a deal earned, and the event of the deal that releases it; `after` is how long after its booking a SCHEDULE pays."""

    share: Fraction = Fraction(1)
    when: ReleaseWhen = ReleaseWhen.ON_BOOKING
    after: Span = Span()


@dataclass(frozen=True, slots=True)
class Release:
    """When earned pay becomes payable: shares that sum to 1. Pay that no deal caused is released with its period, unless
    `without_deal`: then the SCHEDULE counts from the end of its period."""

    waits: tuple[Wait, ...] = (Wait(),)
    without_deal: bool = False

    @property
    def is_on_booking(self) -> bool:
        """True when nothing waits."""
        return all(wait.when == ReleaseWhen.ON_BOOKING for wait in self.waits)


@dataclass(frozen=True, slots=True)
class Holdback:
    """A share of released pay that is held: until a day, for a time after the earned period, or until an event of the deal."""

    share: Fraction
    until: int | None = None
    after: Span | None = None
    event: ReleaseWhen | None = None


@dataclass(frozen=True, slots=True)
class Clawback:
    """What a return takes back: within the window after its sale only, a share, in proportion to what remains of the window when
    `pro_rata` (by its days, or by its months when `by_months`: one that has begun is over); over `instalments` pay periods."""

    within: Span | None = None
    share: Fraction = Fraction(1)
    pro_rata: bool = False
    instalments: int = 1
    by_months: bool = False

    @property
    def is_limited(self) -> bool:
        """True where a return does not take back all that its sale earned."""
        return self.within is not None or self.share != 1


@dataclass(frozen=True, slots=True)
class Leavers:
    """Whether what waits when a person leaves is still paid (within `tail` of leaving, None without limit) or forfeited; whether what is
    held back is kept until its day or event, paid or forfeited; and whether what is still to come back in instalments goes on or is due
    at once."""

    pays: LeaverPay = LeaverPay.PAID
    tail: Span | None = None
    instalments: LeaverInstalments = LeaverInstalments.CONTINUED
    holdback: LeaverHoldback = LeaverHoldback.KEPT


ON_BOOKING = Release()
"""What a plan that says nothing does."""
