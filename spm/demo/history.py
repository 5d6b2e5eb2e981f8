"""What the demo company has done by now, through the API and as its people would: past periods closed, paid and locked,
plans sent, territory rules in force, next year's capacity planned.

The quarter before the current one waits for its approval, so that each step that is left can be seen and taken.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from spm.demo.books import balances_bring_forward, books_close, disputes_raise, pay_hold
from spm.demo.company import SLUG
from spm.demo.doors import Person
from spm.jobs.tasks import job_work_here
from spm.tenancy.models import Organisation

ANSWER_DAYS = 14
RULES: dict[str, tuple[str, list[str]]] = {
    "North America": ("North", ["United States", "Canada"]),
    "Latin America": ("South", ["Mexico"]),
    "All other countries": ("Central", []),
}
"""Rules by name: the territory, and the countries that they ask for."""
TARGET = 12_000_000_00


GL_ACCOUNTS = {
    "expense": "6100",
    "earned": "2310",
    "held": "2320",
    "payable": "2330",
    "paid": "2340",
    "draw": "1410",
    "recovered": "1411",
    "written_off": "6190",
    "clearing": "2390",
}
"""The accounts of the demo's general ledger."""


def history_make(today: date) -> tuple[int, int]:
    """Close what has ended, pay and lock all but the latest of it, send the plans in words; gives how many periods and plans it were.

    A period that is not open any more is left as it is.
    """
    people = {name: Person(name) for name in ("admin", "operations", "finance", "payroll", "manager", "rep")}
    current = f"{today.year}-Q{(today.month - 1) // 3 + 1}"
    periods = people["finance"].get("api_incentives_periods")["results"]
    ended = sorted((each for each in periods if each["key"] < current), key=lambda each: str(each["key"]))
    balances_bring_forward(people, ended)
    books_close(people, ended)
    _route(people["operations"], today)
    _plan_capacity(people["operations"], today.year + 1)
    _try_scenario(people["operations"], today.year + 1)
    _quotas(people, today.year + 1)
    disputes_raise(people, [str(each["key"]) for each in ended[-3:]])
    pay_hold(people, today, current)
    _forecast(people, current)
    _show_together(people["operations"])
    _write_down(people["operations"], today)
    _tell_others(people)
    return len(ended), _send(people, today)


def _route(operations: Person, today: date) -> None:
    """Put territory rules in force since the beginning of the year, and leave a draft for the next one."""
    if operations.get("api_planning_rule_sets")["results"]:
        return
    _classify(operations, today)
    territories = {each["name"]: each["id"] for each in operations.get("api_planning_territories")["results"]}
    first = operations.post("api_planning_rule_sets", starts_on=f"{today.year}-01-01", note="Territories by country")[
        "id"
    ]
    for name, (territory, countries) in RULES.items():
        asked = [{"field": "country", "test": "IS", "values": countries}] if countries else []
        operations.post("api_planning_rules", first, name=name, territory=territories[territory], conditions=asked)
    operations.post("api_planning_rule_set_start", first)
    note = "Large customers go to the south next year"
    draft = operations.post("api_planning_rule_sets", starts_on=f"{today.year + 1}-01-01", note=note)["id"]
    large = [{"field": "employees", "test": "AT_LEAST", "number": 6000}]
    south = territories["South"]
    operations.post("api_planning_rules", draft, name="Large customers", territory=south, conditions=large, place=1)
    _say_skills(operations, today)
    operations.post("api_planning_balances", starts_on=f"{today.year + 1}-01-01", regions=1)


def _say_skills(operations: Person, today: date) -> None:
    """Say that accounts in Mexico ask for Spanish and large ones for somebody senior, and who has it."""
    spanish, senior = {"kind": "LANGUAGE", "name": "Spanish"}, {"kind": "SENIORITY", "name": "Senior"}
    operations.post("api_planning_skill_needs", **spanish, field="country", value="Mexico", is_required=True)
    operations.post("api_planning_skill_needs", **senior, field="segment", value="Enterprise")
    people = sorted(operations.get("api_people_participants")["results"], key=lambda each: str(each["source_key"]))
    for skill, every in ((spanish, 3), (senior, 2)):
        for each in people[::every]:
            operations.post(
                "api_planning_skills", participant=each["id"], **skill, start=f"{today.year}-01-01", until=None
            )


