"""Guesses what a file is about from the names of its columns, and how it writes numbers and dates from some of its rows.

A guess is shown to a person before it is used. Equal headers always give equal guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rapidfuzz.fuzz import ratio

from spm.core.money import is_currency
from spm.crm.feeds.catalogue import KINDS
from spm.crm.feeds.dates import clear_order
from spm.crm.feeds.fields import KEY_SOURCE, Field, Kind
from spm.crm.feeds.mapping import EVERYTHING_ELSE, Mapping
from spm.crm.feeds.numerals import shown_mark
from spm.crm.feeds.sheets import Row
from spm.crm.feeds.values import Format, ValueType

NEAR = 88.0
"""Likeness (0 to 100) from which a column's name counts as a misspelling of a synonym."""

KIND_THRESHOLD = 0.5
OWN_FORMAT = Format(date_order="YMD", decimal_mark=".")
STATUS_BY_STAGE = {
    "Won": "won",
    "Closed Won": "won",
    "closedwon": "won",
    "Lost": "lost",
    "Closed Lost": "lost",
    "closedlost": "lost",
    EVERYTHING_ELSE: "open",
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ASIDE = re.compile(r"[(\[].*?[)\]]")
_CUSTOM = re.compile(r"__[cr]$")
_WORD = re.compile(r"[^\W_]+")


def words(header: str) -> str:
    """The words of a column's name in small letters, without marks and units.

    >>> words("CloseDate"), words("Deal_Value (USD)"), words("Engage_Date__c")
    ('close date', 'deal value', 'engage date')
    """
    bare = _CUSTOM.sub("", _ASIDE.sub(" ", header).strip())
    return " ".join(_WORD.findall(_CAMEL.sub(" ", bare))).lower()


def guess_kind(header: Sequence[str]) -> str | None:
    """The kind that a header most likely describes, or None when none fits.

    >>> guess_kind(["opportunity_id", "deal_stage", "close_value"])
    'opportunity'
    """
    ranked = rank_kinds(header)
    return ranked[0][0] if ranked and ranked[0][1] >= KIND_THRESHOLD else None


def rank_kinds(header: Sequence[str]) -> list[tuple[str, float]]:
    """Every kind with how well a header fits it (0 to 1), best first; ties in the order of import."""
    scored = [(name, 1.0 if is_own(kind, header) else round(_fit(kind, header), 4)) for name, kind in KINDS.items()]
    return sorted(scored, key=lambda each: -each[1])


def _fit(kind: Kind, header: Sequence[str]) -> float:
    """Two thirds for the columns that find a field, a third for the required fields that find a column."""
    found = _assign(kind, header)
    if not found:
        return 0.0
    required = {each.name for each in kind.fields if each.required}
    have = set(found) | ({"key"} if kind.natural_key and set(kind.natural_key) <= set(found) else set())
    have |= {"status"} if kind.name == "opportunity" and "stage" in found else set()
    columns = sum(score for _, score in found.values()) / 100 / max(len(header), 1)
    return columns * 2 / 3 + len(required & have) / len(required) / 3


def _assign(kind: Kind, header: Sequence[str]) -> dict[str, tuple[str, float]]:
    """The best column for each field, each column used once: field → (header, likeness)."""
    pairs = []
    for place, column in enumerate(header):
        name = words(column)
        for rank, each in enumerate(kind.fields):
            score = _likeness(each, name)
            if score:
                pairs.append((-score, rank, place, each.name, column))
    taken: set[int] = set()
    found: dict[str, tuple[str, float]] = {}
    for score, _, place, field_name, column in sorted(pairs):
        if field_name not in found and place not in taken:
            found[field_name] = (column, -score)
            taken.add(place)
    return found


def _likeness(each: Field, name: str) -> float:
    synonyms = (each.name.replace("_", " "), *each.synonyms) if each.name != "key" else each.synonyms
    if name in synonyms:
        return 100.0 - synonyms.index(name) / 10
    if len(name) < 5:
        return 0.0
    near = max((ratio(name.replace(" ", ""), other.replace(" ", "")) for other in synonyms), default=0.0)
    return near * 0.9 if near >= NEAR else 0.0


def guess_mapping(kind: str, header: Sequence[str], sample: Iterable[Row] = (), *, canonical: bool = False) -> Mapping:
    """A mapping for a header, with the format that sample rows prove; `canonical` is the sheet's. Raises KeyError.

    A currency is only guessed when the name of an amount's column says it; else it stays to be chosen. The product's own
    exports are read as they are written.
    """
    described = KINDS[kind]
    if is_own(described, header):
        return Mapping(kind, described.written, format=OWN_FORMAT)
    columns = {name: column for name, (column, _) in _assign(described, header).items()}
    columns = {each.name: columns[each.name] for each in described.fields if each.name in columns}
    if len(described.natural_key) == 1 and "key" not in columns and described.natural_key[0] in columns:
        columns["key"] = columns[described.natural_key[0]]
    values = {}
    if kind == "opportunity" and "stage" in columns and "status" not in columns:
        columns["status"], values["status"] = columns["stage"], dict(STATUS_BY_STAGE)
    texts = _texts(described, columns, header, sample)
    return Mapping(kind, columns, _guess_constants(described, columns), values, _guess_format(texts, canonical))


def is_own(kind: Kind, header: Sequence[str]) -> bool:
    """True for a file that the product wrote itself, also where columns were added to it."""
    return KEY_SOURCE in header and set(kind.written.values()) <= set(header)


def _guess_constants(kind: Kind, columns: dict[str, str]) -> dict[str, str]:
    if "currency" in columns:
        return {}
    amounts = [columns[each.name] for each in kind.fields if each.type == ValueType.AMOUNT and each.name in columns]
    codes = {
        code
        for column in amounts
        for code in re.findall(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", column)
        if is_currency(code)
    }
    return {"currency": codes.pop()} if len(codes) == 1 else {}


def _texts(
    kind: Kind, columns: dict[str, str], header: Sequence[str], sample: Iterable[Row]
) -> dict[ValueType, list[str]]:
    """The filled cells of a sample by the type of their field."""
    places = [(kind.field(name).type, list(header).index(column)) for name, column in columns.items()]
    texts: dict[ValueType, list[str]] = {}
    for row in sample:
        for type, place in places:
            value = row.values[place] if place < len(row.values) else None
            if value and value.strip():
                texts.setdefault(type, []).append(value.strip())
    return texts


def _guess_format(texts: dict[ValueType, list[str]], canonical: bool) -> Format:
    numbers = [
        text
        for type in (ValueType.AMOUNT, ValueType.DECIMAL, ValueType.PERCENT, ValueType.INTEGER)
        for text in texts.get(type, ())
    ]
    mark = "." if canonical else _agreed(shown_mark(text) for text in numbers)
    return Format(
        date_order=_agreed(map(_slash_order, texts.get(ValueType.DATE, ()))), decimal_mark=mark, percent=_percent(texts)
    )


def _slash_order(text: str) -> str | None:
    return None if "." in text else clear_order(text)


def _agreed(votes: Iterable[str | None]) -> str | None:
    """What all that have an opinion agree on."""
    opinions = {vote for vote in votes if vote}
    return opinions.pop() if len(opinions) == 1 else None


def _percent(texts: dict[ValueType, list[str]]) -> str | None:
    """PERCENT when a bare number above 1 is among them: 45 can't be a share. Small numbers prove nothing."""
    bare = [text for text in texts.get(ValueType.PERCENT, ()) if re.fullmatch(r"[0-9]+(?:[.,][0-9]+)?", text)]
    return "PERCENT" if any(float(text.replace(",", ".")) > 1 for text in bare) else None
