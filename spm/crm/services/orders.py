"""Orders with their lines from the API, through the same intake as files: what can't be taken is held and reported."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from spm.crm.feeds.values import Format
from spm.crm.models import Upload
from spm.crm.services.findings import refuse
from spm.crm.services.uploads import rows_commit
from spm.roles.policy import Viewer, require

ORDER_FIELDS = ("key", "account", "opportunity", "owner", "ordered_on", "currency", "status")
LINE_FIELDS = (
    "key",
    "order",
    "product",
    "quantity",
    "list_price",
    "discount_rate",
    "net_amount",
    "cost_amount",
    "currency",
)
ORDERS_LIMIT = 5_000
LINES_LIMIT = 50_000
FORMAT = Format(date_order="YMD", decimal_mark=".", percent="FRACTION")


@dataclass(frozen=True)
class OrdersUpserted:
    """The two uploads that a batch became; `lines` is None where no order has lines."""

    orders: Upload
    lines: Upload | None


@transaction.atomic
def orders_upsert(*, orders: Sequence[Dictionary[str, Any]], source: str, actor: Viewer) -> OrdersUpserted:
    """Create or change orders by source key, with their lines. A line without a key gets its order's key and its place."""
    require(actor, "fact.import")
    lines = [line for order in orders for line in _lines(order)]
    if not orders or len(orders) > ORDERS_LIMIT or len(lines) > LINES_LIMIT:
        what = f"The batch has {len(orders):,} orders with {len(lines):,} lines."
        raise refuse(
            "BATCH_SIZE",
            "orders",
            what,
            f"Send 1 to {ORDERS_LIMIT:,} orders with at most {LINES_LIMIT:,} lines at once.",
        )
    return OrdersUpserted(
        _commit("order", ORDER_FIELDS, orders, source, actor),
        _commit("order_line", LINE_FIELDS, lines, source, actor) if lines else None,
    )


def _lines(order: Dictionary[str, Any]) -> list[dict[str, Any]]:
    key = order.get("key") or ""
    return [
        {
            "key": f"{key}/{place}",
            "currency": order.get("currency"),
            **{name: value for name, value in line.items() if value},
            "order": key,
        }
        for place, line in enumerate(order.get("lines") or (), start=1)
    ]


def _commit(
    kind: str, fields: tuple[str, ...], rows: Sequence[Dictionary[str, Any]], source: str, actor: Viewer
) -> Upload:
    present = [name for name in fields if any(row.get(name) for row in rows) or name == "key"]
    cells = [[row.get(name) for name in present] for row in rows]
    return rows_commit(
        kind=kind, fields=present, rows=cells, file_name=f"api-{kind}.csv", source=source, actor=actor, format=FORMAT
    )
