"""Finds people, positions and titles by the words that files use for them; a word for two things finds none of them."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.core.exceptions import ValidationError

from spm.people.models import Participant, Position, Title

PERSON = ("name", "email", "employee_number", "source_key")
CODED = ("name", "code")


class Names:
    """The words for the things of one kind, without regard to case."""

    def __init__(self, what: str, rows: Iterable[tuple[UUID, *tuple[str, ...]]], fix: str) -> None:
        self._what, self._fix = what, fix
        self._found: dict[str, set[UUID]] = defaultdict(set)
        self._words: dict[UUID, tuple[str, ...]] = {}
        for key, *words in rows:
            self._words[key] = tuple(word for word in words if word)
            for word in self._words[key]:
                self._found[word.casefold()].add(key)

    def find(self, word: str) -> UUID:
        """Give the key of what a word names; raises ValidationError where it names nothing, or two things."""
        found = self._found.get(word.casefold(), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise ValidationError(f"{len(found)} of the company's {self._what}s are called “{word}”. {self._fix}")
        raise ValidationError(
            f"The {self._what} “{word}” is not known. Correct it, or add the {self._what} first. {self._fix}"
        )

    def knows(self, word: str) -> bool:
        """Tell whether a word names one or more things."""
        return bool(self._found.get(word.casefold()))

    def word(self, key: UUID | None) -> str:
        """Give the first word that names only this thing; nothing for no thing."""
        if key is None:
            return ""
        words = self._words[key]
        return next((word for word in words if len(self._found[word.casefold()]) == 1), words[-1])


def person_names() -> Names:
    """Give the words for people: name, e-mail, employee number, key in their source."""
    rows = Participant.objects.values_list("pk", *PERSON)
    return Names("person", rows, "A name, an e-mail address, an employee number or a key names a person.")


def position_names() -> Names:
    """Give the words for positions: name and code."""
    return Names("position", Position.objects.values_list("pk", *CODED), "A name or a code names a position.")


def title_names() -> Names:
    """Give the words for titles: name and code."""
    return Names("title", Title.objects.values_list("pk", *CODED), "A name or a code names a title.")