def _classify(operations: Person, today: date) -> None:
    """Put segments by size and the factors of potential in force."""
    first = f"{today.year}-01-01"
    segments = operations.post("api_planning_rule_sets", purpose="SEGMENT", starts_on=first, note="By size")["id"]
    for name, least in (("Enterprise", 2000), ("Mid-market", 500), ("Small", 0)):
        asked = [{"field": "employees", "test": "AT_LEAST", "number": least}] if least else []
        operations.post("api_planning_rules", segments, name=name, segment=name, conditions=asked)
    operations.post("api_planning_rule_set_start", segments)
    size = {"name": "Size", "field": "employees", "scaling": "LOG", "weight": 2, "low": 10, "high": 10_000}
    sold = {
        "name": "Won in 12 months",
        "field": "sales",
        "scaling": "LINEAR",
        "weight": 1,
        "low": 0,
        "high": 10_000_000,
    }
    factors = [each | {"missing": "ZERO"} for each in (size, sold)]
    operations.post("api_planning_account_factors", "potential", factors=factors)
    operations.post("api_planning_account_factors", "potential", do="start")


def _plan_capacity(operations: Person, year: int) -> None:
    """Plan the heads of a year against a tenth more than they would carry at full quota, with hires in spring."""
    if operations.get("api_planning_capacity_plans")["results"]:
        return
    first, name = f"{year}-01-01", f"Sales {year}"
    plan = operations.post("api_planning_capacity_plans", name=name, starts_on=first, target_minor=0)["id"]
    roles = operations.get("api_planning_capacity_plan", plan)["roles"]
    version, seller = 1, max(roles, key=lambda each: int(each["heads"]))
    wanted = {
        "title": seller["title"],
        "quota_minor": seller["quota_minor"],
        "ramp": [0, 25, 50, 75],
        "attrition_rate": 12 * 10**6,
    }
    version = operations.post("api_planning_capacity_roles", plan, version=version, **wanted)["version"]
    for month, heads in (("03", 3), ("06", 2)):
        hire = {"title": seller["title"], "starts_on": f"{year}-{month}-01", "heads": heads}
        version = operations.post("api_planning_capacity_hires", plan, version=version, **hire)["version"]
    target = sum(each["quota_minor"] * each["heads"] for each in roles) * 11 // 10
    operations.patch("api_planning_capacity_plan", plan, version=version, target_minor=target)


def _try_scenario(operations: Person, year: int) -> None:
    """Leave a scenario in which a seller of the North helps in the South with half of their time."""
    if operations.get("api_planning_scenarios")["results"]:
        return
    (capacity,) = operations.get("api_planning_capacity_plans")["results"]
    note = "The South has the most accounts for each seller"
    first = f"{year}-01-01"
    wanted = {"name": f"Help for the South {year}", "starts_on": first, "note": note, "capacity_plan": capacity["id"]}
    scenario = operations.post("api_planning_scenarios", **wanted)["id"]
    territories = {each["name"]: each["id"] for each in operations.get("api_planning_territories")["results"]}
    seat = operations.get("api_planning_assignments", territories["North"])["results"][0]["position"]
    for name in ("North", "South"):
        change = {"kind": "COVER", "version": 0, "territory": territories[name], "position": seat}
        operations.post("api_planning_scenario_changes", scenario, **change, share_rate=5 * 10**7)


