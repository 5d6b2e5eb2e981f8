"""Who suits a territory: by skills that its accounts ask for and by what was won of such accounts, with the reasons."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from django.db.models import Q

from planning.engine.matching import NOTHING, Record, expected, together
from planning.engine.skills import Fit
from planning.models import Territory, TerritoryAssignment
from planning.selectors.rules import account_territories
from planning.selectors.skills import fit_of, skill_text
from spm.core.money import RATE_SCALE
from spm.core.periods import year_before
from spm.crm.selectors.accounts import accounts_frame, deals_closed
from spm.people.models import Participant, ParticipantSkill, PositionHolding
from spm.roles.policy import Viewer, require

INDUSTRIES = 3
"""How many industries of a territory are told of each seller."""


@dataclass(frozen=True)
class SkillReason:
    """A skill that accounts of the territory ask for: how many, how many require it, and whether the seller has it."""

    text: str
    accounts: int
    required: int
    has_it: bool


@dataclass(frozen=True)
class ResultReason:
    """An industry of the territory: its accounts, and the deals that the seller and everybody closed there in the year before."""

    industry: str
    accounts: int
    own: Record
    everybody: Record


@dataclass(frozen=True)
class Match:
    """A seller beside a territory. Rates are at RATE_SCALE; None where nothing is asked for, or nobody closed a deal."""

    participant: Participant
    covers: bool
    skills_rate: int | None
    required_lacking: int
    """How many accounts require a skill that the seller lacks."""
    win_rate: int | None
    own: Record
    skills: tuple[SkillReason, ...]
    results: tuple[ResultReason, ...]

    @property
    def order(self) -> tuple[int, int, int, str, str]:
        """Who suits best comes first: by accounts whose required skills lack, by the share of skills times the win rate, by that rate."""
        skills, wins = (RATE_SCALE if each is None else each for each in (self.skills_rate, self.win_rate))
        return self.required_lacking, -skills * wins, -wins, self.participant.name, str(self.participant.pk)


@dataclass(frozen=True)
class Matches:
    """The sellers for a territory on a day, who suits best first."""

    territory: Territory
    on: date
    accounts: int
    usual_rate: int | None
    """The win rate to expect of somebody about whom nothing is known."""
    matches: tuple[Match, ...]


def territory_matches(viewer: Viewer, territory_id: UUID, *, on: date) -> Matches:
    """Match everybody who sells to a territory, as accounts and deals are known now; raises Territory.DoesNotExist.

    Sellers hold a position on the day, and cover a territory, closed a deal in the year before or have a skill.
    """
    require(viewer, "balance.view")
    territory = Territory.objects.get(pk=territory_id)
    held = account_territories(on).filter(territory=territory)
    frame = accounts_frame([str(key) for key in held.values_list("account_id", flat=True)])
    own = _records(on)
    everybody: dict[str, Record] = {}
    for records in own.values():
        for industry, record in records.items():
            everybody[industry] = everybody.get(industry, NOTHING).plus(record)
    mix = Counter(frame["industry"].tolist())
    covering = _covering(on, territory)
    people = _sellers({*own, *_covering(on)}, on)
    found, _patches = fit_of(frame, [[each.pk] for each in people], on)
    matches = [
        Match(
            participant=person,
            covers=person.pk in covering,
            skills_rate=_rate(held),
            required_lacking=lacking,
            win_rate=_rate(expected(mix, own.get(person.pk, {}), everybody)),
            own=together(own.get(person.pk, {})),
            skills=reasons,
            results=_result_reasons(mix, own.get(person.pk, {}), everybody),
        )
        for person, held, lacking, reasons in zip(people, *_skills(found), strict=True)
    ]
    usual = _rate(expected(mix, {}, everybody))
    return Matches(territory, on, len(frame), usual, tuple(sorted(matches, key=lambda each: each.order)))


def _records(on: date) -> dict[UUID, dict[str, Record]]:
    """What each person closed in the year before the day, by the industry of the account."""
    found: dict[UUID, dict[str, Record]] = {}
    for owner, industry, won, closed in deals_closed(start=year_before(on), end=on):
        found.setdefault(owner, {})[industry] = Record(won, closed)
    return found


def _covering(on: date, territory: Territory | None = None) -> set[UUID]:
    """Who covers the territory on the day, or any."""
    seats = TerritoryAssignment.objects.filter(during__contains=on)
    seats = seats if territory is None else seats.filter(territory=territory)
    holding = PositionHolding.objects.filter(during__contains=on, position__in=seats.values("position"))
    return set(holding.values_list("participant_id", flat=True))


def _sellers(known: set[UUID], on: date) -> list[Participant]:
    """Those with a position on the day who are known to sell, or have a skill."""
    holding = PositionHolding.objects.filter(during__contains=on).values("participant")
    skilled = ParticipantSkill.objects.filter(during__contains=on).values("participant")
    people = Participant.objects.filter(Q(pk__in=known) | Q(pk__in=skilled), pk__in=holding)
    return list(people.order_by("name", "pk"))


def _skills(found: Fit) -> tuple[list[float | None], list[int], list[tuple[SkillReason, ...]]]:
    """By seller: the mean share of their skills that accounts find (None: they ask for none), how many require more, and the reasons.

    Accounts that ask for the same are one row: sellers meet the few ways in which accounts differ, not all accounts.
    """
    rows, counts = found.merged()
    asking = rows.asked.any(axis=1)
    held: list[float | None] = [None] * len(found.held)
    if asking.any():
        held = (1 - np.average(rows.lacking()[asking], axis=0, weights=counts[asking])).tolist()
    asked = counts @ rows.asked
    required = counts @ rows.required
    reasons = [
        tuple(
            SkillReason(skill_text(found.skills[place]), int(asked[place]), int(required[place]), bool(has[place]))
            for place in np.flatnonzero(asked).tolist()
        )
        for has in found.held
    ]
    return held, (counts @ rows.lacks_required()).tolist(), reasons


def _result_reasons(
    mix: Mapping[str, int], own: Mapping[str, Record], everybody: Mapping[str, Record]
) -> tuple[ResultReason, ...]:
    largest = sorted(mix.items(), key=lambda each: (-each[1], each[0]))[:INDUSTRIES]
    return tuple(
        ResultReason(name, count, own.get(name, NOTHING), everybody.get(name, NOTHING)) for name, count in largest
    )


def _rate(value: float | None) -> int | None:
    return None if value is None else round(value * RATE_SCALE)
