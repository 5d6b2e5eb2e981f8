"""A real person's period as a worked example: the deals they were credited for, their quotas, and what the run paid them.

Names and keys of deals are replaced: an example lives with the plan and says nothing of who it was. It is only given when it comes out to
the cent by the plan version that the run used, so that it never tells half of the story.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pandas as pd

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.language.context import MONEY_NAMES
from incentives.engine.plan import columns_of
from incentives.engine.testing import test_document
from incentives.models import Plan, PlanVersion, Run, RunCredit, RunEarning, RunState
from incentives.selectors.facts import facts_of
from incentives.selectors.kept import inputs_of
from spm.core.dated import day_text
from spm.core.findings import Finding, errors
from spm.core.money import format_amount

SELLER = "seller"
_SHORT = {column: alias for alias, column in MONEY_NAMES.items()}
_STATED = {"deal_key", "source_key", "owner_key", "amount_minor", "currency", "credit_on"}


def case_of(*, plan: Plan, participant_id: UUID, period: Any) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Give the example of a person and period, or the findings that say why there is none."""
    run = (
        Run.objects.filter(period=period, state__in=(RunState.DONE, RunState.POSTED))
        .order_by("-facts_known_at")
        .first()
    )
    mine = {"run": run, "participant_id": participant_id, "plan_version__plan": plan}
    earnings = list(RunEarning.objects.filter(**mine).select_related("plan_version")) if run is not None else []
    if run is None or not earnings:
        return None, [_none(period, plan)]
    version = earnings[0].plan_version
    if any(each.plan_version_id != version.id for each in earnings):
        what = f"In {period.key} the person was paid by two versions of {plan.name}."
        return None, [_finding("CASE_TWO_VERSIONS", period, what, "Choose another period.")]
    case = _case(version, facts_of(inputs_of(run)), earnings, participant_id, period.key)
    return _proven(case, version, period)


def _case(
    version: PlanVersion, facts: Facts, earnings: list[RunEarning], participant_id: UUID, period_key: str
) -> dict[str, Any]:
    credited = RunCredit.objects.filter(run_id=earnings[0].run_id, participant_id=participant_id)
    keys = {str(key) for key in credited.filter(plan_version_id=version.id).values_list("opportunity_id", flat=True)}
    plan, _ = compile_plan(version.definition)
    assert plan is not None
    rows = facts.by_line.deals if plan.by_line else facts.deals
    deals = rows[rows["deal_key"].isin(keys)]
    asked = sorted(set(columns_of(plan)) & set(deals.columns) - _STATED)
    names = _names(deals, str(participant_id))
    currency = version.definition["currency"]
    return {
        "name": f"A seller in {period_key}",
        "given": {
            "period": period_key,
            "people": {name: {} if name == SELLER else {"manager": SELLER} for name in sorted(names.values())},
            "deals": [_deal(row, number, names, asked) for number, row in enumerate(deals.to_dict("records"), start=1)],
            "quotas": _quotas(version, earnings, period_key, currency),
        },
        "then": {
            "people": {SELLER: {each.component: format_plain(each.earned_minor, currency) for each in earnings}},
        },
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


def _quotas(version: PlanVersion, earnings: list[RunEarning], period_key: str, currency: str) -> list[dict[str, Any]]:
    """The goals that the run held the person against, once per measure."""
    named = {each["key"]: each.get("quota") for each in version.definition["components"]}
    found: dict[str, dict[str, Any]] = {}
    for each in earnings:
        measure = named.get(each.component)
        if measure and each.quota_value is not None:
            amount = format_plain(each.quota_value, currency)
            found[measure] = {"who": SELLER, "period": period_key, "measure": measure, "amount": amount}
    return list(found.values())


def format_plain(amount_minor: int, currency: str) -> str:
    """Give an amount as the plan language reads it."""
    return format_amount(amount_minor, currency).replace(",", "")


def _proven(case: dict[str, Any], version: PlanVersion, period: Any) -> tuple[dict[str, Any] | None, list[Finding]]:
    """The case, where the version that paid comes to the same by it."""
    [result] = test_document({**version.definition, "examples": [case]})
    if result.passed:
        return case, []
    differs = "; ".join([*result.differences, *(finding.message for finding in errors(result.findings))])
    what = f"What was paid in {period.key} depends on more than the person's own deals and quota: {differs}"
    return None, [_finding("CASE_INCOMPLETE", period, what, "Choose another person or period, or write it by hand.")]


def _none(period: Any, plan: Plan) -> Finding:
    what = f"No run of {period.key} paid this person by {plan.name}."
    return _finding("CASE_NO_RESULT", period, what, "Calculate the period, or choose another one.")


def _finding(code: str, period: Any, what: str, fix: str) -> Finding:
    return Finding(code, period.key, what, "No example was made.", fix)
