"""A role narrowed below the company answers nothing about the whole of it, in person or by a deputy, and is not asked."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.models import Adjustment, AdjustmentBatch, OpeningBalance, OpeningBatch
from incentives.selectors.payers import payers_after
from planning.models import Calendar, Period
from spm.approvals.models import ApprovalState, ApprovalStep
from spm.approvals.routes import RouteWish, deputy_name, route_set
from spm.approvals.selectors import approval_list, approvals_for
from spm.approvals.services import approval_decide
from spm.identity.models import Membership
from spm.notices.models import Notice
from spm.roles.models import Reach, Role, RoleGrant
from spm.tenancy.models import Organisation
from tests.approvals.conftest import ask, person
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db
START = date(2020, 1, 1)
BOOKS = {"period": "period.approve", "period reopening": "period.reopen"}


def grant(name, role, reach):
    """Give a member a role with a reach."""
    member = Membership.objects.get(user__email=f"{name}@acme.example")
    RoleGrant.objects.filter(membership=member, role=role).delete()
    RoleGrant.objects.create(membership=member, role=role, reach=reach, during=DateRange(START, None))


def decide(request, actor):
    return approval_decide(request_id=request.pk, is_approved=True, actor=actor)


def about_books(actor, kind):
    return ask(actor, 1_000, kind=kind, action=BOOKS[kind], about_id=None)


def told():
    return {str(one.membership.user) for one in Notice.objects.filter(kind="approval")}


def refused(request, actor, match=None):
    """See that the actor is neither shown the request nor lets it pass."""
    assert request not in approval_list(actor) and approvals_for(actor) == []
    with pytest.raises(PermissionDenied, match=match):
        decide(request, actor)
    assert not ApprovalStep.objects.exclude(decided_at=None).exists()


@pytest.mark.parametrize("kind", sorted(BOOKS))
def test_a_narrowed_role_decides_nothing_about_the_books(two_people, viewer, kind):
    """Given finance narrowed to a team, then it is not asked about books, doesn't see their totals, and answers nothing for anybody."""
    grant("mara", Role.FINANCE, Reach.TEAM)
    grant("fin", Role.FINANCE, Reach.TEAM)
    values = {"starts_on": TODAY, "until": date(2026, 12, 1), "actor": viewer("ada")}
    deputy_name(person_id=viewer("fin").user_id, deputy_id=viewer("mona").user_id, **values)
    request = about_books(viewer("sol"), kind)
    refused(request, viewer("mara"), "reaches a part of the company")
    refused(request, viewer("mona"), "needs the right to")
    assert told() == set()
    RoleGrant.objects.filter(membership__user__email="fin@acme.example").update(reach=Reach.ALL)
    assert approvals_for(viewer("mona")) == [request]
    assert decide(request, viewer("mona")).state == ApprovalState.APPROVED


@pytest.mark.parametrize("step", [{"basis": "role", "role": "finance"}, {"basis": "line", "level": 1}])
def test_a_route_names_no_narrowed_role_for_the_books(two_people, viewer, step):
    """Given a route by role or line, then a narrowed role is not the one it names; one that reaches the company is."""
    grant("mara", Role.FINANCE, Reach.TEAM)
    RoleGrant.objects.filter(membership__user__email="mara@acme.example", role=Role.MANAGER).delete()
    wish = RouteWish(kind="period", name="Books", starts_on=TODAY, steps=[step])
    route_set(wish=wish, actor=viewer("ada"))
    request = ask(viewer("sol"), 1_000, kind="period", action="period.approve", about_id=person("rex").pk)
    refused(request, viewer("mara"))
    assert "Mara" not in told()


def test_a_narrowed_role_is_not_who_pays(two_people, viewer):
    """Given finance narrowed to a team, then it is not named as the second person who could pay."""
    grant("mara", Role.FINANCE, Reach.TEAM)
    period = about_books(viewer("sol"), "period")
    assert payers_after(viewer("sol"), period, "period.pay") == ["Fin"]


