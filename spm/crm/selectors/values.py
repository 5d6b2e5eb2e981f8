"""Which values the deals of the company have in a column: for telling that a condition names one that no deal has."""

from collections.abc import Sequence

from django.db import connection

from spm.crm.deal_columns import COLUMNS, attribute

MOST = 500
"""A column with more values than that is no list to choose from, such as accounts: its values are not told."""

_CURRENT = "{0}.known_until is null and not {0}.is_withdrawn"
_PRODUCTS = f"crm_product p join crm_productversion pv on pv.fact_id = p.id and {_CURRENT.format('pv')}"
_ACCOUNTS = f"crm_accountversion av where {_CURRENT.format('av')}"
_DEALS = f"crm_opportunityversion v where {_CURRENT.format('v')}"
SOURCES = {
    "product_key": _PRODUCTS,
    "product_family": _PRODUCTS,
    "industry_key": _ACCOUNTS,
    "segment_key": _ACCOUNTS,
    "country_key": _ACCOUNTS,
    "region_key": _ACCOUNTS,
    "stage": _DEALS,
    "status": _DEALS,
    "type": _DEALS,
    "forecast_category": _DEALS,
}
"""Columns whose values are words from a list, and where they are read."""


def values_known(name: str, asked: Sequence[str]) -> list[str]:
    """Give the values that deals have in a column now, in order, where one of those `asked` is in none; nothing where all are.

    Nothing, too, where its values are no list, or none is known. Only a value that is in no deal makes all of them be read.
    """
    column = next((each for each in (name, f"{name}_key") if each in SOURCES), None)
    own = attribute(name)
    if column is None and (own is None or name in COLUMNS or name.endswith(("_minor", "_on", "_rate"))):
        return []
    sql = COLUMNS[column].sql if column is not None else own.sql if own is not None else ""
    read = f"select ({sql})::text as found from {SOURCES.get(column or '', _DEALS)}"
    with connection.cursor() as cursor:
        held = f"select 1 from ({read}) had where had.found = asked.value"
        cursor.execute(f"select 1 from unnest(%s::text[]) asked(value) where not exists ({held})", [list(asked)])
        if cursor.fetchone() is None:
            return []
        cursor.execute(f"select distinct found from ({read}) had where found <> '' order by 1 limit {MOST + 1}")
        found = [str(row[0]) for row in cursor.fetchall()]
    return found if len(found) <= MOST else []
