"""A real person's period as a worked example: the deals they were credited for, their quotas, and what they are paid.

Names and keys of deals are replaced: an example lives with the plan and says nothing of who it was. It is only given when it comes out to
the cent by the version that it tells of, so that it never tells half of the story.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd

from incentives.engine.asking import asks_tenure
from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.language.context import MONEY_NAMES
from incentives.engine.plan import Plan as EnginePlan
from incentives.engine.plan import columns_of
from incentives.engine.testing import test_document
from incentives.models import PlanVersion, Run, RunCredit, RunEarning, RunState
from incentives.selectors.case_tries import UNCONFIRMED, CaseLine, case_finding, case_try, later, unconfirmed
from incentives.selectors.facts import facts_of
from incentives.selectors.kept import inputs_of
from spm.core.dated import FOREVER, LONG_AGO, day_text
from spm.core.findings import Finding, errors
from spm.core.money import format_amount

Case = dict[str, Any]
SELLER = "seller"
_SHORT = {column: alias for alias, column in MONEY_NAMES.items()}
_STATED = {"deal_key", "source_key", "owner_key", "amount_minor", "currency", "credit_on"}


@dataclass(frozen=True)
class _Told:
    """What an example tells: the plan that computed it, on which facts and deals, and each line of pay of the person's period."""

    definition: Mapping[str, Any]
    plan: EnginePlan
    facts: Facts
    deals: frozenset[str]
    person: str
    period_key: str
    lines: tuple[CaseLine, ...]
    quotas: tuple[CaseLine, ...]
    note: str = ""


def case_of(
    version: PlanVersion, *, participant_id: UUID, period: Any, now: datetime
) -> tuple[Case | None, list[Finding]]:
    """Give the example of a person and period, or None, with the findings that say why there is none or what its figures rest on.

    Where a run paid the person by the plan, it expects what was paid. Else the draft is tried on the person's facts, and it expects
    what the draft computes.
    """
    run = (
        Run.objects.filter(period=period, state__in=(RunState.DONE, RunState.POSTED))
        .order_by("-facts_known_at")
        .first()
    )
    mine = {"run": run, "participant_id": participant_id, "plan_version__plan": version.plan}
    earnings = list(RunEarning.objects.filter(**mine).select_related("plan_version")) if run is not None else []
    if run is None or not earnings:
        return _computed(version, str(participant_id), period, now)
    paid_by = earnings[0].plan_version
    if any(each.plan_version_id != paid_by.id for each in earnings):
        what = f"In {period.key} the person was paid by two versions of {version.plan.name}."
        return None, [case_finding("CASE_TWO_VERSIONS", period, what, "Choose another period.")]
    told = _paid(paid_by, facts_of(inputs_of(run)), earnings, participant_id, period.key)
    return _proven(_case(told), paid_by.definition, period)


def _paid(
    version: PlanVersion, facts: Facts, earnings: list[RunEarning], participant_id: UUID, period_key: str
) -> _Told:
    credited = RunCredit.objects.filter(run_id=earnings[0].run_id, participant_id=participant_id)
    keys = {str(key) for key in credited.filter(plan_version_id=version.id).values_list("opportunity_id", flat=True)}
    plan, _ = compile_plan(version.definition)
    assert plan is not None
    lines = tuple(CaseLine(period_key, each.component, each.earned_minor, each.quota_value) for each in earnings)
    return _Told(version.definition, plan, facts, frozenset(keys), str(participant_id), period_key, lines, lines)


def _computed(version: PlanVersion, person: str, period: Any, now: datetime) -> tuple[Case | None, list[Finding]]:
    """The example that the draft itself computes, with the warning that it must be confirmed."""
    tried, findings = case_try(version, person, period, now=now)
    if tried is None:
        return None, findings
    told = _Told(
        version.definition,
        tried.plan,
        tried.facts,
        tried.deals,
        person,
        period.key,
        tried.lines,
        tried.quotas,
        UNCONFIRMED,
    )
    case, findings = _proven(_moved(_case(told), tried.years), version.definition, period)
    return case, findings if case is None else [unconfirmed(version.plan.name, period)]


