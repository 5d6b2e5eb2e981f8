"""Final statements: who had left by the end of a pay period, and what the books have of them, with what becomes of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from incentives.engine.leaving import Becomes, Stood, What, endings
from incentives.engine.plan import Plan
from incentives.models import JournalKind, LedgerAccount, LedgerEntry, Statement
from incentives.selectors.settling import PLAN_DRAW, books_until, left_on, plans_settled
from spm.core.dated import FOREVER, day_of
from spm.web.templatetags.figures import day_text

NAMES = {
    What.PAYABLE: _("Payable, not paid"),
    What.RECOVERED: _("Taken from this pay for what is owed of draws"),
    What.WAITING: _("Waits"),
    What.HELD: _("Held back"),
    What.HELD_BY_HAND: _("On hold"),
    What.INSTALMENTS: _("Still to be taken back for returns"),
    What.DRAW: _("Owed of draws"),
    What.FORFEITED: _("Forfeited"),
    What.FORGIVEN: _("Forgiven of draws"),
}
ENDS = {
    Becomes.PAID_OUT: _("is paid with the next payout"),
    Becomes.CARRIED: _("is taken from what is still released; what that does not cover is owed to the company"),
    Becomes.TAKEN: _("is settled"),
    Becomes.RELEASED: _("is paid when its event comes"),
    Becomes.BY_HAND: _("finance decides"),
    Becomes.CONTINUED: _("is taken back in the coming periods"),
    Becomes.OWED: _("is owed to the company"),
    Becomes.SETTLED: _("is taken from what is still released; the rest is owed to the company"),
    Becomes.GONE: _("nothing is paid or owed of it"),
}
SINCE = _("has been paid since")
UNTIL = _("is paid when its event comes by %(day)s, and forfeited after that")

_STOOD = """
    select e.participant_id::text, e.currency, coalesce(v.plan_id::text, ''),
           coalesce(sum(e.amount_minor) filter (where e.account = %(payable)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(payable)s and j.kind = %(recover)s
                                                  and e.period_id = %(period)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(earned)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(held)s and j.kind <> %(by_hand)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(held)s and j.kind = %(by_hand)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(owed)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where e.account = %(lost)s and e.component <> %(plan_draw)s), 0)::bigint,
           coalesce(-sum(e.amount_minor) filter (where e.account = %(lost)s and e.component = %(plan_draw)s), 0)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    left join incentives_planversion v on v.id = e.plan_version_id
    where e.participant_id = any(%(people)s::uuid[]) and e.period_id = any(%(books)s::uuid[])
    group by 1, 2, 3
"""
_COLUMNS = (
    What.PAYABLE, What.RECOVERED, What.WAITING, What.HELD, What.HELD_BY_HAND, What.DRAW, What.FORFEITED, What.FORGIVEN,
)  # fmt: skip


@dataclass(frozen=True)
class Leavers:
    """Those who had left by the end of a pay period, and what its books and those before have of them."""

    starts: date
    left: Mapping[str, int] = field(default_factory=dict)
    stood: Mapping[tuple[str, str], Sequence[Stood]] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)

    def said(self, place: tuple[str, str], waits: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Give what the statement of a person and currency says of their leaving; nothing of who is there. `waits` is what it says of
        waiting pay: of it comes what goes on in instalments."""
        last = self.left.get(place[0])
        if last is None:
            return {}
        back = [
            Stood(What.INSTALMENTS, row["plan"], row["amount_minor"]) for row in waits if row["reason"] == "INSTALMENTS"
        ]
        back += [Stood(What.WAITING, row.plan, -row.amount) for row in back]
        rows = [
            {
                "what": str(one.what),
                "becomes": str(one.becomes),
                "until": None if one.until in (None, FOREVER) else day_of(one.until or 0).isoformat(),
                "amount_minor": one.amount,
            }
            for one in endings([*self.stood.get(place, ()), *back], self.plans, last)
        ]
        is_last = day_of(last) >= self.starts
        return {"final": {"left_on": day_of(last).isoformat(), "is_last": is_last, "rows": rows}}


def leavers_of(period: Any, people: Iterable[str] | None) -> Leavers:
    """Give those of the people, None is everybody, who had left by the end of a pay period."""
    left = left_on(people, period.during.upper)
    if not left:
        return Leavers(period.during.lower)
    asked = {
        "people": sorted(left),
        "books": [each.id for each in books_until(period)],
        "period": period.id,
        "plan_draw": PLAN_DRAW,
        "payable": LedgerAccount.PAYABLE,
        "earned": LedgerAccount.EARNED,
        "held": LedgerAccount.HELD,
        "owed": LedgerAccount.DRAW,
        "lost": LedgerAccount.WRITTEN_OFF,
        "recover": JournalKind.RECOVER,
        "by_hand": JournalKind.HAND_HOLD,
    }
    stood: dict[tuple[str, str], list[Stood]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STOOD, asked)
        for who, currency, plan, *amounts in cursor.fetchall():
            rows = [Stood(what, plan, amount) for what, amount in zip(_COLUMNS, amounts, strict=True)]
            stood.setdefault((who, currency), []).extend(rows)
    return Leavers(period.during.lower, left, stood, plans_settled(period) if stood else {})


@dataclass(frozen=True)
class Final:
    """What a statement says of who left: their last day, whether its period has it, and each balance with what becomes of it."""

    left_on: date
    is_last: bool
    rows: tuple[tuple[str, str, int], ...]
    """Name, what becomes of it, minor units."""


def final_of(statement: Statement, *, is_now: bool = False) -> Final | None:
    """Give what a statement says of leaving, in words; None of who was there at the end of its period. `is_now` looks whether what was
    payable when it was issued has been paid since."""
    said = statement.content.get("final")
    if said is None:
        return None
    since = _paid_since(statement) if is_now else 0
    rows = tuple((str(NAMES[row["what"]]), _ends(row, since), row["amount_minor"]) for row in said["rows"])
    return Final(date.fromisoformat(said["left_on"]), said["is_last"], rows)


def _paid_since(statement: Statement) -> int:
    """What has been paid to the person in its currency since it was issued, from whichever books (minor units)."""
    of = {"participant": statement.participant_id, "currency": statement.currency, "account": LedgerAccount.PAID}
    paid = LedgerEntry.objects.filter(**of, journal__posted_at__gt=statement.issued_at)
    return paid.aggregate(total=Sum("amount_minor"))["total"] or 0


def _ends(row: Mapping[str, Any], paid_since: int) -> str:
    if row["becomes"] == Becomes.PAID_OUT and 0 < row["amount_minor"] <= paid_since:
        return str(SINCE)
    if row["until"] is None:
        return str(ENDS[row["becomes"]])
    return str(UNTIL) % {"day": day_text(date.fromisoformat(row["until"]))}
