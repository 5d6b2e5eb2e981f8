"""Finds keys that stand in more than one row of a file, before anything is decided about a row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from spm.crm.feeds.mapping import Mapping
from spm.crm.feeds.records import RecordReader
from spm.crm.feeds.sheets import Row


@dataclass(frozen=True)
class Duplicates:
    """`conflicts`: key → numbers of all rows that have it with other values. `repeats`: numbers of rows equal to an earlier one."""

    conflicts: dict[str, list[int]] = field(default_factory=dict)
    repeats: frozenset[int] = frozenset()


def duplicates_find(mapping: Mapping, header: list[str], rows: Iterable[Row]) -> Duplicates:
    """Read all rows once. Rows are equal where all columns that the mapping uses are."""
    used = [header.index(column) for column in dict.fromkeys(mapping.columns.values()) if column in header]
    keyed = _key_of(mapping, header)
    first: dict[str, tuple[int, int]] = {}
    numbers: dict[str, list[int]] = {}
    differing: set[str] = set()
    for row in rows:
        key = keyed(row)
        if not key:
            continue
        digest = hash(tuple((row.values[place] or "").strip() for place in used))
        seen = first.setdefault(key, (row.number, digest))
        if seen[0] != row.number:
            numbers.setdefault(key, [seen[0]]).append(row.number)
            if seen[1] != digest:
                differing.add(key)
    repeats = frozenset(number for key, found in numbers.items() if key not in differing for number in found[1:])
    return Duplicates({key: numbers[key] for key in differing}, repeats)


def _key_of(mapping: Mapping, header: list[str]) -> Callable[[Row], str]:
    """Give the function from a row to its key: the key's own column is read directly, a composed key by the reader."""
    reader = RecordReader(mapping, header)
    if "key" not in mapping.columns or "key" in mapping.values:
        return lambda row: reader.read(row).key
    place = header.index(mapping.columns["key"])
    return lambda row: (row.values[place] or "").strip() or reader.read(row).key
