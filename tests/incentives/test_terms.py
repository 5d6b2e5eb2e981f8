"""Target pay, ramps and leave are set on the page and by API, shown to the person, and read by the run to the cent."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from incentives.models import Leave, PlanAssignment, Ramp, TargetPay
from incentives.selectors.lifecycle import standing_of
from incentives.selectors.terms import person_lanes, target_views
from incentives.services.assignments import plan_assign
from incentives.services.lifecycle import plan_publish
from incentives.services.plans import plan_create
from incentives.services.terms import Holder, entry_end, entry_remove, leave_set, ramp_set, schedule_save, target_set
from spm.core.money import RATE_SCALE
from spm.people.models import Participant, Position
from spm.people.services import position_hold
from tests.incentives import world

pytestmark = pytest.mark.django_db
VARIABLE = """
plan: variable-2026
name: Variable 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - {key: variable, name: Variable, credit: {where: {stage: Won}}, quota: amount, target: variable, rate: 100 %}
"""


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def person(name="rex"):
    return Participant.objects.get(source_key=name)


@pytest.fixture
def period(sol):
    """Rex alone is on a plan that pays a share of his target; the person beats the title."""
    made = world.build(sol)
    draft, _ = plan_create(document=VARIABLE, actor=sol)
    plan_publish(version_id=draft.pk, actor=sol)
    assert standing_of(draft) == "published"
    plan_assign(plan_id=draft.plan_id, target="participant", target_id=person().pk, start=date(2026, 1, 1), actor=sol)
    return made


def target(actor, holder=None, *, amount=4_000_000, start=date(2026, 1, 1)):
    holder = holder or Holder(participant_id=person().pk)
    values = {"name": "variable", "target_minor": amount, "base_minor": 6_000_000, "currency": "USD"}
    return target_set(holder=holder, start=start, actor=actor, **values)


def pay(period, actor):
    run, _ = world.calculate(period, actor)
    return world.earned(period).get("Rex"), {one["code"] for one in run.findings if "Rex" in one["where"]}


def test_a_target_pays_its_part_of_the_period_at_quota(sol, period):
    world.deal("D-1", "rex", world.QUOTA)
    assert pay(period, sol) == (0, {"TARGET_MISSING"})
    target(sol)
    assert pay(period, sol)[0] == 1_000_000
    # from 16 August on 60,000.00: 46 of 92 days each
    target(sol, amount=6_000_000, start=date(2026, 8, 16))
    assert pay(period, sol)[0] == 1_250_000


def test_the_persons_target_beats_the_positions(sol, period):
    world.deal("D-1", "rex", world.QUOTA)
    target(sol, Holder(position_id=Position.objects.get(code="rex").pk), amount=8_000_000)
    assert pay(period, sol)[0] == 2_000_000
    target(sol)
    assert pay(period, sol)[0] == 1_000_000


def test_ramp_and_leave_lower_the_quota_that_is_asked_for(sol, period):
    target(sol)
    half = schedule_save(code="half", name="Half", shares=[RATE_SCALE // 2] * 3, actor=sol)
    ramp_set(holder=Holder(participant_id=person().pk), schedule_id=half.pk, start=date(2026, 7, 1), actor=sol)
    world.deal("D-1", "rex", world.QUOTA // 2)
    # 5,000.00 of 5,000.00
    assert pay(period, sol)[0] == 1_000_000
    leave_set(
        participant_id=person().pk,
        start=date(2026, 8, 16),
        until=date(2026, 10, 1),
        relieves_quota=True,
        relieves_target=True,
        actor=sol,
    )
    # half of the days: 5,000.00 of 2,500.00 on a target of 5,000.00
    assert pay(period, sol)[0] == 1_000_000
    Leave.objects.update(relieves_target=False)
    assert pay(period, sol)[0] == 2_000_000


def test_a_move_in_the_middle_of_a_quarter_takes_the_quota_of_each_seat_by_its_days(sol, period):
    target(sol)
    position_hold(
        position_id=Position.objects.get(code="rob").pk, participant_id=person().pk, start=date(2026, 8, 16), actor=sol
    )
    world.deal("D-1", "rex", world.QUOTA)
    assert pay(period, sol)[0] == 1_000_000


def test_who_is_on_two_plans_of_one_kind_is_a_finding(sol, period):
    other, _ = plan_create(document=VARIABLE.replace("variable-2026", "second-2026"), actor=sol)
    plan_publish(version_id=other.pk, actor=sol)
    PlanAssignment.objects.create(plan=other.plan, participant=person(), during=(date(2026, 9, 1), None))
    target(sol)
    world.deal("D-1", "rex", world.QUOTA)
    assert "PLANS_COMPETE" in pay(period, sol)[1]


def test_what_makes_no_sense_is_refused(sol, viewer):
    with pytest.raises(ValidationError, match="one of the two"):
        target(sol, Holder())
    with pytest.raises(ValidationError, match="from 0 to"):
        target(sol, amount=-1)
    with pytest.raises(ValidationError, match="from 0 % to 100 %"):
        schedule_save(code="x", name="X", shares=[RATE_SCALE + 1], actor=sol)
    away = {"participant_id": person().pk, "relieves_quota": True, "relieves_target": False, "actor": sol}
    with pytest.raises(ValidationError, match="before the first day"):
        leave_set(start=date(2026, 5, 1), until=date(2026, 5, 1), **away)
    leave_set(start=date(2026, 5, 1), until=date(2026, 6, 1), **away)
    with pytest.raises(ValidationError, match="is away from 2026-05-01"):
        leave_set(start=date(2026, 5, 31), until=date(2026, 7, 1), **away)
    with pytest.raises(PermissionDenied):
        target(viewer("fin"))


def test_pay_mix_and_on_target_earnings_are_shown_to_the_person(sol, viewer, sign_in):
    target(sol)
    [view] = target_views(viewer("rex"), person().pk)
    assert (view.ote_minor, view.mix_rate) == (10_000_000, 40_000_000)
    page = f"/incentives/people/{person().pk}/terms/"
    shown = sign_in("rex").get(page).content.decode()
    assert "100,000" in shown and "40" in shown
    assert sign_in("rob").get(page).status_code == 404


def test_the_page_sets_them_from_a_day_on(sol, sign_in):
    client, page = sign_in("sol"), f"/incentives/people/{person().pk}/terms/"
    values = {
        "target-name": "variable",
        "target-target": "40,000.00",
        "target-base": "60,000.00",
        "target-currency": "usd",
        "target-per": "year",
    }
    assert client.post(page, {"do": "target", **values}).status_code == 422
    for name in ("target", "base"):
        euros = {**values, f"target-{name}": "€40,000.00", "target-start": "2026-01-01"}
        refused = client.post(page, {"do": "target", **euros})
        assert refused.status_code == 422 and "shows €, and its currency is USD." in refused.content.decode()
    assert not TargetPay.objects.exists()
    assert client.post(page, {"do": "target", **values, "target-start": "2026-01-01"}).status_code == 302
    ramp = {"ramp-name": "New seller", "ramp-shares": "25 %, 50 %, 75 %", "ramp-start": "2026-02-01"}
    for shares in ("0,5 %", "25 %, 50"):
        refused = client.post(page, {"do": "ramp", **ramp, "ramp-shares": shares})
        assert refused.status_code == 422 and "has no % sign: a comma parts the months." in refused.content.decode()
    assert not Ramp.objects.exists()
    assert client.post(page, {"do": "ramp", **ramp}).status_code == 302
    leave = {"leave-start": "2026-05-01", "leave-until": "2026-06-01", "leave-relieves_quota": "on"}
    assert client.post(page, {"do": "leave", **leave}).status_code == 302
    assert (TargetPay.objects.get().target_minor, Ramp.objects.get().schedule.shares) == (
        4_000_000,
        [25_000_000, 50_000_000, 75_000_000],
    )
    assert {lane.lane for lane in person_lanes(person().pk)} == {"Target", "Ramp", "Leave"}
    assert client.get(page).status_code == 200
    assert page in client.get(f"/people/{person().pk}/").content.decode()


def test_the_api_sets_them(sol, sign_in):
    client, who = sign_in("sol"), str(person().pk)

    def post(path, **body):
        answer = client.post(f"/api/v1/incentives/{path}/", body, content_type="application/json")
        assert answer.status_code == 201, answer.json()
        return answer.json()

    values = {"name": "variable", "target_minor": 5, "base_minor": 5, "currency": "USD", "start": "2026-01-01"}
    assert post("targets", participant=who, **values)["until"] is None
    schedule = post("ramp-schedules", code="fast", name="Fast", shares=[50_000_000])
    assert post("ramps", participant=who, schedule=schedule["id"], start="2026-01-01")["schedule"] == schedule["id"]
    assert post("leaves", participant=who, start="2026-05-01", until="2026-06-01")["relieves_quota"] is True
    for name in ("targets", "ramps", "leaves", "ramp-schedules"):
        assert client.get(f"/api/v1/incentives/{name}/").json()["count"] == 1
    # Keys name the same as ids, and answers tell them
    later = post("targets", participant="rex", **values | {"start": "2026-07-01"})
    assert (later["participant"], later["participant_key"], later["position_key"]) == (who, "rex", None)
    ramp = post("ramps", position="ria", schedule="fast", start="2026-01-01")
    assert (ramp["position_key"], ramp["schedule"], ramp["schedule_key"]) == ("ria", schedule["id"], "fast")
    assert post("leaves", participant="rex", start="2026-08-01", until="2026-09-01")["participant_key"] == "rex"
    for body, said in (
        ({"position": "riaa"}, "Did you mean ria?"),
        ({"participant": "rexy"}, "Did you mean rex?"),
        ({"participant": "rex", "schedule": "fost"}, "Did you mean fast?"),
    ):
        sent = {"schedule": "fast", "start": "2026-01-01"} | body
        answer = client.post("/api/v1/incentives/ramps/", sent, content_type="application/json")
        assert answer.status_code == 400 and said in str(answer.json()), answer.json()
    both = {"participant": "rex", "position": "ria", "schedule": "fast", "start": "2026-01-01"}
    assert client.post("/api/v1/incentives/ramps/", both, content_type="application/json").status_code == 400


def test_the_page_of_target_pay_sets_a_positions_and_finds_by_name(sol, sign_in):
    client, page = sign_in("sol"), "/incentives/targets/"
    seat = Position.objects.get(code="rex")
    values = {"name": "variable", "target": "9,000.00", "base": "0", "currency": "USD", "per": "period"}
    assert client.post(page, values | {"start": "2026-01-01"}).status_code == 422
    both = {"participant": str(person().pk), "position": str(seat.pk)}
    assert client.post(page, values | both | {"start": "2026-01-01"}).status_code == 422
    assert not TargetPay.objects.exists()
    given = values | {"start": "2026-01-01", "until": "2026-07-01", "position": str(seat.pk)}
    assert client.post(page, given).status_code == 302
    row = TargetPay.objects.get()
    assert (row.position, row.per, row.target_minor, row.during.upper) == (seat, "period", 900_000, date(2026, 7, 1))
    assert "9,000" in client.get(page, {"q": seat.name}).content.decode()
    assert "9,000" not in client.get(page, {"q": "nobody"}).content.decode()
    assert "9,000" in sign_in("rex").get(page).content.decode()
    assert "9,000" not in sign_in("rob").get(page).content.decode()


def away(actor, until=date(2026, 10, 1)):
    return leave_set(
        participant_id=person().pk,
        start=date(2026, 8, 16),
        until=until,
        relieves_quota=True,
        relieves_target=False,
        actor=actor,
    )


def test_who_comes_back_earlier_is_paid_so_by_the_next_run(sol, period, sign_in):
    target(sol)
    leave = away(sol)
    world.deal("D-1", "rex", world.QUOTA // 2)
    # 46 of 92 days away: 5,000.00 of 5,000.00
    assert pay(period, sol)[0] == 1_000_000
    client, page = sign_in("sol"), f"/incentives/people/{person().pk}/terms/"
    change = f"{page}leave/{leave.pk}/"
    for wrong in ({}, {"until": "2026-08-16"}, {"until": "never"}):
        client.post(change, {"do": "end", **wrong})
        assert Leave.objects.get().during.upper == date(2026, 10, 1)
    assert client.post(change, {"do": "end", "until": "2026-09-08"}).status_code == 302
    # 23 of 92 days away: 5,000.00 of 7,500.00
    assert pay(period, sol)[0] == 666_667
    assert client.post(change, {"do": "remove"}).status_code == 302
    assert not Leave.objects.exists() and pay(period, sol)[0] == 500_000


def test_a_ramp_is_corrected_and_ends_no_later_than_the_next_begins(sol, period, sign_in):
    half = schedule_save(code="half", name="Half", shares=[RATE_SCALE // 2] * 3, actor=sol)
    full = schedule_save(code="full", name="Full", shares=[RATE_SCALE] * 3, actor=sol)
    holder = Holder(participant_id=person().pk)
    first = ramp_set(holder=holder, schedule_id=half.pk, start=date(2026, 7, 1), actor=sol)
    ramp_set(holder=holder, schedule_id=full.pk, start=date(2026, 9, 1), actor=sol)
    client, api = sign_in("sol"), f"/api/v1/incentives/ramps/{first.pk}/"
    refused = client.patch(api, {"until": "2026-09-02"}, content_type="application/json")
    assert refused.status_code == 400 and "begins on 2026-09-01" in refused.content.decode()
    assert client.patch(api, {"until": "2026-08-16"}, content_type="application/json").status_code == 204
    first.refresh_from_db()
    assert first.during.upper == date(2026, 8, 16)
    target(sol)
    world.deal("D-1", "rex", world.QUOTA)
    # 46 of 92 days at half: a quota of 7,500.00
    assert pay(period, sol)[0] == 1_333_333
    shown = client.get(f"/incentives/people/{person().pk}/terms/").content.decode()
    assert "50 %, 50 %, 50 %" in shown
    assert client.delete(api).status_code == 204 and client.delete(api).status_code == 404
    assert [one.schedule for one in Ramp.objects.all()] == [full] and pay(period, sol)[0] == 1_000_000


def test_nobody_else_changes_terms(sol, viewer, sign_in):
    leave, row = away(sol), target(sol)
    for name in ("rex", "mara", "fin"):
        with pytest.raises(PermissionDenied):
            entry_end(leave, until=date(2026, 9, 1), actor=viewer(name))
        with pytest.raises(PermissionDenied):
            entry_remove(row, actor=viewer(name))
        change = f"/incentives/people/{person().pk}/terms/leave/{leave.pk}/"
        assert sign_in(name).post(change, {"do": "remove"}).status_code == 403
    assert Leave.objects.count() == TargetPay.objects.count() == 1
