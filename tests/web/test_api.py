"""What every API view does with names that it does not know: it refuses them, because leaving them out would change the answer."""

from collections.abc import Callable

import pytest
from django.test import Client

from spm.crm.models import Order, Upload
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/api/v1/crm/opportunities/?owner_name=Rex", "owner_name"),
        ("/api/v1/crm/opportunities/?status=won&close_on__lte=2026-01-01", "close_on__lte"),
        ("/api/v1/people/participants/?nmae=Rex", "nmae"),
        ("/api/v1/planning/quotas/?period_key=2026-Q1", "period_key"),
    ],
)
def test_an_unknown_filter_is_refused(sign_in: Callable[[str], Client], url: str, name: str) -> None:
    answer = sign_in("sol").get(url)

    assert answer.status_code == 400
    assert list(answer.json()["where"]) == [name]
    assert answer.json()["where"][name][0].startswith("There is no such filter here. There are: ")


def test_known_filters_and_pages_are_taken(sign_in: Callable[[str], Client]) -> None:
    sol = sign_in("sol")
    for url in (
        "/api/v1/crm/opportunities/?status=won&close_on__lt=2026-01-01&page=1&page_size=10",
        "/api/v1/people/participants/?on=2026-01-01&name__icontains=r",
        "/api/v1/planning/quotas/?period__key=2026-Q1",
        "/api/v1/audit/entries/?page=1",
    ):
        assert sol.get(url).status_code == 200, url


def test_an_unknown_field_is_refused_and_nothing_is_written(
    sign_in: Callable[[str], Client], acme: Organisation
) -> None:
    line = {"product": "P", "quantity": "2", "unit_price": "10.00"}
    order = {"key": "O-1", "ordered_on": "2026-07-01", "currency": "USD", "lines": [line]}

    answer = sign_in("sol").post(
        "/api/v1/crm/orders/bulk/",
        {"source": "shop", "orders": [order]},
        content_type="application/json",
        headers={"Idempotency-Key": "k1"},
    )

    assert answer.status_code == 400
    assert "There is no such field here" in str(answer.json()["where"])
    assert "unit_price" in str(answer.json()["where"])
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert not Order.objects.exists()
        assert not Upload.objects.exists()
