"""How a request names a thing: by its id, or by the key that people know it by."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Generic, TypeVar

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
    """Finds the rows of many names, asked for at once; the keys for hints are read once.

    A name is a key as it is written, else an id, else a key in either case of its letters: a key that looks like an id is a key. `what` is
    how people call such a row, where that is not the name of its table.
    """

    def __init__(self, rows: QuerySet[Row], names: Iterable[str], *, key: str, field: str = "", what: str = "") -> None:
        self._rows, self._key, self._field = rows, key, field
        self._what = what or str(rows.model._meta.verbose_name)
        self._keys: Mapping[str, str] | None = None
        self._hints = 0
        # The database can't even be asked for a text with a NUL.
        asked = {name: id_of(name) for name in names if "\0" not in name}
        exact, ids, self._found = defaultdict(list), {}, dict[str, list[Row]]()
        for row in rows.filter(Q(**{f"{key}__in": asked}) | Q(pk__in=set(asked.values()) - {None})):
            exact[getattr(row, key)].append(row)
            ids[row.pk] = [row]
        for name, meant in asked.items():
            self._found[name] = exact.get(name) or ids.get(meant, [])
        self._find_otherwise({name for name, found in self._found.items() if not found})

    def __call__(self, name: str) -> Row:
        """Give the row of one of the names; raises the error of the field, or of the address where there is none, for another."""
        found = self._found.get(name, [])
        if len(found) == 1:
            return found[0]
        words = f"{name} names several of the kind {self._what}. Send the id." if found else self._unknown(name)
        raise ValidationError({self._field: [words]}) if self._field else NotFound(words)

    def _find_otherwise(self, names: Collection[str]) -> None:
        """Find what is written in another case of its letters; apart, because no index serves it."""
        if not names:
            return
        lowered = defaultdict(list)
        rows = self._rows.annotate(lowered_key=Lower(self._key))
        for row in rows.filter(lowered_key__in={name.lower() for name in names}):
            lowered[str(getattr(row, self._key)).lower()].append(row)
        self._found |= {name: lowered.get(name.lower(), []) for name in names}

    def _unknown(self, name: str) -> str:
        if self._keys is None:
            keys = self._rows.order_by(self._key).values_list(self._key, flat=True)[:MOST_KEYS]
            self._keys = {str(each).lower(): str(each) for each in keys}
        self._hints += 1
        nearest = get_close_matches(name.lower(), self._keys, n=1) if self._hints <= MOST_HINTS else []
        hint = f"Did you mean {self._keys[nearest[0]]}?" if nearest else "Send a key or an id that its list gives."
        return f"There is no {self._what} {name}. {hint}"


def row_named(rows: QuerySet[Row], name: str, *, key: str, field: str = "", what: str = "") -> Row:
    """Give the row of these that a name means, as `RowsNamed` reads it; else raises its error, with the nearest key there is."""
    return RowsNamed(rows, [name], key=key, field=field, what=what)(name)
