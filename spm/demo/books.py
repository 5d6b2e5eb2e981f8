"""The books of the demo company: closed, approved, paid and locked by different people, with what people ask and doubt about them."""

from datetime import date, timedelta
from typing import Any

from spm.demo.company import CURRENCY
from spm.demo.doors import Person

FRIDAY = 4
DISPUTED = [
    ("timing", "My last deal of the quarter is not on it."),
    ("data", "The customer ordered twice in that week, and only one order counts."),
    ("split", "I won one of the deals alone; half of it went to a colleague."),
]
NOT_PAID = "The bank refused the account. New details were asked for."


def books_close(people: dict[str, Person], ended: list[dict[str, Any]]) -> None:
    """Bring every period that has ended to locked, but for the latest: operations has sent it for review, and it waits for finance."""
    for number, each in enumerate(ended):
        if each["state"] != "open":
            continue
        for step in ("calculate", "review"):
            people["operations"].post("api_incentives_period_close", each["id"], step=step)
        if number < len(ended) - 1:
            people["finance"].post("api_incentives_period_approve", each["id"])
            _pay(each, people, _payday(each["key"]), refused=[1] if number == 1 else [])


def _payday(period_key: str) -> date:
    """The day on which payroll pays a quarter: the fifth of the month after it, or the Monday after that."""
    year, quarter = int(period_key[:4]), int(period_key[-1])
    fifth = date(year + quarter // 4, quarter % 4 * 3 + 1, 5)
    return fifth + timedelta(days=(7 - fifth.weekday()) % 7 if fifth.weekday() > FRIDAY else 0)


def _pay(period: dict[str, Any], people: dict[str, Person], paid_on: date, *, refused: list[int]) -> None:
    """Hand a period to payroll until nobody is refused, which takes a week each time, and lock its books."""
    payout = people["payroll"].post("api_incentives_payouts", period=period["id"])
    people["payroll"].post(
        "api_incentives_payout_confirmation",
        payout["id"],
        reference=f"Payroll {period['key']}",
        rest="paid",
        paid_on=paid_on.isoformat(),
        rejected=[{"line": number, "reason": NOT_PAID} for number in refused],
    )
    if refused:
        return _pay(period, people, paid_on + timedelta(days=7), refused=[])
    people["operations"].post("api_incentives_period_close", period["id"], step="lock")


def disputes_raise(people: dict[str, Person], periods: list[str]) -> None:
    """The rep disputes a line of each period: the first is rejected, the second accepted and mended, the third still open."""
    rep, operations = people["rep"], people["operations"]
    if rep.get("api_incentives_disputes")["results"]:
        return
    for period, (reason, text) in zip(periods, DISPUTED, strict=True):
        (statement,) = rep.get("api_incentives_statements", period__key=period)["results"]
        dispute = rep.post("api_incentives_disputes", statement=statement["id"], place=1, reason=reason, text=text)[
            "id"
        ]
        if reason == "timing":
            answer = "The invoice is of the quarter after, and the plan pays when it is booked there."
            operations.post("api_incentives_dispute_reject", dispute, cause=reason, text=answer)
        if reason == "data":
            answer = "The second order is missing in the file of that week. An adjustment pays it."
            operations.post(
                "api_incentives_dispute_accept",
                dispute,
                cause=reason,
                text=answer,
                fix="adjustment",
                amount_minor=18_000,
            )


def balances_bring_forward(people: dict[str, Person], ended: list[dict[str, Any]]) -> None:
    """Bring in what a colleague of the rep had open in the former system, before the first period is closed."""
    if people["finance"].get("api_incentives_openings")["results"] or any(each["state"] != "open" for each in ended):
        return
    if not ended or (colleague := _colleague(people, ended[0]["key"])) is None:
        return
    row = f'"{colleague["participant_name"]}",{ended[0]["key"]},350.00,120.00,Invoice 4711 of the former system is not paid'
    people["operations"].send(
        "api_incentives_opening_file", "opening.csv", f"person,period,payable,held,reason\n{row}\n"
    )
    (brought,) = people["finance"].get("api_incentives_openings")["results"]
    people["finance"].post("api_incentives_opening_approve", brought["batch"])


def pay_hold(people: dict[str, Person], today: date, period: str) -> None:
    """Hold the pay of a colleague of the rep from the current quarter on, while two of the deals are looked into."""
    colleague = _colleague(people, period)
    if colleague is None or people["finance"].get("api_incentives_holds")["results"]:
        return
    hold = people["operations"].post(
        "api_incentives_holds",
        participant=colleague["participant"],
        starts_on=date(today.year, (today.month - 1) // 3 * 3 + 1, 1).isoformat(),
        reason="A customer doubts two orders. Released once they are confirmed.",
    )
    people["finance"].post("api_incentives_hold_approve", hold["id"])


def _colleague(people: dict[str, Person], period: str) -> Any:
    """The statement of who gets the most in a period, beside the rep, in the company's currency; None where nobody gets anything."""
    own = {each["participant"] for each in people["rep"].get("api_incentives_statements")["results"]}
    rows = people["finance"].get("api_incentives_statements", period__key=period)["results"]
    paid = [
        each
        for each in rows
        if each["participant"] not in own and each["payable_minor"] > 0 and each["currency"] == CURRENCY
    ]
    return max(paid, key=lambda each: (each["payable_minor"], each["participant_name"]), default=None)
