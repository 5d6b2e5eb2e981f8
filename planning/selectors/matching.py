"""Who suits a territory: by skills that its accounts ask for and by what was won of such accounts, with the reasons."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

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
    def order(self) -> tuple[float, int, str, str]:
        """Who suits best comes first: the share of skills times the expected win rate, then that rate."""
        skills, wins = (RATE_SCALE if each is None else each for each in (self.skills_rate, self.win_rate))
        return -float(skills) * wins, -wins, self.participant.name, str(self.participant.pk)


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
    known = accounts_frame(fields=("industry",))
    own = _records(dict(zip(known["account_key"], known["industry"], strict=True)), on)
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
            skills_rate=_held(found, number),
            required_lacking=int(found.lacks_required()[:, number].sum()),
            win_rate=_rate(expected(mix, own.get(person.pk, {}), everybody)),
            own=together(own.get(person.pk, {})),
            skills=_skill_reasons(found, number),
            results=_result_reasons(mix, own.get(person.pk, {}), everybody),
        )
        for number, person in enumerate(people)
    ]
    usual = _rate(expected(mix, {}, everybody))
    return Matches(territory, on, len(frame), usual, tuple(sorted(matches, key=lambda each: each.order)))


def _records(industries: Mapping[str, str], on: date) -> dict[UUID, dict[str, Record]]:
    """What each person closed in the year before the day, by the industry of the account."""
    found: dict[UUID, dict[str, Record]] = {}
    for owner, account, won, closed in deals_closed(start=year_before(on), end=on):
        mine, industry = found.setdefault(owner, {}), industries.get(account, "")
        mine[industry] = mine.get(industry, NOTHING).plus(Record(won, closed))
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


def _held(found: Fit, number: int) -> int | None:
    """The mean share of their skills that accounts find in a seller; None where they ask for none."""
    asking = found.asked.any(axis=1)
    return _rate(float(1 - found.lacking()[asking, number].mean())) if asking.any() else None


def _skill_reasons(found: Fit, number: int) -> tuple[SkillReason, ...]:
    counts = zip(found.skills, found.asked.sum(axis=0).tolist(), found.required.sum(axis=0).tolist(), strict=True)
    return tuple(
        SkillReason(skill_text(skill), asked, required, bool(found.held[number, place]))
        for place, (skill, asked, required) in enumerate(counts)
        if asked
    )


def _result_reasons(
    mix: Mapping[str, int], own: Mapping[str, Record], everybody: Mapping[str, Record]
) -> tuple[ResultReason, ...]:
    largest = sorted(mix.items(), key=lambda each: (-each[1], each[0]))[:INDUSTRIES]
    return tuple(
        ResultReason(name, count, own.get(name, NOTHING), everybody.get(name, NOTHING)) for name, count in largest
    )


def _rate(value: float | None) -> int | None:
    return None if value is None else round(value * RATE_SCALE)
