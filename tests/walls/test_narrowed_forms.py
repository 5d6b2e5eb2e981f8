"""Who sees all and writes for a part is shown no form that would be refused, and is told the truth by what they send nevertheless."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone

from incentives.models import Adjustment, AdjustmentBatch, Hold, ManualCredit, Plan, RampSchedule
from incentives.selectors.hand_holding import KIND, RELEASING
from incentives.selectors.holds import hold_get, hold_list
from incentives.services.credits import KIND as CREDIT
from incentives.services.holds import hold_release_ask
from planning.models import CalendarKind, Period, Quota
from planning.services.calendars import calendar_extend
from planning.services.quota_steps import QuotaFrom, quota_change
from planning.services.quotas import QuotaValue, quota_set_many
from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.identity.models import Membership
from spm.people.models import Participant, Position, PositionHolding
from spm.roles.models import Reach, Role, RoleGrant
from spm.roles.policy import RightMissing

pytestmark = pytest.mark.django_db
SAID = "Ask your company admin for a role that reaches the whole company."
MOVES = date(2026, 7, 1)


@pytest.fixture
def narrowed(in_acme: Any) -> None:
    """Let Mara see everything, and write as operations and finance for her team, in which are Rex and Ria."""
    member = Membership.objects.get(user__email="mara@acme.example")
    given = ((Role.AUDITOR, None), (Role.SALES_OPERATIONS, Reach.TEAM), (Role.FINANCE, Reach.TEAM))
    for role, reach in given:
        RoleGrant.objects.create(membership=member, role=role, reach=reach, during=DateRange(date(2020, 1, 1), None))


def person(name: str) -> Participant:
    return Participant.objects.get(source_key=name)


def approved(kind: str, row: Any) -> None:
    ApprovalRequest.objects.create(
        kind=kind,
        key=row.pk,
        title=str(row),
        state=ApprovalState.APPROVED,
        action="hold.approve",
        content="x",
        decided_at=timezone.now(),
    )


def hold_of(name: str | None) -> Hold:
    """Give an approved hold of a person, or of everybody."""
    whose = person(name) if name else None
    number = Hold.objects.count() + 1
    plan, _made = Plan.objects.get_or_create(code="reps", name="Reps")
    hold = Hold.objects.create(number=number, participant=whose, plan=plan, starts_on=date(2026, 5, 1), reason="Audit")
    approved(KIND, hold)
    return hold


@pytest.mark.parametrize("whose", [None, "rob"])
def test_a_hold_beyond_reach_is_seen_and_not_released(whose: str | None, narrowed: None, sign_in: Any) -> None:
    """Given a hold of everybody or of another team, then its page offers no release, and page and API say whom the role reaches."""
    hold, mara = hold_of(whose), sign_in("mara")
    assert hold_of("rex")
    page = mara.get(reverse("incentives:hold_detail", args=[hold.pk])).content.decode()
    assert "Audit" in page and 'name="reason"' not in page
    own = mara.get(reverse("incentives:hold_detail", args=[Hold.objects.get(number=2).pk])).content.decode()
    assert 'name="reason"' in own
    answer = mara.post(reverse("incentives:hold_release", args=[hold.pk]), {"reason": "Done"})
    assert (answer.status_code, SAID in answer.content.decode()) == (403, True)
    asked = mara.post(
        f"/api/v1/incentives/holds/{hold.pk}/release/", {"reason": "Done"}, content_type="application/json"
    )
    assert (asked.status_code, asked.json()["code"], SAID in asked.json()["message"]) == (
        403,
        "permission_denied",
        True,
    )
    assert not ApprovalRequest.objects.filter(kind=RELEASING).exists()


def test_who_reaches_the_company_releases_a_hold_of_everybody(narrowed: None, viewer: Any) -> None:
    """Given a hold of everybody, then operations of the company releases it, and the narrowed role is told why it can't."""
    hold = hold_of(None)
    with pytest.raises(RightMissing, match="reaches the whole company"):
        hold_release_ask(hold_id=hold.pk, reason="Done", actor=viewer("mara"))
    sol = viewer("sol").acting("hold.view")
    hold_release_ask(hold_id=hold.pk, reason="Done", actor=sol)
    assert hold_get(sol, hold_list(sol).get()).waiting is not None


@pytest.mark.parametrize(("name", "may"), [("rob", False), ("rex", True)])
def test_terms_and_credits_are_offered_within_reach(name: str, may: bool, narrowed: None, sign_in: Any) -> None:
    """Given somebody's terms and credit, then what changes them is shown where it would be taken, and else refused with 403."""
    mara, whose = sign_in("mara"), person(name)
    credit = ManualCredit.objects.create(
        number=1, participant=whose, credit_on=MOVES, measure="x", amount_minor=1, currency="USD", reason="x"
    )
    approved(CREDIT, credit)
    pages = {
        reverse("incentives:person_terms", args=[whose.pk]): {"do": "leave", "leave-start": MOVES, "leave-until": "2026-07-03"},
        reverse("incentives:credit_detail", args=[credit.pk]): {"reason": "Wrong"},
    }  # fmt: skip
    for address, sent in pages.items():
        page = mara.get(address)
        assert (page.status_code, '<form method="post"' in main_of(page)) == (200, may), address
        assert (mara.post(address, sent).status_code == 403) is not may, address


def main_of(page: Any) -> str:
    """Give what stands in the main part of a page."""
    return str(page.content.decode().partition("<main")[2].partition("</main>")[0])


