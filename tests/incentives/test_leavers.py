"""A leaver, month by month: what waits, what is taken back in instalments and what is owed of a draw, before and after the last day."""

from datetime import date

import pytest
from django.urls import reverse

from incentives.models import JournalKind, Statement
from incentives.selectors.papers.sheet import statement_sheet
from incentives.selectors.papers.statement import statement_paper, statement_pdf
from incentives.selectors.periods import books_digest
from incentives.selectors.statements import statement_get
from incentives.services.ledger import Leg, journal_post
from incentives.services.periods import period_calculate, period_review
from tests.incentives.bookkeeping import Books, leave

pytestmark = pytest.mark.django_db

PLAN = {
    "plan": "leavers", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY",
    "clawback": {"within": "12 months", "instalments": 4},
    "draw": {"kind": "RECOVERABLE", "amount": 60, "recover": "10 %", "periods": 1},
    "leavers": {"pays": "PAID", "tail": "40 days"},
    "components": [
        {"key": "new", "rate": "10 %"},
        {"key": "service", "rate": "1 %", "release": {"when": "SCHEDULE", "after": "2 months"}, "clawback": {"within": "12 months"}},
    ],
}  # fmt: skip
LAST_DAY = date(2026, 3, 15)
MONTHS = [
    # 10 % of 1,000.00 and the draw of 60.00 are payable; 1 % waits until 10 March.
    (
        {"deals": [{"key": "a", "amount": 1000, "on": "2026-01-10"}]}
        | {"invoices": [{"key": "i", "deal": "a", "amount": 1000, "on": "2026-01-10"}]},
        {"payable": 160_00, "advanced": 60_00, "earned": 10_00},
        {"payable": 160_00, "earned": 10_00, "draw": -60_00},
    ),
    # 200.00 earned. The return takes 100.00 back, a quarter in each of four months, and 10 % of 175.00 go to the draw. The 10.00 of the
    # sale that waited were never paid: they are released and taken back at once. Of the second sale 20.00 wait until 5 April.
    (
        {"deals": [{"key": "b", "amount": 2000, "on": "2026-02-05"}]}
        | {"credit_notes": [{"key": "n", "invoice": "i", "amount": 1000, "on": "2026-02-20"}]},
        {"payable": 157_50, "release": 210_00, "clawback": -35_00, "recover": -17_50},
        {"payable": 317_50, "earned": -55_00, "draw": -42_50},
    ),
    # Leaves on the 15th: 50.00 earned, 25.00 taken back, 2.50 to the draw; 5.00 wait until 10 May, later than the 40 days.
    (
        {"deals": [{"key": "c", "amount": 500, "on": "2026-03-10"}]},
        {"payable": 22_50, "clawback": -25_00, "recover": -2_50},
        {"payable": 340_00, "earned": -25_00, "draw": -40_00},
    ),
    # The tail pays 20.00 on 5 April and ends on the 24th: the 5.00 are forfeited. Instalments go on: below 0, carried.
    (
        {},
        {"payable": -5_00, "release": 20_00, "clawback": -25_00, "written_off": 5_00},
        {"payable": 335_00, "earned": -25_00, "draw": -40_00, "written_off": 5_00},
    ),
    # The last instalment. What is owed of the draw stays owed: nothing is paid any more that it could be taken from.
    (
        {},
        {"payable": -25_00, "clawback": -25_00},
        {"payable": 310_00, "earned": 0, "draw": -40_00, "written_off": 5_00},
    ),
    ({}, {"payable": 0}, {"payable": 310_00, "earned": 0, "draw": -40_00, "written_off": 5_00}),
]
SETTLED = PLAN | {
    "draw": PLAN["draw"] | {"leaving": "SETTLED"},
    "leavers": {"pays": "FORFEITED", "instalments": "AT_ONCE"},
}
AT_ONCE = [
    *MONTHS[:2],
    # Leaves: 200.00 earned. The other 75.00 of the return are due, and the last pay gives all 42.50 that are owed of the draw. What waits
    # of both sales, 20.00 each, is forfeited.
    (
        {"deals": [{"key": "c", "amount": 2000, "on": "2026-03-10"}]},
        {"payable": 82_50, "release": 200_00, "clawback": -75_00, "recover": -42_50, "written_off": 40_00},
        {"payable": 400_00, "earned": 0, "draw": 0, "written_off": 40_00},
    ),
    ({}, {"payable": 0}, {"payable": 400_00, "earned": 0, "draw": 0, "written_off": 40_00}),
]
FINALS = {
    # What waits is paid until 24 April, 40 days after leaving. 25.00 come back in April and in May.
    ("owed", 3): [
        ("PAYABLE", "PAID_OUT", None, 340_00),
        ("RECOVERED", "TAKEN", None, -2_50),
        ("WAITING", "RELEASED", "2026-04-24", 25_00),
        ("INSTALMENTS", "CONTINUED", None, -50_00),
        ("DRAW", "OWED", None, -40_00),
    ],
    ("owed", 4): [
        ("PAYABLE", "PAID_OUT", None, 335_00),
        ("INSTALMENTS", "CONTINUED", None, -25_00),
        ("DRAW", "OWED", None, -40_00),
        ("FORFEITED", "GONE", None, 5_00),
    ],
    ("settled", 3): [
        ("PAYABLE", "PAID_OUT", None, 400_00),
        ("RECOVERED", "TAKEN", None, -42_50),
        ("FORFEITED", "GONE", None, 40_00),
    ],
}
"""What statements from the last day on say of each balance: what becomes of it, until when, how much."""


