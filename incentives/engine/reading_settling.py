"""Reads what a plan says of the way from earned to paid: release, holdback, clawback, draw, leavers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from incentives.engine.plan import Component, Draw
from incentives.engine.plan_settling import Clawback, Holdback, Leavers, Release, Span, Wait
from incentives.engine.reading import Reader, exact_number
from incentives.engine.typed import span_fix
from incentives.engine.words import (
    DrawKind,
    LeaverHoldback,
    LeaverInstalments,
    LeaverPay,
    Leaving,
    ReleaseWhen,
    ReversalRate,
)
from spm.core.dated import day_number

MANY_PERIODS = 120
"""More pay periods than any draw or instalment goes over."""
BY_MONTHS = "MONTHS"
_SPAN = re.compile(r"(\d{1,4})\s*(month|months|day|days)")
_EVENTS = {str(each) for each in (ReleaseWhen.ON_INVOICE, ReleaseWhen.CASH_FULL)}


def read_release(reader: Reader) -> Release | None:
    """`release: CASH_FULL`; `{when: SCHEDULE, after: 3 months}`; or `parts`, each with its share."""
    value = reader.value("release")
    if value is None:
        return None
    path = f"{reader.path}.release".lstrip(".")
    child = Reader({"when": value}, path, reader.findings) if isinstance(value, str) else reader.child("release")
    assert child is not None
    without_deal = child.flag("without_deal", default=False)
    before = len(reader.findings)
    parts = child.children("parts")
    waits = tuple(_read_wait(part) for part in parts) if parts else (_read_wait(child, alone=True),)
    unread = any(each.is_error for each in reader.findings[before:])
    child.finish()
    if not unread and (sum((wait.share for wait in waits), Fraction(0)) != 1 or any(wait.share <= 0 for wait in waits)):
        child.find(
            "RELEASE_SHARES", "The shares of the parts don't come to 100 %.", "Give each part its share.", at="parts"
        )
    if without_deal and any(wait.when not in (ReleaseWhen.SCHEDULE, ReleaseWhen.ON_BOOKING) for wait in waits):
        what = "Pay that no deal caused can't wait for an invoice or a payment."
        child.find("RELEASE_UNUSED", what, "Leave without_deal out, or pay by a SCHEDULE.", at="without_deal")
    return Release(waits, without_deal)


def _read_wait(reader: Reader, *, alone: bool = False) -> Wait:
    when = reader.choice("when", ReleaseWhen, ReleaseWhen.ON_BOOKING)
    share = Fraction(1) if alone else reader.rate("share") or Fraction(0)
    after = read_span(reader, "after")
    if (after is not None) != (when == ReleaseWhen.SCHEDULE):
        what = "A SCHEDULE pays some time after the booking, and nothing else does."
        reader.find("RELEASE_AFTER", what, "Write when: SCHEDULE with after: 3 months.", at="after")
    if not alone:
        reader.finish()
    return Wait(share, when, after or Span())


def read_span(reader: Reader, name: str) -> Span | None:
    """`3 months` or `90 days`."""
    value = reader.value(name)
    if value is None:
        return None
    found = _SPAN.fullmatch(str(value).strip().lower())
    if found is None or int(found[1]) == 0:
        reader.find("SPAN_UNREADABLE", f"{name} is {value!r}, not a length of time.", span_fix(value), at=name)
        return None
    count = int(found[1])
    return Span(months=count) if found[2].startswith("month") else Span(days=count)


def read_holdback(reader: Reader) -> Holdback | None:
    """`holdback: {share: 10 %, until: 2027-01-31 | ON_INVOICE | CASH_FULL}` or with `after: 6 months`."""
    child = reader.child("holdback")
    if child is None:
        return None
    share, after, until = child.rate("share") or Fraction(0), read_span(child, "after"), child.value("until")
    if not 0 < share <= 1:
        child.find("HOLDBACK_SHARE", "A holdback is above 0 % and at most 100 %.", "Correct share.", at="share")
    if (after is None) == (until is None):
        what = "A holdback ends on one day, one event, or a time after the earned period."
        child.find("HOLDBACK_END", what, "Give until or after.", at="until")
    event = ReleaseWhen(str(until).strip().upper()) if str(until).strip().upper() in _EVENTS else None
    day = None if until is None or event is not None else _read_day(child, until)
    child.finish()
    return Holdback(share, day, after, event)


def _read_day(reader: Reader, value: object) -> int | None:
    try:
        return day_number(value if isinstance(value, date) else date.fromisoformat(str(value)))
    except ValueError:
        what = f"until is {value!r}, neither a day nor an event."
        reader.find("HOLDBACK_END", what, "Write a day like 2027-01-31, ON_INVOICE or CASH_FULL.", at="until")
        return None


def read_clawback(reader: Reader) -> Clawback | None:
    """`clawback: {within: 12 months, share: 100 %, pro_rata: yes, instalments: 3}`; `pro_rata: MONTHS` counts by months."""
    child = reader.child("clawback")
    if child is None:
        return None
    within, share = read_span(child, "within"), child.rate("share", default=Fraction(1)) or Fraction(0)
    by_months = str(child.value("pro_rata") or "").upper() == BY_MONTHS
    pro_rata = by_months or child.flag("pro_rata", default=False)
    if not 0 <= share <= 1:
        child.find("CLAWBACK_SHARE", "A clawback takes 0 % to 100 % back.", "Correct share.", at="share")
    if pro_rata and within is None:
        what = "What remains of the window can't be told without a window."
        child.find("CLAWBACK_WINDOW", what, "Add within, for example 12 months.", at="within")
    if by_months and within is not None and (within.days or not within.months):
        what = "A window that is not of whole months can't be shared by months."
        child.find("CLAWBACK_MONTHS", what, "Write within in months, or pro_rata: yes for days.", at="pro_rata")
    instalments = read_count(child, "instalments") or 1
    child.finish()
    return Clawback(within, share, pro_rata, instalments, by_months)


def keeps_clawback(component: Component, clawback: Clawback) -> bool:
    """False where what a clawback limits is read by no return of a component: they are rated like any negative credit."""
    return not clawback.is_limited or component.measure.reversal_rate == ReversalRate.ORIGINAL


def read_count(reader: Reader, name: str) -> int | None:
    """A number of pay periods."""
    value = reader.value(name)
    if value is None:
        return None
    number = exact_number(value)
    if number is None or number != int(number) or not 1 <= number <= MANY_PERIODS:
        reader.find("NUMBER_UNREADABLE", f"{name} is not a whole number above 0.", "Write for example 3.", at=name)
        return None
    return int(number)


def read_leavers(reader: Reader, clawbacks: Iterable[Clawback | None], holdbacks: Iterable[Holdback | None]) -> Leavers:
    """`leavers: {pays: PAID, tail: 90 days, holdback: FORFEITED, instalments: AT_ONCE}`."""
    child = reader.child("leavers")
    if child is None:
        return Leavers()
    pays, tail = child.choice("pays", LeaverPay, LeaverPay.PAID), read_span(child, "tail")
    if pays == LeaverPay.FORFEITED and tail is not None:
        what = "What is forfeited on leaving has no time afterwards."
        child.find("LEAVERS_UNUSED", what, "Leave tail out, or write pays: PAID.", at="tail")
    instalments = child.choice("instalments", LeaverInstalments, LeaverInstalments.CONTINUED)
    if instalments == LeaverInstalments.AT_ONCE and all(each is None or each.instalments == 1 for each in clawbacks):
        what = "No clawback of the plan is in instalments, so none can be due at once."
        child.find("LEAVERS_UNUSED", what, "Leave instalments out, or give a clawback instalments.", at="instalments")
    held = child.choice("holdback", LeaverHoldback, LeaverHoldback.KEPT)
    if held != LeaverHoldback.KEPT and not any(holdbacks):
        what = "Nothing of the plan is held back, so nothing of it is paid or forfeited on leaving."
        child.find("LEAVERS_UNUSED", what, "Leave holdback out of leavers, or add a holdback.", at="holdback")
    child.finish()
    return Leavers(pays, tail, instalments, held)


def _read_amounts(reader: Reader, currency: str) -> tuple[int, tuple[Fraction, ...]]:
    """`amount: 4000`, with `shares` of it for the first periods; or `amount: [3000, 2000]`, one for each of these.

    Those come as the largest and the shares of it.
    """
    value = reader.value("amount")
    if not isinstance(value, list):
        return reader.money("amount", currency) or 0, _read_shares(reader)
    amounts = [Reader({"amount": one}, reader.path, reader.findings).money("amount", currency) or 0 for one in value]
    most = max(amounts, default=0)
    if reader.has("shares"):
        reader.find("FIELD_UNUSED", "Each period has an amount of its own.", "Remove shares.", at="shares")
    if len(amounts) > MANY_PERIODS or min(amounts, default=0) < 0 or most <= 0:
        return 0, ()  # what follows says that a draw has an amount above 0
    return most, tuple(Fraction(amount, most) for amount in amounts)


def _read_shares(reader: Reader) -> tuple[Fraction, ...]:
    """`shares: [100 %, 75 %, 50 %]`: what the first periods grant of the amount, one after the other."""
    value = reader.value("shares")
    if value is None:
        return ()
    listed = value if isinstance(value, list) else [value]
    shares = tuple(
        Reader({"shares": one}, reader.path, reader.findings).rate("shares") or Fraction(0) for one in listed
    )
    if not 0 < len(shares) <= MANY_PERIODS or not all(0 <= share <= 1 for share in shares) or not any(shares):
        what = "shares are 0 % to 100 % of the amount, one for each period, and not all 0 %."
        reader.find("DRAW_SHARES", what, "Write for example [100 %, 75 %, 50 %].", at="shares")
    return shares


def read_draw(reader: Reader, currency: str) -> Draw | None:
    """The draw or guarantee of a pay period."""
    child = reader.child("draw")
    if child is None or not isinstance(reader.document["draw"], Mapping):
        return None
    kind = child.choice("kind", DrawKind, DrawKind.RECOVERABLE_GUARANTEE)
    amount, shares = _read_amounts(child, currency)
    draw = Draw(
        kind=kind,
        amount=amount,
        recover=child.rate("recover", default=Fraction(1)) or Fraction(0),
        periods=read_count(child, "periods"),
        recover_after=read_count(child, "recover_after") or 0,
        recover_until=child.day("recover_until") if child.has("recover_until") else None,
        leaving=child.choice("leaving", Leaving, Leaving.OWED),
        prorated=child.flag("prorated", default=True),
        shares=shares,
    )
    if draw.shares and draw.periods is not None:
        what = "The draw names the periods that it is granted for one by one, so periods would not be read."
        child.find("FIELD_UNUSED", what, "Remove periods.", at="periods")
    if draw.amount <= 0 or not 0 <= draw.recover <= 1:
        what = "A draw has an amount above 0 and recovers 0 % to 100 %."
        child.find("DRAW_AMOUNT", what, "Correct amount or recover.", at="amount")
    child.finish()
    return draw
