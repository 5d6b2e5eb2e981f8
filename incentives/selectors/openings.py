"""Opening balances as people see them, which of them can be posted, and what statements say of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, QuerySet

from incentives.models import JournalKind, LedgerAccount, OpeningBalance, OpeningBatch
from incentives.selectors.brought import KIND, READ, SLOT, Scales, journals, openings_counted, reversals
from incentives.selectors.periods import TAKING, steps_latest
from incentives.selectors.waiting import component_names
from planning.selectors import period_list
from spm.approvals.models import ApprovalState
from spm.approvals.selectors import approval_state, approved_keys
from spm.roles.policy import Viewer, visible

AMOUNTS = ("payable_minor", "held_minor", "draw_minor", "paid_minor")
"""What a line may bring, in the order in which it is shown."""
_RELEASED = """
    select e.participant_id::text, e.currency, j.reason, sum(-e.amount_minor)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    where e.period_id = %(period)s and e.account = %(held)s and j.kind = %(release)s and j.slot like %(slot)s
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, j.number order by j.number
"""


def opening_list(viewer: Viewer) -> QuerySet[Any]:
    """Give the opening balances of the people within reach with where their approval stands, latest first."""
    rows = OpeningBalance.objects.select_related("participant", "period", "plan", "batch__reverses")
    rows = rows.annotate(
        state=approval_state(KIND, key="batch_id", is_request=True),
        is_posted=Exists(journals("batch_id")),
        is_released=Exists(journals("pk", JournalKind.RELEASE)),
        is_reversed=Exists(reversals("batch_id")),
    )
    return visible(viewer, rows).order_by("-batch__number", "line")


def opening_batches(viewer: Viewer) -> QuerySet[Any]:
    """Give the batches that bring somebody within reach a balance, latest first."""
    reached = visible(viewer, OpeningBalance.objects.all()).values("batch")
    rows = (
        OpeningBatch.objects.filter(pk__in=reached)
        .select_related("reverses")
        .annotate(
            state=approval_state(KIND, is_request=True),
            is_posted=Exists(journals("pk")),
            is_reversed=Exists(reversals("pk")),
        )
    )
    return rows.order_by("-number")


def reaches_batch(viewer: Viewer, batch: OpeningBatch) -> bool:
    """Tell whether the viewer writes for everybody in a batch, as taking it back as a whole asks."""
    rows = OpeningBalance.objects.filter(batch=batch)
    return visible(viewer, rows, action="opening.edit").count() == rows.count()


def opening_totals(rows: Iterable[OpeningBalance]) -> list[dict[str, Any]]:
    """Give what balances come to: one entry per currency and kind of balance that is not 0."""
    labels = dict(zip(AMOUNTS, ("Payable, not paid", "Held", "Draw owed", "Paid before"), strict=True))
    sums: dict[tuple[str, str], int] = {}
    for row in sorted(rows, key=lambda one: one.currency):
        for name, label in labels.items():
            sums[row.currency, label] = sums.get((row.currency, label), 0) + getattr(row, name)
    return [
        {"label": label, "amount_minor": total, "currency": currency}
        for (currency, label), total in sums.items()
        if total
    ]


def openings_to_post() -> QuerySet[OpeningBatch]:
    """Give the approved batches that have no journal yet and post anything, in the order of their numbers."""
    posted = Exists(journals("pk"))
    posting = OpeningBalance.objects.exclude(payable_minor=0, held_minor=0, draw_minor=0).values("batch")
    return OpeningBatch.objects.filter(~posted, pk__in=approved_keys(KIND)).filter(pk__in=posting).order_by("number")


def openings_live() -> QuerySet[OpeningBalance]:
    """Give the balances that were asked for and not declined, nor taken back: what may not be brought a second time."""
    rows = OpeningBalance.objects.annotate(state=approval_state(KIND, key="batch_id", is_request=True))
    rows = rows.exclude(state__in=(ApprovalState.DECLINED, ApprovalState.WITHDRAWN))
    return rows.filter(~Exists(reversals("batch_id")), batch__reverses=None)


def opening_obstacle(period: Any) -> str:
    """Say why no balance can be brought into a period any more: books of its calendar were shut; empty where it can."""
    last = steps_latest()
    for one in period_list().filter(calendar_id=period.calendar_id).order_by("during"):
        if one.id in last and last[one.id].to_state not in TAKING:
            return (
                f"The books of {one.key} are {last[one.id].get_to_state_display().lower()}. Balances are brought in before the first "
                "period is closed. Ask for an adjustment instead."
            )
    return ""


def openings_said(period_id: UUID, people: Iterable[str] | None) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Give what a statement of a period says was brought forward, per person and currency, and what of it was released in its books."""
    rows = openings_counted().filter(period_id=period_id).select_related("plan", "period")
    if people is not None:
        rows = rows.filter(participant_id__in=list(people))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    scales, ordered = Scales(), list(rows.order_by("participant_id", "batch__number", "line"))
    names = component_names({str(row.plan_id) for row in ordered if row.plan_id})
    for row in ordered:
        line = {name: getattr(row, name) for name in (*AMOUNTS, *READ, "held_reason", "component")}
        if row.credit_value and not scales.is_money(row):
            line["counted"] = [f"{scales.major(row, value):f}" for value in (row.credit_value, row.quota_value)]
        line |= {
            "plan_name": row.plan.name if row.plan else "",
            "component_name": names.get((str(row.plan_id), row.component), row.component),
        }
        found.setdefault((str(row.participant_id), row.currency), []).append(line)
    asked = {
        "period": period_id,
        "people": None if people is None else list(people),
        "held": LedgerAccount.HELD,
        "release": JournalKind.RELEASE,
        "slot": f"{SLOT}%",
    }
    with connection.cursor() as cursor:
        cursor.execute(_RELEASED, asked)
        for who, currency, reason, amount in cursor.fetchall():
            found.setdefault((who, currency), []).append({"released_minor": amount, "reason": reason})
    return found
