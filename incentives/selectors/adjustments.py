"""Manual adjustments as people see them, and which of them wait or can be posted."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Concat

from incentives.models import (
    Adjustment,
    AdjustmentBatch,
    Journal,
    JournalKind,
    LedgerAccount,
    LedgerEntry,
    PayCurrency,
    PlanState,
    PlanVersion,
    Statement,
)
from spm.approvals.models import ApprovalState
from spm.approvals.selectors import approval_state, approved_keys, things_live
from spm.core.findings import Finding, Severity
from spm.roles.policy import Viewer, visible

KIND = "adjustment"


def versions_adjusted(plan_id: UUID, days: Any) -> dict[str, UUID]:
    """Give the published version under which an adjustment of a component stands, by its key, and of none of them under "".

    The latest that holds on any of the days has it, else the latest of all; empty for a plan that was never published.
    """
    rows = PlanVersion.objects.filter(plan_id=plan_id).exclude(state=PlanState.DRAFT)
    rows = rows.annotate(holds=Case(When(during__overlap=days, then=1), default=0)).order_by("holds", "number")
    return {
        key: one.pk for one in rows for key in ("", *(str(each.get("key")) for each in one.definition["components"]))
    }


def version_posted(one: Adjustment) -> list[UUID | None]:
    """Give the version under which an adjustment of a plan was posted, None where it was under none; empty before it is."""
    rows = LedgerEntry.objects.filter(
        journal__in=Journal.objects.filter(kind=JournalKind.ADJUST, slot__startswith=f"{KIND}:{one.batch_id}:"),
        participant=one.participant_id,
        earned_in=one.period_id,
        component=one.component,
        currency=one.currency,
        account=LedgerAccount.PAYABLE,
        amount_minor=one.amount_minor,
    )
    rows = rows.filter(Q(plan_version=None) | Q(plan_version__plan=one.plan_id)).order_by("plan_version_id")
    return list(rows.values_list("plan_version_id", flat=True)[:1])


def adjustment_list(viewer: Viewer) -> QuerySet[Any]:
    """Give the adjustments of the people within reach with where their approval stands and whether they are posted, latest first."""
    rows = Adjustment.objects.select_related("participant", "period", "plan", "batch", "reverses__batch")
    rows = rows.annotate(
        state=approval_state(KIND, key="batch_id", is_request=True), is_posted=Exists(_journals("batch_id"))
    )
    return visible(viewer, rows).order_by("-batch__number", "line")


def batch_list(viewer: Viewer) -> QuerySet[Any]:
    """Give the batches in which somebody within reach is adjusted, latest first."""
    reached = visible(viewer, Adjustment.objects.all()).values("batch")
    rows = AdjustmentBatch.objects.filter(pk__in=reached).annotate(
        state=approval_state(KIND, is_request=True), is_posted=Exists(_journals("pk")), count=Count("pk")
    )
    return rows.order_by("-number")


def batch_totals(rows: QuerySet[Adjustment]) -> list[dict[str, Any]]:
    """Give what adjustments come to, per currency: people and sum."""
    sums = (
        rows.order_by()
        .values("currency")
        .annotate(people=Count("participant", distinct=True), amount_minor=Sum("amount_minor"))
    )
    return [dict(row) for row in sums.order_by("currency")]


def reversed_among(keys: Collection[UUID]) -> set[UUID]:
    """Give those of some adjustments of which a reversal waits or is approved."""
    live = things_live(KIND, Adjustment.objects.filter(reverses__in=keys), key="batch_id")
    return {key for key in live.values_list("reverses", flat=True) if key is not None}


def file_counts(digest: str) -> bool:
    """Tell whether any adjustment of a file waits or is approved, and is not reversed."""
    batches = things_live(KIND, AdjustmentBatch.objects.filter(digest=digest)).values("pk")
    lines = set(Adjustment.objects.filter(batch__in=batches).values_list("pk", flat=True))
    return bool(lines - reversed_among(lines))


def batch_warnings(asked: QuerySet[Adjustment], *, on: date) -> list[Finding]:
    """Say what adjustments ask that is seldom meant: another currency than a person is paid in, a period that has not begun on a day."""
    rows = list(asked.select_related("participant", "period").order_by("line"))
    own = _paid_in(rows)
    currencies = {
        (one.participant, one.currency): paid
        for one in rows
        if (paid := own.get((one.participant_id, one.period_id))) and one.currency not in paid
    }
    ahead = {one.period for one in rows if one.period.during.lower > on}
    return [
        *(_in_another(person, currency, sorted(paid)) for (person, currency), paid in currencies.items()),
        *(_ahead(period) for period in sorted(ahead, key=lambda one: one.during.lower)),
    ]


def _paid_in(rows: Iterable[Adjustment]) -> dict[tuple[UUID, UUID], set[str]]:
    """In which currencies each person is paid at the end of each period: their own, or those of the plans on their latest statement."""
    places = {(one.participant_id, one.period) for one in rows}
    people = {who for who, _ in places}
    own, stated = defaultdict(list), defaultdict(set)
    for one in PayCurrency.objects.filter(participant__in=people):
        own[one.participant_id].append(one)
    lines = Statement.objects.filter(participant__in=people).exclude(content__lines=[]).order_by()
    for who, during, currency in lines.values_list("participant_id", "period__during", "currency").distinct():
        stated[who].add((during.lower, currency))
    found: dict[tuple[UUID, UUID], set[str]] = {}
    for who, period in places:
        last_day = period.during.upper - timedelta(days=1)
        then = [(start, currency) for start, currency in stated[who] if start <= period.during.lower]
        latest = max((start for start, _ in then), default=None)
        paid = {one.currency for one in own[who] if last_day in one.during}
        found[who, period.pk] = paid or {currency for start, currency in then if start == latest}
    return found


def _in_another(person: Any, currency: str, paid: list[str]) -> Finding:
    return Finding(
        "ADJUSTMENT_CURRENCY",
        f"participant {person.name}",
        f"{person.name} is paid in {' and '.join(paid)} and adjusted in {currency}.",
        "It is converted where the person has a currency of their own, and paid as it stands otherwise.",
        "Where the amount was meant in the currency of the pay, ask for it in that one.",
        severity=Severity.WARNING,
        about=(("participant_key", person.source_key),),
    )


def _ahead(period: Any) -> Finding:
    return Finding(
        "ADJUSTMENT_AHEAD",
        f"period {period.key}",
        f"{period.key} has not begun: it begins on {period.during.lower}.",
        "What is adjusted in it is paid with it and not before.",
        "Where it is to be paid sooner, choose a period that has begun.",
        severity=Severity.WARNING,
        about=(("period_key", period.key),),
    )


def batches_to_post() -> QuerySet[AdjustmentBatch]:
    """Give the approved batches that have no journal yet, in the order of their numbers."""
    return AdjustmentBatch.objects.filter(~Exists(_journals("pk")), pk__in=approved_keys(KIND)).order_by("number")


def batches_beyond(people: Collection[UUID]) -> QuerySet[Any]:
    """Give the batches with a line of anybody else than these people."""
    return Adjustment.objects.exclude(participant__in=people).values("batch")


def adjustments_waiting(period_id: UUID) -> int:
    """Give the number of adjustments of a period that nobody has decided."""
    rows = Adjustment.objects.filter(period_id=period_id).annotate(
        state=approval_state(KIND, key="batch_id", is_request=True)
    )
    return rows.filter(state=ApprovalState.OPEN).count()


def batch_of_slot(slot: str) -> str:
    """Give the key of the batch that a journal's slot names; empty where it is of no adjustment."""
    kind, _, rest = slot.partition(":")
    return rest.partition(":")[0] if kind == KIND else ""


def adjustment_reasons(slots: Iterable[str]) -> dict[tuple[str, ...], list[tuple[str, str, int]]]:
    """Give why people were adjusted by the batches that slots name: code, words and amount of each line, by batch, period, person,
    currency and component.
    """
    batches = [UUID(key) for slot in slots if (key := batch_of_slot(slot))]
    columns = (
        "batch_id",
        "period_id",
        "participant_id",
        "currency",
        "component",
        "reason_code",
        "reason",
        "amount_minor",
    )
    found: dict[tuple[str, ...], list[tuple[str, str, int]]] = {}
    rows = Adjustment.objects.filter(batch__in=batches).order_by("batch", "line").values_list(*columns)
    for batch, period, who, currency, component, *why in rows:
        found.setdefault((str(batch), str(period), str(who), currency, component), []).append((why[0], why[1], why[2]))
    return found


def _journals(key: str) -> QuerySet[Journal]:
    slot = Concat(Value("adjustment:"), Cast(OuterRef(key), CharField()), Value(":"), output_field=CharField())
    return Journal.objects.filter(kind=JournalKind.ADJUST, slot__startswith=slot)
