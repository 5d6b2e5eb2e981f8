"""Ids as they come from outside: in an address, a field, a file."""

from __future__ import annotations

from uuid import UUID


def id_of(text: str) -> UUID | None:
    """Give the id that a text is, None where it is none.

    >>> id_of("7")
    >>> id_of("00000000-0000-0000-0000-000000000007")
    UUID('00000000-0000-0000-0000-000000000007')
    """
    try:
        return UUID(text)
    except ValueError:
        return None
