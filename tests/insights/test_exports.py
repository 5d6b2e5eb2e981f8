"""Every file of insights needs the action export besides that of its page."""

from typing import Any

import pytest
from django.urls import resolve, reverse

from insights.urls import urlpatterns
from spm.roles.catalogue import ROLE_ACTIONS, Role

FILES = [one for one in urlpatterns if "<str:form>" in str(one.pattern)]


@pytest.mark.parametrize("route", FILES, ids=[str(one.name) for one in FILES])
def test_a_file_needs_the_action_export(sign_in: Any, monkeypatch: pytest.MonkeyPatch, route: Any) -> None:
    at = {"form": "csv"} | ({"kpi": "win_rate"} if "<slug:kpi>" in str(route.pattern) else {})
    sol = sign_in("sol")
    if "<uuid:pk>" in str(route.pattern):
        at |= resolve(sol.post(reverse("insights:dashboards"), {"name": "Own"})["Location"]).kwargs
    address = reverse(f"insights:{route.name}", kwargs=at)
    assert sol.get(address).status_code in (200, 400)
    monkeypatch.setitem(ROLE_ACTIONS, Role.SALES_OPERATIONS, ROLE_ACTIONS[Role.SALES_OPERATIONS] - {"export"})
    refused = sol.get(address)
    assert refused.status_code == 403 and "attachment" not in refused.headers.get("Content-Disposition", "")