def latest(number: int) -> Statement | None:
    return (
        Statement.objects.filter(participant__source_key="rex", period__key=f"2026-{number:02}")
        .order_by("number")
        .last()
    )


def finally_said(number: int) -> list[tuple[str, str, str | None, int]] | None:
    """What the latest statement of a month says of leaving; its own period alone is the last one."""
    statement = latest(number)
    final = None if statement is None else statement.content.get("final")
    if final is None:
        return None
    assert (final["left_on"], final["is_last"]) == ("2026-03-15", number == LAST_DAY.month)
    return [(row["what"], row["becomes"], row["until"], row["amount_minor"]) for row in final["rows"]]


@pytest.mark.parametrize(("name", "plan", "months"), [("owed", PLAN, MONTHS), ("settled", SETTLED, AT_ONCE)])
def test_a_leaver_month_by_month(viewer, sign_in, name, plan, months):
    books = Books({"plan": plan}, viewer("sol"))
    for number, (facts, then, stands) in enumerate(months, start=1):
        if number == LAST_DAY.month:
            leave("rex", LAST_DAY)
        key = f"2026-{number:02}"
        books.month({"period": key, **facts})
        for said, expected in ((books.says(key), then), (books.stands(key), stands)):
            found = {name: said.get(name, 0) for name in expected}
            assert found == expected, (key, said)
        if number <= 4:
            assert finally_said(number) == FINALS.get((name, number))
    if name == "owed":
        is_marked_everywhere(viewer("sol"), sign_in("sol"))


def is_marked_everywhere(viewer, client) -> None:
    """Page, paper, sheet and API mark the statement of the last period and say its balances; the ones around it are not final ones."""
    march, april = latest(3), latest(4)
    page = client.get(reverse("incentives:statement_detail", args=[march.pk])).content.decode()
    api = client.get(reverse("api_incentives_statement", args=[march.pk])).json()
    assert api["final"] == {"left_on": "2026-03-15", "is_last": True}
    assert [part["title"] for part in api["parts"]][0] == "Final statement: left on Mar 15, 2026"
    paper = statement_paper(march)
    assert paper.title.startswith("Final statement 2026-03") and statement_pdf(march).startswith(b"%PDF")
    rows = [row for row in statement_sheet(march) if row[4] == "Final statement"]
    assert [(row[6], str(row[14])) for row in rows][2:4] == [
        ("Waits", "25.00"),
        ("Still to be taken back for returns", "-50.00"),
    ]
    for told in (page, str(paper.as_data()), str(rows), str(api["parts"])):
        assert "is paid when its event comes by Apr 24, 2026, and forfeited after that" in told
    assert "Final statement</span>" in page
    assert not statement_paper(april).title.startswith("Final") and statement_get(viewer, april).final.is_last is False
    assert statement_get(viewer, latest(2)).final is None


def test_what_was_payable_at_the_end_and_has_been_paid_since_is_said_to_be_paid(viewer, sign_in):
    sol = viewer("sol")
    books = Books({"plan": SETTLED}, sol)
    for number, (facts, _, _) in enumerate(AT_ONCE[:3], start=1):
        if number == LAST_DAY.month:
            leave("rex", LAST_DAY)
        books.month({"period": f"2026-{number:02}", **facts})
    march = latest(3)
    owed = next(row["amount_minor"] for row in march.content["final"]["rows"] if row["what"] == "PAYABLE")
    url, client = reverse("api_incentives_statement", args=[march.pk]), sign_in("sol")

    def ends(told):
        (part,) = [part for part in told["parts"] if part["key"] == "final"]
        return [str(row) for row in part["rows"] if "Payable, not paid" in str(row)]

    assert owed > 0 and "is paid with the next payout" in ends(client.get(url).json())[0]
    legs = [
        Leg(march.participant_id, None, "", account, amount, "USD")
        for account, amount in (("payable", -owed), ("paid", owed))
    ]
    journal_post(kind=JournalKind.PAY, slot="paid", period=march.period, legs=legs, reason="Paid: B-1", actor=sol)
    assert "has been paid since" in ends(client.get(url).json())[0]
    page = client.get(reverse("incentives:statement_detail", args=[march.pk])).content.decode()
    assert "has been paid since" in page and "is paid with the next payout" not in page


def test_the_review_freezes_a_final_statement_as_the_books_stand_then(viewer):
    """What was still to be paid of earlier months when it was first issued, and has been paid by the review, is not owed by it any more."""
    sol = viewer("sol")
    books = Books({"plan": PLAN}, sol)
    for number, (facts, _, _) in enumerate(MONTHS[:3], start=1):
        if number == LAST_DAY.month:
            leave("rex", LAST_DAY)
        books.month({"period": f"2026-{number:02}", **facts})
    march = latest(3)
    assert march.content["final"]["rows"][0]["amount_minor"] == 340_00, "of three months"
    for number, paid in ((1, 160_00), (2, 157_50)):
        legs = [
            Leg(march.participant_id, None, "", account, amount, "USD")
            for account, amount in (("payable", -paid), ("paid", paid))
        ]
        period = latest(number).period
        journal_post(kind=JournalKind.PAY, slot=f"B-{number}", period=period, legs=legs, reason="Paid", actor=sol)
    period_calculate(period_id=march.period_id, actor=sol)
    step = period_review(period_id=march.period_id, actor=sol)
    frozen = latest(3)
    assert frozen.number == march.number + 1
    assert finally_said(3) == [("PAYABLE", "PAID_OUT", None, 22_50), *FINALS["owed", 3][1:]]
    assert step.content == books_digest(march.period_id), "the review asks for the statement as it is now"
