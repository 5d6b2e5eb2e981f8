"""Webhooks: signed as the specification says, told once it is true, tried again, given up, sent again."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from spm.audit.models import Entry
from spm.hooks import sending
from spm.hooks.models import KINDS, Attempt, Delivery, Endpoint, EndpointSecret, Event
from spm.hooks.services.deliveries import WAITS, delivery_replay, delivery_take
from spm.hooks.services.endpoints import (
    endpoint_change,
    endpoint_create,
    endpoint_delete,
    endpoint_switch,
    secret_rotate,
)
from spm.hooks.services.events import event_emit, event_test
from spm.notices.models import Notice

pytestmark = pytest.mark.django_db


def happen(kind: str = "run.completed") -> None:
    key = uuid4()
    event_emit(kind, key=key, path=f"/api/v1/incentives/runs/{key}/", period="2026-10")


def expected(secret: str, headers: dict[str, str], body: bytes) -> str:
    """Sign as a receiver does who has read the specification, apart from the product's code."""
    key = base64.b64decode(secret.split("_", 1)[1])
    content = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def test_a_message_arrives_signed(endpoint: Any, receiver: Any, deliver: Any) -> None:
    happen()
    assert deliver() == 1
    ((headers, body),) = receiver.got
    message = json.loads(body)

    assert headers["webhook-signature"] == expected(endpoint[1], headers, body)
    assert headers["webhook-id"] == f"msg_{Event.objects.get().pk.hex}"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert headers["content-type"] == "application/json"
    assert (message["type"], message["data"]["period"]) == ("run.completed", "2026-10")
    assert message["data"]["url"].startswith("http")
    assert message["data"]["url"].endswith(f"/api/v1/incentives/runs/{message['data']['id']}/")
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.fault, Delivery.objects.get().state) == (200, "", "delivered")
    assert deliver() == 0


def test_what_is_rolled_back_is_never_told(endpoint: Any, receiver: Any, deliver: Any) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        happen()
        assert Event.objects.count() == 1
        raise ZeroDivisionError
    assert deliver() == 0
    assert receiver.got == []


def test_only_kinds_that_are_wanted_are_kept(endpoint: Any) -> None:
    happen("payout.exported")
    assert not Event.objects.exists()
    with pytest.raises(KeyError):
        happen("payout.invented")


def test_a_failure_is_tried_again_with_the_same_id_and_body(endpoint: Any, receiver: Any, deliver: Any) -> None:
    receiver.answers = [500, 503, 200]
    happen()
    start = timezone.now()
    for seconds, sent in ((0, 1), (4, 0), (7, 1), (200, 0), (400, 1)):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            assert deliver() == sent, seconds
    assert [each.status for each in Attempt.objects.order_by("at")] == [500, 503, 200]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 3
    assert len({body for _, body in receiver.got}) == 1
    assert all(headers["webhook-signature"] == expected(endpoint[1], headers, body) for headers, body in receiver.got)


def test_in_the_end_the_endpoint_is_switched_off_with_a_notice(endpoint: Any, receiver: Any, deliver: Any) -> None:
    receiver.answers = [500]
    happen()
    moment = timezone.now()
    for wait in (0, *WAITS):
        moment += timedelta(seconds=wait + 1)
        with time_machine.travel(moment, tick=False):
            assert deliver() == 1
    with time_machine.travel(moment + timedelta(days=30), tick=False):
        assert deliver() == 0
    found = Endpoint.objects.get()
    assert (found.is_active, Delivery.objects.get().state, Attempt.objects.count()) == (False, "given_up", 10)
    assert "500" in found.off_reason
    notice = Notice.objects.get(kind="webhook")
    assert notice.membership.user.email == "ada@acme.example"
    assert notice.wants_mail
    happen()
    assert Event.objects.count() == 1


def test_gone_is_the_end_at_once(endpoint: Any, receiver: Any, deliver: Any) -> None:
    receiver.answers = [410]
    happen()
    assert deliver() == 1
    assert not Endpoint.objects.get().is_active


