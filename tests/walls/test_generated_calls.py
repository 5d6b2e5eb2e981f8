"""No input is a fault: every operation of the API is called with generated input by people of several roles."""

import functools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.http import HttpRequest, HttpResponse
from hypothesis import HealthCheck, Phase, given, settings

from spm.identity.entry import token_find
from spm.identity.models import ApiToken, Membership
from spm.roles.policy import Viewer, viewer_get
from spm.web.api import CompanyThrottle
from spm.web.middleware import ScopeMiddleware

NAMES = ("sol", "rex", "ada", "fin")
SHARES = 8
"""Deep: so many tests share the operations out."""

REFUSED_ENOUGH = 20
"""Rights are asked before anything is read: whoever was refused an operation so many times is refused it whatever comes."""


def _headers(name: str) -> dict[str, str]:
    member = Membership.objects.get(user__email=f"{name}@acme.example")
    _, secret = ApiToken.objects.create(
        user=member.user, expiry=timedelta(days=1), organisation=member.organisation, name="fuzz", read_only=False
    )
    return {"Authorization": f"Token {secret}", "Host": "testserver"}


@dataclass
class Asked:
    """What was answered to whom, and the faults by operation. An input that comes again is not asked again: nothing has changed since."""

    site: WSGIHandler
    people: dict[str, dict[str, str]]
    answers: Counter[int] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    inputs: set[str] = field(default_factory=set)
    faults: dict[str, str] = field(default_factory=dict)

    def everybody(self, case: Any) -> None:
        """Ask one thing by each token."""
        operation = f"{case.method} {case.path}"
        told = repr(
            (operation, case.path_parameters, case.query, case.headers, case.cookies, case.media_type, case.body)
        )
        if told in self.inputs:
            return
        self.inputs.add(told)
        for name, headers in self.people.items():
            if self.refused[operation, name] < REFUSED_ENOUGH:
                status = case.call(session=None, headers=headers, app=self.site).status_code
                self.answers[status] += 1
                self.refused[operation, name] += status == 403
                if status >= 500:
                    self.faults[operation] = f"{status} to {name} for {case.as_curl_command()[:300]}"


def _fuzz(described: dict[str, Any], names: tuple[str, ...], examples: int, share: slice) -> dict[str, str]:
    """Ask operations with generated input, each of it by everybody's token that may write; give the faults by operation."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(described, default=str)))
    # One site for all: each new one connects its receivers again, and every later request is slower.
    asked = Asked(WSGIHandler(), {name: _headers(name) for name in names})
    for found in list(schema.get_all_operations())[share]:

        @given(case=found.ok().as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            asked.everybody(case)

        ask()
    assert not asked.answers[401], "The token was not taken."
    assert asked.answers[200] > 20, asked.answers
    return asked.faults


@pytest.fixture
def undone(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let everybody ask uncounted on one connection, in a transaction per call that is rolled back.

    Each token and who it stands for is found once: nothing that a call does stays. What is asked at the commit is asked before.
    """
    viewers: dict[int, Viewer] = {}

    def viewer_once(membership: Membership, **more: Any) -> Viewer:
        if membership.pk not in viewers:
            viewers[membership.pk] = viewer_get(membership, **more)
        return replace(viewers[membership.pk], request_id=more["request_id"])

    def never_kept(self: ScopeMiddleware, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400:
            connection.check_constraints()
        transaction.set_rollback(True)
        return response

    monkeypatch.setattr(CompanyThrottle, "allow_request", lambda *_: True)
    monkeypatch.setattr("spm.web.telemetry.metrics.request_count", lambda **_: None)
    monkeypatch.setattr("spm.web.middleware.token_find", functools.cache(token_find))
    monkeypatch.setattr("spm.web.middleware.viewer_get", viewer_once)
    monkeypatch.setattr(ScopeMiddleware, "_kept_if_well", never_kept)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("undone")
def test_no_input_is_a_fault(described: dict[str, Any]) -> None:
    assert _fuzz(described, ("sol", "rex"), 6, slice(None)) == {}


@pytest.mark.deep
@pytest.mark.usefixtures("undone")
@pytest.mark.parametrize("share", range(SHARES))
def test_no_input_is_a_fault_however_long_one_tries(described: dict[str, Any], share: int) -> None:
    assert _fuzz(described, NAMES, 200, slice(share, None, SHARES)) == {}
