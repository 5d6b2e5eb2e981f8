"""Statements as people see them: always with a viewer, always cut to the viewer's reach."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from incentives.models import JournalKind, LedgerAccount, LedgerEntry, Statement
from incentives.selectors.bridge import Bridge
from incentives.selectors.changed import LineChange, changed_told, changes_between, statement_before
from incentives.selectors.facts import digest_of
from incentives.selectors.leaving import Final, final_of
from incentives.selectors.ledger import Balance, balances
from incentives.selectors.lines import Line, lines_of
from incentives.selectors.paid_in import PaidIn, paid_in_of, statements_in
from incentives.selectors.parts import Part, bridge_told, earned_beside, parts_of
from incentives.selectors.payments import payments_of
from incentives.selectors.settling import left_on
from incentives.selectors.since import since_of
from incentives.selectors.waiting import Released, Wait, released_of, waits_of
from spm.core.dated import day_ends
from spm.roles.policy import Viewer, visible


@dataclass(frozen=True)
class StatementDetail:
    """A statement with its lines, what stands on the ledger, and what changed since the version before.

    `balance` and `payments` are of now on the latest version. A replaced one says what was payable when it was issued.
    """

    statement: Statement
    lines: tuple[Line, ...]
    findings: tuple[dict[str, str], ...]
    waits: tuple[Wait, ...]
    released: tuple[Released, ...]
    final: Final | None
    parts: tuple[Part, ...]
    earned_beside: tuple[tuple[str, int], ...]
    conversions: tuple[PaidIn, ...]
    other_statements: dict[str, UUID]
    balance: Balance
    payments: Part | None
    since: Part | None
    bridge: Bridge | None
    versions: tuple[Statement, ...]
    changes: tuple[LineChange, ...]
    changed: Part | None
    is_latest: bool
    is_intact: bool
    stands: str
    """Whether its period is to come, runs or is over on the viewer's day; for who has left by then it is over."""

    @property
    def has_kept_lines(self) -> bool:
        """Tell whether a line was taken over from the version before, because it could not be calculated this time."""
        return any(not line.is_calculated for line in self.lines)

    @property
    def shown(self) -> tuple[Part, ...]:
        """Give the tables of the page: after the way to what is payable what became of the pay, where anything did."""
        now = tuple(one for one in (self.payments, self.since) if one is not None and one.rows)
        way = tuple(one for one in self.parts if one.key == "bridge")
        return (*way, *now, *(one for one in self.parts if one.key != "bridge"))

    @property
    def main(self) -> Line | None:
        """Give the line that stands for the statement: the first that is held against a quota, else the first."""
        return next(
            (line for line in self.lines if line.quota_minor is not None), self.lines[0] if self.lines else None
        )


def statement_list(
    viewer: Viewer, *, period_id: UUID | None = None, participant_id: UUID | None = None, query: str = ""
) -> QuerySet[Statement]:
    """Give the latest version of each statement within reach, latest period first, people by name."""
    rows = visible(viewer, statements_latest().select_related("participant", "period", "run"))
    if period_id is not None:
        rows = rows.filter(period_id=period_id)
    if participant_id is not None:
        rows = rows.filter(participant_id=participant_id)
    if query:
        rows = rows.filter(participant__name__icontains=query)
    return rows.order_by("-period__during", "participant__name", "currency")


def statements_latest() -> QuerySet[Statement]:
    """Give the latest version of each statement, whoever looks."""
    newer = Statement.objects.filter(
        participant=OuterRef("participant"),
        period=OuterRef("period"),
        currency=OuterRef("currency"),
        number__gt=OuterRef("number"),
    )
    return Statement.objects.filter(~Exists(newer))


def with_states(rows: QuerySet[Statement]) -> QuerySet[Statement]:
    """Add what the books of each statement have now, the statement says what they had as it was issued: `payable_now_minor`,
    `paid_now_minor`, `held_now_minor` (waits or is held, below 0 where earlier books' was released), `carried_now_minor` from or to other
    books, and `eligible_now_minor`, which with what was carried and less what was paid is what is payable."""
    payable, paid = _now(account=LedgerAccount.PAYABLE), _now(account=LedgerAccount.PAID)
    rows = rows.annotate(
        payable_now_minor=payable,
        paid_now_minor=paid,
        held_now_minor=_now(account__in=(LedgerAccount.EARNED, LedgerAccount.HELD)),
        carried_now_minor=_now(account=LedgerAccount.PAYABLE, journal__kind=JournalKind.CARRY),
    )
    return rows.annotate(eligible_now_minor=F("payable_now_minor") + F("paid_now_minor") - F("carried_now_minor"))


def _now(**more: Any) -> Coalesce:
    """What the books of a statement have now of some entries."""
    books = LedgerEntry.objects.filter(
        participant=OuterRef("participant"), period=OuterRef("period"), currency=OuterRef("currency"), **more
    )
    total = books.order_by().values("currency").annotate(total=Sum("amount_minor")).values("total")
    return Coalesce(Subquery(total), 0)


def statement_periods(viewer: Viewer) -> list[Any]:
    """Give the periods of which somebody within reach has a statement, latest first."""
    rows = visible(viewer, Statement.objects.select_related("period")).order_by("-period__during", "period_id")
    return [row.period for row in rows.distinct("period__during", "period_id")]


