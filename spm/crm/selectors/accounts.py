"""Accounts as planning asks for them: the fields that rules may ask, as known now."""

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