def _quotas(people: dict[str, Person], year: int) -> None:
    """Publish the quotas of the next year: finance approves, letters go out, the rep asks for a change. A revision is left as a draft."""
    operations, door = people["operations"], "api_planning_quota_plan"
    if operations.get("api_planning_quota_plans")["results"]:
        return
    wish = {
        "name": f"Quotas {year}",
        "total": TARGET,
        "method": "HISTORY",
        "season": "HISTORY",
        "paddings": [0, 2_000_000, 3_000_000],
    }
    plan = operations.post("api_planning_quota_plans", calendar="QUARTERLY", year=year, **wish)["id"]
    for seat in people["manager"].get("api_planning_commitments")["results"][:3]:
        asked = {"seat": seat["seat"], "value": seat["value"] * 9 // 10, "note": "Two large customers are gone."}
        people["manager"].post("api_planning_commitments", **asked)
    operations.post(door, plan, do="ask", reason="Target as agreed with the board.")
    [request] = people["finance"].get("api_approvals", kind="quota_plan", state="open")["results"]
    people["finance"].post("api_approval_decision", request["id"], is_approved=True)
    operations.post(door, plan, do="publish")
    operations.post(door, plan, do="send_letters", due_on=f"{year}-01-31")
    [letter] = people["rep"].get("api_planning_quota_letters")["results"]
    people["rep"].post(
        "api_planning_quota_letter", letter["id"], accepts=False, reason="My largest customer moved away."
    )
    operations.post(door, plan, do="revise")


def _forecast(people: dict[str, Person], period: str) -> None:
    """Say what the stages mean; the rep and the manager give their numbers of the quarter, and the manager another one over the rep's."""
    operations, door = people["operations"], "api_insights_forecast"
    words = {"negotiation": "COMMIT", "proposal": "BEST"}
    given = {"roll_up": "CUMULATIVE", "due_weekday": 4, "remind_days": 1, "categories": words}
    operations.put("api_insights_forecast_policy", **given)
    (own,) = people["rep"].get(door)["lines"]
    if own["submissions"]:
        return
    commit, best = (round(own["counted"][name], -5) for name in ("commit_minor", "best_minor"))
    calls = [_call(own, "COMMIT", commit), _call(own, "BEST", best)]
    people["rep"].post(door, period=period, note="Two customers sign this month.", calls=calls)
    team = people["manager"].get(door)["lines"]
    mine = next(one for one in team if one["level"] == 0)
    calls = [_call(own, "COMMIT", commit * 9 // 10), _call(mine, "COMMIT", round(mine["counted"]["commit_minor"], -5))]
    people["manager"].post(door, period=period, note="One of the two often signs late.", calls=calls)


def _call(line: dict[str, Any], category: str, amount_minor: int) -> dict[str, Any]:
    return {"participant": line["participant"], "category": category, "amount_minor": amount_minor}


def _show_together(operations: Person) -> None:
    """Put a dashboard together that managers and reps share, each with the figures of their own reach."""
    if operations.get("api_insights_dashboards")["results"]:
        return
    shown = [
        ("won_amount", "FIGURE", ""),
        ("win_rate", "COURSE", ""),
        ("won_amount", "GROUPS", "product"),
        ("average_sale", "FIGURE", ""),
        ("win_rate", "GROUPS", "discount"),
    ]
    tiles = [{"kpi": kpi, "shows": shows, "by": by} for kpi, shows, by in shown]
    operations.post("api_insights_dashboards", name="Sales at a glance", tiles=tiles, roles=["manager", "rep"])


def _write_down(operations: Person, today: date) -> None:
    """Publish an article for everybody, whose review is overdue."""
    door = "api_insights_articles"
    if not operations.get(door)["results"]:
        body = "# Before you offer one\n\n- Find out what the customer compares us with.\n- Ask for **approval** above 15 %."
        operations.post(
            door,
            title="Discounts in negotiation",
            kind="ARTICLE",
            body=body,
            review_on=str(today - timedelta(days=7)),
            state="PUBLISHED",
            tags={"stage": ["Negotiation"]},
        )


def _tell_others(people: dict[str, Person]) -> None:
    """Map the ledger to the general ledger's accounts, and name payroll's system, which nothing is sent to yet."""
    form = people["finance"].get("api_incentives_ledger_format")
    if not form["accounts"]:
        accounts = [{"account": name, "gl_account": number} for name, number in GL_ACCOUNTS.items()]
        people["finance"].put("api_incentives_ledger_format", **form | {"accounts": accounts})
    if not people["admin"].get("api_hooks")["results"]:
        made = people["admin"].post(
            "api_hooks",
            url="https://hooks.example.com/payroll",
            kinds=["payout.exported", "period.changed"],
            note="Payroll's system; switched on once it listens.",
        )
        people["admin"].post("api_hook_switch", made["endpoint"]["id"], is_active=False)


def _send(people: dict[str, Person], today: date) -> int:
    """Send every published plan to the people on it; the rep reads and accepts it."""
    sent = 0
    for plan in people["operations"].get("api_incentives_plans")["results"]:
        versions = people["operations"].get("api_incentives_plan_versions", plan["id"])["results"]
        for version in versions:
            if version["state"] == "published":
                due_on = today + timedelta(days=ANSWER_DAYS)
                job = people["operations"].post(
                    "api_incentives_document_send", version=version["id"], due_on=due_on.isoformat()
                )
                job_work_here(Organisation.objects.get(slug=SLUG).pk, UUID(job["id"]))
                sent += 1
    for document in people["rep"].get("api_incentives_documents")["results"]:
        if document["answered_at"] is None:
            people["rep"].post(
                "api_incentives_document_answer", document["id"], is_accepted=True, hash=document["hash"]
            )
    return sent
