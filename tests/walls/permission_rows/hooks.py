"""Webhooks: company admins change them; operations, finance and auditors look."""

from django.utils import timezone

from spm.hooks.models import Delivery, Endpoint, Event
from tests.walls.permissions import API, Row


def _endpoint(owner: str) -> Endpoint:
    values = {"kinds": ["run.completed"], "made_by_name": owner}
    return Endpoint.objects.get_or_create(url=f"https://{owner}.example/hook", deleted_at=None, defaults=values)[0]


def _delivery(owner: str) -> Delivery:
    now = timezone.now()
    event = Event.objects.create(kind="run.completed", body="{}", created_at=now)
    return Delivery.objects.create(event=event, endpoint=_endpoint(owner), next_at=now)


FACTORIES = {"hook": lambda owner: _endpoint(owner).pk, "delivery": lambda owner: _delivery(owner).pk}
SEE, EDITS, ONE = "ada sol fin otto", "ada", {"pk": "hook"}

ROWS = [
    Row(route="hooks:hook_list", may=SEE),
    Row(route="hooks:hook_new", may=EDITS),
    Row(route="hooks:hook_new", verb="POST", may=EDITS),
    Row(route="hooks:hook_detail", at=ONE, may=SEE),
    Row(route="hooks:hook_edit", at=ONE, may=EDITS),
    Row(route="hooks:hook_edit", verb="POST", at=ONE, may=EDITS),
    Row(route="hooks:hook_test", verb="POST", at=ONE, may=EDITS),
    Row(route="hooks:hook_delete", verb="POST", at=ONE, may=EDITS),
    Row(route="hooks:hook_secret", verb="POST", at=ONE, may=EDITS),
    Row(route="hooks:hook_switch", verb="POST", at=ONE, may=EDITS),
    Row(route="hooks:delivery_replay", verb="POST", at={"pk": "delivery"}, may=EDITS),
    Row(route="api_hooks", kind=API, may=SEE),
    Row(route="api_hooks", verb="POST", kind=API, may=EDITS),
    Row(route="api_hook", kind=API, at=ONE, may=SEE),
    Row(route="api_hook", verb="PUT", kind=API, at=ONE, may=EDITS),
    Row(route="api_hook", verb="DELETE", kind=API, at=ONE, may=EDITS),
    Row(route="api_hook_test", verb="POST", kind=API, at=ONE, may=EDITS),
    Row(route="api_hook_secret", verb="POST", kind=API, at=ONE, may=EDITS),
    Row(route="api_hook_switch", verb="POST", kind=API, at=ONE, may=EDITS),
    Row(route="api_hook_deliveries", kind=API, at=ONE, may=SEE),
    Row(route="api_hook_attempts", kind=API, at=ONE, may=SEE),
    Row(route="api_hook_replay", verb="POST", kind=API, at={"pk": "delivery"}, may=EDITS),
]
