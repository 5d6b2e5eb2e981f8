"""What the tests of approvals share."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from spm.approvals.models import ApprovalRequest
from spm.approvals.services import approval_ask
from spm.people.models import Participant
from spm.tenancy.models import Organisation


@pytest.fixture
def two_people(in_acme: Organisation) -> Organisation:
    """Let acme want a second person."""
    Organisation.objects.filter(pk=in_acme.pk).update(is_single_operator=False)
    return in_acme


def person(name: str) -> Participant:
    """Give a person of acme by cast name."""
    return Participant.objects.get(source_key=name)


def ask(actor: Any, amount: int = 0, currency: str = "USD", **more: Any) -> ApprovalRequest:
    """Ask for a manual credit that is not there: approvals don't look at what they are about."""
    values: dict[str, Any] = {
        "kind": "manual_credit",
        "key": uuid4(),
        "content": "a",
        "action": "credit.approve",
        "title": "Credit",
        "totals": [{"label": "Credit", "amount_minor": amount, "currency": currency}] if amount else [],
        "about_id": UUID(str(person("rex").pk)),
    }
    return approval_ask(actor=actor, **{**values, **more})
