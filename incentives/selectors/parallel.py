"""The results of a former system beside those calculated here: difference and cause per person and component, and what they sum to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.engine.comparing import Cause, Ours, cause_of
from incentives.models import FormerResult, FormerUpload, JournalKind, LedgerAccount, Plan, Statement
from incentives.selectors.lines import Line, lines_of_many
from incentives.selectors.waiting import component_names
from spm.core.money import format_amount
from spm.people.models import Participant
from spm.roles.policy import Viewer, visible

LABELS = {
    Cause.EQUAL: gettext_lazy("Equal"),
    Cause.ROUNDING: gettext_lazy("Rounding"),
    Cause.NOT_KNOWN_HERE: gettext_lazy("Person not known here"),
    Cause.MISSING_HERE: gettext_lazy("Missing here"),
    Cause.MISSING_THERE: gettext_lazy("Missing there"),
    Cause.OTHER_CURRENCY: gettext_lazy("In another currency"),
    Cause.ADJUSTMENT: gettext_lazy("Adjusted by hand here"),
    Cause.LATE_FACT: gettext_lazy("A later fact"),
    Cause.QUOTA: gettext_lazy("Another quota"),
    Cause.UNKNOWN: gettext_lazy("Not known"),
}
WITHIN, MOST_WITHIN = 1, 100_000
DIFFERENT = "different"
"""What is asked for in place of a cause: every row that differs."""

_EARNED = """
    select e.participant_id::text, e.currency, coalesce(v.plan_id::text, ''), e.component, j.kind, -sum(e.amount_minor)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    left join incentives_planversion v on v.id = e.plan_version_id
    where e.earned_in_id = %(period)s and e.account = %(account)s and j.kind = any(%(kinds)s)
    group by 1, 2, 3, 4, 5
