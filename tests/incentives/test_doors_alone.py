"""Doors that act on what is there: with their right alone, with a narrowed role, and what they offer of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from incentives.models import Adjustment, OpeningBalance, OpeningBatch
from incentives.selectors.adjustments import KIND as ADJUSTMENT
from incentives.services.adjustments import AdjustmentWish, adjustment_reverse, adjustments_approve, adjustments_ask
from incentives.services.credits import CreditWish, credit_ask, credit_reverse
from incentives.services.holds import HoldWish, hold_approve, hold_ask
from incentives.services.opening_files import OPENINGS
from incentives.services.openings import openings_approve
from planning.models import Period
from spm.approvals.selectors import approval_open
from spm.approvals.services import approval_decide
from spm.crm.row_files import rows_take
from spm.identity.models import Membership
from spm.people.models import Participant
from spm.roles.models import Reach, Role, RoleGrant
from spm.tenancy.models import Organisation
from tests.conftest import TODAY
from tests.identity.test_keys import ask, make
from tests.incentives import world

pytestmark = pytest.mark.django_db
API = "/api/v1/incentives"
BROUGHT = (
    "person,period,plan,component,payable,held,reason,draw,paid\n"
    "Rex,2026-Q3,reps-2026,commission,250.00,100.00,Invoice open,,\nRob,2026-Q3,,,1000.00,,,,\n"
)


@pytest.fixture
def made(viewer: Any) -> Iterator[dict[str, Any]]:
    """An approved adjustment of two people, a credit, a hold and opening balances: asked by Sol, approved by Fin."""
    sol, fin = viewer("sol"), viewer("fin")
    period = world.build(sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    rex, rob = (Participant.objects.get(source_key=name).pk for name in ("rex", "rob"))
    with time_machine.travel(datetime.combine(TODAY, time(9), UTC)):
        rows_take(OPENINGS, BROUGHT.encode(), "old.csv", actor=sol)
        opening = OpeningBatch.objects.get()
        assert openings_approve(batch_id=opening.pk, actor=fin) == []
        wishes = [AdjustmentWish(one, period.pk, 5_000, "USD", "bonus", "Fair") for one in (rex, rob)]
        batch = adjustments_ask(wishes=wishes, title="Fair", actor=sol)
        assert adjustments_approve(batch_id=batch.pk, actor=fin) == []
        credit = credit_ask(wish=CreditWish(rex, "commission", 100, "USD", date(2026, 8, 5), "Helped"), actor=sol)
        decide("manual_credit", credit, fin)
        hold = hold_ask(wish=HoldWish(rex, None, "", date(2026, 10, 1), "Audit"), actor=sol)
        hold_approve(hold_id=hold.pk, actor=fin)
        line = Adjustment.objects.get(batch=batch, participant=rex)
        yield {"adjustment": line, "batch": batch, "credit": credit, "hold": hold, "opening": opening}


def decide(kind: str, thing: Any, actor: Any, *, yes: bool = True) -> None:
    waiting = approval_open(kind, thing.pk)
    assert waiting is not None
    approval_decide(request_id=waiting.pk, is_approved=yes, reason="Seen", actor=actor)


def narrow(*roles: tuple[Role, Reach | None]) -> None:
    member = Membership.objects.get(user__email="mara@acme.example")
    for role, reach in roles:
        RoleGrant.objects.create(membership=member, role=role, reach=reach, during=(date(2020, 1, 1), None))


def test_a_key_reverses_and_releases_with_the_right_alone(made: dict[str, Any], viewer: Any) -> None:
    """Given keys that may edit and not view, then each finds what it acts on; with another right alone none does."""
    doors = {
        "adjustment.edit": f"{API}/adjustments/{made['adjustment'].pk}/reverse/",
        "credit.edit": f"{API}/credits/{made['credit'].pk}/reverse/",
        "hold.edit": f"{API}/holds/{made['hold'].pk}/release/",
        "opening.edit": f"{API}/opening-batches/{made['opening'].pk}/reverse/",
    }
    found = {}
    for right, url in doors.items():
        secret = make(viewer, right, name=right)
        found[right] = ask(secret, url, "post", data={"reason": "Not so"}, content_type="application/json").status_code
    assert found == dict.fromkeys(doors, 201)


def test_a_narrowed_view_of_openings_comes_to_what_it_shows(made: dict[str, Any], sign_in: Any) -> None:
    """Given finance of Mara's team, then the batch shows Rex's balance alone, and its sums are his."""
    narrow((Role.FINANCE, Reach.TEAM))
    page = sign_in("mara").get(reverse("incentives:opening_batch", args=[made["opening"].pk]))
    assert [one.participant.name for one in page.context["page"]] == ["Rex"]
    assert {one["label"]: one["amount_minor"] for one in page.context["totals"]} == {
        "Payable, not paid": 25_000,
        "Held": 10_000,
    }


def test_who_sees_all_and_acts_on_a_part_is_refused_with_the_reason(
    made: dict[str, Any], viewer: Any, sign_in: Any
) -> None:
    """Given an auditor who is finance and operations of a team, then what is beyond it is no unknown object."""
    narrow((Role.AUDITOR, None), (Role.FINANCE, Reach.TEAM), (Role.SALES_OPERATIONS, Reach.TEAM))
    sol, mara = viewer("sol"), sign_in("mara")
    rob = Participant.objects.get(source_key="rob").pk
    hold = hold_ask(wish=HoldWish(rob, None, "", date(2026, 10, 1), "Audit"), actor=sol)
    wish = AdjustmentWish(rob, Period.objects.get(key="2026-Q3").pk, 5_000, "USD", "bonus", "Fair")
    batch = adjustments_ask(wishes=[wish], title="Fair", actor=sol)
    for url in (
        f"{API}/holds/{hold.pk}/approve/",
        f"{API}/adjustment-batches/{batch.pk}/approve/",
        f"{API}/opening-batches/{made['opening'].pk}/reverse/",
    ):
        answer = mara.post(url, {"reason": "x"}, content_type="application/json")
        assert answer.status_code == 403, url
    assert approval_open("hold", hold.pk) and approval_open(ADJUSTMENT, batch.pk) and OpeningBatch.objects.count() == 1


def test_what_is_taken_back_is_not_offered_again_and_what_was_declined_is(
    made: dict[str, Any], viewer: Any, sign_in: Any
) -> None:
    sol, fin = viewer("sol"), viewer("fin")
    page = reverse("incentives:adjustment_batch", args=[made["batch"].pk])
    line = made["adjustment"].pk
    assert line in sign_in("sol").get(page).context["reversible"]
    back = adjustment_reverse(adjustment_id=line, reason="Not so", actor=sol)
    assert line not in sign_in("sol").get(page).context["reversible"]
    decide(ADJUSTMENT, back, fin, yes=False)
    assert line in sign_in("sol").get(page).context["reversible"]
    credit = reverse("incentives:credit_detail", args=[made["credit"].pk])
    taken = credit_reverse(credit_id=made["credit"].pk, reason="Not so", actor=sol)
    assert b"Taken back by" in sign_in("sol").get(credit).content
    decide("manual_credit", taken, fin, yes=False)
    shown = sign_in("sol").get(credit).content
    assert b"Taken back by" not in shown and b"Ask for the reversal" in shown


def test_nobody_is_offered_the_release_of_the_own_balance(made: dict[str, Any], sign_in: Any) -> None:
    page = reverse("incentives:opening_batch", args=[made["opening"].pk])
    held = OpeningBalance.objects.get(participant__source_key="rex")
    assert sign_in("fin").get(page).context["releasable"] == {held.pk}
    fin = Membership.objects.get(user__email="fin@acme.example")
    Participant.objects.filter(membership=fin).update(membership=None)
    Participant.objects.filter(source_key="rex").update(membership=fin)
    assert sign_in("fin").get(page).context["releasable"] == set()


def test_forms_name_deals_that_are_seen(made: dict[str, Any], sign_in: Any) -> None:
    """Given operations of Mara's team, then the form of a credit takes a deal of Rex and knows none of Rob."""
    narrow((Role.SALES_OPERATIONS, Reach.TEAM))
    world.deal("D-1", "rex", 100)
    world.deal("D-2", "rob", 100)
    rex = str(Participant.objects.get(source_key="rex").pk)
    values = {"participant": rex, "measure": "commission", "amount": "1", "currency": "USD"}
    values |= {"credit_on": "2026-08-05", "reason": "Helped"}
    url, mara = reverse("incentives:credit_new"), sign_in("mara")
    refused = mara.post(url, values | {"deal": "D-2"})
    assert refused.status_code == 200 and "There is no deal D-2" in refused.content.decode()
    assert mara.post(url, values | {"deal": "D-1"}).status_code == 302
