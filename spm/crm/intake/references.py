"""Finds what a text in a file names: by key in the same source, by a remembered alias, by key in any source, by name.

A text that names nothing, or two things, is not resolved; near names are proposed for a person to decide. Nothing is created.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from spm.crm.feeds.matching import propose
from spm.crm.intake.known import facts_by_key, facts_by_name
from spm.crm.kinds import FactKind, fact_kind
from spm.crm.models import Alias
from spm.people.models import Participant

SHORTLIST = 50
PROPOSED_VALUES_LIMIT = 500


@dataclass(frozen=True)
class Candidate:
    """A known thing: its key at its source, its name, and the text of its id."""

    key: str
    name: str
    id: str


@dataclass
class References:
    """The names met during one intake, found in sets; `own` are the keys of the file's own rows, for kinds that name themselves."""

    source: str
    own: dict[str, str] = field(default_factory=dict)
    _found: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _proposed: dict[tuple[str, str], tuple[Candidate, ...]] = field(default_factory=dict)

    def load(self, kind: str, values: Iterable[str]) -> None:
        """Find all values of a kind that are not known yet, in a few queries."""
        wanted = {value for value in values if (kind, value) not in self._found}
        if not wanted:
            return
        self._found |= {(kind, value): found for value, found in self._by_key(kind, wanted, self.source).items()}
        self._load_aliases(kind, self._open(kind, wanted))
        for search in (self._by_key, self._by_email, self._by_name):
            missing = self._open(kind, wanted)
            if missing:
                self._found |= {(kind, value): found for value, found in search(kind, missing, None).items()}
        self._found |= {(kind, value): None for value in self._open(kind, wanted)}

    def get(self, kind: str, value: str) -> str | None:
        """Give the id of what a loaded value names, None where it names nothing or more than one thing."""
        return self._found[kind, value]

    def proposals(self, kind: str, value: str) -> tuple[Candidate, ...]:
        """Give near candidates, best first; only for the first few hundred unknown values of an intake."""
        known = self._proposed.get((kind, value))
        if known is None:
            known = self._proposals(kind, value) if len(self._proposed) < PROPOSED_VALUES_LIMIT else ()
            self._proposed[kind, value] = known
        return known

    def _open(self, kind: str, wanted: set[str]) -> set[str]:
        return {value for value in wanted if (kind, value) not in self._found}

    def _load_aliases(self, kind: str, wanted: set[str]) -> None:
        aliases = dict(
            Alias.objects.filter(kind=kind, source=self.source, alias__in=wanted).values_list("alias", "target_key")
        )
        if not aliases:
            return
        targets = set(aliases.values())
        own = self._by_key(kind, targets, self.source)
        anywhere = own | self._by_key(kind, targets - set(own), None)
        self._found |= {(kind, alias): anywhere[target] for alias, target in aliases.items() if target in anywhere}

    def _by_key(self, kind: str, values: set[str], source: str | None) -> dict[str, str]:
        return _unique(_select(kind, "source_key", values, source))

    def _by_name(self, kind: str, values: set[str], source: str | None) -> dict[str, str]:
        return _unique(_select(kind, "name", values, source))

    def _by_email(self, kind: str, values: set[str], source: str | None) -> dict[str, str]:
        return _unique(_select(kind, "email", values, source)) if kind == "participant" else {}

    def _proposals(self, kind: str, value: str) -> tuple[Candidate, ...]:
        shortlist = _nearest(kind, value)
        named = {each.name: each for each in reversed(shortlist)} | {each.key: each for each in reversed(shortlist)}
        return tuple(dict.fromkeys(named[text] for text, _score in propose(value, named)))


def _unique(rows: list[tuple[str, str]]) -> dict[str, str]:
    """Keep the values that name exactly one thing."""
    found: dict[str, set[str]] = {}
    for value, id in rows:
        found.setdefault(value, set()).add(id)
    return {value: next(iter(ids)) for value, ids in found.items() if len(ids) == 1}


def _select(kind: str, column: str, values: set[str], source: str | None) -> list[tuple[str, str]]:
    """Give (value, id) of the known things whose column is one of the values."""
    if kind == "participant":
        people = Participant.objects.filter(**{f"{column}__in": values}, **({"source": source} if source else {}))
        return [(value, str(id)) for value, id in people.values_list(column, "id")]
    facts = fact_kind(kind)
    if column == "source_key":
        return facts_by_key(facts, values, source)
    return facts_by_name(facts, values) if facts.has_name else []


def _nearest(kind: str, value: str) -> list[Candidate]:
    """Give the known things whose key or name shares most letters with the value, for the real comparison."""
    if kind == "participant":
        name, table = "name", "people_participant f"
    else:
        facts = fact_kind(kind)
        name, table = "v.name" if facts.has_name else "''", _known(facts)
    query = f"""select f.source_key, {name}, f.id::text from {table}
        order by greatest(similarity(f.source_key, %(value)s), similarity({name}, %(value)s)) desc, f.source_key limit {SHORTLIST}"""
    with connection.cursor() as cursor:
        cursor.execute(query, {"value": value})
        return [Candidate(*row) for row in cursor.fetchall()]


def _known(facts: FactKind) -> str:
    """Give the join of a kind's facts with what is known of them now."""
    return f"{facts.fact_table} f join {facts.version_table} v on v.fact_id = f.id and v.known_until is null and not v.is_withdrawn"
