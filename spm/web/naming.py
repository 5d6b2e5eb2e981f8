"""How a request names a thing: by its id, or by the key that people know it by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower
from rest_framework.exceptions import NotFound, ValidationError

from spm.core.ids import id_of

Row = TypeVar("Row", bound=Model)
MOST_KEYS = 5_000
"""Keys among which the nearest is looked for."""
MOST_HINTS = 20
"""Unknown names of one request for which the nearest is looked for."""


class RowsNamed(Generic[Row]):
    """Finds the rows of many names as `row_named` finds that of one: all are asked for at once, and the keys for hints are read once."""

    def __init__(self, rows: QuerySet[Row], names: Iterable[str], *, key: str, field: str) -> None:
        self._rows, self._key, self._field = rows, key, field
        self._keys: Mapping[str, str] | None = None
        self._hints = 0
        self._found: dict[UUID | str, list[Row]] = defaultdict(list)
        asked = {name: id_of(name) for name in names if "\0" not in name}
        texts = {name for name, meant in asked.items() if meant is None}
        is_asked = Q(pk__in=set(asked.values()) - {None}) | Q(**{f"{key}__in": texts})
        is_asked |= Q(lowered_key__in={name.lower() for name in texts})
        for row in rows.annotate(lowered_key=Lower(key)).filter(is_asked):
            self._found[row.pk].append(row)
            self._found[str(getattr(row, key)).lower()].append(row)

    def __call__(self, name: str) -> Row:
        """Give the row of one of the names; raises the error of the field for another."""
        meant = id_of(name)
        found = self._found.get(name.lower() if meant is None else meant, [])
        found = [one for one in found if getattr(one, self._key) == name] or found
        if len(found) == 1:
            return found[0]
        if not found and self._keys is None:
            self._keys = _keys(self._rows, self._key)
        self._hints += not found
        keys = self._keys if self._keys is not None and self._hints <= MOST_HINTS else {}
        what = str(self._rows.model._meta.verbose_name)
        raise ValidationError({self._field: [_several(name, what) if found else _unknown(name, keys, what)]})


def row_named(rows: QuerySet[Row], name: str, *, key: str, field: str = "", what: str = "") -> Row:
    """Give the row of these that has this id or, in either case of its letters, this key.

    Else raises the error of the field that named it, or of the address where there is none; it names the nearest key there is. `what` is
    how people call such a row, where that is not the name of its table.
    """
    meant = id_of(name)
    if meant is not None:
        found = list(rows.filter(pk=meant)[:1])
    else:
        # The database can't even be asked for a text with a NUL.
        found = [] if "\0" in name else list(rows.filter(**{f"{key}__iexact": name})[:3])
        found = [one for one in found if getattr(one, key) == name] or found
    if len(found) == 1:
        return found[0]
    what = what or str(rows.model._meta.verbose_name)
    words = _several(name, what) if found else _unknown(name, _keys(rows, key), what)
    raise ValidationError({field: [words]}) if field else NotFound(words)


def _keys(rows: QuerySet[Any], key: str) -> dict[str, str]:
    return {str(each).lower(): str(each) for each in rows.order_by(key).values_list(key, flat=True)[:MOST_KEYS]}


def _several(name: str, what: str) -> str:
    return f"{name} names several of the kind {what}. Send the id."


def _unknown(name: str, keys: Mapping[str, str], what: str) -> str:
    nearest = get_close_matches(name.lower(), keys, n=1)
    hint = f"Did you mean {keys[nearest[0]]}?" if nearest else "Send a key or an id that its list gives."
    return f"There is no {what} {name}. {hint}"
