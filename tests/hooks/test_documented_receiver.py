"""The receiver that docs/api.md prints believes what is sent, and nothing else: it knows none of the product's code."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from spm.hooks.models import Attempt, Delivery
from spm.hooks.services.deliveries import delivery_replay
from spm.hooks.services.endpoints import endpoint_create, secret_rotate
from spm.hooks.services.events import event_test
from tests.walls.test_docs import text_of

pytestmark = pytest.mark.django_db
[CODE] = [
    one for one in re.findall(r"^```python\n(.*?)^```", text_of("docs/api.md"), re.M | re.S) if "webhook-id" in one
]


@pytest.fixture
def told(settings: Any, monkeypatch: Any) -> Iterator[dict[str, Any]]:
    """Run the documented code on the loopback; gives its names, what it printed, and its address."""
    settings.HOOKS_LOOPBACK = True
    names: dict[str, Any] = {"__name__": "receiver", "printed": []}
    exec(compile(CODE, "docs/api.md", "exec"), names)  # noqa: S102  # the guide's own code
    names["print"] = lambda *words: names["printed"].append(words)
    names["Receiver"].log_message = lambda *_: None
    server = ThreadingHTTPServer(("127.0.0.1", 0), names["Receiver"])
    names["port"] = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield names
    server.shutdown()
    server.server_close()


def test_the_receiver_of_the_guide_takes_what_is_signed_once(told: Any, viewer: Any, deliver: Any) -> None:
    """Given an endpoint at the guide's receiver, then a test arrives, its replay counts once, and each secret of a change is enough."""
    ada = viewer("ada")
    endpoint, first = endpoint_create(url=f"http://127.0.0.1:{told['port']}/spm", kinds=["run.completed"], actor=ada)
    event_test(endpoint_id=endpoint.pk, path="/api/v1/hooks/", actor=ada)
    deliver()
    assert [one.status for one in Attempt.objects.all()] == [401] and told["printed"] == []
    told["SECRETS"].append(first)
    sent = Delivery.objects.get()
    for times in (1, 2):
        delivery_replay(delivery_id=sent.pk, actor=ada)
        deliver()
        assert Attempt.objects.filter(status=204).count() == times
    assert [words[0] for words in told["printed"]] == ["endpoint.test"]
    _endpoint, second = secret_rotate(endpoint_id=endpoint.pk, actor=ada)
    for known, hours, status in (([first], 1, 204), ([second], 1, 204), ([first], 25, 401), ([second], 25, 204)):
        told["SECRETS"][:] = known
        with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
            delivery_replay(delivery_id=sent.pk, actor=ada)
            deliver()
            assert Attempt.objects.latest("at").status == status, (known == [first], hours)


@pytest.mark.parametrize("change", ["body", "webhook-id", "webhook-timestamp", "webhook-signature", "late"])
def test_the_receiver_of_the_guide_refuses_what_was_changed(
    change: str, told: Any, viewer: Any, deliver: Any, receiver: Any
) -> None:
    """Given a message as it was sent, then it is believed as it came, and not with another byte, nor later than five minutes."""
    ada = viewer("ada")
    endpoint, secret = endpoint_create(url=receiver.url, kinds=["run.completed"], actor=ada)
    event_test(endpoint_id=endpoint.pk, path="/api/v1/hooks/", actor=ada)
    deliver()
    [(headers, body)] = receiver.got
    told["SECRETS"].append(secret)
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    given = {name: headers[name] for name in names}
    assert ask(told["port"], given, body) == 204
    if change == "late":
        with time_machine.travel(timezone.now() + timedelta(seconds=301), tick=False):
            assert ask(told["port"], given, body) == 401
        return
    if change == "body":
        body += b" "
    else:
        given[change] += "0" if change == "webhook-timestamp" else "é"
    assert ask(told["port"], given, body) == 401


def ask(port: int, headers: dict[str, str], body: bytes) -> int:
    """Send a message and give the status of the answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", "/spm", body, {name: value.encode() for name, value in headers.items()})  # type: ignore[misc]
    with connection.getresponse() as answer:
        return answer.status
