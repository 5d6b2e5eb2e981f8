"""A second, independent calculation: one row at a time, in Decimal, as slow and plain as possible.

It shares no code with the engine. It reads the same plan documents and the same rows, given as dictionaries.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 60
Row = dict[str, object]


def rate_of(text: str) -> Decimal:
    """'3 %' as 0.03."""
    return Decimal(text.replace("%", "").strip()) / (100 if "%" in text else 1)


def cents(amount: Decimal) -> int:
    """To the nearest cent, halves away from zero."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def holder_on(rows: list[Row], name: str, key: object, day: date) -> Row | None:
    """The row of a timeline that holds for a key on a day."""
    for row in rows:
        if row[name] == key and row["from_on"] <= day and (row["until_on"] is None or day < row["until_on"]):  # type: ignore[operator]
            return row
    return None


def plan_on(facts: dict[str, list[Row]], seat: Row, day: date) -> object:
    """The plan that pays a seat on a day: by person, else by position, else by title."""
    for level in ("participant_key", "position_key", "title_key"):
        for row in facts["assignments"]:
            if row[level] is not None and row[level] == seat[level] and row["from_on"] <= day < row["until_on"]:  # type: ignore[operator]
                return row["plan_key"]
    return None


def direct_credits(facts: dict[str, list[Row]], deal: Row, share: Decimal) -> list[tuple[object, Row, int]]:
    """(participant, seat, cents) of a deal's revenue credit; residual cents by largest remainder, then by name."""
    day = deal["credit_on"]
    whole = cents(Decimal(str(deal["amount_minor"])) * share)
    rows = [row for row in facts["splits"] if row["deal_key"] == deal["deal_key"]]
    shares = {row["participant_key"]: Decimal(str(row["share"])) / 10**8 for row in rows} or {
        deal["owner_key"]: Decimal(1)
    }
    exact = {person: abs(whole) * part for person, part in shares.items()}
    given = {person: int(amount) for person, amount in exact.items()}
    left = int(sum(exact.values())) - sum(given.values())
    for person in sorted(exact, key=lambda name: (-(exact[name] - given[name]), str(name)))[:left]:
        given[person] += 1
    found = []
    for person, amount in given.items():
        seat = holder_on(facts["positions"], "participant_key", person, day)  # type: ignore[arg-type]
        if seat is not None:
            found.append((person, seat, amount if whole >= 0 else -amount))
    return found


def managers_of(facts: dict[str, list[Row]], seat: Row, day: date, levels: str) -> list[Row]:
    """The seats above a seat on a day."""
    found, position = [], seat["position_key"]
    while True:
        line = holder_on(facts["reporting"], "position_key", position, day)
        if line is None:
            return found
        position = line["manager_position_key"]
        above = holder_on(facts["positions"], "position_key", position, day)
        if above is not None:
            found.append(above)
        if levels == "DIRECT_REPORTS":
            return found


def credits_of_rule(facts: dict[str, list[Row]], rule: Row, deal: Row) -> list[tuple[Row, int]]:
    """(seat, cents) that one rule gives for one deal."""
    share = rate_of(str(rule.get("share", "100 %")))
    direct = direct_credits(facts, deal, share)
    if rule["kind"] == "DIRECT":
        return [(seat, amount) for _, seat, amount in direct]
    rolled: dict[object, list[tuple[Row, int]]] = {}
    for _, seat, amount in direct:
        for above in managers_of(facts, seat, deal["credit_on"], str(rule["levels"])):  # type: ignore[arg-type]
            rolled.setdefault(above["participant_key"], []).append((above, amount))
    found = []
    for pairs in rolled.values():
        if rule["duplicates"] == "SUM":
            found += pairs
        elif rule["duplicates"] == "MAX":
            found.append(max(pairs, key=lambda pair: abs(pair[1])))
        else:
            found.append((pairs[0][0], cents(Decimal(str(deal["amount_minor"])) * share)))
    return found