def _case(told: _Told) -> Case:
    rows = told.facts.by_line.deals if told.plan.by_line else told.facts.deals
    deals = rows[rows["deal_key"].isin(told.deals)]
    asked = sorted(set(columns_of(told.plan)) & set(deals.columns) - _STATED)
    names = _names(deals, told.person)
    currency = told.plan.currency
    given = {
        "period": told.period_key,
        "people": {name: _stay(told) if name == SELLER else {"manager": SELLER} for name in sorted(names.values())},
        "deals": [_deal(row, number, names, asked) for number, row in enumerate(deals.to_dict("records"), start=1)],
        "quotas": _quotas(told),
    }
    expected = {each.component: format_plain(each.earned_minor, currency) for each in told.lines}
    about = {"note": told.note} if told.note else {}
    return {"name": f"A seller in {told.period_key}", **about, "given": given, "then": {"people": {SELLER: expected}}}


def _stay(told: _Told) -> dict[str, str]:
    """From when until when the person is in a position, where that is not all the days that were read."""
    held = told.facts.positions
    held = held[held["participant_key"].astype(str) == told.person]
    first, last = int(held["from_on"].min()), int(held["until_on"].fillna(FOREVER).max())
    start, end = told.facts.days or (LONG_AGO, FOREVER)
    hired = _hired(told)
    begins = {"from": day_text(first)} if first > max(start, told.plan.start) else {}
    return hired | begins | ({"until": day_text(last)} if last < min(end, told.plan.end) else {})


def _hired(told: _Told) -> dict[str, str]:
    """Since when the person is employed, where the plan asks it."""
    known = told.facts.employments
    if known is None or not asks_tenure([told.plan]):
        return {}
    mine = known[known["participant_key"].astype(str) == told.person]
    return {"hired": day_text(int(mine["from_on"].max()))} if len(mine) else {}


def _moved(case: Case, years: int) -> Case:
    """The case with its days and periods so many years later."""
    if not years:
        return case
    given = case["given"]
    deals = [
        {name: later(value, years) if name == "on" or name.endswith("_on") else value for name, value in deal.items()}
        for deal in given["deals"]
    ]
    stays = {
        who: {k: later(v, years) if k in ("hired", "from", "until") else v for k, v in stay.items()}
        for who, stay in given["people"].items()
    }
    quotas = [{**each, "period": later(each["period"], years)} for each in given["quotas"]]
    return case | {
        "given": {**given, "period": later(given["period"], years), "people": stays, "deals": deals, "quotas": quotas}
    }


def _names(deals: pd.DataFrame, seller: str) -> dict[str, str]:
    others = sorted(set(deals["owner_key"].dropna()) - {seller})
    return {seller: SELLER} | {key: f"colleague {number}" for number, key in enumerate(others, start=1)}


def _deal(row: Mapping[Any, Any], number: int, names: Mapping[str, str], asked: Sequence[str]) -> dict[str, Any]:
    deal = {
        "key": f"deal {number:03d}",
        "owner": names[row["owner_key"]],
        "amount": format_plain(int(row["amount_minor"]), row["currency"]),
        "currency": row["currency"],
        "on": day_text(int(row["credit_on"])),
    }
    known = {name: row[name] for name in asked if not pd.isna(row[name])}
    return deal | {_SHORT.get(name, name): _written(name, value, row["currency"]) for name, value in known.items()}


def _written(name: str, value: Any, currency: str) -> str:
    """A value of a deal as the plan language reads it."""
    if name.endswith("_minor"):
        return format_plain(int(value), currency)
    return day_text(int(value)) if name.endswith("_on") else str(value)


def _quotas(told: _Told) -> list[dict[str, Any]]:
    """The goals that the person was held against, once per measure and period."""
    named = {each["key"]: each.get("quota") for each in told.definition["components"]}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in told.quotas:
        measure = named.get(each.component)
        if measure and each.quota_value is not None:
            amount = format_plain(each.quota_value, told.plan.currency)
            found[measure, each.period_key] = {
                "who": SELLER,
                "period": each.period_key,
                "measure": measure,
                "amount": amount,
            }
    return list(found.values())


def format_plain(amount_minor: int, currency: str) -> str:
    """Give an amount as the plan language reads it."""
    return format_amount(amount_minor, currency).replace(",", "")


def _proven(case: Case, definition: Mapping[str, Any], period: Any) -> tuple[Case | None, list[Finding]]:
    """The case, where the version that it tells of comes to the same by it."""
    [result] = test_document({**definition, "examples": [case]})
    if result.passed:
        return case, []
    differs = "; ".join([*result.differences, *(finding.message for finding in errors(result.findings))])
    what = f"The pay of {period.key} depends on more than the person's own deals and quota: {differs}"
    return None, [
        case_finding("CASE_INCOMPLETE", period, what, "Choose another person or period, or write it by hand.")
    ]
