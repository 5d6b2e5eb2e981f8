"""Which values the deals of the company have in a column: for telling that a condition names one that no deal has."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.errors import QueryCanceled

from spm.crm.deal_columns import COLUMNS, attribute
from spm.crm.selectors.attributes import deal_attributes
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer

PATIENCE = "3s"
"""What one question may take of the database."""

MOST_COLUMNS = 12
MOST_READ = 100_000
"""Rows of a column that are read for its list of values."""

MOST = 500
"""A column with more values than that is no list to choose from, such as accounts: nothing is told of it."""

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


def values_missing(viewer: Viewer, asked: Mapping[str, Sequence[str]]) -> dict[str, tuple[set[str], list[str]]]:
    """Give by column which of the values asked no deal has now, and those that deals have, in order, for who sees the whole company.

    It is an advice, and no pay depends on it: nothing is said of a column whose values are no list or that nobody knows, of more than
    MOST_COLUMNS columns, nor where the database takes longer than PATIENCE. Only a column that lacks a value is read for its list.
    """
    own = deal_attributes() if any(name not in COLUMNS for name in asked) else {}
    known = (
        (name, _source(name, own), [each for each in values if _is_storable(each)]) for name, values in asked.items()
    )
    read = {
        name: (source, values)
        for name, source, values in islice((one for one in known if one[1] and one[2]), MOST_COLUMNS)
    }
    try:
        with _hurried() as cursor:
            missing = _missing(cursor, read) if read else {}
            listed = _listed(cursor, {name: read[name][0] for name in missing}) if missing else {}
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return {}
    is_whole = viewer.reach is Reach.ALL
    return {name: (missing[name], found if is_whole else []) for name, found in listed.items() if len(found) <= MOST}


def _is_storable(text: str) -> bool:
    """Tell whether the database can be asked for a text: it takes neither the sign 0 nor half of a pair of signs."""
    return not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in text)


def _source(name: str, attributes: Collection[str]) -> str:
    """The question for all values of a column or an attribute; empty where it is none of words."""
    column = next((each for each in (name, f"{name}_key") if each in SOURCES), None)
    if column is not None:
        return f"select ({COLUMNS[column].sql})::text as found from {SOURCES[column]}"
    own = attribute(name) if name in attributes and name not in COLUMNS else None
    if own is None or name.endswith(("_minor", "_on", "_rate")):
        return ""
    return f"select ({own.sql})::text as found from {_DEALS}"


@contextmanager
def _hurried() -> Iterator[CursorWrapper]:
    """Gives a cursor whose questions are given up after PATIENCE; the time that was allowed before is so again afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select current_setting('statement_timeout')")
        [before] = cursor.fetchone()
        cursor.execute("select set_config('statement_timeout', %s, true)", [PATIENCE])
        yield cursor
        cursor.execute("select set_config('statement_timeout', %s, true)", [before])


def _missing(cursor: CursorWrapper, read: Mapping[str, tuple[str, list[str]]]) -> dict[str, set[str]]:
    """By column, which of the values are in no deal; nothing of a column that has no value at all."""
    questions = (
        f"select %s, asked.value from unnest(%s::text[]) asked(value) "
        f"where not exists (select 1 from ({source}) had where had.found = asked.value)"
        for source, _values in read.values()
    )
    cursor.execute(
        " union all ".join(questions), [each for name, (_source, values) in read.items() for each in (name, values)]
    )
    missing: dict[str, set[str]] = {}
    for name, value in cursor.fetchall():
        missing.setdefault(name, set()).add(value)
    return missing


def _listed(cursor: CursorWrapper, sources: Mapping[str, str]) -> dict[str, list[str]]:
    """By column the values that deals have, one more than MOST at the most; a column without any is left out."""
    questions = (
        f"(select distinct %s, found from (select found from ({source}) had where found <> '' limit {MOST_READ}) part limit {MOST + 1})"
        for source in sources.values()
    )
    cursor.execute(" union all ".join(questions), list(sources))
    listed: dict[str, list[str]] = {}
    for name, found in sorted(cursor.fetchall()):
        listed.setdefault(name, []).append(found)
    return listed
