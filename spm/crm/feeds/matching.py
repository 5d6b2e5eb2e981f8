"""Near matches: what a name that nobody knows was probably meant to be.

Proposals are for a person to decide on; nothing is replaced here. The order never depends on the order of candidates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio, token_sort_ratio

from spm.crm.feeds.vocabulary import is_standard, synonyms, terms

THRESHOLD = 82.0
"""Below this likeness (0 to 100) nothing is proposed: two edits in a name of eleven letters."""

SHORT = 4
PROPOSALS = 5
_DIGITS = re.compile(r"[0-9]+")


def folded(text: str) -> str:
    """A name without case, accents, spaces and marks.

    >>> folded("GTX-Pró ")
    'gtxpro'
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def propose(value: str, candidates: Iterable[str]) -> list[tuple[str, float]]:
    """The candidates near to a value with their likeness (100 is the same but for case, spaces and marks), best first.

    Names whose numbers differ are never near: GTK 500 is not GTK 600. Ties go by name.

    >>> propose("GTXPro", ["GTX Plus Pro", "GTX Pro", "GTX Basic"])
    [('GTX Pro', 100.0)]
    """
    wanted = folded(value)
    if not wanted:
        return []
    scored = ((candidate, _likeness(value, wanted, candidate)) for candidate in sorted(set(candidates)))
    near = [(candidate, round(score, 1)) for candidate, score in scored if score >= THRESHOLD]
    return sorted(near, key=lambda each: (-each[1], each[0]))[:PROPOSALS]


def _likeness(value: str, wanted: str, candidate: str) -> float:
    other = folded(candidate)
    if wanted == other:
        return 100.0
    if _DIGITS.findall(wanted) != _DIGITS.findall(other):
        return 0.0
    if min(len(wanted), len(other)) <= SHORT:
        return 0.0
    words = token_sort_ratio(value.casefold(), candidate.casefold())
    return min(99.0, max(ratio(wanted, other), words if Levenshtein.distance(wanted, other) > 2 else 0.0))


def propose_spelling(value: str, vocabulary: str) -> list[tuple[str, float]]:
    """Standard names near to a value of a vocabulary (`industry`, `country`); none when it is standard already.

    >>> propose_spelling("technolgy", "industry")[0][0], propose_spelling("Philipines", "country")[0][0]
    ('technology', 'Philippines')
    """
    if is_standard(value, vocabulary):
        return []
    meant = synonyms(vocabulary).get(folded(value))
    if meant:
        return [(name, 99.0) for name in meant]
    return propose(value, terms(vocabulary))
