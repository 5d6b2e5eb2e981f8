"""The forecast of a period by hierarchy, as of a day: deals by category, the numbers people gave, and the model's parts."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from insights.engine.rollup import (
    CALLED,
    NOBODY,
    SUREST_FIRST,
    Amounts,
    Tree,
    called,
    category_of,
    from_below,
    roll_up,
    shown,
)
from insights.models import Forecast, ForecastModel, ForecastPolicy, ForecastShare, ForecastSubmission, RollUp
from insights.selectors.pipeline import why_first
from planning.selectors import period_list
from spm.core.dated import day_ends
from spm.crm.models import OpportunityVersion
from spm.crm.selectors.facts import facts_known_since
from spm.people.models import Participant, PositionHolding, ReportingLine
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible

KINDS = ("QUARTERLY", "MONTHLY", "445", "SEMI_MONTHLY", "BIWEEKLY", "WEEKLY", "YEARLY")
"""The calendars in the order in which a period is looked for."""

USUAL_WORDS = {
    "commit": "COMMIT", "committed": "COMMIT", "best case": "BEST", "best": "BEST", "upside": "BEST", "pipeline": "PIPELINE",
    "omitted": "OMITTED", "closed": "COMMIT",
}  # fmt: skip
"""What the usual words of sources mean where the company says nothing else; an open deal called closed is at least a commit."""


@dataclass(frozen=True)
class SheetAsked:
    """Which period, as known at the end of which day, with the hierarchy of which day."""

    period: Any
    day: date
    org_on: date


Told = Mapping[str, int | None]
"""Amounts by category; None where nothing is known of that day."""
UNTOLD: Told = dict.fromkeys(SUREST_FIRST)


def holding(*given: ForecastSubmission | None) -> ForecastSubmission | None:
    """Give the first number that was given and not taken back."""
    return next((one for one in given if one is not None and one.amount_minor is not None), None)


@dataclass(frozen=True)
class SheetLine:
    """A person with everybody below: deals as the company counts them, the numbers given, those from below, the model's part.

    `may` says whether the viewer gives this number: "own", "override", or not.
    """

    person: str
    name: str
    manager: str | None
    depth: int
    has_team: bool
    own: Told
    team: Told
    counted: Told
    calls: dict[str, ForecastSubmission]
    overrides: dict[str, ForecastSubmission]
    below: dict[str, tuple[int, int]]
    model_minor: int | None
    may: str

    def in_force(self, category: str) -> ForecastSubmission | None:
        """Give the number that holds: the override, else what the person said; one that was taken back never does."""
        return holding(self.overrides.get(category), self.calls.get(category))


@dataclass(frozen=True)
class ForecastSheet:
    """The sheet within reach: lines in the order of reading, the whole, and what no line holds."""

    asked: SheetAsked
    policy: ForecastPolicy
    currency: str
    lines: tuple[SheetLine, ...]
    whole: Told
    counted: Told
    reason: str
    called: dict[str, tuple[int, int]]
    model_minor: int | None
    in_other_currencies: int
    unvalued: int
    undated: int
    model: str = ""
    model_because: str = ""
    """Why the company's forecast is of this model; nothing to who sees only themself."""

    @property
    def model_name(self) -> str:
        """What pages call the model; empty where there is none."""
        return str(dict(ForecastModel.choices).get(self.model, ""))

    @property
    def is_open(self) -> bool:
        """Tell whether numbers can still be given: the period has not ended."""
        return bool(self.asked.period.during.upper > self.asked.day)


def forecast_period(day: date) -> Any:
    """Give the period that is forecast on the day: of quarters where the company has them, else of months, weeks, years; None without."""
    return period_on(period_list().filter(during__contains=day), day)


def period_on(periods: Iterable[Any], day: date) -> Any:
    """Give the period of the day that is forecast, of some periods."""
    present = [one for one in periods if one.during.lower <= day < one.during.upper and one.calendar.kind in KINDS]
    return min(present, key=lambda one: KINDS.index(one.calendar.kind), default=None)


def forecast_policy() -> ForecastPolicy:
    """Give how the company forecasts, the defaults where nobody has said."""
    return ForecastPolicy.objects.first() or ForecastPolicy()


def managers_on(day: date) -> dict[str, str | None]:
    """Give the manager (id as text) of everybody in a main seat on the day; a seat that nobody holds is passed over."""
    holdings = PositionHolding.objects.filter(during__contains=day, is_main=True)
    holder = {seat: str(person) for seat, person in holdings.values_list("position_id", "participant_id")}
    lines = dict(ReportingLine.objects.filter(during__contains=day).values_list("position_id", "manager_id"))
    found: dict[str, str | None] = {}
    for seat, person in holder.items():
        above, seen = lines.get(seat), {seat}
        while above is not None and above not in holder and above not in seen:
            seen.add(above)
            above = lines.get(above)
        found[person] = holder.get(above) if above is not None else None
    return found


