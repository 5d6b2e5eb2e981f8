"""Secrets of second factors at rest, and who is counted behind a proxy."""

from typing import Any

import pytest
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.urls import reverse

from spm.identity.models import User
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def test_secrets_of_second_factors_are_not_in_the_database() -> None:
    rex, secret = User.objects.get(email="rex@acme.example"), generate_totp_secret()

    factor, codes = TOTP.activate(rex, secret), RecoveryCodes.activate(rex)

    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert kept.count("fernet:") == 2
    assert factor.validate_code(_code(secret))
    assert codes.validate_code(codes.get_unused_codes()[0])


def test_a_person_signs_in_with_the_factor(client: Any) -> None:
    rex, secret = User.objects.get(email="rex@acme.example"), generate_totp_secret()
    TOTP.activate(rex, secret)

    asked = client.post(reverse("account_login"), {"login": rex.email, "password": PASSWORD})
    done = client.post(reverse("mfa_authenticate"), {"code": _code(secret)})

    assert asked["Location"] == reverse("mfa_authenticate")
    assert done["Location"] == reverse("home")


def test_another_key_opens_with_the_earlier_one_as_fallback(settings: Any) -> None:
    rex, secret = User.objects.get(email="rex@acme.example"), generate_totp_secret()
    factor = TOTP.activate(rex, secret)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-" + "0123456789" * 5

    assert factor.validate_code(_code(secret))

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS"):
        factor.validate_code(_code(secret))


@pytest.mark.parametrize(("proxies", "counted"), [(0, "10.0.0.7"), (1, "198.51.100.9"), (2, "203.0.113.5")])
def test_behind_proxies_the_visitor_is_counted(settings: Any, proxies: int, counted: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.7", headers={"X-Forwarded-For": "203.0.113.5, 198.51.100.9"}
    )

    assert get_client_ip(request) == counted


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