def test_a_redirect_is_not_followed(endpoint: Any, receiver: Any, deliver: Any) -> None:
    receiver.answers = [307, 200]
    happen()
    assert deliver() == 1
    assert len(receiver.got) == 1
    assert (Attempt.objects.get().status, Delivery.objects.get().state) == (307, "waiting")


def test_who_says_nothing_is_left_in_time(endpoint: Any, receiver: Any, deliver: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(sending, "STEP_SECONDS", 0.3)
    receiver.is_silent = True
    happen()
    assert deliver() == 1
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.fault) == (None, "No answer in time.")
    assert attempt.milliseconds < 5_000


def test_nobody_there_is_a_fault_and_not_an_error(endpoint: Any, deliver: Any) -> None:
    Endpoint.objects.update(url="http://127.0.0.1:9/")
    happen()
    assert deliver() == 1
    assert Attempt.objects.get().fault == "No answer: ConnectionRefusedError"


def test_for_a_day_both_secrets_sign(endpoint: Any, receiver: Any, deliver: Any, viewer: Any) -> None:
    _, fresh = secret_rotate(endpoint_id=endpoint[0].pk, actor=viewer("ada"))
    start = timezone.now()
    for hours, secrets in ((1, [fresh, endpoint[1]]), (25, [fresh])):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            happen()
            assert deliver() == 1
        headers, body = receiver.got[-1]
        assert headers["webhook-signature"].split() == [expected(each, headers, body) for each in secrets]


def test_a_secret_is_shown_once_and_kept_encrypted(endpoint: Any, sign_in: Any, viewer: Any) -> None:
    secret = endpoint[1]
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert EndpointSecret.objects.get().secret.startswith("fernet:")
    told = str(list(Entry.objects.filter(table_name="hooks_endpointsecret").values()))
    assert "fernet" not in told and secret not in told and "insert" in told.lower()
    ada = sign_in("ada")
    page = reverse("hooks:hook_detail", args=[endpoint[0].pk])
    assert secret not in ada.get(page).content.decode()
    assert secret not in str(ada.get(reverse("api_hooks")).json())


def test_a_changed_key_of_the_installation_is_told(endpoint: Any, deliver: Any, receiver: Any, settings: Any) -> None:
    settings.SECRET_KEY = "another-key-0123456789-0123456789-0123456789-0123456789"
    settings.SECRET_KEY_FALLBACKS = []
    happen()
    assert deliver() == 1
    assert receiver.got == []
    assert "SECRET_KEY" in Attempt.objects.get().fault


def test_what_is_taken_is_not_taken_twice(endpoint: Any) -> None:
    happen()
    now = timezone.now()
    first = delivery_take(now)

    assert first is not None
    assert delivery_take(now) is None
    again = delivery_take(now + timedelta(minutes=3))
    assert again is not None and again.delivery_id == first.delivery_id


def test_an_event_is_sent_again_by_hand(endpoint: Any, receiver: Any, deliver: Any, viewer: Any, sign_in: Any) -> None:
    happen()
    deliver()
    delivery = Delivery.objects.get()
    with pytest.raises(PermissionDenied):
        delivery_replay(delivery_id=delivery.pk, actor=viewer("sol"))
    assert deliver() == 0
    ada = sign_in("ada")
    assert ada.post(reverse("api_hook_replay", args=[delivery.pk])).status_code == 202
    assert deliver() == 1
    assert ada.post(reverse("hooks:delivery_replay", args=[delivery.pk])).status_code == 302
    assert deliver() == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1 and len(receiver.got) == 3
    endpoint_switch(endpoint_id=endpoint[0].pk, is_active=False, actor=viewer("ada"))
    with pytest.raises(ValidationError, match="switched off"):
        delivery_replay(delivery_id=delivery.pk, actor=viewer("ada"))


