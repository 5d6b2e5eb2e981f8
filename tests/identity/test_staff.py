"""Platform staff: into one company, for a while, with a reason, read only, seen by the company; and the admin of global tables."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spm.audit.models import PlatformEntry
from spm.identity.models import Membership, StaffEntry, User
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
STAN = "stan@platform.example"
VISIT = {"company": "acme", "reason": "Ticket 4711: statement looks wrong", "minutes": "30"}


@pytest.fixture
def stan(sign_in: Callable[[str], Client]) -> Client:
    """Give platform staff with a second factor, who has just shown the password again."""
    TOTP.activate(User.objects.get(email=STAN), "JBSWY3DPEHPK3PXP")
    client = sign_in(STAN)
    session = client.session
    session["account_authentication_methods_user"] = str(User.objects.get(email=STAN).pk)
    session["account_authentication_methods"] = [
        {"method": "password", "at": timezone.now().timestamp(), "reauthenticated": True}
    ]
    session.save()
    return client


def test_staff_without_a_second_factor_stay_outside(sign_in: Callable[[str], Client]) -> None:
    client = sign_in(STAN)

    assert client.get(reverse("identity:staff_entry")).status_code == 403
    assert client.post(reverse("identity:staff_entry"), VISIT).status_code == 403
    assert client.get(reverse("admin:index"), follow=True).redirect_chain[-1][0] == reverse("mfa_index")
    assert not StaffEntry.objects.exists()


def test_entering_asks_for_the_password_again(sign_in: Callable[[str], Client]) -> None:
    TOTP.activate(User.objects.get(email=STAN), "JBSWY3DPEHPK3PXP")
    client = sign_in(STAN)

    response = client.post(reverse("identity:staff_entry"), VISIT)

    assert response.status_code == 302
    assert "reauthenticate" in response.url
    assert not StaffEntry.objects.exists()


def test_members_are_not_staff(sign_in: Callable[[str], Client]) -> None:
    for name in ("ada", "gus@globex.example"):
        assert sign_in(name).post(reverse("identity:staff_entry"), VISIT).status_code == 403
    assert not StaffEntry.objects.exists()


def test_a_visit_is_read_only_and_ends(stan: Client) -> None:
    assert stan.get(reverse("identity:member_list")).url == reverse("identity:company_none")

    assert stan.post(reverse("identity:staff_entry"), VISIT).status_code == 302

    assert stan.get(reverse("identity:member_list")).status_code == 200
    assert stan.get(reverse("identity:member_invite")).status_code == 403
    rex = Membership.objects.get(user__email="rex@acme.example")
    assert stan.post(reverse("identity:member_suspend", args=[rex.public_id])).status_code == 403
    assert stan.get(reverse("identity:token_list")).status_code == 403
    greta = Membership.objects.get(user__email="greta@globex.example")
    assert stan.get(reverse("identity:member_detail", args=[greta.public_id])).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        assert stan.get(reverse("identity:member_list")).url == reverse("identity:company_none")


def test_the_company_sees_the_visit(stan: Client, sign_in: Callable[[str], Client]) -> None:
    stan.post(reverse("identity:staff_entry"), VISIT)

    page = sign_in("ada").get(reverse("identity:member_list"))

    assert b"Ticket 4711" in page.content
    assert page.wsgi_request.viewer.has_staff_inside  # type: ignore[attr-defined]
    stan.post(reverse("identity:staff_leave"))
    assert not sign_in("ada").get(reverse("identity:member_list")).wsgi_request.viewer.has_staff_inside  # type: ignore[attr-defined]
    assert stan.get(reverse("identity:member_list")).url == reverse("identity:company_none")


def test_the_visit_is_audited(stan: Client) -> None:
    stan.post(reverse("identity:staff_entry"), VISIT)

    entry = PlatformEntry.objects.get(table_name="identity_staffentry", verb="insert")
    assert entry.actor == "Stan Staff"
    assert entry.after["reason"] == VISIT["reason"]


@pytest.mark.parametrize("changes", [{"reason": " "}, {"minutes": "600"}, {"company": "nobody"}, {"minutes": "0"}])
def test_a_visit_needs_reason_and_end(stan: Client, changes: dict[str, str]) -> None:
    assert stan.post(reverse("identity:staff_entry"), VISIT | changes).status_code == 200
    assert not StaffEntry.objects.exists()


def test_the_admin_shows_global_tables_only(stan: Client) -> None:
    page = stan.get(reverse("admin:index"))

    assert page.status_code == 200
    shown = {model["model"].__name__ for app in page.context["app_list"] for model in app["models"]}
    assert shown == {"User", "Organisation", "StaffEntry", "PlatformEntry"}


def test_the_admin_is_no_way_into_an_account(stan: Client) -> None:
    rex = User.objects.get(email="rex@acme.example")
    before = rex.password
    url = reverse("admin:identity_user_change", args=[rex.pk])

    done = stan.post(url, {"email": "stan@evil.example", "password": "x", "is_staff": "on", "name": "X"})

    rex.refresh_from_db()
    assert done.status_code == 302
    assert (rex.email, rex.is_staff, rex.is_active, rex.password) == ("rex@acme.example", False, False, before)
    assert stan.post(reverse("admin:identity_user_delete", args=[rex.pk]), {"post": "yes"}).status_code == 403
    assert stan.get(reverse("admin:identity_user_add")).status_code == 403


def test_members_and_suspended_staff_are_kept_out_of_the_admin(stan: Client, sign_in: Callable[[str], Client]) -> None:
    assert sign_in("ada").get(reverse("admin:index"), follow=True).status_code == 403
    User.objects.filter(email=STAN).update(is_active=False)

    assert reverse("account_login") in stan.get(reverse("admin:index"), follow=True).redirect_chain[-1][0]


def test_a_second_factor_is_asked_for_at_sign_in(client: Client) -> None:
    TOTP.activate(User.objects.get(email="rex@acme.example"), "JBSWY3DPEHPK3PXP")

    response = client.post(reverse("account_login"), {"login": "rex@acme.example", "password": PASSWORD})

    assert response.url.startswith(reverse("mfa_authenticate"))
    assert client.get(reverse("identity:token_list")).status_code == 302
    assert Authenticator.objects.count() == 1


def test_staff_fixture_is_signed_in(stan: Any) -> None:
    assert stan.get(reverse("identity:staff_entry")).status_code == 200
