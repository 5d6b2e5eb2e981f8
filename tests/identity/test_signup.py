"""Sign-up founds a company, in one piece, and tells nobody who has an account."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from spm.identity.models import Membership, User
from spm.roles.models import Role, RoleGrant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR, PASSWORD

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Nora New",
    "email": "nora@initech.example",
    "password1": "a long and quiet river 7",
    "password2": "a long and quiet river 7",
    "company": "Initech GmbH",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
}


def sign_up(client: Client, **changes: str):  # type: ignore[no-untyped-def]
    return client.post(reverse("account_signup"), FORM | changes)


def test_sign_up_creates_a_company_with_its_admin(client: Client) -> None:
    response = sign_up(client)

    assert response.status_code == 302
    user = User.objects.get(email="nora@initech.example")
    membership = Membership.objects.get(user=user)
    company = membership.organisation
    assert user.name == "Nora New"
    assert (company.name, company.currency, company.time_zone) == ("Initech GmbH", "EUR", "Europe/Berlin")
    assert company.slug.startswith("initech-gmbh-")
    with organisation_scope(company.id, actor=DIRECTOR):
        roles = set(RoleGrant.objects.filter(membership=membership).values_list("role", flat=True))
    assert roles == {Role.COMPANY_ADMIN, Role.SALES_OPERATIONS}


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "XYZ"},
        {"time_zone": "Mars/Olympus"},
        {"company": ""},
        {"password1": "short", "password2": "short"},
        {"password1": "password1234", "password2": "password1234"},
    ],
)
def test_a_refused_sign_up_leaves_nothing(client: Client, changes: dict[str, str]) -> None:
    before = Organisation.objects.count(), User.objects.count()

    response = sign_up(client, **changes)

    assert response.status_code == 200
    assert (Organisation.objects.count(), User.objects.count()) == before


def test_a_fault_while_founding_leaves_no_user(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Organisation.objects.count(), User.objects.count()
    monkeypatch.setattr("spm.roles.services.companies.FOUNDER_ROLES", ("no_such_role",))
    client.raise_request_exception = False

    response = sign_up(client)

    assert response.status_code == 500
    assert (Organisation.objects.count(), User.objects.count()) == before


def test_sign_up_looks_the_same_for_a_known_address(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    fresh = sign_up(client)
    known = sign_up(Client(), email="rex@acme.example")

    assert (fresh.status_code, fresh.url) == (known.status_code, known.url)
    assert fresh.content == known.content
    assert Organisation.objects.count() == 3
    assert {message.to[0] for message in mail.outbox} == {"nora@initech.example", "rex@acme.example"}


def test_reset_looks_the_same_for_an_unknown_address(client: Client) -> None:
    known = client.post(reverse("account_reset_password"), {"email": "rex@acme.example"})
    unknown = Client().post(reverse("account_reset_password"), {"email": "nobody@nowhere.example"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_sign_in_by_mail_and_password(client: Client) -> None:
    wrong = client.post(reverse("account_login"), {"login": "rex@acme.example", "password": "wrong"})
    unknown = client.post(reverse("account_login"), {"login": "nobody@acme.example", "password": "wrong"})
    right = client.post(reverse("account_login"), {"login": "Rex@Acme.example", "password": PASSWORD})

    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()
    assert right.status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(email="rex@acme.example").pk)


def test_wrong_passwords_are_limited(client: Client) -> None:
    answers = [
        client.post(reverse("account_login"), {"login": "ria@acme.example", "password": "wrong"}).status_code
        for _ in range(12)
    ]

    right = client.post(reverse("account_login"), {"login": "ria@acme.example", "password": PASSWORD})

    assert 429 in answers or right.status_code != 302


def test_reset_changes_the_password_and_ends_other_sessions(client: Client, sign_in) -> None:  # type: ignore[no-untyped-def]
    elsewhere = sign_in("rex")
    client.post(reverse("account_reset_password"), {"email": "rex@acme.example"})
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)

    form = client.get(link.removeprefix("http://testserver"), follow=True)
    done = client.post(
        form.redirect_chain[-1][0], {"password1": "another quiet river 8", "password2": "another quiet river 8"}
    )

    assert done.status_code == 302
    assert elsewhere.get(reverse("account_email")).status_code == 302
    assert User.objects.get(email="rex@acme.example").check_password("another quiet river 8")


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "usersessions_list",
    ],
)
def test_account_pages_are_reachable(sign_in, name: str) -> None:  # type: ignore[no-untyped-def]
    response = sign_in("rex").get(reverse(name))

    assert response.status_code in (200, 302)
    if response.status_code == 302:
        assert "reauthenticate" in response.url
