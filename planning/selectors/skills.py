"""Skills of people on a day, what accounts ask for, and how the two meet."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
from django.db.models import QuerySet

from planning.engine.skills import Fit, Need, Skill, fit
from planning.models import SkillNeed
from planning.selectors.segments import segmented
from spm.crm.selectors.accounts import accounts_frame
from spm.people.models import ParticipantSkill, SkillKind

NAMED = 10
"""How many people are named of each skill."""


@dataclass(frozen=True)
class SkillLine:
    """A skill: how many accounts ask for it and require it as known now, how many people have it on the day, and the first of them."""

    skill: Skill
    accounts: int
    required: int
    held: int
    people: tuple[str, ...]

    @property
    def text(self) -> str:
        """Say it in words."""
        return skill_text(self.skill)

    @property
    def others(self) -> int:
        """How many have it who are not named."""
        return self.held - len(self.people)


def skill_text(skill: Skill) -> str:
    """Say a skill in words, such as "Language: German"."""
    return f"{SkillKind(skill.kind).label}: {skill.name}"


def skill_list() -> QuerySet[ParticipantSkill]:
    """Give the skills of everybody, past and future, by person, skill and day."""
    rows = ParticipantSkill.objects.select_related("participant")
    return rows.order_by("participant__name", "participant__pk", "kind", "name", "during")


def need_list() -> QuerySet[SkillNeed]:
    """Give what accounts ask for, by skill and field."""
    return SkillNeed.objects.order_by("kind", "name", "field", "value", "pk")


def needs_known() -> tuple[Need, ...]:
    """Give what accounts ask for, as the engine takes it."""
    return tuple(Need(Skill(one.kind, one.name), one.field, one.value, one.is_required) for one in need_list())


def skills_of(people: Iterable[UUID], on: date) -> dict[UUID, list[Skill]]:
    """Give the skills that people have on the day; nobody without one is in it."""
    found: dict[UUID, list[Skill]] = {}
    for row in skill_list().filter(participant__in=set(people), during__contains=on):
        found.setdefault(row.participant_id, []).append(Skill(row.kind, row.name))
    return found


def fit_of(accounts: pd.DataFrame, people: Sequence[Iterable[UUID]], on: date) -> tuple[Fit, list[list[Skill]]]:
    """Give what accounts (with the fields of rules) ask of patches, each with some people, and the skills of each patch on the day."""
    groups = [list(each) for each in people]
    has = skills_of({person for group in groups for person in group}, on)
    patches = [_together(group, has) for group in groups]
    needs = needs_known()
    return fit(_asked(accounts, needs, on), needs, patches), patches


def skill_lines(on: date) -> list[SkillLine]:
    """Give every skill that is asked for or held on the day, by kind and name."""
    needs = needs_known()
    found = fit(_asked(accounts_frame(), needs, on) if needs else pd.DataFrame(), needs, [])
    held: dict[tuple[str, str], list[str]] = {}
    names = {skill.key: skill for skill in found.skills}
    for kind, name, person in skill_list().filter(during__contains=on).values_list("kind", "name", "participant__name"):
        skill = Skill(kind, name)
        names.setdefault(skill.key, skill)
        held.setdefault(skill.key, []).append(person)
    counts = Counter(dict(zip((each.key for each in found.skills), found.asked.sum(axis=0).tolist(), strict=True)))
    musts = Counter(dict(zip((each.key for each in found.skills), found.required.sum(axis=0).tolist(), strict=True)))
    people = {key: held.get(key, []) for key in names}
    lines = [
        SkillLine(skill, counts[key], musts[key], len(people[key]), tuple(people[key][:NAMED]))
        for key, skill in names.items()
    ]
    return sorted(lines, key=lambda line: line.skill)


def skills_read(kept: Iterable[Sequence[Any]]) -> list[Skill]:
    """Give skills as they are kept with a proposal."""
    return [Skill(kind, name) for kind, name in kept]


def _asked(accounts: pd.DataFrame, needs: Iterable[Need], on: date) -> pd.DataFrame:
    """The accounts with the segments of the day, where a need asks for one."""
    return segmented(accounts, on) if any(need.field == "segment" for need in needs) else accounts


def _together(people: Sequence[UUID], has: Mapping[UUID, list[Skill]]) -> list[Skill]:
    return sorted({skill for person in people for skill in has.get(person, ())})
