"""Accounts as planning asks for them: the fields that rules may ask, as known now."""

from datetime import date

import pandas as pd
from django.db import connection

ACCOUNT_TEXTS = ("country", "region", "city", "postal_code", "industry", "segment")
ACCOUNT_NUMBERS = ("employees", "annual_revenue_minor", "founded_year")

_ACCOUNTS = f"""
    select fact_id::text as account_key, name, {", ".join(ACCOUNT_TEXTS + ACCOUNT_NUMBERS)}
    from crm_accountversion
    where known_until is null and not is_withdrawn and (%(only)s::uuid[] is null or fact_id = any(%(only)s::uuid[]))
    order by fact_id
"""


def accounts_frame(only: list[str] | None = None) -> pd.DataFrame:
    """Give account_key, name, texts (empty: "") and numbers (Int64, missing where not known) of all accounts known now, or of some."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, {"only": only})
        names = [column.name for column in cursor.description]
        frame = pd.DataFrame(cursor.fetchall(), columns=names, dtype=object)
    for name in ACCOUNT_NUMBERS:
        frame[name] = pd.array(frame[name].tolist(), dtype="Int64")
    return frame


_SOLD = """
    select account_id::text, sum(amount_minor)::bigint
    from crm_opportunityversion
    where known_until is null and not is_withdrawn and status = 'won' and account_id is not null
      and currency = %(currency)s and close_on >= %(start)s and close_on < %(end)s
    group by 1 order by 1
"""


def account_sales(*, start: date, end: date, currency: str) -> dict[str, int]:
    """Give by account what was won in [start, end) as known now, in minor units; deals in other currencies are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_SOLD, {"start": start, "end": end, "currency": currency})
        return dict(cursor.fetchall())
