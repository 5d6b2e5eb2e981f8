"""A role narrowed below the company opens nothing that holds figures of everybody, or is written for everybody, by page, file or API."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from incentives.models import (
    DisputePolicy,
    Hold,
    Journal,
    Leave,
    ManualCredit,
    OpeningBalance,
    OpeningBatch,
    PayCurrency,
    Plan,
    Ramp,
    RampSchedule,
    TargetPay,
)
from incentives.services.credits import credit_reverse
from incentives.services.disputes import days_choose
from incentives.services.files import LEAVES
from incentives.services.holds import HoldWish, hold_ask, hold_release_ask
from incentives.services.openings import opening_release
from incentives.services.pay_currencies import pay_currency_set
from incentives.services.terms import Holder, entry_end, entry_remove, leave_set, ramp_set, schedule_save, target_set
from planning.models import Calendar, CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.crm.row_files import rows_take
from spm.identity.models import Membership
from spm.people.models import Participant, Position, PositionHolding
from spm.roles.catalogue import ACTIONS, ROLE_ACTIONS, WHOLE_COMPANY
from spm.roles.models import Reach, Role, RoleGrant
from spm.roles.policy import member_ids_with
from tests.walls.permission_rows import FACTORIES, ROWS
from tests.walls.permissions import API, PLAIN, Row
from tests.walls.routes import routes

pytestmark = pytest.mark.django_db
RIGHTS = {(one.name, verb): right for one in routes() for verb, right in one.rights.items()}
SAID = "Ask your company admin for a role that reaches the whole company."
GIVING = (Role.SALES_OPERATIONS, Role.FINANCE)
NOBODYS = UUID(int=1)
AREAS = (
    "balance",
    "quota_plan",
    "sheet_file",
    "capacity",
    "hire_file",
    "scenario",
    "payout",
    "expense",
    "ledger_export",
    "papers",
    "period_evidence",
)
READ = ("accrual", "journal", "period_detail", "evidence_zip", "papers_zip")
WRITTEN = ("territory_edit", "rule_set", "period_pay", "period_close")


@pytest.fixture
def narrowed(in_acme: Any) -> Membership:
    """Give Mara what sales operations and finance may, narrowed to her team."""
    member = Membership.objects.get(user__email="mara@acme.example")
    for role in GIVING:
        RoleGrant.objects.create(
            membership=member, role=role, reach=Reach.TEAM, during=DateRange(date(2020, 1, 1), None)
        )
    return member


def address(row: Row) -> str:
    """Give the address of a row with objects that need not exist: who lacks the right is refused before anything is looked up."""
    parts = {part: FACTORIES[name]("rex") if name in PLAIN else NOBODYS for part, name in row.at.items()}
    return reverse(row.route, kwargs=parts) + (f"?{row.query}" if row.query else "")


def test_what_holds_everybody_is_of_every_area() -> None:
    """Given the permission table, then pages, files and API views of each area declare a right over the whole company."""
    whole = [row for row in ROWS if RIGHTS.get((row.route, row.verb)) in WHOLE_COMPANY]
    for area in AREAS:
        of_area = [row for row in whole if area in row.route]
        assert {row.kind == API for row in of_area} == {True, False}, area
        assert {row.verb == "GET" for row in of_area} == {True, False}, area
    for area in READ:
        assert any(area in row.route and row.verb == "GET" for row in whole), area
    for area in WRITTEN:
        assert any(area in row.route and row.verb != "GET" for row in whole), area


BY_REQUEST = {"plan.approve", "quota.approve", "scenario.approve"}
"""Rights over the whole company that no page declares: they are asked of requests (`tests/approvals/test_narrowed.py`)."""


def test_rights_that_are_asked_of_requests_are_declared_nowhere() -> None:
    """Given the permission table, then the rights that no page is asked for are those that decide requests about plans."""
    assert WHOLE_COMPANY - set(RIGHTS.values()) == BY_REQUEST


@pytest.mark.parametrize("right", sorted(WHOLE_COMPANY - BY_REQUEST))
def test_a_narrowed_role_is_refused_on_page_file_and_api(right: str, narrowed: Membership, sign_in: Any) -> None:
    """Given operations and finance narrowed to a team, then whatever the right opens refuses with the way out, and no notice goes there."""
    rows = [row for row in ROWS if RIGHTS.get((row.route, row.verb)) == right]
    assert rows
    assert any(right in ROLE_ACTIONS[role] for role in GIVING)
    wrong, mara = {}, sign_in("mara")
    for row in rows:
        kind = {} if row.kind != API or row.verb == "GET" else {"content_type": "application/json"}
        answer = getattr(mara, row.verb.lower())(address(row), **kind)
        if answer.status_code != 403 or SAID not in answer.content.decode():
            wrong[str(row)] = answer.status_code
    assert wrong == {}
    assert narrowed.pk not in member_ids_with(right, on=date(2026, 5, 1))


BY_REACH = {
    "quota.edit", "quota.commit", "quota.answer", "quota.settle", "score.edit", "evidence.give", "target.edit", "credit.edit",
    "adjustment.edit", "opening.edit", "hold.edit", "dispute.raise", "dispute.answer", "document.answer", "forecast.submit", "alert.edit",
}  # fmt: skip
"""Rights whose services ask of each person whether they are within reach."""
DECIDED = {name for name in ACTIONS if name.endswith(".approve")} - WHOLE_COMPANY | {"approval.decide"}
"""A second person's word: what a narrowed role is asked of."""
NOBODY_S_PAY = {
    "approval.withdraw",
    "member.edit",
    "company.edit",
    "route.edit",
    "deputy.edit",
    "token.edit",
    "key.edit",
    "hook.edit",
    "dashboard.edit",
    "dashboard.share",
    "article.edit",
}