@pytest.mark.parametrize("right", ["plan.approve", "quota.approve", "scenario.approve"])
def test_a_narrowed_role_approves_no_plan(two_people, viewer, right):
    """Given operations narrowed to a team, then plans, quota plans and scenarios, which are of everybody, are not asked of it."""
    grant("mara", Role.SALES_OPERATIONS, Reach.TEAM)
    request = ask(viewer("sol"), action=right, kind="test", about_id=None)
    refused(request, viewer("mara"), "reaches a part of the company")
    assert told() == {"Fin"}


def test_who_approves_reaches_the_person_it_is_about(two_people, viewer):
    """Given finance narrowed to a team, then it approves for Rex, who is in it, not for Rob nor everybody, and neither does its deputy."""
    grant("mara", Role.FINANCE, Reach.TEAM)
    values = {"starts_on": TODAY, "until": date(2026, 12, 1), "actor": viewer("ada")}
    deputy_name(person_id=viewer("mara").user_id, deputy_id=viewer("mona").user_id, **values)
    for about, kind in ((person("rob").pk, "manual_credit"), (None, "hold"), (None, "hold_release")):
        request = ask(viewer("sol"), 1_000, about_id=about, kind=kind, action="hold.approve")
        refused(request, viewer("mara"), "beyond your reach")
        refused(request, viewer("mona"), "needs the right to")
    assert told() == {"Fin"}
    own = ask(viewer("sol"), 1_000)
    assert told() == {"Fin", "Mara", "Mona"} and approvals_for(viewer("mara")) == approvals_for(viewer("mona")) == [own]
    assert decide(own, viewer("mara")).state == ApprovalState.APPROVED


def test_a_route_by_role_names_who_reaches_the_person(two_people, viewer):
    """Given a route that names finance, then finance of a team answers for its own people only."""
    grant("mara", Role.FINANCE, Reach.TEAM)
    step = {"basis": "role", "role": "finance"}
    route_set(wish=RouteWish(kind="manual_credit", name="x", starts_on=TODAY, steps=[step]), actor=viewer("ada"))
    refused(ask(viewer("sol"), about_id=person("rob").pk), viewer("mara"), "somebody else to answer now: finance")
    assert decide(ask(viewer("sol")), viewer("mara")).state == ApprovalState.APPROVED


@pytest.mark.parametrize("kind", ["adjustment", "opening"])
@pytest.mark.parametrize(("names", "is_hers"), [("rex ria", True), ("rex rob", False)])
def test_who_approves_a_batch_reaches_everybody_in_it(two_people, viewer, kind, names, is_hers):
    """Given a batch, then finance of a team answers it where all of its people are of the team, even under the policy of one person."""
    grant("mara", Role.FINANCE, Reach.TEAM)
    request = ask(viewer("sol"), 1, kind=kind, key=batch(kind, names), action=f"{kind}.approve", about_id=None)
    assert (approvals_for(viewer("mara")) == [request], "Mara" in told()) == (is_hers, is_hers)
    if not is_hers:
        Organisation.objects.update(is_single_operator=True)
        refused(request, viewer("mara"), "beyond your reach")
        return
    answer = approval_decide(request_id=request.pk, is_approved=False, reason="No", actor=viewer("mara"))
    assert answer.state == ApprovalState.DECLINED


def batch(kind, names):
    """Write a batch with a line for each of the people; gives its key."""
    calendar = Calendar.objects.create(kind="QUARTERLY", name="Quarters")
    period = Period.objects.create(calendar=calendar, key="2026-Q3", during=(date(2026, 7, 1), date(2026, 10, 1)))
    if kind == "adjustment":
        made, rows, more = (
            AdjustmentBatch(number=1),
            Adjustment,
            {"amount_minor": 1, "reason_code": "bonus", "reason": "x"},
        )
    else:
        made, rows, more = OpeningBatch(number=1), OpeningBalance, {"payable_minor": 1}
    made.save()
    for line, name in enumerate(names.split()):
        rows.objects.create(batch=made, line=line, participant=person(name), period=period, currency="USD", **more)
    return made.pk
