"""Disputes: who is paid and the managers above raise them, sales operations and finance answer; none answers what they raised."""

from incentives.models import Dispute, DisputeEvent, Statement
from incentives.selectors.disputes import disputed_line
from tests.walls.permissions import API, Row


def _dispute(owner: str) -> Dispute:
    """An open dispute of the latest statement, which nobody of the cast raised."""
    statement = Statement.objects.filter(participant__source_key=owner).latest("number")
    line = disputed_line(statement, "lines", 1)
    assert line is not None
    values = {
        "participant": statement.participant, "period": statement.period, "statement": statement, "place": 1, "line_key": line.key,
        "label": line.label, "currency": statement.currency, "earned_minor": line.earned_minor, "reason": "data", "raised_by_name": owner,
        "raised_on": "2026-10-05", "due_on": "2026-10-10",
    }  # fmt: skip
    return Dispute.objects.get_or_create(number=1, defaults=values)[0]


def _event(owner: str) -> object:
    dispute = _dispute(owner)
    values = {"step": "raised", "file_name": "x.txt", "content": b"x", "by_name": owner}
    return DisputeEvent.objects.get_or_create(dispute=dispute, round=1, defaults=values)[0].pk


FACTORIES = {
    "dispute": lambda owner: _dispute(owner).pk,
    "dispute event": _event,
    "section": lambda owner: "lines",
}
SEE, ANSWER, SIDES = "sol fin otto mara mona max rex ria rob", "sol fin", "mara mona max rex ria rob"
ONE = {"pk": "dispute"}
SEE_ONE = {"may": "sol fin otto mara rex", "hidden": "mona max ria rob"}
OWN = {"may": "mara rex", "hidden": "mona max ria rob"}
LINE = {"pk": "statement", "section": "section", "place": "first"}
FILE = ONE | {"event": "dispute event"}

ROWS = [
    Row(route="incentives:dispute_new", at=LINE, done=(200, 302), **OWN),
    Row(route="incentives:dispute_new", verb="POST", at=LINE, **OWN),
    Row(route="incentives:dispute_list", may=SEE),
    Row(route="incentives:dispute_export", at={"form": "csv"}, may=SEE),
    Row(route="incentives:dispute_causes", may=SEE),
    Row(route="incentives:dispute_causes_export", at={"form": "csv"}, may=SEE),
    Row(route="incentives:dispute_days", verb="POST", may=ANSWER),
    Row(route="incentives:dispute_detail", at=ONE, **SEE_ONE),
    Row(route="incentives:dispute_file", at=FILE, **SEE_ONE),
    *(Row(route=f"incentives:dispute_{step}", verb="POST", at=ONE, **OWN) for step in ("say", "withdraw", "reopen")),
    *(
        Row(route=f"incentives:dispute_{step}", verb="POST", at=ONE, may=ANSWER)
        for step in ("answer", "assign", "decide", "mend")
    ),
    Row(route="api_incentives_disputes", kind=API, may=SEE),
    Row(route="api_incentives_disputes", verb="POST", kind=API, may=SIDES),
    Row(route="api_incentives_dispute_causes", kind=API, may=SEE),
    Row(route="api_incentives_dispute_days", kind=API, may=SEE),
    Row(route="api_incentives_dispute_days", verb="PUT", kind=API, may=ANSWER),
    Row(route="api_incentives_dispute", kind=API, at=ONE, **SEE_ONE),
    Row(route="api_incentives_dispute_file", kind=API, at=FILE, **SEE_ONE),
    *(
        Row(route=f"api_incentives_dispute_{step}", verb="POST", kind=API, at=ONE, **OWN)
        for step in ("say", "withdraw", "reopen")
    ),
    *(
        Row(route=f"api_incentives_dispute_{step}", verb="POST", kind=API, at=ONE, may=ANSWER)
        for step in ("answer", "assign", "accept", "reject", "mend")
    ),
]
