"""Requests for approval. Who checks pay or plans sees them; deciding needs the right for the thing as well."""

from uuid import UUID

from spm.approvals.models import ApprovalRequest
from tests.walls.permissions import API, Row

KEY = UUID(int=1)


def _request(owner: str) -> ApprovalRequest:
    values = {"action": "plan.approve", "title": "Something", "asked_by_name": owner, "content": "x"}
    return ApprovalRequest.objects.get_or_create(kind="test", key=KEY, defaults=values)[0]


FACTORIES = {"approval": lambda owner: _request(owner).pk}
SEE, DECIDE = "sol fin otto", "sol fin"
ONE = {"pk": "approval"}

ROWS = [
    Row(route="approvals:approval_list", may=SEE),
    Row(route="approvals:approval_detail", at=ONE, may=SEE),
    Row(route="approvals:approval_detail", verb="POST", at=ONE, may=DECIDE),
    Row(route="api_approvals", kind=API, may=SEE),
    Row(route="api_approval", kind=API, at=ONE, may=SEE),
    Row(route="api_approval_decision", verb="POST", kind=API, at=ONE, may=DECIDE),
]
