"""The API of intake and facts: files and orders through the same intake, decisions, rights, idempotency."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from spm.crm.models import OrderVersion, Upload
from spm.crm.services import orders
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

API = "/api/v1/crm"
PRODUCTS = "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n"
ORDERS = {
    "source": "shop",
    "orders": [
        {
            "key": "O1",
            "owner": "rex",
            "ordered_on": "2026-01-05",
            "currency": "USD",
            "lines": [
                {
                    "product": "GTX Pro",
                    "quantity": "2",
                    "list_price": "4821.00",
                    "discount_rate": "0.1",
                    "net_amount": "8677.80",
                },
                {"product": "GTXPro", "quantity": "1", "net_amount": "10"},
            ],
        },
        {"key": "O2", "owner": "nobody", "ordered_on": "2026-01-05", "currency": "USD"},
        {"key": "O3", "owner": "rob", "ordered_on": "31.31.2026", "currency": "USD"},
    ],
}


@pytest.fixture
def sol(sign_in: Any) -> Client:
    return sign_in("sol")


def send(client: Client, text: str, name: str, **more: str) -> Any:
    return client.post(f"{API}/uploads/", {"file": SimpleUploadedFile(name, text.encode()), **more})


def put(client: Client, path: str, body: Any) -> Any:
    return client.put(f"{API}{path}", json.dumps(body), content_type="application/json")


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(f"{API}{path}", json.dumps(body or {}), content_type="application/json", headers=headers)


def commit(client: Client, text: str, name: str, **more: str) -> Any:
    upload = send(client, text, name, **more).json()
    mapped = put(client, f"/uploads/{upload['id']}/mapping/", upload["mapping"])
    assert mapped.status_code == 200, mapped.json()
    assert post(client, f"/uploads/{upload['id']}/preview/").json()["state"] == "previewed"
    return post(client, f"/uploads/{upload['id']}/commit/").json()


def test_a_file_is_received_mapped_previewed_committed_and_undone(sol: Client) -> None:
    done = commit(sol, PRODUCTS, "products.csv", currency="USD")
    assert (done["state"], done["received"], done["created"]) == ("committed", 2, 2)
    listed = sol.get(f"{API}/products/").json()
    assert [row["source_key"] for row in listed["results"]] == ["GTX Pro", "MG Special"]
    assert listed["results"][0]["list_price_minor"] == 482_100
    one = sol.get(f"{API}/products/{listed['results'][0]['id']}/").json()
    assert one["name"] == "GTX Pro"
    undone = post(sol, f"/uploads/{done['id']}/undo/")
    assert undone.json()["state"] == "undone"
    assert sol.get(f"{API}/products/").json()["count"] == 0
    assert post(sol, f"/uploads/{done['id']}/undo/").status_code == 409


def test_errors_have_one_shape_and_name_the_fix(sol: Client) -> None:
    unreadable = send(sol, "", "products.csv")
    assert unreadable.status_code in (400, 422)
    upload = send(sol, PRODUCTS, "products.csv").json()
    refused = put(sol, f"/uploads/{upload['id']}/mapping/", upload["mapping"])
    assert refused.status_code == 422
    body = refused.json()
    assert set(body) == {"code", "message", "fix", "where"}
    assert (body["code"], body["where"][0]["where"]["text"]) == ("currency_missing", "currency")
    unknown = put(sol, f"/uploads/{upload['id']}/mapping/", {"kind": "product", "columns": {"name": "nope"}})
    assert unknown.json()["where"][0]["what"] == "The file has no column “nope”, which the mapping uses for “name”."
    assert post(sol, f"/uploads/{upload['id']}/commit/").status_code == 409


def test_orders_are_upserted_once_and_bad_rows_are_held(
    sol: Client, acme: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(sol, PRODUCTS, "products.csv", currency="USD")
    first = post(sol, "/orders/bulk/", ORDERS, **{"Idempotency-Key": "k1"})
    assert first.status_code == 200, first.json()
    answer = first.json()
    counts = {name: [answer[name][each] for each in ("received", "created", "held")] for name in ("orders", "lines")}
    assert counts == {"orders": [3, 1, 2], "lines": [2, 1, 1]}
    assert {row["column"] for row in answer["orders"]["held_rows"]} == {"owner", "ordered_on"}
    assert answer["lines"]["held_rows"][0]["value"] == "GTXPro"

    again = post(sol, "/orders/bulk/", ORDERS, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (200, answer, "true")
    other = post(sol, "/orders/bulk/", {**ORDERS, "source": "x"}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    fresh = post(sol, "/orders/bulk/", ORDERS, **{"Idempotency-Key": "k2"}).json()
    assert (fresh["orders"]["unchanged"], fresh["lines"]["unchanged"]) == (1, 1)
    assert post(sol, "/orders/bulk/", ORDERS).status_code == 400
    monkeypatch.setattr(orders, "ORDERS_LIMIT", 1)
    large = post(sol, "/orders/bulk/", ORDERS, **{"Idempotency-Key": "k3"})
    assert (large.status_code, large.json()["code"]) == (422, "batch_size")
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert OrderVersion.objects.count() == 1
        assert Upload.objects.filter(source="shop").count() == 4


def test_held_rows_are_listed_fixed_released_and_left_out(sol: Client) -> None:
    commit(sol, PRODUCTS, "products.csv", currency="USD")
    post(sol, "/orders/bulk/", ORDERS, **{"Idempotency-Key": "k1"})
    held = {row["key"]: row for row in sol.get(f"{API}/held/?state=held").json()["results"]}
    assert set(held) == {"O1/2", "O2", "O3"}
    alias = {"kind": "product", "source": "shop", "alias": "GTXPro", "target_key": "GTX Pro"}
    assert post(sol, "/aliases/", alias).json() == {"released": 1, "still_held": 0, "respelled": 0}
    fixed = sol.patch(
        f"{API}/held/{held['O3']['id']}/",
        json.dumps({"values": {"ordered_on": "2026-01-31"}}),
        content_type="application/json",
    )
    assert fixed.json()["released"] == 1
    assert post(sol, "/held/release/", {"ids": [held["O2"]["id"]]}).json() == {
        "released": 0,
        "still_held": 1,
        "respelled": 0,
    }
    assert post(sol, "/held/discard/", {"ids": [held["O2"]["id"]], "reason": "Not ours."}).json() == {"count": 1}
    assert post(sol, "/held/discard/", {"ids": [held["O2"]["id"]], "reason": "Not ours."}).status_code == 409
    unknown = post(sol, "/aliases/", {**alias, "target_key": "Nothing"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "target_unknown")


def test_rights_and_reach(sol: Client, sign_in: Any) -> None:
    post(sol, "/orders/bulk/", {"source": "shop", "orders": ORDERS["orders"][:1]}, **{"Idempotency-Key": "k1"})
    rex, rob, otto = sign_in("rex"), sign_in("rob"), sign_in("otto")
    order = rex.get(f"{API}/orders/").json()
    assert order["count"] == 1
    assert rob.get(f"{API}/orders/").json()["count"] == 0
    assert rob.get(f"{API}/orders/{order['results'][0]['id']}/").status_code == 404
    for client in (rex, otto):
        assert post(client, "/orders/bulk/", ORDERS, **{"Idempotency-Key": "k9"}).status_code == 403
        assert send(client, PRODUCTS, "products.csv").status_code == 403
    assert rex.get(f"{API}/uploads/").status_code == 403
    assert otto.get(f"{API}/uploads/").json()["count"] == 2
    gus = sign_in("gus@globex.example")
    assert gus.get(f"{API}/orders/").json()["count"] == 0
    upload = otto.get(f"{API}/uploads/").json()["results"][0]["id"]
    assert gus.get(f"{API}/uploads/{upload}/").status_code == 404
    assert post(gus, f"/uploads/{upload}/undo/").status_code == 404


@pytest.mark.parametrize(
    "noun",
    [
        "accounts",
        "products",
        "prices",
        "leads",
        "opportunities",
        "stage-changes",
        "orders",
        "order-lines",
        "contracts",
        "invoices",
        "credit-notes",
        "payments",
        "activities",
    ],
)
@pytest.mark.parametrize("who", ["sol", "rex", "mara"])
def test_every_kind_has_a_list(sign_in: Any, who: str, noun: str) -> None:
    assert sign_in(who).get(f"{API}/{noun}/").status_code == 200


def test_columns_that_nothing_reads_are_named_once_for_the_file(sol: Client) -> None:
    """By API and on the page, from the mapping on; mapped after all, they are named no more."""
    text = "product,series,sales_price,shelf,colour\nGTX Pro,GTX,4821,A,red\n"
    upload = send(sol, text, "products.csv", kind="product", currency="USD").json()
    path, mapping = f"/uploads/{upload['id']}", upload["mapping"] | {"kind": "product"}
    assert put(sol, f"{path}/mapping/", mapping).status_code == 200
    shown = post(sol, f"{path}/preview/").json()
    assert [(one["code"], one["what"], one["severity"]) for one in shown["findings"]] == [
        ("COLUMNS_UNREAD", "Nothing reads these columns: shelf, colour.", "WARNING")
    ]
    assert (
        "Nothing reads these columns: shelf, colour."
        in sol.get(reverse("crm:upload_detail", args=[upload["id"]])).content.decode()
    )
    place = next(name for name, column in mapping["columns"].items() if column == "series")
    mapping["columns"][place] = "shelf"
    put(sol, f"{path}/mapping/", mapping)
    found = post(sol, f"{path}/preview/").json()["findings"]
    assert [one["what"] for one in found] == ["Nothing reads these columns: series, colour."]
    assert post(sol, f"{path}/commit/").json()["findings"] == found
