"""What of opening balances runs read: credits, quota, target pay and payouts of the year so far, by plan version and component."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from incentives.engine.compiling import compile_plan
from incentives.engine.opening import WHOLE_PLAN
from incentives.engine.plan import UNIT_SCALE
from incentives.models import Journal, JournalKind, OpeningBalance, OpeningBatch, PlanState, PlanVersion
from incentives.selectors.windows import Window, csv_of
from spm.approvals.selectors import approved_keys
from spm.core.dated import day_number
from spm.core.money import to_major

KIND, SLOT = "opening", "opening:"
READ = ("credit_value", "quota_value", "target_minor")
"""What it may bring that only runs read."""


def openings_beyond(people: Collection[UUID]) -> QuerySet[Any]:
    """Give the batches with a balance of anybody else than these people."""
    return OpeningBalance.objects.exclude(participant__in=people).values("batch")


def openings_counted() -> QuerySet[OpeningBalance]:
    """Give the balances that count: approved, posted where they post anything, and not taken back."""
    rows = OpeningBalance.objects.filter(batch__in=approved_keys(KIND), batch__reverses=None)
    posts = OpeningBalance.objects.exclude(payable_minor=0, held_minor=0, draw_minor=0).filter(
        batch=OuterRef("batch_id")
    )
    return rows.filter(Exists(journals("batch_id")) | ~Exists(posts), ~Exists(reversals("batch_id")))


def openings_csv(versions: Iterable[PlanVersion], window: Window) -> bytes | None:
    """Give what runs of a window read of what was brought into its years, a row for each version of its plan; None where nothing was."""
    by_plan: dict[UUID, list[UUID]] = {}
    for version in versions:
        by_plan.setdefault(version.plan_id, []).append(version.pk)
    counted = openings_counted().filter(plan__in=by_plan, period__during__startswith__lt=window.until)
    counted = counted.filter(period__during__startswith__gte=window.periods[0].start)
    rows = [
        (version, one.participant_id, one.component or WHOLE_PLAN, day_number(one.period.during.lower))
        + (*(getattr(one, name) for name in READ), one.paid_minor)
        for one in counted.select_related("period")
        if one.plan_id is not None and (one.paid_minor or any(getattr(one, name) for name in READ))
        for version in by_plan[one.plan_id]
    ]
    columns = ["plan_key", "participant_key", "component", "from_on"]
    columns += ["brought_credit", "brought_quota", "brought_target", "brought_paid"]
    return csv_of(rows, columns) if rows else None


def reversals(key: str) -> QuerySet[OpeningBatch]:
    """Give the approved batches that take back the batch named by a column of the outer rows."""
    return OpeningBatch.objects.filter(reverses=OuterRef(key), pk__in=approved_keys(KIND))


def journals(key: str, kind: JournalKind = JournalKind.OPENING) -> QuerySet[Journal]:
    """Give the journal of the batch, or the release of the balance, named by a column of the outer rows."""
    slot = Concat(Value(SLOT), Cast(OuterRef(key), CharField()), output_field=CharField())
    return Journal.objects.filter(kind=kind, slot=slot)


class Scales:
    """How credits and quotas are written for people: money in major units, numbers as they are."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, date], dict[str, bool]] = {}

    def major(self, row: OpeningBalance, value: int) -> Decimal:
        """Give a figure of a row as people write it."""
        if self.is_money(row):
            return to_major(value, row.currency)
        return Decimal(value) / UNIT_SCALE

    def is_money(self, row: OpeningBalance) -> bool:
        """Tell whether the component of a row counts money."""
        if row.plan_id is None:
            return True
        day = row.period.during.lower
        if (row.plan_id, day) not in self._known:
            rows = PlanVersion.objects.filter(plan_id=row.plan_id, state=PlanState.PUBLISHED, during__contains=day)
            version = rows.order_by("-number").first()
            terms = compile_plan(version.definition)[0] if version is not None else None
            kinds = {each.key: each.measure.is_money for each in terms.components} if terms is not None else {}
            self._known[row.plan_id, day] = kinds
        return self._known[row.plan_id, day].get(row.component, True)