def test_every_right_to_write_is_over_the_company_or_asked_of_each_person() -> None:
    """Given the catalogue, then no right to write is forgotten: a new one is put into one of these."""
    writes = {name for name in ACTIONS if not name.endswith((".view", "export")) or name == "ledger.export"}
    whole = {name for name in WHOLE_COMPANY if not name.endswith(".view")}
    assert writes == whole | BY_REACH | DECIDED | NOBODY_S_PAY
    assert len(writes) == len(whole) + len(BY_REACH) + len(DECIDED) + len(NOBODY_S_PAY)


@pytest.mark.parametrize("name", ["rob", "rex"])
def test_terms_are_set_within_reach_only(name: str, narrowed: Membership, viewer: Any) -> None:
    """Given operations narrowed to a team, then terms of its people and seats are set, and of nobody else, singly or by file."""
    mara, start = viewer("mara").acting("target.edit"), date(2026, 1, 1)
    person, seat = Participant.objects.get(source_key=name), Position.objects.get(code=name)
    pay = {"name": "variable", "target_minor": 1, "base_minor": 1, "currency": "USD", "start": start, "actor": mara}
    away = {"start": start, "until": date(2026, 2, 1), "relieves_quota": True, "relieves_target": True, "actor": mara}
    tries = (
        lambda: target_set(holder=Holder(participant_id=person.pk), **pay),
        lambda: target_set(holder=Holder(position_id=seat.pk), **pay),
        lambda: leave_set(participant_id=person.pk, **away),
        lambda: pay_currency_set(participant_id=person.pk, currency="EUR", start=start, actor=mara),
    )
    file = rows_take(LEAVES, f"person,from,until\n{name},2026-03-01,2026-03-05\n".encode(), "leave.csv", actor=mara)
    if name == "rex":
        assert all(one() for one in tries) and not file.findings
        return
    for one in tries:
        with pytest.raises(ValidationError, match="within your reach"):
            one()
    assert "within your reach" in file.findings[0].what
    assert not any(kind.objects.exists() for kind in (TargetPay, Leave, PayCurrency))
    set_by_sol = target_set(holder=Holder(participant_id=person.pk), **{**pay, "actor": viewer("sol")})
    for end in (
        lambda: entry_end(set_by_sol, until=date(2026, 6, 1), actor=mara),
        lambda: entry_remove(set_by_sol, actor=mara),
    ):
        with pytest.raises(ValidationError, match="within your reach"):
            end()
    assert TargetPay.objects.get().during.upper is None


def test_terms_of_a_seat_are_set_on_days_when_everybody_in_it_is_reached(narrowed: Membership, viewer: Any) -> None:
    """Given a seat of the team that Rob held before, then its terms are written, ended and removed on the team's own days only."""
    mara, sol, moved = viewer("mara"), viewer("sol"), date(2026, 6, 1)
    seat = Position.objects.get(code="rex")
    PositionHolding.objects.filter(position=seat).update(during=DateRange(moved, None))
    rob = Participant.objects.get(source_key="rob")
    PositionHolding.objects.filter(participant=rob).delete()
    PositionHolding.objects.create(participant=rob, position=seat, during=DateRange(date(2026, 1, 1), moved))
    holder = Holder(position_id=seat.pk)
    pay = {"holder": holder, "name": "variable", "target_minor": 1, "base_minor": 1, "currency": "USD"}
    ramp = {"holder": holder, "schedule_id": RampSchedule.objects.create(code="x", name="x", shares=[0]).pk}
    first = target_set(**pay, start=date(2026, 2, 1), actor=sol)
    for write in (
        lambda: target_set(**pay, start=date(2026, 5, 1), actor=mara),
        lambda: ramp_set(**ramp, start=date(2026, 5, 1), until=date(2026, 5, 2), actor=mara),
        lambda: entry_end(first, until=date(2026, 5, 31), actor=mara),
        lambda: entry_remove(first, actor=mara),
    ):
        with pytest.raises(ValidationError, match="within your reach"):
            write()
    assert TargetPay.objects.get().during == DateRange(date(2026, 2, 1), None) and not Ramp.objects.exists()
    entry_end(first, until=date(2026, 7, 1), actor=mara)
    assert target_set(**pay, start=date(2026, 7, 1), actor=mara) and ramp_set(**ramp, start=moved, actor=mara)
    PositionHolding.objects.filter(position=seat, during__contains=moved).update(
        during=DateRange(moved, date(2027, 1, 1))
    )
    PositionHolding.objects.create(participant=rob, position=seat, during=DateRange(date(2027, 1, 1), None))
    with pytest.raises(ValidationError, match="within your reach"):
        target_set(**pay, start=date(2026, 9, 1), actor=mara)


