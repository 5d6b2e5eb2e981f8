"""Numbers as people, locales and accounting programs write them, as exact decimals.

A text that has two readings is refused until the mapping says which mark separates decimals. Never a float.
"""

from __future__ import annotations

import re
from decimal import Decimal

from spm.crm.feeds.problems import ValueProblem

DIGITS_LIMIT = 30
_SPACES = re.compile(r"[ \u00a0\u2009\u202f'’]")
_SHAPE = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+")
_SCIENTIFIC = re.compile(r"[+-]?[0-9.,]+e[+-]?[0-9]+", re.IGNORECASE)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|1\.#inf|1\.#qnan)", re.IGNORECASE)
_WRITE = "Write it like 1234.56."


def parse_number(text: str, decimal_mark: str | None = None) -> Decimal:
    """The exact number a text stands for; `decimal_mark` is "." or ",", or None when it has to be clear by itself.

    >>> parse_number("1.234,56"), parse_number("(1,000)", "."), parse_number("-0.5")
    (Decimal('1234.56'), Decimal('-1000'), Decimal('-0.5'))
    """
    _refuse_special(text)
    bare, negative = _unsigned(text)
    bare = _SPACES.sub("", bare)
    if not _SHAPE.fullmatch(bare) or len(bare) > 2 * DIGITS_LIMIT:
        raise ValueProblem(f"“{text[:40]}” is not a number.", _WRITE)
    number = Decimal(_point_only(bare, text, decimal_mark))
    return -number if negative else number


def _refuse_special(text: str) -> None:
    if _NOT_FINITE.fullmatch(text):
        raise ValueProblem(
            f"“{text}” is not a number that can be counted with.", "Write the number, or leave the cell blank."
        )
    if _SCIENTIFIC.fullmatch(text):
        reason = f"“{text[:40]}” is in scientific notation, in which a spreadsheet drops digits."
        raise ValueProblem(reason, "Format the column as a number with all its digits and export again.")


def _unsigned(text: str) -> tuple[str, bool]:
    bare = text.strip().replace("\u2212", "-")
    if bare.startswith("(") and bare.endswith(")"):
        return bare[1:-1].strip(), True
    if bare.endswith("-"):
        return bare[:-1].strip(), True
    if bare.startswith(("-", "+")):
        return bare[1:].strip(), bare.startswith("-")
    return bare, False


def _point_only(bare: str, text: str, mark: str | None) -> str:
    mark = mark or _decimal_mark(bare, text)
    thousands = "," if mark == "." else "."
    whole, _, fraction = bare.partition(mark)
    if mark in fraction or thousands in fraction:
        raise ValueProblem(
            f"“{text[:40]}” is not a number with “{mark}” before its decimals.",
            f"{_WRITE} Or change the decimal mark of the mapping.",
        )
    if thousands in whole:
        first, *groups = whole.split(thousands)
        if not 1 <= len(first) <= 3 or len(groups[-1]) != 3 or any(len(group) not in (2, 3) for group in groups):
            reason = f"“{text[:40]}” has a “{thousands}” that does not stand before three digits."
            raise ValueProblem(reason, f"{_WRITE} Or change the decimal mark of the mapping.")
        whole = first + "".join(groups)
    return f"{whole or '0'}.{fraction}" if fraction else whole or "0"


def _decimal_mark(bare: str, text: str) -> str:
    """The decimal mark that a number itself shows; raises ValueProblem for the likes of 1,234."""
    last = max(bare.rfind("."), bare.rfind(","))
    if last < 0:
        return "."
    mark, other = bare[last], "," if bare[last] == "." else "."
    if bare.count(mark) > 1:
        return other
    if other in bare:
        return mark
    if len(bare) - last - 1 == 3 and 1 <= last <= 3 and bare[:last].strip("0"):
        whole, fraction = bare[:last], bare[last + 1 :]
        reason = f"“{text[:40]}” can be {whole}{fraction} or {whole}.{fraction}."
        raise ValueProblem(reason, "Choose the decimal mark of the file in the mapping.")
    return mark


def shown_mark(text: str) -> str | None:
    """The decimal mark that a text proves, or None: for guessing a mapping from a sample.

    >>> shown_mark("1.234,56"), shown_mark("12.50"), shown_mark("1,234"), shown_mark("7")
    (',', '.', None, None)
    """
    bare = _SPACES.sub("", text.strip().strip("()-+%$€£¥ "))
    if not _SHAPE.fullmatch(bare) or not ({".", ","} & set(bare)):
        return None
    try:
        return _decimal_mark(bare, text)
    except ValueProblem:
        return None
