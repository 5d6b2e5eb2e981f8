"""What waits on a statement, or is held by hand: how much, why, and what will release it, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incentives.engine.awaiting import Waiting
from incentives.engine.holding import Kept
from incentives.engine.plan import PLAN_LIMITS
from incentives.models import PlanState, PlanVersion, Statement
from planning.selectors import period_list
from spm.core.dated import FOREVER, day_of
from spm.core.money import RATE_SCALE, round_half_away
from spm.web.templatetags.figures import day_text, rate_text

REASONS = {
    "NOT_INVOICED": _("Not invoiced yet"),
    "NOT_PAID": _("Not paid yet"),
    "PARTLY_PAID": _("Paid in part"),
    "CREDITED": _("Credited in full before it was paid"),
    "CURRENCY": _("Paid or invoiced in another currency"),
    "SCHEDULED": _("Payable later"),
    "INSTALMENTS": _("Taken back in later periods"),
    "HOLDBACK": _("Held back"),
    "HELD_BY_HAND": _("On hold"),
}
EVENTS = {
    "ON_INVOICE": _("the deal is invoiced"),
    "CASH_PRO_RATA": _("the customer pays"),
    "CASH_FULL": _("the customer has paid in full"),
    "SCHEDULE": _("its time comes"),
    "DAY": _("its time comes"),
    "BY_HAND": _("finance releases it"),
}
MOST_DEALS = 20
"""So many deals of one reason are named on a statement; the sum is of all."""


@dataclass(frozen=True)
class Wait:
    """Pay that is not payable: of which component and period, how much of how many deals, why, and what releases it.

    `note` is what was said by hand: who holds it, and their reason. Of what is released then, the holdback keeps `holdback_rate`, until
    its own event or day.
    """

    component: str
    component_name: str
    period_key: str
    amount_minor: int
    count: int
    code: str
    reason: Any
    event: Any
    until: date | None
    note: str = ""
    holdback_rate: int | None = None
    holdback_event: Any = ""
    holdback_until: date | None = None

    @property
    def payable_when(self) -> str:
        """Say when it is payable, and what of it is held back even then."""
        when = str(self.event) if self.until is None else day_text(self.until)
        if self.holdback_rate is None:
            return when
        until = str(self.holdback_event) if self.holdback_until is None else day_text(self.holdback_until)
        said = {"when": when, "share": rate_text(self.holdback_rate), "until": until}
        return str(_("%(when)s; %(share)s of that is held back until %(until)s") % said)


def waits_said(waiting: Mapping[tuple[str, str], Iterable[Waiting]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Give what statements say of waiting pay: a row per component, period, reason and event, largest first."""
    details = [one for rows in waiting.values() for one in rows]
    keys = {str(each.id): each.key for each in period_list().filter(pk__in={one.group.earned_in for one in details})}
    names = component_names({one.group.plan for one in details})
    found = {}
    for place, rows in waiting.items():
        sums: dict[tuple[Any, ...], list[Waiting]] = {}
        for one in rows:
            group = one.group
            key = (group.plan, group.component, group.earned_in, one.reason, one.when, one.until, one.kept)
            sums.setdefault(key, []).append(one)
        said = [_row(key, sums[key], keys, names) for key in sums]
        said = [row for row in said if row["amount_minor"]]
        found[place] = sorted(
            said, key=lambda row: (-abs(row["amount_minor"]), row["period"], row["component"], row["reason"])
        )
    return found


def _row(
    key: tuple[Any, ...], rows: list[Waiting], keys: Mapping[str, str], names: Mapping[Any, str]
) -> dict[str, Any]:
    plan, component, earned_in, reason, when, until, kept = key
    deals = sorted({one.deal for one in rows if one.deal})
    return {
        "plan": plan,
        "component": component,
        "component_name": names.get((plan, component), component),
        "period": keys.get(earned_in, ""),
        "amount_minor": sum(one.amount for one in rows),
        "count": len(deals),
        "deals": deals[:MOST_DEALS],
        "reason": reason,
        "event": when,
        "until": _day(until),
        **({} if kept is None else {"holdback": _kept(kept)}),
    }


def _kept(kept: Kept) -> dict[str, Any]:
    rate = round_half_away(kept.share.numerator * RATE_SCALE, kept.share.denominator)
    return {"rate": rate, "event": kept.when, "until": _day(kept.until)}


def _day(until: int | None) -> str | None:
    return None if until is None or until == FOREVER else day_of(until).isoformat()


def component_names(plans: Iterable[str]) -> dict[Any, str]:
    """Give the names of plans' components and limits, each as its latest published version calls it, by plan and key."""
    found: dict[Any, str] = {}
    published = PlanVersion.objects.filter(plan_id__in=list(plans)).exclude(state=PlanState.DRAFT)
    for version in published.order_by("number"):
        plan = str(version.plan_id)
        for each in version.definition["components"]:
            found[plan, each.get("key")] = each.get("name", each.get("key"))
        found |= {(plan, key): name for key, name in PLAN_LIMITS.items()}
    return found


def waits_of(statement: Statement) -> tuple[Wait, ...]:
    """Give what a statement says of waiting pay and of pay that is held by hand, in words."""
    held = (row for row in statement.content.get("holds", ()) if row["amount_minor"])
    return tuple(_wait(row) for row in (*statement.content.get("waits", ()), *held))


@dataclass(frozen=True)
class Released:
    """Pay that was held by hand and became payable again with the books of a statement; minor units. `note` says when it was released,
    by whom and why, `held` by whom it was held and why."""

    component_name: str
    period_key: str
    amount_minor: int
    hold: str
    note: str
    held: str = ""


def released_of(statement: Statement) -> tuple[Released, ...]:
    """Give what a statement says of pay that was released from a hold by hand: who did it and why."""
    return tuple(
        Released(
            row["component_name"],
            row["period"],
            _released_minor(row),
            row["hold"],
            _released_note(row),
            _("Held until then by %(note)s") % {"note": _note(row)},
        )
        for row in statement.content.get("holds", ())
        if row["released_by"] and _released_minor(row) > 0
    )


def _released_minor(row: Mapping[str, Any]) -> int:
    """What the books gave back by the release; statements from before it was kept say what they gave back in all."""
    minor: int = row.get("released_minor", -row["here_minor"])
    return minor


def _released_note(row: Mapping[str, Any]) -> str:
    said = f"{row['released_by']}: {row['released_reason']}"
    if "released_at" not in row:
        return said
    on = day_text(timezone.localtime(datetime.fromisoformat(row["released_at"])).date())
    return _("Released on %(day)s by %(said)s") % {"day": on, "said": said}


def _note(row: Mapping[str, Any]) -> str:
    deal = f" ({row['deal']})" if "deal" in row else ""
    return f"{row['held_by']}: {row['reason']}{deal}"


def _wait(row: Mapping[str, Any]) -> Wait:
    is_held = "hold" in row
    code, event = ("HELD_BY_HAND", "BY_HAND") if is_held else (row["reason"], row["event"])
    until, kept = row.get("until"), row.get("holdback", {})
    return Wait(
        component=row["component"],
        component_name=row["component_name"],
        period_key=row["period"],
        amount_minor=row["amount_minor"],
        count=row.get("count", 0),
        code=code,
        reason=REASONS.get(code, code),
        event=EVENTS.get(event, event),
        until=None if until is None else date.fromisoformat(until),
        note=_note(row) if is_held else "",
        holdback_rate=kept.get("rate"),
        holdback_event=EVENTS.get(kept.get("event", ""), ""),
        holdback_until=date.fromisoformat(kept["until"]) if kept.get("until") else None,
    )