def forecast_sheet(viewer: Viewer, asked: SheetAsked) -> ForecastSheet:
    """Give the sheet within reach."""
    policy, reason = forecast_policy(), _unknown_because(viewer, asked.day)
    own, left_out = _own(viewer, asked, policy)
    above = _above(viewer, asked.org_on)
    names = {str(key): name for key, name in Participant.objects.filter(pk__in=above).values_list("pk", "name")}
    given = _share_rows(viewer, asked)
    if any(str(owner) not in above for owner, _amount in given):
        own.setdefault(NOBODY, {})
    tree = roll_up(own, above, names)
    calls, overrides = _submissions(viewer, asked, above)
    shares = _shares(given, tree)
    may_give = _may_give(viewer)
    force = {category: _in_force(tree, overrides, calls, category) for category in CALLED}
    below = {category: from_below(tree, force[category]) for category in CALLED}

    def told(amounts: Amounts) -> Told:
        return UNTOLD if reason else amounts

    def counted(amounts: Amounts) -> Told:
        return told(shown(amounts, cumulative=policy.roll_up == RollUp.CUMULATIVE))

    lines = tuple(
        SheetLine(
            person, names.get(person, ""), above.get(person), node.depth, bool(node.below), told(node.own), told(node.team),
            counted(node.team), calls.get(person, {}), overrides.get(person, {}),
            {category: below[category][person] for category in CALLED}, shares.get(person), may_give(person),
        )
        for person, node in tree.nodes.items()
    )  # fmt: skip
    return ForecastSheet(
        asked, policy, viewer.organisation.currency, lines, told(tree.whole), counted(tree.whole), reason,
        {category: called(tree, force[category]) for category in CALLED},
        sum(shares[top] for top in tree.tops) if shares else None, *left_out, *_model(viewer, asked),
    )  # fmt: skip


def _unknown_because(viewer: Viewer, day: date) -> str:
    """Say why nothing is known of the deals at the end of a day; empty where something is."""
    since = facts_known_since("opportunity")
    if since is not None and (day >= viewer.on or since < _ends(viewer, day)):
        return ""
    return _("No deal was known yet at the end of %(day)s, so the amounts of that day are unknown.") % {
        "day": day.isoformat()
    }


def deals_known(viewer: Viewer, day: date) -> QuerySet[Any]:
    """Give the deals within reach as known at the end of the day, each with `closing_on`: when it closed, or is to close."""
    versions = OpportunityVersion.objects
    known = versions.current() if day >= viewer.on else versions.known_at(_ends(viewer, day))
    within = visible(viewer, known, participant="owner")
    return within.annotate(closing_on=Coalesce("expected_close_on", "close_on"))


def deals_in(rows: QuerySet[Any], period: Any) -> QuerySet[Any]:
    """Keep the deals won in the period, and the open ones that are to close in it."""
    first, end = period.during.lower, period.during.upper
    won = Q(status="won", close_on__gte=first, close_on__lt=end)
    return rows.filter(won | Q(status="open", closing_on__gte=first, closing_on__lt=end))


def submission_history(viewer: Viewer, *, period_id: UUID, participant_id: UUID) -> list[ForecastSubmission]:
    """Give every number given for a person within reach in a period, the latest first."""
    rows = visible(viewer, ForecastSubmission.objects.filter(period=period_id, participant=participant_id))
    return list(rows.order_by("-at", "-number"))


def submissions_latest(
    period_id: UUID, people: Collection[UUID], *, until: datetime | None = None
) -> dict[tuple[UUID, str, bool], ForecastSubmission]:
    """Give the latest numbers of people in a period before a moment, by person, category and whether it is the word over theirs."""
    rows = ForecastSubmission.objects.filter(period=period_id, participant__in=people)
    if until is not None:
        rows = rows.filter(at__lt=until)
    place = ("participant", "category", "is_override")
    latest = rows.order_by(*place, "-number").distinct(*place)
    return {(row.participant_id, row.category, row.is_override): row for row in latest}


def words_of() -> list[str]:
    """Give the words that open deals use for forecast category and stage, in lower case."""
    rows: QuerySet[Any] = OpportunityVersion.objects.current()
    pairs = rows.filter(status="open").order_by().values_list("forecast_category", "stage").distinct()
    return sorted({word.strip().lower() for pair in pairs for word in pair if word.strip()})