"""


class Place(NamedTuple):
    """Whose result (key, or the name of who is not known), in which currency, of which plan and component; both empty for a total."""

    who: str
    currency: str
    plan: str = ""
    component: str = ""


@dataclass(frozen=True)
class Compared:
    """One row: both results in minor units (None where one has none), the difference (here less there), its cause, and our why."""

    participant_id: UUID | None
    name: str
    plan_name: str
    component: str
    component_name: str
    currency: str
    there_minor: int | None
    here_minor: int | None
    cause: Cause
    detail: str
    url: str

    @property
    def difference_minor(self) -> int:
        """Give what is paid here less what was paid there."""
        return (self.here_minor or 0) - (self.there_minor or 0)

    @property
    def label(self) -> str:
        """Give the cause in words."""
        return str(LABELS[self.cause])


@dataclass(frozen=True)
class Summed:
    """What the rows of one currency come to."""

    currency: str
    there_minor: int
    here_minor: int
    rows: int
    equal: int
    unknown: int

    @property
    def difference_minor(self) -> int:
        """Give what is paid here less what was paid there."""
        return self.here_minor - self.there_minor


def upload_latest(period_id: UUID) -> FormerUpload | None:
    """Give the upload that counts for a period; None without one."""
    return FormerUpload.objects.filter(period_id=period_id).order_by("-number").first()


def upload_list(viewer: Viewer) -> QuerySet[FormerUpload]:
    """Give the uploads that hold somebody within reach, latest first."""
    reached = visible(viewer, FormerResult.objects.all()).values("upload")
    return FormerUpload.objects.filter(pk__in=reached).select_related("period").order_by("-number")


def parallel_rows(viewer: Viewer, upload: FormerUpload, *, within: int = WITHIN) -> list[Compared]:
    """Give every result of an upload, and every one here that it lacks, by name; `within` minor units are rounding."""
    theirs = {
        Place(str(row.participant_id or row.name), row.currency, str(row.plan_id or ""), row.component): row
        for row in visible(viewer, FormerResult.objects.filter(upload=upload)).order_by("line")
    }
    totals = {(place.who, place.currency) for place in theirs if not place.component}
    here = _Here(viewer, upload.period_id, totals)
    places = sorted(theirs.keys() | {place for place, earned in here.earned.items() if earned})
    differ = {
        place.who for place in places if place not in theirs or theirs[place].amount_minor != here.earned.get(place)
    }
    here.read_before(differ)
    found = [_compared(place, theirs, here, within) for place in places]
    return sorted(found, key=lambda one: (one.name.casefold(), one.currency, one.plan_name, one.component))


def parallel_kept(rows: Iterable[Compared], *, cause: str = "", query: str = "") -> list[Compared]:
    """Give the rows of a cause, or of any difference, and of the people whose name holds a query."""
    name = query.casefold()
    return [
        row
        for row in rows
        if name in row.name.casefold()
        and (not cause or row.cause == cause or (cause == DIFFERENT and row.difference_minor))
    ]


def parallel_sums(rows: Iterable[Compared]) -> list[Summed]:
    """Give what rows come to, one per currency."""
    by_currency: dict[str, list[Compared]] = defaultdict(list)
    for row in rows:
        by_currency[row.currency].append(row)
    return [
        Summed(
            currency,
            sum(row.there_minor or 0 for row in some),
            sum(row.here_minor or 0 for row in some),
            len(some),
            sum(row.cause == Cause.EQUAL for row in some),
            sum(row.cause == Cause.UNKNOWN for row in some),
        )
        for currency, some in sorted(by_currency.items())
    ]


def parallel_causes(rows: Iterable[Compared]) -> list[tuple[str, str, int]]:
    """Give how often each cause stands in the rows: its word, its name and the number, most often first."""
    counted = Counter(row.cause for row in rows)
    return [(str(cause), str(LABELS[cause]), count) for cause, count in counted.most_common()]


class _Here:
    """What is known here of a period: what was earned by place, adjustments in it, lines of statements now and before."""

    def __init__(self, viewer: Viewer, period_id: UUID, totals: set[tuple[str, str]]) -> None:
        self._totals, self._period, self._zone = totals, period_id, ZoneInfo(viewer.organisation.time_zone)
        people = visible(viewer, Participant.objects.all(), participant="pk")
        self.people = {str(key): name for key, name in people.values_list("pk", "name")}
        self.earned, self.adjusted = self._sums()
        rows = Statement.objects.filter(period_id=period_id, participant__in=people)
        latest = list(rows.order_by("participant_id", "currency", "-number").distinct("participant_id", "currency"))
        self.statements = {(str(one.participant_id), one.currency): one for one in latest}
        self.lines: dict[Place, Line] = {}
        lines = lines_of_many(latest)
        for one in latest:
            for line in lines[one.id]:
                self.lines[Place(str(one.participant_id), one.currency, str(line.plan_id), line.component)] = line
        self.before: dict[Place, list[tuple[date, int]]] = defaultdict(list)
        self.plans = dict(Plan.objects.values_list("pk", "name"))
        self.components = component_names(map(str, self.plans))

    def _place(self, who: str, currency: str, plan: str, component: str) -> Place:
        return Place(who, currency) if (who, currency) in self._totals else Place(who, currency, plan, component)

    def _sums(self) -> tuple[dict[Place, int], dict[Place, int]]:
        earned: dict[Place, int] = defaultdict(int)
        adjusted: dict[Place, int] = defaultdict(int)
        asked: dict[str, Any] = {
            "period": self._period,
            "account": LedgerAccount.EXPENSE,
            "kinds": [JournalKind.EARN, JournalKind.ADJUST],
        }
        with connection.cursor() as cursor:
            cursor.execute(_EARNED, asked)
            for who, currency, plan, component, kind, amount in cursor.fetchall():
                place = self._place(who, currency, plan, component)
                if who in self.people:
                    earned[place] += amount
                    adjusted[place] += amount if kind == JournalKind.ADJUST else 0
        return dict(earned), dict(adjusted)

    def read_before(self, who: Iterable[str]) -> None:
        """Read what earlier versions of the statements of some people said, the latest first."""
        asked = [each for each in who if each in self.people]
        rows = Statement.objects.filter(period_id=self._period, participant_id__in=asked).order_by("-number")
        for one in rows.iterator(chunk_size=500):
            day = one.issued_at.astimezone(self._zone).date()
            said: dict[Place, int] = defaultdict(int)
            for line in one.content["lines"]:
                place = self._place(str(one.participant_id), one.currency, line["plan"], line["component"])
                said[place] += line["earned_minor"]
            for place, amount in said.items():
                self.before[place].append((day, amount))

    def ours(self, place: Place) -> Ours:
        """Give what is compared of a place."""
        line = self.lines.get(place)
        quota = None if line is None else line.quota_minor
        return Ours(self.earned.get(place, 0), self.adjusted.get(place, 0), quota, self.before.get(place, ()))

    def is_there(self, place: Place) -> bool:
        """Tell whether there is a result of a place here, be it 0."""
        if not place.component and not place.plan and (place.who, place.currency) in self._totals:
            return place in self.earned or (place.who, place.currency) in self.statements
        return place in self.earned or place in self.lines

    def url(self, place: Place) -> str:
        """Give the address of our why: of the line, else of the statement."""
        statement = self.statements.get((place.who, place.currency))
        if statement is None:
            return ""
        line = self.lines.get(place)
        if line is None:
            return reverse("incentives:statement_detail", args=[statement.pk])
        return reverse("incentives:statement_line", args=[statement.pk, line.place])


def _compared(place: Place, theirs: Mapping[Place, FormerResult], here: _Here, within: int) -> Compared:
    row, is_here = theirs.get(place), here.is_there(place)
    ours = here.ours(place)
    cause, detail = _cause(place, row, theirs, here, within)
    name = here.people.get(place.who) or (row.name if row is not None else place.who)
    return Compared(
        participant_id=UUID(place.who) if place.who in here.people else None,
        name=name,
        plan_name=here.plans.get(UUID(place.plan), "") if place.plan else "",
        component=place.component,
        component_name=here.components.get((place.plan, place.component), place.component),
        currency=place.currency,
        there_minor=None if row is None else row.amount_minor,
        here_minor=ours.earned if is_here else None,
        cause=cause,
        detail=detail,
        url=here.url(place),
    )


def _cause(
    place: Place, row: FormerResult | None, theirs: Mapping[Place, FormerResult], here: _Here, within: int
) -> tuple[Cause, str]:
    ours = here.ours(place)
    if row is not None and row.participant_id is None:
        return Cause.NOT_KNOWN_HERE, ""
    if row is None:
        if ours.adjusted == ours.earned:
            return Cause.ADJUSTMENT, _adjusted(ours, place.currency)
        others = _elsewhere(place, theirs)
        return (Cause.OTHER_CURRENCY, ", ".join(others)) if others else (Cause.MISSING_THERE, "")
    if not here.is_there(place):
        others = _elsewhere(place, here.earned)
        return (Cause.OTHER_CURRENCY, ", ".join(others)) if others else (Cause.MISSING_HERE, "")
    cause, day = cause_of(row.amount_minor, ours, quota=row.quota_minor, within=within)
    return cause, _detail(cause, day, ours, row)


def _elsewhere(place: Place, known: Iterable[Place]) -> list[str]:
    """The other currencies in which the same result is known."""
    return sorted(
        each.currency for each in known if each._replace(currency="") == place._replace(currency="") and each != place
    )


def _detail(cause: Cause, day: str, ours: Ours, row: FormerResult) -> str:
    """What a cause names, in words."""
    if cause == Cause.LATE_FACT:
        return _("Here it was the same on %(day)s; facts that came later changed it.") % {"day": day}
    if cause == Cause.ADJUSTMENT:
        return _adjusted(ours, row.currency)
    if cause == Cause.QUOTA and row.quota_minor is not None and ours.quota is not None:
        amounts = {
            "there": format_amount(row.quota_minor, row.currency),
            "here": format_amount(ours.quota, row.currency),
        }
        return _("%(there)s there, %(here)s here.") % amounts
    return ""


def _adjusted(ours: Ours, currency: str) -> str:
    return _("%(amount)s %(currency)s were adjusted by hand.") % {
        "amount": format_amount(ours.adjusted, currency),
        "currency": currency,
    }
