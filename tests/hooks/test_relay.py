"""The scheduler's task finds each company that has something due, and a worker sends it."""

from collections.abc import Iterator
from typing import Any

import pytest

from spm.celery import app
from spm.hooks.models import Attempt
from spm.hooks.services.endpoints import endpoint_create
from spm.hooks.tasks import webhooks_relay
from spm.identity.models import Membership
from spm.roles.policy import viewer_get
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY
from tests.hooks.test_hooks import happen

pytestmark = pytest.mark.django_db


@pytest.fixture
def _here() -> Iterator[None]:
    """Let tasks run where they are sent from."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.mark.usefixtures("_here")
def test_the_relay_reaches_every_company(receiver: Any, acme: Any, globex: Any) -> None:
    for company, address in ((acme, "ada@acme.example"), (globex, "gus@globex.example")):
        member = Membership.objects.select_related("user", "organisation").get(user__email=address)
        with organisation_scope(company.pk, actor=DIRECTOR):
            actor = viewer_get(member, on=TODAY, via="test")
            endpoint_create(url=receiver.url, kinds=["run.completed"], actor=actor)
            happen()

    webhooks_relay()
    assert len(receiver.got) == 2
    for company in (acme, globex):
        with organisation_scope(company.pk, actor=DIRECTOR):
            assert [each.status for each in Attempt.objects.all()] == [200]
    webhooks_relay()
    assert len(receiver.got) == 2