def quota_of(facts: dict[str, list[Row]], plan: Row, measure: object, person: object, period: Row) -> int | None:
    """A person's quota of a period: their own, else their positions' by days."""
    for row in facts["quotas"]:
        if row["participant_key"] == person and row["period_key"] == period["period_key"] and row["measure"] == measure:
            return int(str(row["amount_minor"]))
    total, known = Decimal(0), False
    for row in facts["quotas"]:
        if row["participant_key"] is not None or row["period_key"] != period["period_key"] or row["measure"] != measure:
            continue
        days = 0
        for number in range((period["end_on"] - period["start_on"]).days):  # type: ignore[operator]
            day = date.fromordinal(period["start_on"].toordinal() + number)  # type: ignore[attr-defined]
            seat = holder_on(facts["positions"], "participant_key", person, day)
            if seat and seat["position_key"] == row["position_key"] and plan_on(facts, seat, day) == plan["plan"]:
                days += 1
        if days:
            known = True
            length = (period["end_on"] - period["start_on"]).days  # type: ignore[operator]
            total += Decimal(str(row["amount_minor"])) * days / length
    return cents(total) if known else None


def paid_in_tiers(component: Row, credit: int, quota: int | None) -> Decimal:
    """Exact pay of a credit."""
    if "rate" in component:
        return credit * rate_of(str(component["rate"]))
    total, lower = Decimal(0), Decimal(0)
    for tier in component["tiers"]:  # type: ignore[attr-defined]
        until = tier.get("until")
        upper = None if until is None else rate_of(until) * quota if "%" in str(until) else Decimal(str(until)) * 100  # type: ignore[operator]
        top = Decimal(credit) if upper is None else min(Decimal(credit), upper)
        part = top - lower if lower == 0 else max(top - lower, Decimal(0))
        total += part * rate_of(tier["rate"])
        lower = upper or Decimal(0)
    return total


def earnings(facts: dict[str, list[Row]], plans: list[Row]) -> dict[tuple[object, ...], tuple[int, int]]:
    """(participant, plan, component, period) → (credit, earned) in cents, for everybody who can be calculated."""
    found: dict[tuple[object, ...], tuple[int, int]] = {}
    for plan in plans:
        for component in plan["components"]:  # type: ignore[attr-defined]
            for period in facts["periods"]:
                for person in people_in(facts, plan, period):
                    quota = (
                        quota_of(facts, plan, component.get("quota"), person, period) if "quota" in component else None
                    )
                    if "quota" in component and (quota is None or quota <= 0):
                        continue
                    credit = credit_of(facts, plan, component, period, person)
                    key = (person, plan["plan"], component["key"], period["period_key"])
                    found[key] = (credit, cents(paid_in_tiers(component, credit, quota)))
    return found


def people_in(facts: dict[str, list[Row]], plan: Row, period: Row) -> list[object]:
    """Everybody whom a plan pays on a day of a period."""
    found = set()
    for number in range((period["end_on"] - period["start_on"]).days):  # type: ignore[operator]
        day = date.fromordinal(period["start_on"].toordinal() + number)  # type: ignore[attr-defined]
        for seat in facts["positions"]:
            if (
                holder_on([seat], "participant_key", seat["participant_key"], day)
                and plan_on(facts, seat, day) == plan["plan"]
            ):
                found.add(seat["participant_key"])
    return sorted(found, key=str)


def credit_of(facts: dict[str, list[Row]], plan: Row, component: Row, period: Row, person: object) -> int:
    """A person's credit of a component in a period."""
    total = 0
    for deal in facts["deals"]:
        day = deal["credit_on"]
        if not period["start_on"] <= day < period["end_on"]:  # type: ignore[operator]
            continue
        rule = component["credit"]
        if any(deal[column] != value for column, value in rule.get("where", {}).items()):  # type: ignore[attr-defined]
            continue
        for seat, amount in credits_of_rule(facts, rule, deal):  # type: ignore[arg-type]
            if seat["participant_key"] == person and plan_on(facts, seat, day) == plan["plan"]:  # type: ignore[arg-type]
                total += amount
    return total