def _ends(viewer: Viewer, day: date) -> Any:
    return day_ends(day, ZoneInfo(viewer.organisation.time_zone))


def _own(viewer: Viewer, asked: SheetAsked, policy: ForecastPolicy) -> tuple[dict[str, Amounts], tuple[int, int, int]]:
    """Amounts by owner and category in the company's currency; and how many deals are in other currencies, without amount, without day."""
    known = deals_known(viewer, asked.day)
    mapping = USUAL_WORDS | policy.categories
    groups = (
        deals_in(known, asked.period).order_by().values("owner_id", "status", "forecast_category", "stage", "currency")
    )
    own: dict[str, Amounts] = {}
    foreign = unvalued = 0
    for row in groups.annotate(deals=Count("pk"), valued=Count("amount_minor"), amount=Sum("amount_minor")):
        if row["currency"] not in ("", viewer.organisation.currency):
            foreign += row["deals"]
            continue
        unvalued += row["deals"] - row["valued"]
        category = category_of(row["status"], row["forecast_category"], row["stage"], mapping)
        amounts = own.setdefault(str(row["owner_id"] or NOBODY), {})
        amounts[category] = amounts.get(category, 0) + (row["amount"] or 0)
    undated = known.filter(status="open", closing_on__isnull=True).count()
    return own, (foreign, unvalued, undated)


def _above(viewer: Viewer, day: date) -> dict[str, str | None]:
    """Everybody within reach who sits somewhere on the day, with their manager."""
    found = managers_on(day)
    if viewer.reach is Reach.ALL:
        return found
    reach = {str(person) for person in viewer.participant_ids}
    return {person: manager for person, manager in found.items() if person in reach}


def _submissions(
    viewer: Viewer, asked: SheetAsked, people: Collection[str]
) -> tuple[dict[str, dict[str, ForecastSubmission]], dict[str, dict[str, ForecastSubmission]]]:
    """The latest number of everybody by category, and the latest override; each may be taken back."""
    until = _ends(viewer, asked.day) if asked.day < viewer.on else None
    said: dict[str, dict[str, ForecastSubmission]] = {}
    over: dict[str, dict[str, ForecastSubmission]] = {}
    for row in submissions_latest(asked.period.pk, [UUID(one) for one in people], until=until).values():
        (over if row.is_override else said).setdefault(str(row.participant_id), {})[row.category] = row
    return said, over


def _in_force(
    tree: Tree,
    over: Mapping[str, Mapping[str, ForecastSubmission]],
    said: Mapping[str, Mapping[str, ForecastSubmission]],
    category: str,
) -> dict[str, int]:
    held = {
        person: holding(over.get(person, {}).get(category), said.get(person, {}).get(category)) for person in tree.nodes
    }
    return {person: one.amount_minor for person, one in held.items() if one and one.amount_minor is not None}


def _share_rows(viewer: Viewer, asked: SheetAsked) -> list[tuple[UUID | None, int]]:
    rows = ForecastShare.objects.filter(period=asked.period, made_on__lte=asked.day)
    return list(visible(viewer, rows).values_list("participant_id", "amount_minor"))


def _model(viewer: Viewer, asked: SheetAsked) -> tuple[str, str]:
    """The model that the parts are of, and why."""
    made = ForecastShare.objects.filter(period=asked.period, made_on__lte=asked.day).values_list("model", "made_on")
    found = made.first()
    if found is None or viewer.reach is Reach.SELF:
        return ("" if found is None else found[0]), ""
    model, made_on = found
    row = Forecast.objects.filter(unit=None, period=asked.period, made_on=made_on, model=model).first()
    return model, "" if row is None else why_first(row)


def _shares(given: list[tuple[UUID | None, int]], tree: Tree) -> dict[str, int]:
    """Everybody's part of the company's forecast with those below; empty where there is none for the period as of the day."""
    if not given:
        return {}
    totals = dict.fromkeys(tree.nodes, 0)
    for owner, amount in given:
        totals[str(owner) if str(owner) in totals else NOBODY] += amount
    for person, node in reversed(tree.nodes.items()):
        totals[person] += sum(totals[one] for one in node.below)
    return totals


def _may_give(viewer: Viewer) -> Callable[[str], str]:
    """Tell of each person whether the viewer gives their number: as their own, over theirs, or not."""
    if not viewer.can("forecast.submit"):
        return lambda person: ""
    giving = viewer.acting("forecast.submit")
    is_all = giving.reach is Reach.ALL
    within = set() if is_all else {str(each) for each in giving.participant_ids}
    own = str(viewer.participant.pk) if viewer.participant else None

    def may(person: str) -> str:
        if person == own:
            return "own"
        return "override" if person and (is_all or person in within) else ""

    return may
