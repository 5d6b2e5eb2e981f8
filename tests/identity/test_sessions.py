"""Sign-ins end: after two idle hours, after twelve in all, on another password, on suspension; and rotate at sign-in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spm.identity.models import User
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def is_in(client: Client) -> bool:
    return client.get(reverse("identity:token_list")).status_code == 200


def test_an_idle_session_ends(sign_in: Callable[[str], Client]) -> None:
    rex, now = sign_in("rex"), timezone.now()
    assert is_in(rex)
    with time_machine.travel(now + timedelta(hours=1, minutes=59)):
        assert is_in(rex)
    with time_machine.travel(now + timedelta(hours=3, minutes=58)):
        assert is_in(rex)
    with time_machine.travel(now + timedelta(hours=5, minutes=59)):
        assert not is_in(rex)


def test_a_busy_session_ends_after_twelve_hours(sign_in: Callable[[str], Client]) -> None:
    rex, now = sign_in("rex"), timezone.now()
    for hour in range(12):
        with time_machine.travel(now + timedelta(hours=hour)):
            assert is_in(rex)
    with time_machine.travel(now + timedelta(hours=12, minutes=1)):
        assert not is_in(rex)


def test_the_session_key_changes_at_sign_in(client: Client) -> None:
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key

    client.post(reverse("account_login"), {"login": "rex@acme.example", "password": PASSWORD})

    assert client.session.session_key != before


def test_another_password_ends_other_sessions(sign_in: Callable[[str], Client]) -> None:
    here, elsewhere = sign_in("rex"), sign_in("rex")
    form = {"oldpassword": PASSWORD, "password1": "another quiet river 8", "password2": "another quiet river 8"}

    here.post(reverse("account_change_password"), form)

    assert is_in(here)
    assert not is_in(elsewhere)


def test_a_shut_account_is_out_with_the_next_request(sign_in: Callable[[str], Client]) -> None:
    rex = sign_in("rex")
    assert is_in(rex)
    User.objects.filter(email="rex@acme.example").update(is_active=False)
    assert not is_in(rex)
