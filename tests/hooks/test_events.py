"""Each kind of event is told where it happens, with keys and addresses of the API, and never with a figure of pay."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import resolve

from incentives.models import Statement
from incentives.services import periods as steps
from incentives.services.dispute_answers import dispute_reject
from incentives.services.disputes import Doubt, Said, dispute_raise
from incentives.services.payouts import payout_confirm, payout_make
from spm.hooks.models import KINDS, Event
from spm.hooks.services.endpoints import endpoint_create
from spm.identity.models import Membership
from spm.roles.models import Role, RoleGrant
from spm.tenancy.models import Organisation
from tests.cast import START
from tests.incentives import world

pytestmark = pytest.mark.django_db

# Ids and moments, whose digits are any figure by chance.
CHANCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|\+00:00)")


def told() -> list[str]:
    return [each.kind for each in Event.objects.order_by("created_at", "pk")]


def test_every_kind_is_told_without_figures(viewer: Any, sign_in: Any) -> None:
    """Rex earns 820.00; a period is closed, disputed, approved, paid by three people."""
    sol, fin, rex = viewer("sol"), viewer("fin"), viewer("rex")
    period = world.build(sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    RoleGrant.objects.create(
        membership=Membership.objects.get(user__email="eve@acme.example"),
        role=Role.FINANCE,
        during=DateRange(START, None),
    )
    eve = viewer("eve")
    endpoint_create(url="https://example.com/hook", kinds=sorted(KINDS), actor=viewer("ada"))
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    assert told() == ["run.completed"]

    statement = Statement.objects.filter(participant__source_key="rex").latest("number")
    dispute = dispute_raise(
        statement_id=statement.pk, section="lines", place=1, doubt=Doubt("split", 90_000), said=Said("Why?"), actor=rex
    )
    dispute_reject(dispute_id=dispute.pk, cause="split", said=Said("As the plan says."), actor=fin)
    assert told()[1:] == ["dispute.opened", "dispute.decided"]

    steps.period_calculate(period_id=period.id, actor=sol)
    steps.period_review(period_id=period.id, actor=sol)
    steps.period_approve(period_id=period.id, actor=fin)
    assert told()[3:] == ["period.changed", "period.changed", "statement.frozen", "approval.decided", "period.changed"]

    batch = payout_make(period_id=period.id, actor=eve)
    payout_confirm(batch_id=batch.pk, reference="B-1", actor=eve)
    assert told()[8:] == ["payout.exported", "period.changed", "payout.confirmed"]
    assert set(told()) == set(KINDS)

    auditor = sign_in("otto")
    for event in Event.objects.all():
        message = json.loads(event.body)
        assert message["type"] == event.kind
        assert all(isinstance(value, str) for value in message["data"].values())
        said = CHANCE.sub("", event.body)
        assert not any(figure in said for figure in ("82000", "820", "90000", "minor", "USD", "Rex", "rex"))
        path = urlsplit(message["data"]["url"])
        assert resolve(path.path).view_name.startswith("api_")
        assert auditor.get(f"{path.path}?{path.query}").status_code == 200


def test_what_is_refused_is_not_told(viewer: Any) -> None:
    period = world.build(viewer("sol"))
    endpoint_create(url="https://example.com/hook", kinds=sorted(KINDS), actor=viewer("ada"))
    with pytest.raises(ValidationError):
        payout_make(period_id=period.id, actor=viewer("fin"))
    assert told() == []
