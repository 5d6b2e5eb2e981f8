"""The functions on texts. Each different text is looked at once, however many rows have it; what is not stated has no text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from incentives.engine.language.values import Values, troubled
from spm.core.exact import Exact


def _under(path: str, above: str) -> bool:
    return path == above or path.startswith(f"{above}/")


_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "STARTSWITH": str.startswith,
    "ENDSWITH": str.endswith,
    "CONTAINS": str.__contains__,
    "UNDER": _under,
}
_CHANGES: Mapping[str, Callable[[str], str]] = {"LOWER": str.lower, "UPPER": str.upper, "TRIM": str.strip}
TEXTS = (*_TESTS, *_CHANGES, "LENGTH")


def text_function(name: str, values: list[Values]) -> Values:
    """The column of one of the functions of `TEXTS`."""
    trouble = troubled(*(value.trouble for value in values))
    codes, texts = pd.factorize(values[0].array)
    if name in _CHANGES:
        changed = np.array([*(_CHANGES[name](text) for text in texts), None], dtype=object)
        return Values(changed[codes], trouble)
    if name == "LENGTH":
        return Values(Exact(np.array([*(len(text) for text in texts), 0], dtype=np.int64)[codes]), trouble)
    return Values(_tested(_TESTS[name], values[0].array, values[1].array), trouble)


def _tested(test: Callable[[str, str], bool], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """A test of two texts in every row; nothing stated never passes."""
    if len(right) == 1:
        wanted = right[0]
        codes, texts = pd.factorize(left)
        return np.array([*(wanted is not None and test(text, wanted) for text in texts), False], dtype=bool)[codes]
    pairs = np.broadcast_arrays(left, right)
    found = [one is not None and other is not None and test(one, other) for one, other in zip(*pairs, strict=True)]
    return np.array(found, dtype=bool)
