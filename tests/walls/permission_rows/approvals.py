"""Requests for approval. Who checks pay or plans sees them all, managers and executives those that name them."""

from datetime import date
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from spm.approvals.models import ApprovalRequest, ApprovalRoute, Deputy
from spm.identity.models import User
from tests.walls.permissions import API, Row

KEY = UUID(int=1)


def _request(owner: str) -> ApprovalRequest:
    values = {"action": "plan.approve", "title": "Something", "asked_by_name": owner, "content": "x"}
    return ApprovalRequest.objects.get_or_create(kind="test", key=KEY, defaults=values)[0]


def _route(owner: str) -> ApprovalRoute:
    values = {"name": "Route", "during": DateRange(date(2026, 1, 1), None), "steps": [{"basis": "right"}]}
    return ApprovalRoute.objects.get_or_create(kind="score", position=99, defaults=values)[0]


def _deputy(owner: str) -> Deputy:
    """Make a deputyship of people who are none of those asked about."""
    person, deputy = User.objects.order_by("pk")[:2]
    values = {"during": DateRange(date(2026, 1, 1), date(2027, 1, 1)), "person_name": owner, "deputy_name": "x"}
    return Deputy.objects.get_or_create(person=person, deputy=deputy, defaults=values)[0]


def _own(owner: str) -> ApprovalRequest:
    """Make a request that sales operations asked for."""
    sol = User.objects.filter(email="sol@acme.example").first()
    values = {"action": "plan.approve", "title": "Sol's", "asked_by_name": "Sol", "asked_by": sol, "content": "x"}
    return ApprovalRequest.objects.get_or_create(kind="test", key=UUID(int=2), defaults=values)[0]


FACTORIES = {
    "approval_own": lambda owner: _own(owner).pk,
    "approval": lambda owner: _request(owner).pk,
    "approval_route": lambda owner: _route(owner).pk,
    "deputy": lambda owner: _deputy(owner).pk,
}
ALL, NAMED = "sol fin otto", "mara mona max eve"
SEE, DECIDE, DECIDERS = f"{ALL} {NAMED}", "sol fin", "sol fin mara mona max eve"
SETS = "ada"
ONE, OWN = {"pk": "approval"}, {"pk": "approval_own"}
ROUTE, DEPUTY = {"pk": "approval_route"}, {"pk": "deputy"}

ROWS = [
    Row(route="approvals:approval_list", may=SEE),
    Row(route="approvals:approval_bulk", verb="POST", may=DECIDERS),
    Row(route="approvals:approval_detail", at=ONE, may=ALL, hidden=NAMED),
    Row(route="approvals:approval_detail", verb="POST", at=ONE, may=DECIDE, hidden=NAMED),
    Row(route="approvals:approval_withdraw", verb="POST", at=OWN, may="sol", hidden="mara mona max", others="fin"),
    Row(route="approvals:route_list", may=f"{SEE} {SETS}"),
    Row(route="approvals:route_list", verb="POST", may=SETS),
    Row(route="approvals:route_new", may=SETS),
    Row(route="approvals:route_new", verb="POST", may=SETS),
    Row(route="approvals:route_end", verb="POST", at=ROUTE, may=SETS),
    Row(route="approvals:deputy_list", may=f"{SEE} {SETS}"),
    Row(route="approvals:deputy_list", verb="POST", may=f"{DECIDERS} {SETS}"),
    Row(route="approvals:deputy_end", verb="POST", at=DEPUTY, may=f"{DECIDERS} {SETS}"),
    Row(route="approvals:conflict_list", may=ALL),
    Row(route="approvals:conflict_export", at={"form": "csv"}, may=ALL),
    Row(route="api_approvals", kind=API, may=SEE),
    Row(route="api_approval", kind=API, at=ONE, may=ALL, hidden=NAMED),
    Row(route="api_approval_decision", verb="POST", kind=API, at=ONE, may=DECIDE, hidden=NAMED),
    Row(
        route="api_approval_withdrawal", verb="POST", kind=API, at=OWN, may="sol", hidden="mara mona max", others="fin"
    ),
    Row(route="api_approval_decisions", verb="POST", kind=API, may=DECIDERS),
    Row(route="api_approval_routes", kind=API, may=f"{SEE} {SETS}"),
    Row(route="api_approval_routes", verb="POST", kind=API, may=SETS),
    Row(route="api_approval_route_preview", kind=API, may=f"{SEE} {SETS}", query="kind=score"),
    Row(route="api_approval_route_end", verb="POST", kind=API, at=ROUTE, may=SETS),
    Row(route="api_approval_deputies", kind=API, may=f"{SEE} {SETS}"),
    Row(route="api_approval_deputies", verb="POST", kind=API, may=f"{DECIDERS} {SETS}"),
    Row(route="api_approval_deputy_end", verb="POST", kind=API, at=DEPUTY, may=f"{DECIDERS} {SETS}"),
    Row(route="api_approval_reminders", kind=API, may=f"{SEE} {SETS}"),
    Row(route="api_approval_reminders", verb="PUT", kind=API, may=SETS),
    Row(route="api_approval_conflicts", kind=API, may=ALL, query="start=2026-01-01&until=2027-01-01"),
]
