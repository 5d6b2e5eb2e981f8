"""How the database joins what orders say to deals: each sum is made once, also where tables were just filled and have no statistics."""

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from spm.crm.deal_frames import DealsAsked, won_query

pytestmark = pytest.mark.django_db
COLUMNS = ("list_minor", "cost_minor", "quantity", "annual_minor", "booked_on")


@pytest.mark.parametrize("by_line", [False, True])
def test_sums_over_orders_are_joined_to_all_deals_at_once(in_acme: object, by_line: bool) -> None:
    """Without statistics the planner would sum all orders anew for each deal: a thousand of them took minutes."""
    asked = DealsAsked(date(2026, 1, 1), date(2027, 1, 1), timezone.now(), columns=COLUMNS, back=False)
    query = won_query(asked, by_line=by_line)
    assert "Nested Loop" in plan(query, asked)
    with asked.planned(by_line=by_line):
        assert "Nested Loop" not in plan(query, asked)
    assert "Nested Loop" in plan(query, asked)


def plan(query: str, asked: DealsAsked) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"explain {query}", asked.parameters)
        return "\n".join(row[0] for row in cursor.fetchall())