def test_a_hold_of_everybody_is_not_asked_for_nor_released_by_who_reaches_a_part(
    narrowed: Membership, viewer: Any
) -> None:
    """Given operations narrowed to a team, then pay is held of its people only, and no form names anybody else."""
    mara, sol = viewer("mara"), viewer("sol")
    plan = Plan.objects.create(code="reps", name="Reps").pk

    def wish(name: str | None) -> HoldWish:
        person = Participant.objects.get(source_key=name).pk if name else None
        return HoldWish(participant_id=person, plan_id=plan, component="", starts_on=date(2026, 7, 1), reason="Audit")

    for name in (None, "rob"):
        with pytest.raises(ValidationError):
            hold_ask(wish=wish(name), actor=mara)
    assert not Hold.objects.exists()
    assert hold_ask(wish=wish("rex"), actor=mara).participant is not None
    everybody = hold_ask(wish=wish(None), actor=sol)
    with pytest.raises(PermissionDenied, match="reaches a part"):
        hold_release_ask(hold_id=everybody.pk, reason="Done", actor=mara)


def test_the_form_of_target_pay_names_seats_within_reach_only(narrowed: Membership, sign_in: Any) -> None:
    """Given operations narrowed to a team, then target pay is set for its seats, and the seat of Rob is not named."""
    seats = sign_in("mara").get(reverse("incentives:target_list")).context["form"].fields["position"].queryset
    codes = set(seats.values_list("code", flat=True))
    assert "rex" in codes and "rob" not in codes


FOR_EVERYBODY = {
    "days to answer": lambda actor: days_choose(days=3, actor=actor),
    "a ramp": lambda actor: schedule_save(code="x", name="x", shares=[0], actor=actor),
    "periods": lambda actor: calendar_extend(
        kind=CalendarKind.BIWEEKLY,
        start=date(2026, 1, 1),
        until=date(2026, 2, 1),
        cut_from=date(2026, 1, 5),
        actor=actor,
    ),
}
"""What holds for everybody and is written by a right that is else asked of each person."""


@pytest.mark.parametrize("what", sorted(FOR_EVERYBODY))
def test_what_holds_for_everybody_is_written_by_who_reaches_all(what: str, narrowed: Membership, viewer: Any) -> None:
    """Given operations narrowed to a team, then it sets nothing that holds for the whole company; operations of the company does."""
    with pytest.raises(PermissionDenied, match="reaches the whole company"):
        FOR_EVERYBODY[what](viewer("mara"))
    assert not any(kind.objects.exists() for kind in (DisputePolicy, RampSchedule, Period))
    FOR_EVERYBODY[what](viewer("sol"))
    assert sum(kind.objects.exists() for kind in (DisputePolicy, RampSchedule, Period)) == 1


def test_a_credit_and_a_balance_beyond_reach_are_not_found(narrowed: Membership, viewer: Any) -> None:
    """Given a credit and an opening balance of Rob, then finance of another team neither takes back nor releases them."""
    rob, mara = Participant.objects.get(source_key="rob"), viewer("mara")
    credit = ManualCredit.objects.create(
        number=1, participant=rob, credit_on=date(2026, 7, 1), measure="x", amount_minor=1, currency="USD", reason="x"
    )
    calendar = Calendar.objects.create(kind="QUARTERLY", name="Quarters")
    period = Period.objects.create(calendar=calendar, key="2026-Q3", during=(date(2026, 7, 1), date(2026, 10, 1)))
    batch = OpeningBatch.objects.create(number=1)
    held = OpeningBalance.objects.create(
        batch=batch, line=1, participant=rob, period=period, currency="USD", held_minor=1, held_reason="x"
    )
    with pytest.raises(ManualCredit.DoesNotExist):
        credit_reverse(credit_id=credit.pk, reason="x", actor=mara)
    with pytest.raises(OpeningBalance.DoesNotExist):
        opening_release(balance_id=held.pk, reason="x", actor=mara)
    assert ManualCredit.objects.count() == 1 and not Journal.objects.exists()


@pytest.mark.parametrize("route", ["incentives:hold_new", "incentives:adjustment_new", "incentives:credit_new"])
def test_forms_name_people_within_reach_only(route: str, narrowed: Membership, sign_in: Any) -> None:
    """Given operations narrowed to a team, then Rob, who is of another one, can't be chosen."""
    people = sign_in("mara").get(reverse(route)).context["form"].fields["participant"].queryset
    names = set(people.values_list("source_key", flat=True))
    assert "rex" in names and "rob" not in names
