"""Notices: own ones only, once per slot, mail after commit and without figures."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client, override_settings

from spm.identity.models import Membership
from spm.notices.models import Notice
from spm.notices.services import notice_send
from spm.notices.tasks import relay
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

SignIn = Callable[[str], Client]


class Refusing(BaseEmailBackend):
    """A mail server that is down."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError("no mail server")


def member(name: str) -> int:
    return Membership.objects.get(user__email=f"{name}@acme.example").pk


def tell(*names: str, slot: str = "1", wants_mail: bool = True) -> None:
    notice_send(
        membership_ids=[member(name) for name in names],
        kind="statement",
        slot=slot,
        title="Your statement of 2026-01 is ready",
        body="You earned 4,711.00 USD.",
        url="/incentives/",
        wants_mail=wants_mail,
    )


def test_once_per_slot(in_acme: Organisation) -> None:
    tell("rex")
    tell("rex", "ria")
    assert Notice.objects.count() == 2


def test_everybody_sees_their_own(in_acme: Organisation, sign_in: SignIn) -> None:
    tell("rex")
    assert "2026-01" in sign_in("rex").get("/notices/").content.decode()
    other = sign_in("ria")
    assert "2026-01" not in other.get("/notices/").content.decode()
    assert "2026-01" not in other.get("/notices/bell/").content.decode()
    assert other.post(f"/notices/{Notice.objects.get().pk}/open/").status_code == 404
    assert Notice.objects.get().read_at is None


def test_opening_marks_as_read_and_goes_there(in_acme: Organisation, sign_in: SignIn) -> None:
    tell("rex")
    client = sign_in("rex")
    assert "1 unread notice" in client.get("/notices/bell/").content.decode()
    answer = client.post(f"/notices/{Notice.objects.get().pk}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/incentives/")
    assert Notice.objects.get().read_at is not None
    assert "unread" not in client.get("/notices/bell/").content.decode()


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_notice_leads_nowhere_else(in_acme: Organisation, sign_in: SignIn, url: str) -> None:
    notice_send(membership_ids=[member("rex")], kind="x", slot="1", title="x", url=url)
    answer = sign_in("rex").post(f"/notices/{Notice.objects.get().pk}/open/")
    assert answer["Location"] == "/notices/"


def test_all_are_marked_as_read(in_acme: Organisation, sign_in: SignIn) -> None:
    tell("rex")
    tell("rex", "ria", slot="2")
    sign_in("rex").post("/notices/")
    assert Notice.objects.filter(read_at__isnull=True).count() == 1


def test_mail_is_sent_once_and_carries_no_figures(acme: Organisation) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        tell("rex", "sue")
        tell("ria", wants_mail=False)
    assert (relay(), relay()) == (1, 0)
    (message,) = mail.outbox
    assert message.to == ["rex@acme.example"]
    assert message.subject == "Acme Inc.: There is news about one of your statements"
    assert "/notices/" in message.body
    assert not any(text in message.body + message.subject for text in ("4,711", "USD", "2026-01"))


def test_no_mail_for_who_switched_it_off(acme: Organisation, sign_in: SignIn) -> None:
    client = sign_in("rex")
    client.post("/notices/choice/", {"wants_mail": "0"})
    with organisation_scope(acme.pk, actor=DIRECTOR):
        tell("rex")
    assert relay() == 0
    client.post("/notices/choice/", {"wants_mail": "1"})
    assert relay() == 1


def test_a_mail_server_that_is_down_loses_nothing(acme: Organisation) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        tell("rex")
    with override_settings(EMAIL_BACKEND="tests.notices.test_notices.Refusing"):
        assert relay() == 0
    assert relay() == 1
