"""Skills: what accounts ask of the people who cover them, and what a patch has of it.

A need says that accounts whose field is a value ask for a skill; a patch has every skill that one of its people has. A required skill
keeps an account out of patches without it, unless every patch lacks one: then it is a wish like the others, and a finding says so.
Floats: nobody is paid by them.

Source: issue 5, balance (skills: industry, product, language, seniority).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planning.engine.rules import Condition, Rule, Test, meeting
from spm.core.findings import Finding, Severity


@dataclass(frozen=True, slots=True, order=True)
class Skill:
    """A skill, such as LANGUAGE German."""

    kind: str
    name: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes two the same: case does not count."""
        return self.kind, self.name.casefold()


@dataclass(frozen=True, slots=True)
class Need:
    """Accounts whose `field` is `value`, without regard to case, ask for a skill; with `is_required` they go to nobody without it."""

    skill: Skill
    field: str
    value: str
    is_required: bool = False


@dataclass(frozen=True)
class Fit:
    """Which skills accounts (rows) ask for and require, and which patches (columns of the results) have; all are true or false."""

    skills: tuple[Skill, ...]
    asked: np.ndarray
    required: np.ndarray
    held: np.ndarray

    def lacking(self) -> np.ndarray:
        """The share of its skills that each account lacks in each patch; 0 where it asks for none."""
        missing = self.asked.astype(float) @ (~self.held).T.astype(float)
        whole = self.asked.sum(axis=1, keepdims=True)
        return np.divide(missing, whole, out=np.zeros_like(missing), where=whole > 0)

    def barred(self) -> np.ndarray:
        """Whether an account may not be in a patch for a required skill; never where that holds for all patches."""
        lacks = self.lacks_required()
        return lacks & ~lacks.all(axis=1, keepdims=True)

    def nowhere(self) -> np.ndarray:
        """Whether every patch lacks a skill that the account requires."""
        lacks = self.lacks_required()
        return np.asarray(lacks.all(axis=1)) if lacks.shape[1] else np.zeros(len(lacks), dtype=bool)

    def merged(self) -> tuple[Fit, np.ndarray]:
        """The same with one row for all accounts that ask for and require the same skills, and how many accounts each row is."""
        alike = np.packbits(np.hstack([self.asked, self.required]), axis=1)
        _rows, first, counts = np.unique(alike, axis=0, return_index=True, return_counts=True)
        return replace(self, asked=self.asked[first], required=self.required[first]), counts

    def asked_of(self, row: int) -> list[Skill]:
        """The skills that an account asks for, in order."""
        return [self.skills[number] for number in np.flatnonzero(self.asked[row]).tolist()]

    def lacks_required(self) -> np.ndarray:
        """Whether a patch lacks a skill that the account requires."""
        return np.asarray(self.required.astype(np.int64) @ (~self.held).T.astype(np.int64) > 0)


def fit(accounts: pd.DataFrame, needs: Sequence[Need], patches: Sequence[Collection[Skill]]) -> Fit:
    """Find what accounts ask for by their fields, and what patches have of it by the skills of their people."""
    skills = {need.skill.key: need.skill for need in sorted(needs, key=lambda each: each.skill)}
    places = {key: number for number, key in enumerate(skills)}
    asked = np.zeros((len(accounts), len(skills)), dtype=bool)
    required = np.zeros_like(asked)
    for need in needs:
        rule = Rule("", "", "", (Condition(need.field, Test.IS, (need.value,)),))
        meets = meeting(accounts, [rule])
        asked[:, places[need.skill.key]] |= meets
        required[:, places[need.skill.key]] |= meets & need.is_required
    return Fit(tuple(skills.values()), asked, required, _held(list(skills), patches))


def lacking_of(asked: Sequence[Skill], held: Collection[Skill]) -> list[Skill]:
    """The skills asked for that are not held."""
    has = {each.key for each in held}
    return [each for each in asked if each.key not in has]


def missing_everywhere(accounts: pd.DataFrame, found: Fit) -> list[Finding]:
    """Say of how many accounts every patch lacks a required skill, and of the first of them which skills."""
    rows = np.flatnonzero(found.nowhere())
    if not len(rows):
        return []
    first = int(rows[0])
    names = [found.skills[number].name for number in np.flatnonzero(found.required[first]).tolist()]
    name, others = str(accounts["name"].iloc[first]), len(rows) - 1
    also = f", and so it is for {others} more" if others else ""
    what = f"{name} requires {' and '.join(names)}, and nobody covers a territory of this proposal with that{also}."
    fix = "Give the skill to who has it, let somebody with it cover a territory, or make it a wish."
    why = "For these accounts it counts as a wish."
    return [Finding("SKILL_NOWHERE", name, what, why, fix, Severity.WARNING, about=(("accounts", len(rows)),))]


def _held(keys: Sequence[tuple[str, str]], patches: Sequence[Collection[Skill]]) -> np.ndarray:
    has = [{each.key for each in patch} for patch in patches]
    return np.array([[key in one for key in keys] for one in has], dtype=bool).reshape(len(has), len(keys))
