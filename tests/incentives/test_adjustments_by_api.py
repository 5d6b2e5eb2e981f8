"""The way from an adjustment to the statement, by the calls that docs/api.md writes out."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incentives.models import Adjustment, AdjustmentReason, Statement
from incentives.selectors.parts import parts_of
from incentives.services.adjustments import adjustments_approve, adjustments_ask
from planning.models import Period
from spm.people.models import Participant
from tests.incentives import world
from tests.incentives.test_adjustments import company, said, wish
from tests.walls.test_docs import curls_of, filled, text_of

__all__ = ["company"]
pytestmark = pytest.mark.django_db
PART = text_of("docs/api.md").partition("### Adjustments by hand\n")[2].partition("\n### ")[0]
CALLS = [curl for curl in curls_of("docs/api.md") if curl.path.partition("?")[0] in PART]
ASK, LIST, APPROVE, STATEMENTS, STATEMENT, REVERSE, FILE = [
    one for one in CALLS if "adjustment" in one.path or "/statements/" in one.path
][:7]


def call(client, curl, identity=""):
    """Send a documented call as it is written, with an id in the place of $ID."""
    path = filled(curl.path, str(identity))
    if curl.values("-F"):
        header = b"person,period,amount,kind,reason\nrex,2026-Q3,1.00,bonus,x\n"
        given = dict(one.split("=", 1) for one in curl.values("-F"))
        answer = client.post(path, {**given, "file": SimpleUploadedFile("adjustments.csv", header)})
    else:
        body = "".join(curl.values("--data"))
        answer = client.generic(curl.verb, path, body, content_type="application/json")
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


def test_the_documented_calls_lead_from_the_request_to_the_statement(company, sign_in):
    """Given the calls in their order, then a bonus is asked for, approved by somebody else, on the statement, and taken back."""
    _sol, _fin, period = company
    sol, fin = sign_in("sol"), sign_in("fin")
    batch = call(sol, ASK)
    [line] = call(sol, LIST, batch["id"])["results"]
    assert (batch["warnings"], line["amount_minor"], line["is_posted"]) == ([], 25_000, False)
    own = sol.post(filled(APPROVE.path, batch["id"]))
    assert own.status_code == 403 and said(period).payable_minor == 70_000
    assert call(fin, APPROVE, batch["id"]) == {"findings": []}
    rows = call(sol, STATEMENTS)["results"]
    rex = next(one for one in rows if str(one["participant"]) == line["participant"])
    statement = call(sol, STATEMENT, rex["id"])
    [part] = [one for one in statement["parts"] if one["key"] == "others"]
    [row] = part["rows"]
    assert (row["label"]["notes"], row["cells"][0]["amount_minor"]) == (["Spot bonus: Trade fair"], 25_000)
    assert statement["payable_minor"] == 95_000
    back = call(sol, REVERSE, line["id"])
    assert call(fin, APPROVE, back["id"]) == {"findings": []} and said(period).payable_minor == 70_000
    assert call(sol, FILE)["created"] == 1 and Statement.objects.latest("number").payable_minor == 70_000


def test_a_request_with_a_key_asks_once(company, sign_in):
    """Given a request sent again with its key, then it gets the first answer; another body is refused, and without a key it asks again."""
    _sol, _fin, period = company
    client, url = sign_in("sol"), "/api/v1/incentives/adjustments/"
    line = {"participant": "rex", "period": "2026-Q3", "amount_minor": 2_500, "currency": "USD"}
    line |= {"reason_code": "bonus", "reason": "Trade fair"}

    def sent(title, key="fair-1", **more):
        body = {"title": title, "lines": [line | more]}
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(url, body, content_type="application/json", headers=headers)

    assert sent("Fair", participant="nobody").status_code == 400
    first, again, other = sent("Fair"), sent("Fair"), sent("Fairs")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (again["Idempotent-Replayed"], "Idempotent-Replayed" in first) == ("true", False)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert sent("Fair", key="x" * 201).status_code == 400 and Adjustment.objects.count() == 1
    assert sent("Fair", key="").status_code == 201 and Adjustment.objects.count() == 2


def test_the_guide_names_every_reason_code():
    """Given the codes that there are, then the guide names those that may be asked for."""
    assert {one for one in AdjustmentReason.values if f"`{one}`" in PART} == set(AdjustmentReason.values) - {"reversal"}


def test_each_of_several_reasons_says_what_it_gave(company, viewer):
    """Given a batch with three lines for Rex, of one reason twice, then the statement says what each reason comes to."""
    sol, fin, period = company
    lines = ((25_000, "Trade fair"), (-1_000, "Desk"), (25_001, "Trade fair"))
    wishes = [wish(period, amount_minor=amount, reason=reason) for amount, reason in lines]
    ria = Participant.objects.get(source_key="ria").pk
    wishes.append(replace(wish(period, amount_minor=7), participant_id=ria))
    batch = adjustments_ask(wishes=wishes, title="Fair", actor=sol)
    assert adjustments_approve(batch_id=batch.pk, actor=fin) == []
    parts = {key: {one.key: one for one in parts_of(said(period, key), None)} for key in ("rex", "ria")}
    notes = {key: of["others"].rows[0].label.notes for key, of in parts.items()}
    assert notes == {
        "rex": ("Spot bonus: Trade fair: +$500.01", "Spot bonus: Desk: -$10.00"),
        "ria": ("Spot bonus: Trade fair",),
    }


def test_a_statement_says_the_reasons_of_its_own_period_only(company, viewer):
    """Given a batch with a line for each of two periods, then each statement says the reason of its own."""
    sol, fin, period = company
    later = Period.objects.get(calendar=period.calendar, key="2026-Q4")
    world.calculate(later, sol)
    wishes = [wish(period, reason="Summer"), wish(later, amount_minor=300, reason="Autumn")]
    batch = adjustments_ask(wishes=wishes, title="Fair", actor=sol)
    assert adjustments_approve(batch_id=batch.pk, actor=fin) == []
    told = [said(one).content["others"][0]["why"] for one in (period, later)]
    assert told == [[["bonus", "Summer"]], [["bonus", "Autumn"]]]