def test_what_waits_goes_on_when_it_is_switched_on(endpoint: Any, receiver: Any, deliver: Any, viewer: Any) -> None:
    happen()
    endpoint_switch(endpoint_id=endpoint[0].pk, is_active=False, actor=viewer("ada"))
    assert deliver() == 0
    happen()
    endpoint_switch(endpoint_id=endpoint[0].pk, is_active=True, actor=viewer("ada"))
    assert deliver() == 1
    assert len(receiver.got) == 1


def test_the_page_makes_shows_and_changes(receiver: Any, sign_in: Any, deliver: Any) -> None:
    ada = sign_in("ada")
    made = ada.post(reverse("hooks:hook_new"), {"url": receiver.url, "kinds": ["run.completed"], "note": "Ask Fin."})
    secret = made.context["secret"]
    assert secret in made.content.decode()
    happen()
    deliver()
    page = reverse("hooks:hook_detail", args=[Endpoint.objects.get().pk])
    shown = ada.get(page).content.decode()
    assert all(word in shown for word in ("Delivered", "run.completed", "Ask Fin.", "200"))
    changed = ada.post(reverse("hooks:hook_secret", args=[Endpoint.objects.get().pk])).context["secret"]
    assert changed != secret
    ada.post(reverse("hooks:hook_switch", args=[Endpoint.objects.get().pk]))
    assert "Switched off by Ada" in ada.get(page).content.decode()
    wrong = ada.post(reverse("hooks:hook_new"), {"url": "https://10.0.0.1/", "kinds": ["run.completed"]})
    assert wrong.status_code == 200 and "private network" in wrong.content.decode()
    assert Endpoint.objects.count() == 1


def test_the_api_makes_and_lists(receiver: Any, sign_in: Any, deliver: Any) -> None:
    ada = sign_in("ada")
    body = {"url": receiver.url, "kinds": sorted(KINDS)}
    made = ada.post(reverse("api_hooks"), body, content_type="application/json")
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    assert ada.post(reverse("api_hooks"), body, content_type="application/json").status_code == 400
    happen()
    deliver()
    key = made.json()["endpoint"]["id"]
    (delivery,) = ada.get(reverse("api_hook_deliveries", args=[key])).json()["results"]
    (attempt,) = ada.get(reverse("api_hook_attempts", args=[key])).json()["results"]
    assert (delivery["state"], delivery["last_status"], attempt["status"]) == ("delivered", 200, 200)
    off = ada.post(reverse("api_hook_switch", args=[key]), {"is_active": False}, content_type="application/json")
    assert off.json()["is_active"] is False


@pytest.mark.parametrize("kinds", [[], ["run.invented"]])
def test_unknown_kinds_are_refused(viewer: Any, kinds: list[str]) -> None:
    with pytest.raises(ValidationError, match="Choose at least one"):
        endpoint_create(url="https://example.com/", kinds=kinds, actor=viewer("ada"))
    assert not Endpoint.objects.exists()


def test_an_endpoint_is_changed_and_what_waits_follows_it(
    endpoint: Any, receiver: Any, deliver: Any, viewer: Any
) -> None:
    ada, found = viewer("ada"), endpoint[0]
    happen()
    moved = f"{receiver.url}&moved=yes"
    with pytest.raises(ValidationError, match="private|HTTPS|https|public"):
        endpoint_change(endpoint_id=found.pk, url="http://10.0.0.1/", kinds=["run.completed"], actor=ada)
    with pytest.raises(ValidationError, match="at least one"):
        endpoint_change(endpoint_id=found.pk, url=moved, kinds=[], actor=ada)
    with pytest.raises(PermissionDenied):
        endpoint_change(endpoint_id=found.pk, url=moved, kinds=["run.completed"], actor=viewer("fin"))
    assert Endpoint.objects.get().url == receiver.url
    endpoint_change(endpoint_id=found.pk, url=moved, kinds=["dispute.opened"], note="Payroll", actor=ada)
    happen()
    assert deliver() == 1 and Event.objects.count() == 1
    changed = Endpoint.objects.get()
    assert (changed.url, changed.kinds, changed.note) == (moved, ["dispute.opened"], "Payroll")
    assert Entry.objects.filter(table_name="hooks_endpoint", verb="update").exists()


