"""Invitations, roles by day, suspension, and the last company admin."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spm.audit.models import PlatformEntry
from spm.identity.models import Invitation, Membership, User
from spm.people.models import Participant
from spm.roles import services
from spm.roles.models import Role, RoleGrant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import identity_open, organisation_scope
from tests.cast import DIRECTOR, PASSWORD
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db


def member(name: str) -> Membership:
    return Membership.objects.select_related("user", "organisation").get(user__email=f"{name}@acme.example")


def invite(client: Client, email: str, capture: Any, roles: tuple[str, ...] = ("rep",)) -> str:
    """Invite as the client and give the path of the link in the mail."""
    with capture(execute=True):
        response = client.post(reverse("identity:member_invite"), {"email": email, "roles": roles})
    assert response.status_code == 302, response.content
    word = next(word for word in mail.outbox[-1].body.split() if "/company/join/" in word)
    return word.removeprefix("http://testserver")


def test_a_new_person_joins_by_invitation(
    sign_in: Any, acme: Organisation, django_capture_on_commit_callbacks: Any
) -> None:
    link = invite(sign_in("ada"), "New.Rep@acme.example", django_capture_on_commit_callbacks)
    visitor = Client()

    page = visitor.get(link, follow=True)
    done = visitor.post(reverse("identity:join"), {"name": "Nina Rep", "password": "a long and quiet river 7"})

    assert page.status_code == 200
    assert b"new.rep@acme.example" in page.content
    assert done.status_code == 302
    joined = Membership.objects.get(user__email="new.rep@acme.example")
    assert joined.organisation == acme
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert list(RoleGrant.objects.filter(membership=joined).values_list("role", flat=True)) == [Role.REP]
    assert visitor.get(reverse("identity:token_list")).status_code == 200


def test_a_known_person_of_another_company_joins(sign_in: Any, django_capture_on_commit_callbacks: Any) -> None:
    link = invite(sign_in("ada"), "greta@globex.example", django_capture_on_commit_callbacks)
    visitor = Client()
    visitor.get(link)

    refused = visitor.post(reverse("identity:join"), {"name": "Thief", "password": "a long and quiet river 7"})
    visitor.post(reverse("account_login"), {"login": "greta@globex.example", "password": PASSWORD})
    done = visitor.post(reverse("identity:join"))

    assert refused.status_code == 403
    assert done.status_code == 302
    assert Membership.objects.filter(user__email="greta@globex.example").count() == 2


def test_only_the_invited_address_may_accept(sign_in: Any, django_capture_on_commit_callbacks: Any) -> None:
    link = invite(sign_in("ada"), "somebody@acme.example", django_capture_on_commit_callbacks)
    other = sign_in("greta@globex.example")
    other.get(link)

    response = other.post(reverse("identity:join"))

    assert response.status_code == 403
    assert not Membership.objects.filter(user__email="greta@globex.example", organisation__slug="acme").exists()
    assert Invitation.objects.get(email="somebody@acme.example").accepted_at is None


@pytest.mark.parametrize("closed_by", ["use", "time", "withdrawal", "resend", "second invitation"])
def test_a_closed_link_opens_nothing(sign_in: Any, closed_by: str, django_capture_on_commit_callbacks: Any) -> None:
    ada = sign_in("ada")
    link = invite(ada, "late@acme.example", django_capture_on_commit_callbacks)
    invitation = Invitation.objects.get(email="late@acme.example")
    if closed_by == "use":
        Invitation.objects.update(accepted_at=timezone.now())
    elif closed_by == "withdrawal":
        ada.post(reverse("identity:invitation_withdraw", args=[invitation.public_id]))
    elif closed_by == "resend":
        ada.post(reverse("identity:invitation_resend", args=[invitation.public_id]))
    elif closed_by == "second invitation":
        invite(ada, "late@acme.example", django_capture_on_commit_callbacks)
    visitor = Client()
    with time_machine.travel(timezone.now() + timedelta(days=8 if closed_by == "time" else 0)):
        page = visitor.get(link, follow=True)
        done = visitor.post(reverse("identity:join"), {"name": "Late", "password": "a long and quiet river 7"})

    assert b"no longer works" in page.content
    assert done.status_code == 410
    assert not User.objects.filter(email="late@acme.example").exists()


def test_the_invitation_links_the_person(viewer: Any) -> None:
    Participant.objects.filter(source_key="rob").update(membership=None)
    rob = Participant.objects.get(source_key="rob")
    _, token = services.invitation_create(
        email="rob2@acme.example", roles=["rep"], participant_id=rob.pk, actor=viewer("ada")
    )
    identity_open()
    user = User.objects.create_user("rob2@acme.example", PASSWORD)

    joined = services.invitation_accept(token=token, user=user, actor=DIRECTOR)

    rob.refresh_from_db()
    assert rob.membership_id == joined.pk


def test_the_token_is_kept_as_a_digest_only(viewer: Any) -> None:
    invitation, token = services.invitation_create(email="x@acme.example", roles=["rep"], actor=viewer("ada"))

    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values())


@pytest.mark.parametrize("name", ["rex", "mara", "sol", "fin", "otto", "eve"])
def test_only_company_admins_change_members(viewer: Any, name: str) -> None:
    actor = viewer(name)
    grant = RoleGrant.objects.get(membership=member("ria"))
    for attempt in (
        lambda: services.role_grant(membership=member(name), role=Role.COMPANY_ADMIN, starts_on=TODAY, actor=actor),
        lambda: services.role_revoke(grant=grant, ends_on=TODAY, actor=actor),
        lambda: services.member_suspend(membership=member("ria"), actor=actor),
        lambda: services.member_restore(membership=member("sue"), actor=actor),
        lambda: services.invitation_create(email="x@acme.example", roles=["rep"], actor=actor),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert not RoleGrant.objects.filter(membership=member(name), role=Role.COMPANY_ADMIN).exists()


def test_the_last_company_admin_stays(viewer: Any) -> None:
    ada = viewer("ada")
    grant = RoleGrant.objects.get(membership=member("ada"))

    with pytest.raises(ValidationError, match="at least one company admin"):
        services.role_revoke(grant=grant, ends_on=TODAY + timedelta(days=30), actor=ada)

    services.role_grant(membership=member("sol"), role=Role.COMPANY_ADMIN, starts_on=TODAY, actor=ada)
    services.role_revoke(grant=grant, ends_on=TODAY, actor=ada)
    with pytest.raises(ValidationError, match="at least one company admin"):
        services.member_suspend(membership=member("sol"), actor=ada)


def test_a_suspended_admin_does_not_count(viewer: Any) -> None:
    ada = viewer("ada")
    services.role_grant(membership=member("sue"), role=Role.COMPANY_ADMIN, starts_on=TODAY, actor=ada)

    with pytest.raises(ValidationError, match="at least one company admin"):
        services.role_revoke(grant=RoleGrant.objects.get(membership=member("ada")), ends_on=TODAY, actor=ada)


def test_nobody_suspends_themself(viewer: Any) -> None:
    with pytest.raises(ValidationError, match="yourself"):
        services.member_suspend(membership=member("ada"), actor=viewer("ada"))


def test_roles_hold_on_their_days(viewer: Any) -> None:
    ada = viewer("ada")
    services.role_grant(membership=member("rex"), role=Role.MANAGER, starts_on=TODAY + timedelta(days=1), actor=ada)

    assert viewer("rex").roles == {Role.REP}
    with pytest.raises(ValidationError, match="already"):
        services.role_grant(membership=member("rex"), role=Role.MANAGER, starts_on=TODAY + timedelta(days=9), actor=ada)
    with pytest.raises(ValidationError, match="past"):
        services.role_grant(membership=member("rex"), role=Role.FINANCE, starts_on=TODAY - timedelta(days=1), actor=ada)


def test_a_grant_narrows_the_reach(viewer: Any) -> None:
    RoleGrant.objects.create(
        membership=member("rex"), role=Role.EXECUTIVE, reach=3, during=DateRange(date(2020, 1, 1), None)
    )
    rex = viewer("rex")

    assert {one.source_key for one in Participant.objects.filter(pk__in=rex.acting("team.view").participant_ids)} == {
        "rex",
        "ria",
        "mara",
    }
    assert {
        one.source_key for one in Participant.objects.filter(pk__in=rex.acting("statement.view").participant_ids)
    } == {"rex"}


def test_suspension_holds_from_the_next_request(sign_in: Any, acme: Organisation) -> None:
    rex, ada = sign_in("rex"), sign_in("ada")
    assert rex.get(reverse("identity:token_list")).status_code == 200

    ada.post(reverse("identity:member_suspend", args=[member("rex").public_id]))

    assert rex.get(reverse("identity:token_list")).url == reverse("identity:company_none")
    ada.post(reverse("identity:member_restore", args=[member("rex").public_id]))
    assert rex.get(reverse("identity:token_list")).status_code == 200


def test_a_role_taken_away_is_gone_with_the_next_request(sign_in: Any, acme: Organisation) -> None:
    sol, ada = sign_in("sol"), sign_in("ada")
    assert sol.get(reverse("identity:member_list")).status_code == 200
    with organisation_scope(acme.id, actor=DIRECTOR):
        grant = RoleGrant.objects.get(membership=member("sol"))

    ada.post(reverse("identity:role_end", args=[member("sol").public_id, grant.pk]))

    assert sol.get(reverse("identity:member_list")).status_code == 403


def test_a_role_is_given_on_the_page(sign_in: Any, acme: Organisation) -> None:
    ada, url = sign_in("ada"), reverse("identity:member_detail", args=[member("rex").public_id])
    today = timezone.localdate(timezone=ZoneInfo(acme.time_zone)).isoformat()

    done = ada.post(url, {"role": "finance", "starts_on": today, "until": "", "reach": ""})
    again = ada.post(url, {"role": "finance", "starts_on": today, "until": "", "reach": ""})

    assert done.status_code == 302
    assert again.status_code == 200
    assert b"already" in again.content


def test_members_of_another_company_are_not_there(sign_in: Any) -> None:
    ada, foreign = sign_in("ada"), Membership.objects.get(user__email="greta@globex.example").public_id

    for name in ("member_detail", "member_suspend", "member_restore"):
        method = ada.get if name == "member_detail" else ada.post
        assert method(reverse(f"identity:{name}", args=[foreign])).status_code == 404
    assert Membership.objects.get(public_id=foreign).is_active


def test_company_settings(sign_in: Any) -> None:
    values = {"name": "Acme Ltd.", "time_zone": "America/New_York", "locale": "en-GB", "fiscal_year_starts_month": "4"}

    done = sign_in("ada").post(reverse("identity:company_edit"), values | {"currency": "JPY"})
    refused = sign_in("sol").post(reverse("identity:company_edit"), values)

    company = Organisation.objects.get(slug="acme")
    assert (done.status_code, refused.status_code) == (302, 403)
    assert (company.name, company.time_zone, company.fiscal_year_starts_month, company.currency) == (
        "Acme Ltd.",
        "America/New_York",
        4,
        "USD",
    )


def test_switching_between_companies(sign_in: Any, globex: Organisation) -> None:
    user = User.objects.get(email="rex@acme.example")
    Membership.objects.create(user=user, organisation=globex)
    rex = sign_in("rex")

    assert rex.post(reverse("identity:company_switch"), {"organisation": "globex"}).status_code == 302
    assert rex.get(reverse("identity:token_list")).status_code == 403  # no role there
    assert rex.post(reverse("identity:company_switch"), {"organisation": "acme"}).status_code == 302
    assert rex.get(reverse("identity:token_list")).status_code == 200
    assert sign_in("ria").post(reverse("identity:company_switch"), {"organisation": "globex"}).status_code == 403


def test_a_person_without_a_company_starts_one(sign_in: Any) -> None:
    User.objects.create_user("lone@nowhere.example", PASSWORD, name="Lone")
    lone = sign_in("lone@nowhere.example")

    assert lone.get(reverse("identity:member_list")).url == reverse("identity:company_none")
    assert lone.get(reverse("identity:company_none")).status_code == 200
    done = lone.post(reverse("identity:company_none"), {"company": "Lone & Co", "currency": "EUR", "time_zone": "UTC"})
    assert done.status_code == 302
    assert lone.get(reverse("identity:member_list")).status_code == 200


def test_the_second_person_is_wanted_once_there_can_be_one(viewer, acme):
    values = {"name": "Acme", "time_zone": "UTC", "locale": "en-US", "fiscal_year_starts_month": 1}
    ada = viewer("ada")
    assert Organisation.objects.get(pk=acme.pk).is_single_operator
    Membership.objects.filter(user__email="fin@acme.example").update(is_active=False)
    with pytest.raises(ValidationError, match="Fewer than two members may approve plans"):
        services.company_edit(**values, is_single_operator=False, actor=ada)
    Membership.objects.filter(user__email="fin@acme.example").update(is_active=True)
    assert not services.company_edit(**values, is_single_operator=False, actor=ada).is_single_operator
    entry = PlatformEntry.objects.filter(table_name="tenancy_organisation").latest("at")
    assert (entry.before["is_single_operator"], entry.after["is_single_operator"]) == (True, False)
    assert services.company_edit(**values, is_single_operator=True, actor=ada).is_single_operator