def period_current(viewer: Viewer) -> Any | None:
    """Give the period to show first: the latest that has begun on the viewer's day and has statements within reach, or None."""
    return next((period for period in statement_periods(viewer) if period.during.lower <= viewer.on), None)


def statement_known_on(viewer: Viewer, statement: Statement, day: date) -> Statement | None:
    """Give the version of a statement that stood at the end of a day where the company is; None where none was issued by then."""
    ends = day_ends(day, ZoneInfo(viewer.organisation.time_zone))
    same = {"participant": statement.participant_id, "period": statement.period_id, "currency": statement.currency}
    return statement_rows(viewer).filter(**same, issued_at__lt=ends).order_by("-number").first()


def statement_hashes(period_id: UUID) -> list[list[Any]]:
    """Give what proves the latest statements of a period: person, currency, number and hash of each."""
    rows = Statement.objects.filter(period_id=period_id).order_by("participant_id", "currency", "-number")
    latest = rows.distinct("participant_id", "currency")
    return [[str(who), *rest] for who, *rest in latest.values_list("participant_id", "currency", "number", "hash")]


def statement_rows(viewer: Viewer) -> QuerySet[Statement]:
    """Give every version of every statement within reach: for looking one up by its key."""
    return visible(viewer, Statement.objects.select_related("participant", "period__calendar", "run"))


def statement_get(viewer: Viewer, statement: Statement) -> StatementDetail:
    """Give what the statement says, beside the ledger of now and the version before it."""
    same = {"participant": statement.participant_id, "period": statement.period_id, "currency": statement.currency}
    versions = tuple(visible(viewer, Statement.objects.filter(**same)).select_related("run").order_by("-number"))
    before = next((one for one in versions if one.number == statement.number - 1), None)
    place = (statement.participant_id, statement.period_id, statement.currency)
    is_latest = versions[0].number == statement.number
    balance = _balance(place) if is_latest else _balance_then(statement)
    conversions = paid_in_of(statement)
    bridge = bridge_told(statement, is_now=is_latest)
    since = since_of(statement, bridge) if is_latest else None
    return StatementDetail(
        statement=statement,
        lines=lines_of(statement),
        findings=tuple(statement.content["findings"]),
        waits=waits_of(statement),
        released=released_of(statement),
        final=final_of(statement),
        parts=_parts(statement, bridge, is_now=is_latest, is_told_since=bool(since and since.rows)),
        earned_beside=earned_beside(statement),
        conversions=conversions,
        other_statements=statements_in(statement, conversions),
        balance=balance,
        payments=payments_of(statement) if is_latest else None,
        since=since,
        bridge=bridge,
        versions=versions,
        changes=changes_between(before, statement) if before is not None else (),
        changed=changed_told(before, statement) if before is not None else None,
        is_latest=is_latest,
        is_intact=digest_of(statement.content) == statement.hash,
        stands=_stands(statement, viewer.on),
    )


def _stands(statement: Statement, on: date) -> str:
    days = statement.period.during
    if on < days.lower:
        return "to come"
    return "over" if days.upper <= on or left_on([str(statement.participant_id)], on) else "running"


def _parts(statement: Statement, bridge: Bridge | None, *, is_now: bool, is_told_since: bool) -> tuple[Part, ...]:
    """The parts; where later books released any of it, what waited is told as what waited then."""
    title = _("What waited when this was issued")
    return tuple(
        replace(one, title=title) if one.key == "waits" and is_told_since else one
        for one in parts_of(statement, bridge, is_now=is_now)
    )


def _balance(place: tuple[UUID, UUID, str]) -> Balance:
    """What the ledger has of a person, period and currency now."""
    return balances([place[1]], [place[0]]).get(place, Balance())


def _balance_then(statement: Statement) -> Balance:
    """What it had when the statement was issued."""
    return Balance(*(statement.content[name] for name in ("earned_minor", "payable_minor", "paid_minor")))


def unplanned_words(statement: Statement) -> str:
    """Say why a statement has no line, in the language that is set."""
    before = statement_before(statement)
    if before is not None and before.content["lines"]:
        return _("What was earned before was taken back; earlier versions show it.")
    return _("What it says comes from other periods, or was decided by hand.")


@dataclass(frozen=True)
class TeamTotal:
    """What the statements of a period within reach come to, in one currency."""

    currency: str
    people: int
    credit_minor: int
    earned_minor: int
    payable_minor: int
    quota_minor: int = 0
    paid_minor: int = 0
    eligible_minor: int = 0
    held_minor: int = 0


def statement_totals(rows: QuerySet[Statement]) -> list[TeamTotal]:
    """Give the totals of a list of statements `with_states`, one per currency."""
    sums = (
        rows.order_by()
        .values("currency")
        .annotate(
            credit=Sum("credit_minor"),
            earned=Sum("earned_minor"),
            payable=Sum("payable_now_minor"),
            paid=Sum("paid_now_minor"),
            eligible=Sum("eligible_now_minor"),
            held=Sum("held_now_minor"),
            people=Count("participant", distinct=True),
        )
        .order_by("currency")
    )
    return [
        TeamTotal(
            row["currency"],
            row["people"],
            row["credit"],
            row["earned"],
            row["payable"],
            paid_minor=row["paid"],
            eligible_minor=row["eligible"],
            held_minor=row["held"],
        )
        for row in sums
    ]
