"""Nothing inside a network is ever asked: by no literal, no name, no redirect and no change of mind."""

import socket
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from spm.hooks.models import Endpoint
from spm.hooks.sending import RefusedError, address_check, send
from spm.hooks.services.endpoints import endpoint_create

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::",
]  # fmt: skip


@pytest.mark.parametrize("inside", INSIDE)
def test_no_address_inside_is_sent_to(inside: str, monkeypatch: Any) -> None:
    family = socket.AF_INET6 if ":" in inside else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (inside, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: found)
    monkeypatch.setattr(socket, "create_connection", lambda *arguments, **options: pytest.fail("It was connected to."))

    assert "private network" in send("https://hooks.example.com/", "{}", {}).fault
    with pytest.raises(RefusedError):
        address_check(f"https://[{inside}]/" if ":" in inside else f"https://{inside}/")


def test_one_address_inside_is_enough_to_refuse(monkeypatch: Any) -> None:
    found = [(socket.AF_INET, 1, 6, "", (each, 443)) for each in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: found)
    monkeypatch.setattr(socket, "create_connection", lambda *arguments, **options: pytest.fail("It was connected to."))

    assert "private network" in send("https://hooks.example.com/", "{}", {}).fault


@pytest.mark.parametrize(
    "wrong",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "https://", "https:///x", "x", "",
        "https://user:secret@example.com/", "https://example.com:99999/", "https://exämple.com/", "https://example.com/\r\nx: y",
        "https://example.com/a b", "//example.com/", "https://[::1/", "https://localhost/spm", "https://db.internal/", "https://x.localhost/",
        "https://0x7f.1/", "https://127.1/", "https://2130706433/", "https://0177.0.0.1/", "https://127.0.0.1./", "https://localhost./",
    ],
)  # fmt: skip
def test_only_https_without_tricks_is_taken(wrong: str) -> None:
    with pytest.raises(RefusedError):
        address_check(wrong)


@pytest.mark.parametrize("right", ["https://example.com/", "https://example.com:8443/x?y=1", "https://93.184.215.14/"])
def test_what_is_public_is_taken(right: str) -> None:
    assert address_check(right).scheme == "https"


def test_a_name_is_resolved_once_and_the_connection_goes_there(receiver: Any, monkeypatch: Any) -> None:
    port = int(receiver.url.split(":")[2].split("/")[0])
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked = []

    def resolve(host: Any, port: int, *arguments: Any, **options: Any) -> Any:
        if host == "127.0.0.1":
            return [(socket.AF_INET, 1, 6, "", (host, port))]
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", (each, port)) for each in answers.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    outcome = send(f"http://rebind.example:{port}/x", "{}", {"webhook-id": "msg_1"})

    assert outcome.status == 200
    assert asked == ["rebind.example"]
    assert receiver.got[0][0]["host"] == f"rebind.example:{port}"


def test_tls_is_asked_for_and_its_absence_is_a_fault(receiver: Any) -> None:
    outcome = send(receiver.url.replace("http:", "https:"), "{}", {})

    assert outcome.status is None
    assert "not safe" in outcome.fault
    assert receiver.got == []


def test_a_large_body_is_not_sent(receiver: Any) -> None:
    assert "larger" in send(receiver.url, "x" * 20_001, {}).fault
    assert receiver.got == []


@pytest.mark.django_db
def test_without_the_setting_of_tests_the_loopback_is_refused(viewer: Any) -> None:
    for url in ("https://127.0.0.1/", "http://127.0.0.1:8000/", "https://[::1]/"):
        with pytest.raises(ValidationError):
            endpoint_create(url=url, kinds=["run.completed"], actor=viewer("ada"))
    assert not Endpoint.objects.exists()
