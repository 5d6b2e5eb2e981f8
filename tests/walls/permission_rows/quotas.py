"""Quota plans, commitments and letters."""

from planning.models import Calendar, Period, QuotaCell, QuotaLetter, QuotaPlan, QuotaRelief, QuotaSeat
from spm.people.models import Participant, Position
from tests.walls.permissions import API, Row


def _plan(owner: str) -> QuotaPlan:
    calendar = Calendar.objects.order_by("pk").first()
    return QuotaPlan.objects.get_or_create(
        name=f"of {owner}", calendar=calendar, year=2031, total=100, written_by_name="Sol"
    )[0]


def _seat(owner: str) -> QuotaSeat:
    return QuotaSeat.objects.get_or_create(plan=_plan(owner), position=Position.objects.get(code=owner))[0]


def _letter(owner: str) -> QuotaLetter:
    values = {"values": [["2031", 100]], "total": 100, "sent_by_name": "Sol"}
    return QuotaLetter.objects.get_or_create(
        plan=_plan(owner),
        position=Position.objects.get(code=owner),
        participant=Participant.objects.get(source_key=owner),
        defaults=values,
    )[0]


def _quota_relief(owner: str) -> QuotaRelief:
    period = Period.objects.order_by("during", "pk").first()
    assert period is not None
    QuotaCell.objects.get_or_create(seat=_seat(owner), period=period)
    return QuotaRelief.objects.get_or_create(
        seat=_seat(owner), kind="LEAVE", during=period.during, reason="Leave", by_name="Sol"
    )[0]


FACTORIES = {
    "quota_position": lambda owner: Position.objects.get(code=owner).pk,
    "quota_relief": lambda owner: _quota_relief(owner).pk,
    "quota_plan": lambda owner: _plan(owner).pk,
    "quota_seat": lambda owner: _seat(owner).pk,
    "quota_letter": lambda owner: _letter(owner).pk,
}
SEE = "sol fin eve otto mara mona max rex ria rob"
QUOTA_PLAN = {"pk": "quota_plan"}
QUOTA_SEAT = QUOTA_PLAN | {"seat": "quota_seat"}
LETTER = {"pk": "quota_letter"}
CASCADE = "sol fin otto"
SELL = "mara mona max rex ria rob"

ROWS = [
    Row(
        route="planning:quota_position",
        at={"pk": "quota_position"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="planning:quota_position", verb="POST", at={"pk": "quota_position"}, may="sol"),
    Row(route="api_planning_quota_steps", kind=API, may=SEE),
    Row(route="api_planning_quota_steps", verb="POST", kind=API, may="sol"),
    Row(route="planning:quota_plan_list", may=CASCADE),
    Row(route="planning:sheet_file", may="sol"),
    Row(route="planning:sheet_file", verb="POST", may="sol"),
    Row(route="planning:sheet_file_download", at={"what": "template", "form": "csv"}, may="sol"),
    Row(route="api_planning_sheet_file", verb="POST", kind=API, may="sol"),
    Row(route="planning:quota_plan_new", may="sol"),
    Row(route="planning:quota_plan_new", verb="POST", may="sol"),
    Row(route="planning:quota_plan", at=QUOTA_PLAN, may=CASCADE),
    Row(route="planning:quota_plan", verb="POST", at=QUOTA_PLAN, may="sol"),
    Row(route="planning:quota_plan_settings", at=QUOTA_PLAN, may="sol"),
    Row(route="planning:quota_plan_settings", verb="POST", at=QUOTA_PLAN, may="sol"),
    Row(route="planning:quota_plan_review", at=QUOTA_PLAN, may=CASCADE),
    Row(route="planning:quota_plan_review", verb="POST", at=QUOTA_PLAN, may="sol"),
    Row(route="planning:quota_seat", at=QUOTA_SEAT, may=CASCADE),
    Row(route="planning:quota_seat", verb="POST", at=QUOTA_SEAT, may="sol"),
    Row(route="planning:quota_plan_export", at=QUOTA_PLAN | {"form": "csv"}, may=CASCADE),
    Row(route="planning:commitments", may=SELL),
    Row(route="planning:commitments", verb="POST", may=SELL),
    Row(route="planning:quota_letter_list", may=SEE),
    Row(route="planning:quota_letter", at=LETTER, may="sol fin eve otto mara rex", hidden="mona max ria rob"),
    Row(route="planning:quota_letter_answer", verb="POST", at=LETTER, may="rex", hidden="mara mona max ria rob"),
    Row(route="planning:quota_letter_settle", verb="POST", at=LETTER, may="sol mara", hidden="mona max"),
    Row(route="api_planning_quota_plans", kind=API, may=CASCADE),
    Row(route="api_planning_quota_plans", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_quota_plan", kind=API, at=QUOTA_PLAN, may=CASCADE),
    Row(route="api_planning_quota_plan", verb="PUT", kind=API, at=QUOTA_PLAN, may="sol"),
    Row(route="api_planning_quota_plan", verb="PATCH", kind=API, at=QUOTA_PLAN, may="sol"),
    Row(route="api_planning_quota_plan", verb="POST", kind=API, at=QUOTA_PLAN, may="sol"),
    Row(route="api_planning_quota_review", kind=API, at=QUOTA_PLAN, may=CASCADE),
    Row(route="api_planning_quota_reliefs", verb="POST", kind=API, at=QUOTA_SEAT, may="sol"),
    Row(route="api_planning_quota_relief", verb="DELETE", kind=API, at={"pk": "quota_relief"}, may="sol"),
    Row(route="api_planning_commitments", kind=API, may=SELL),
    Row(route="api_planning_commitments", verb="POST", kind=API, may=SELL),
    Row(route="api_planning_quota_letters", kind=API, may=SEE),
    Row(
        route="api_planning_quota_letter",
        kind=API,
        at=LETTER,
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(
        route="api_planning_quota_letter",
        verb="POST",
        kind=API,
        at=LETTER,
        may="rex",
        hidden="mara mona max ria rob",
    ),
    Row(
        route="api_planning_quota_letter_settle",
        verb="POST",
        kind=API,
        at=LETTER,
        may="sol mara",
        hidden="mona max",
    ),
]
