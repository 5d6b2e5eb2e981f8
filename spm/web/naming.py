"""How a request names a thing: by its id, or by the key that people know it by."""

from difflib import get_close_matches
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotFound, ValidationError

Row = TypeVar("Row", bound=Model)
MOST_KEYS = 5_000
"""Keys among which the nearest is looked for."""


def row_named(rows: QuerySet[Row], name: str, *, key: str, field: str = "") -> Row:
    """Give the row of these that has this id or, in either case of its letters, this key.

    Else raises the error of the field that named it, or of the address where there is none; it names the nearest key there is.
    """
    try:
        found = list(rows.filter(pk=UUID(name))[:1])
    except ValueError:
        # The database can't even be asked for a text with a NUL.
        found = [] if "\0" in name else list(rows.filter(**{f"{key}__iexact": name})[:3])
        found = [one for one in found if getattr(one, key) == name] or found
    if len(found) == 1:
        return found[0]
    what = str(rows.model._meta.verbose_name)
    words = f"{name} names several of the kind {what}. Send the id." if found else _unknown(rows, name, key, what)
    raise ValidationError({field: [words]}) if field else NotFound(words)


def _unknown(rows: QuerySet[Any], name: str, key: str, what: str) -> str:
    keys = {str(each).lower(): str(each) for each in rows.order_by(key).values_list(key, flat=True)[:MOST_KEYS]}
    nearest = get_close_matches(name.lower(), keys, n=1)
    hint = f"Did you mean {keys[nearest[0]]}?" if nearest else "Send a key or an id that its list gives."
    return f"There is no {what} {name}. {hint}"