def test_a_test_is_sent_to_one_endpoint_only_and_signed(
    endpoint: Any, receiver: Any, deliver: Any, viewer: Any
) -> None:
    ada = viewer("ada")
    event_test(endpoint_id=endpoint[0].pk, path="/api/v1/hooks/x/", actor=ada)
    assert deliver() == 1
    ((headers, body),) = receiver.got
    assert json.loads(body)["type"] == "endpoint.test" and json.loads(body)["data"]["id"] == str(endpoint[0].pk)
    assert headers["webhook-signature"] == expected(endpoint[1], headers, body)
    endpoint_switch(endpoint_id=endpoint[0].pk, is_active=False, actor=ada)
    with pytest.raises(ValidationError, match="switched off"):
        event_test(endpoint_id=endpoint[0].pk, path="/", actor=ada)
    assert Event.objects.count() == 1


def test_a_deleted_endpoint_is_never_told_again_and_what_was_sent_stays(
    endpoint: Any, receiver: Any, deliver: Any, viewer: Any, sign_in: Any
) -> None:
    ada, found = sign_in("ada"), endpoint[0]
    happen()
    assert deliver() == 1
    happen()
    assert ada.post(reverse("hooks:hook_delete", args=[found.pk])).status_code == 302
    happen()
    assert deliver() == 0 and Event.objects.count() == 2
    assert not EndpointSecret.objects.exists() and Delivery.objects.count() == 2 and Attempt.objects.count() == 1
    page = ada.get(reverse("hooks:hook_detail", args=[found.pk])).content.decode()
    assert "Deleted" in page and "run.completed" in page and "Send a test" not in page
    assert ada.get(reverse("hooks:hook_edit", args=[found.pk])).status_code == 404
    for step in ("switch", "secret", "test", "delete"):
        ada.post(reverse(f"hooks:hook_{step}", args=[found.pk]), {"is_active": "yes"})
    assert not Endpoint.objects.get().is_active and not EndpointSecret.objects.exists()
    with pytest.raises(ValidationError, match="was deleted"):
        endpoint_delete(endpoint_id=found.pk, actor=viewer("ada"))
    # Its address is free again
    assert endpoint_create(url=receiver.url, kinds=["run.completed"], actor=viewer("ada"))[0].pk != found.pk


def test_the_pages_and_the_api_change_try_and_delete(endpoint: Any, receiver: Any, sign_in: Any) -> None:
    ada, found = sign_in("ada"), endpoint[0]
    edit = reverse("hooks:hook_edit", args=[found.pk])
    assert receiver.url.replace("&", "&amp;") in ada.get(edit).content.decode()
    assert ada.post(edit, {"url": "http://10.0.0.1/", "kinds": ["run.completed"]}).status_code == 200
    assert Endpoint.objects.get().url == receiver.url
    assert ada.post(edit, {"url": receiver.url, "kinds": ["payout.exported"], "note": "n"}).status_code == 302
    assert Endpoint.objects.get().kinds == ["payout.exported"]
    address = f"/api/v1/hooks/{found.pk}/"
    body = {"url": receiver.url, "kinds": ["run.completed"], "note": "By API"}
    assert ada.put(address, json.dumps(body), content_type="application/json").json()["note"] == "By API"
    assert ada.post(f"{address}test/").status_code == 202 and Event.objects.get().kind == "endpoint.test"
    assert sign_in("fin").delete(address).status_code == 403 and Endpoint.objects.get().deleted_at is None
    assert ada.delete(address).status_code == 204 and Endpoint.objects.get().deleted_at is not None
    assert ada.post(f"{address}test/").status_code in (400, 409)
