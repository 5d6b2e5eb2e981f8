"""API tokens: shown once, for one company, expiring, read or write, dead with the membership."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spm.identity.models import ApiToken, Membership, User
from spm.roles import services

pytestmark = pytest.mark.django_db
ME = "/api/v1/company/me/"


def ask(secret: str, url: str = ME, method: str = "get", **kwargs: Any) -> Any:
    return getattr(Client(), method)(url, headers={"Authorization": f"Token {secret}"}, **kwargs)


@pytest.fixture
def secret(sign_in: Callable[[str], Client]) -> str:
    """Give a read token of Rex, made on the page."""
    page = sign_in("rex").post(reverse("identity:token_list"), {"name": "Export", "days": "30", "read_only": "on"})
    return str(page.context["secret"])


def test_a_token_is_shown_once_and_kept_as_a_digest(sign_in: Callable[[str], Client], secret: str) -> None:
    token = ApiToken.objects.get()

    assert secret not in str(ApiToken.objects.values())
    assert secret.encode() not in sign_in("rex").get(reverse("identity:token_list")).content
    assert (token.name, token.read_only, token.organisation.slug) == ("Export", True, "acme")


def test_a_token_opens_the_api_only(secret: str) -> None:
    assert ask(secret).status_code == 200
    for name in ("identity:token_list", "account_email", "account_change_password", "identity:company_none"):
        assert ask(secret, reverse(name)).status_code == 302
    assert ask(secret, reverse("identity:token_list"), "post", data={"name": "more", "days": "9"}).status_code in (
        302,
        403,
    )
    assert ApiToken.objects.count() == 1


def test_a_token_expires(secret: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert ask(secret).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert ask(secret).status_code == 401


def test_a_token_is_revoked_by_its_owner(secret: str, sign_in: Callable[[str], Client]) -> None:
    sign_in("ria").post(reverse("identity:token_revoke", args=[ApiToken.objects.get().pk]))
    assert ask(secret).status_code == 200
    sign_in("rex").post(reverse("identity:token_revoke", args=[ApiToken.objects.get().pk]))
    assert ask(secret).status_code == 401


@pytest.mark.parametrize("wrong", ["", "x", "é", "0" * 64, "Token", "' or 1=1 --", "a" * 5000])
def test_a_wrong_token_is_401(db: None, wrong: str) -> None:
    response = Client().get(ME, headers={"Authorization": f"Token {wrong}"})

    assert response.status_code == 401
    assert set(response.json()) == {"code", "message", "fix", "where"}


def test_suspension_ends_tokens_at_once(secret: str) -> None:
    Membership.objects.filter(user__email="rex@acme.example").update(is_active=False)
    assert ask(secret).status_code == 401


def test_a_shut_account_ends_tokens_at_once(secret: str) -> None:
    User.objects.filter(email="rex@acme.example").update(is_active=False)
    assert ask(secret).status_code == 401


def test_a_token_is_for_one_company(secret: str, globex: Any) -> None:
    user = User.objects.get(email="rex@acme.example")
    Membership.objects.create(user=user, organisation=globex)

    assert ask(secret).json()["organisation"]["slug"] == "acme"


def test_days_and_number_are_limited(viewer: Any) -> None:
    rex = viewer("rex")
    for days in (0, 366, -1):
        with pytest.raises(ValidationError):
            services.token_create(name="x", read_only=True, days=days, actor=rex)
    for _ in range(20):
        services.token_create(name="x", read_only=True, days=1, actor=rex)
    with pytest.raises(ValidationError, match="20 tokens"):
        services.token_create(name="x", read_only=True, days=1, actor=rex)
