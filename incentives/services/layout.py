"""Checks the look of a file that is handed to another system, before it is kept."""

from collections.abc import Collection, Mapping, Sequence

from django.core.exceptions import ValidationError

DELIMITERS, DECIMALS, MOST_COLUMNS = (",", ";", "\t", "|"), (".", ","), 40


def look_check(
    *, columns: Sequence[Mapping[str, str]], fields: Collection[str], delimiter: str, decimal: str
) -> list[dict[str, str]]:
    """Give the columns as they are kept; raises ValidationError naming what is wrong."""
    if delimiter not in DELIMITERS:
        raise ValidationError({"delimiter": "Columns are parted by a comma, a semicolon, a tab or a bar."})
    if decimal not in DECIMALS or decimal == delimiter:
        raise ValidationError({"decimal": "The decimal mark is a point or a comma, and not what parts the columns."})
    if not 1 <= len(columns) <= MOST_COLUMNS:
        raise ValidationError({"columns": f"A file has 1 to {MOST_COLUMNS} columns."})
    unknown = sorted({str(column.get("field")) for column in columns} - set(fields))
    if unknown:
        raise ValidationError({"columns": f"There is no {', '.join(unknown)}. There are: {', '.join(fields)}."})
    return [
        {"header": str(each.get("header", "")).strip(), "field": each["field"], "text": str(each.get("text") or "")}
        for each in columns
    ]
