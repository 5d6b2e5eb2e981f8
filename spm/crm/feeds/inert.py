"""Text that no spreadsheet takes for a formula, and the way back.

A cell that begins with =, +, -, @ (also full-width), a tab, a line break or a NUL is taken for a formula or hides one; an
apostrophe in front makes it text. The same holds behind a semicolon, tab or line break inside a text, because a
spreadsheet of another locale splits there. Reading a file that this product wrote takes the apostrophes away again.
Source: trust.md 4.8 F5; OWASP, CSV injection.
"""

from __future__ import annotations

import re

_STARTS = "=+\\-@\t\r\n\0＝＋－＠"
_FORMULA = "=+\\-@＝＋－＠"
_SPACE = "[\\s\u00a0\u200b-\u200f\u2060\ufeff]*"
_DANGEROUS_START = re.compile(f"(?=[{_STARTS}]|{_SPACE}[{_FORMULA}])")
_DANGEROUS_INSIDE = re.compile(f"([;\t\r\n])(?={_SPACE}[{_FORMULA}])")
_MARKED_START = re.compile(f"'(?=[{_STARTS}]|{_SPACE}[{_FORMULA}])")
_MARKED_INSIDE = re.compile(f"([;\t\r\n])'(?={_SPACE}[{_FORMULA}])")


def inert(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet could start a formula.

    >>> inert("=1+1"), inert("a;=1+1"), inert("Smith-Jones")
    ("'=1+1", "a;'=1+1", 'Smith-Jones')
    """
    marked = _DANGEROUS_INSIDE.sub(r"\1'", text)
    return f"'{marked}" if _DANGEROUS_START.match(marked) else marked


def restored(text: str) -> str:
    """The text without the apostrophes that `inert` put in.

    >>> restored("'=1+1"), restored("O'Neil")
    ('=1+1', "O'Neil")
    """
    if "'" not in text:
        return text
    return _MARKED_INSIDE.sub(r"\1", text[1:] if _MARKED_START.match(text) else text)