@pytest.mark.parametrize(("name", "may"), [("rob", False), ("rex", True)])
def test_what_takes_an_adjustment_back_is_offered_within_reach(
    name: str, may: bool, narrowed: None, sign_in: Any, viewer: Any
) -> None:
    """Given an approved adjustment, then it is taken back on its page by whose role reaches the person, and else refused with 403."""
    calendar_extend(kind=CalendarKind.QUARTERLY, start=MOVES, until=date(2027, 1, 1), actor=viewer("sol"))
    batch = AdjustmentBatch.objects.create(number=1)
    line = Adjustment.objects.create(
        batch=batch, line=1, participant=person(name), period=Period.objects.first(), currency="USD",
        amount_minor=7, reason_code="bonus", reason="x",
    )  # fmt: skip
    approved("adjustment", batch)
    page = main_of(sign_in("mara").get(reverse("incentives:adjustment_batch", args=[batch.pk])))
    assert ('name="reason"' in page, "0.07" in page) == (may, True)
    for address in (
        reverse("incentives:adjustment_reverse", args=[line.pk]),
        f"/api/v1/incentives/adjustments/{line.pk}/reverse/",
    ):
        sent = sign_in("mara").post(address, {"reason": "x"}, content_type="application/json")
        assert (sent.status_code == 403) is not may, address
    assert Adjustment.objects.exclude(pk=line.pk).exists() is may


@pytest.mark.parametrize("route", ["incentives:target_list", "incentives:pay_currency_list", "planning:score_list"])
def test_forms_offer_whom_the_right_to_write_reaches(route: str, narrowed: None, sign_in: Any) -> None:
    """Given a page that shows everybody, then its form names who may be written for."""
    people = sign_in("mara").get(reverse(route)).context["form"].fields["participant"].queryset
    names = set(people.values_list("source_key", flat=True))
    assert "rex" in names and "rob" not in names


def test_what_holds_for_everybody_is_not_offered_to_a_part(narrowed: None, sign_in: Any) -> None:
    """Given a narrowed role, then neither the days to answer, nor periods, nor a new ramp are asked for; operations of the company is."""
    terms = reverse("incentives:person_terms", args=[person("rex").pk])
    none = [(name, main_of(sign_in(name).get(terms))) for name in ("sol", "mara")]
    assert [('name="ramp-start"' in page, "There is no ramp to choose yet" in page) for _, page in none] == [
        (True, False),
        (False, True),
    ]
    assert all("None is set: the whole quota is asked for" in page for _, page in none)
    RampSchedule.objects.create(code="x", name="Usual", shares=[0])
    assert 'name="ramp-start"' in main_of(sign_in("mara").get(terms))
    pages = {
        reverse("incentives:dispute_list"): "days_to_answer",
        reverse("planning:quota_list"): "cut_from",
        terms: "ramp-shares",
    }
    for address, field in pages.items():
        shown = [f'name="{field}"' in main_of(sign_in(name).get(address)) for name in ("sol", "mara")]
        assert shown == [True, False], address


@pytest.fixture
def seats(narrowed: None, viewer: Any) -> dict[str, Any]:
    """Let Rob hold Rex's seat until July 2026 and Rex from then on; gives the seat and the quarters by key."""
    calendar_extend(kind=CalendarKind.QUARTERLY, start=date(2026, 1, 1), until=date(2027, 1, 1), actor=viewer("sol"))
    seat = Position.objects.get(code="rex")
    PositionHolding.objects.filter(position=seat).update(during=DateRange(MOVES, None))
    PositionHolding.objects.filter(participant=person("rob")).delete()
    PositionHolding.objects.create(participant=person("rob"), position=seat, during=DateRange(date(2026, 1, 1), MOVES))
    return {"seat": seat.pk, **dict(Period.objects.values_list("key", "pk"))}


def test_a_quota_is_set_by_who_reaches_who_holds_the_seat_then(seats: Any, viewer: Any, sign_in: Any) -> None:
    """Given a seat that Rob held until July and Rex holds from then on, then operations of Rex's team sets its quotas from July only."""
    mara, sol = viewer("mara"), viewer("sol")
    for key in ("2026-Q1", "2026-Q2"):
        quota_set_many(values=[QuotaValue(seats["seat"], seats[key], 100)], actor=sol)
        with pytest.raises(ValidationError, match="not within your reach"):
            quota_set_many(values=[QuotaValue(seats["seat"], seats[key], 1)], actor=mara)
        with pytest.raises(ValidationError, match="not within your reach"):
            wish = QuotaFrom(
                position_id=seats["seat"], kind="QUARTERLY", starts_on=date(2026, 4, 1), value=1, reason="x"
            )
            quota_change(wish=wish, actor=mara)
    quota_set_many(values=[QuotaValue(seats["seat"], seats["2026-Q3"], 300)], actor=mara)
    assert sorted(Quota.objects.values_list("value", flat=True)) == [100, 100, 300]


def test_the_grid_asks_for_quotas_that_may_be_set(seats: Any, sign_in: Any) -> None:
    """Given that seat, then the grid and its page let quotas of July onwards be typed, and show those before."""
    grid = reverse("planning:quota_list") + "?kind=QUARTERLY&year=2026"
    page = main_of(sign_in("mara").get(grid))
    typed = {key: f'name="quota-{seats["seat"].hex}-{seats[key].hex}-' in page for key in ("2026-Q2", "2026-Q3")}
    assert typed == {"2026-Q2": False, "2026-Q3": True}
