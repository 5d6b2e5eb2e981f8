"""Territories and quotas."""

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from planning.models import (
    BalanceProposal,
    CapacityPlan,
    CapacityRole,
    NamedAccount,
    Period,
    RuleSet,
    Scenario,
    ScoreCard,
    ScoreEvidence,
    SkillNeed,
    Territory,
    TerritoryAssignment,
    TerritoryRule,
)
from spm.crm.models import Account, AccountVersion
from spm.people.models import Participant, ParticipantSkill, Position, Title
from tests.walls.permissions import API, Row


def _territory(owner: str) -> Territory:
    return Territory.objects.get_or_create(code=f"of-{owner}", name=f"Territory of {owner}")[0]


def _assignment(owner: str) -> TerritoryAssignment:
    return TerritoryAssignment.objects.get_or_create(
        territory=_territory(owner), position=Position.objects.get(code=owner), during=DateRange(date(2026, 1, 1), None)
    )[0]


def _evidence(owner: str) -> ScoreEvidence:
    values = {"text": "Seen", "file_name": "proof.txt", "content": b"proof", "given_by_name": "Rex"}
    return ScoreEvidence.objects.get_or_create(
        participant=Participant.objects.get(source_key=owner),
        period=Period.objects.order_by("during", "pk").first(),
        objective="training",
        defaults=values,
    )[0]


def _rules(owner: str) -> RuleSet:
    return RuleSet.objects.get_or_create(starts_on=date(2031, 1, 1), note=f"of {owner}", written_by_name="Sol")[0]


def _rule(owner: str) -> TerritoryRule:
    return TerritoryRule.objects.get_or_create(
        rule_set=_rules(owner), place=1, name="All", territory=_territory(owner), conditions=[]
    )[0]


def _account(owner: str) -> Account:
    fact, is_new = Account.objects.get_or_create(source="crm", source_key=f"account-of-{owner}")
    if is_new:
        person = Participant.objects.get(source_key=owner)
        AccountVersion.objects.create(fact=fact, name=owner, owner=person, known_from="2026-01-01T00:00Z")
    return fact


def _named(owner: str) -> NamedAccount:
    return NamedAccount.objects.get_or_create(
        account=_account(owner),
        territory=_territory(owner),
        during=DateRange(date(2026, 1, 1), None),
        reason="Of old",
    )[0]


def _capacity(owner: str) -> CapacityPlan:
    return CapacityPlan.objects.get_or_create(
        name=f"Of {owner}", starts_on=date(2031, 1, 1), currency="USD", target_minor=100, written_by_name="Sol"
    )[0]


def _capacity_title(owner: str) -> Title:
    title = Title.objects.get(code="rep")
    CapacityRole.objects.get_or_create(plan=_capacity(owner), title=title, quota_minor=100)
    return title


def _scenario(owner: str) -> Scenario:
    return Scenario.objects.get_or_create(
        name=f"Of {owner}", defaults={"starts_on": date(2031, 1, 1), "written_by_name": "Sol"}
    )[0]


def _balance(owner: str) -> BalanceProposal:
    return BalanceProposal.objects.get_or_create(starts_on=date(2031, 1, 1), settings=BALANCE, asked_by_name=owner)[0]


def _scored() -> str:
    """Factors of potential in force."""
    size = {"name": "Size", "field": "employees", "scaling": "LINEAR", "weight": 1, "missing": "ZERO"}
    ScoreCard.objects.get_or_create(
        kind="POTENTIAL", state="IN_FORCE", factors=[size | {"low": 0, "high": 100}], written_by_name="Sol"
    )
    return "potential"


def _skill(owner: str) -> ParticipantSkill:
    person = Participant.objects.get(source_key=owner)
    return ParticipantSkill.objects.get_or_create(
        participant=person, kind="LANGUAGE", name="German", during=DateRange(date(2026, 1, 1), None)
    )[0]


def _need(owner: str) -> SkillNeed:
    return SkillNeed.objects.get_or_create(kind="LANGUAGE", name="German", field="country", value=owner)[0]


BALANCE = {"workload": "1", "potential": "1", "sales": "1", "moves": "1", "regions": "0", "band_percent": "5"}
FACTORIES = {
    "balance": lambda owner: _balance(owner).pk,
    "skill": lambda owner: _skill(owner).pk,
    "skill_need": lambda owner: _need(owner).pk,
    "scenario": lambda owner: _scenario(owner).pk,
    "capacity": lambda owner: _capacity(owner).pk,
    "capacity_title": lambda owner: _capacity_title(owner).pk,
    "rule_set": lambda owner: _rules(owner).pk,
    "rule": lambda owner: _rule(owner).pk,
    "market_account": lambda owner: _account(owner).pk,
    "named_account": lambda owner: _named(owner).pk,
    "territory": lambda owner: _territory(owner).pk,
    "assignment": lambda owner: _assignment(owner).pk,
    "evidence": lambda owner: _evidence(owner).pk,
    "score_kind": lambda owner: _scored(),
    "template": lambda owner: "template",
}
SEE = "sol fin eve otto mara mona max rex ria rob"
IT = {"pk": "territory"}

SET = {"pk": "rule_set"}
ACCOUNT = {"pk": "market_account"}
SCORED = ACCOUNT | {"kind": "score_kind"}

CAPACITY = {"pk": "capacity"}
OF_ROLE = CAPACITY | {"title": "capacity_title"}
SEE_CAPACITY = "sol fin eve otto"

SCENARIO = {"pk": "scenario"}

ROWS = [
    Row(route="planning:scenario_list", may=SEE_CAPACITY),
    Row(route="planning:scenario_list", verb="POST", may="sol"),
    Row(route="planning:scenario_compare", may=SEE_CAPACITY),
    Row(route="planning:scenario_compare_export", at={"form": "csv"}, may=SEE_CAPACITY),
    Row(route="planning:scenario", at=SCENARIO, may=SEE_CAPACITY),
    Row(route="planning:scenario", verb="POST", at=SCENARIO, may="sol"),
    Row(route="planning:scenario_cover", at=SCENARIO, may="sol"),
    Row(route="planning:scenario_cover", verb="POST", at=SCENARIO, may="sol"),
    Row(route="planning:scenario_quota", at=SCENARIO, may="sol"),
    Row(route="planning:scenario_quota", verb="POST", at=SCENARIO, may="sol"),
    Row(route="planning:scenario_export", at=SCENARIO | {"form": "csv"}, may=SEE_CAPACITY),
    Row(route="api_planning_scenarios", kind=API, may=SEE_CAPACITY),
    Row(route="api_planning_scenarios", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_scenario", kind=API, at=SCENARIO, may=SEE_CAPACITY),
    Row(route="api_planning_scenario", verb="DELETE", kind=API, at=SCENARIO, may="sol"),
    Row(route="api_planning_scenario_changes", verb="POST", kind=API, at=SCENARIO, may="sol"),
    Row(route="api_planning_scenario_rules", verb="POST", kind=API, at=SCENARIO, may="sol"),
    Row(route="api_planning_scenario_rebase", verb="POST", kind=API, at=SCENARIO, may="sol"),
    Row(route="api_planning_scenario_ask", verb="POST", kind=API, at=SCENARIO, may="sol"),
    Row(route="api_planning_scenario_publish", verb="POST", kind=API, at=SCENARIO, may="sol"),
    Row(route="api_planning_scenario_undo", verb="POST", kind=API, at=SCENARIO, may="sol"),
    Row(route="planning:capacity_list", may=SEE_CAPACITY),
    Row(route="planning:capacity_list", verb="POST", may="sol"),
    Row(route="planning:hire_file", may="sol"),
    Row(route="planning:hire_file", verb="POST", may="sol"),
    Row(route="planning:hire_file_download", at={"what": "template", "form": "csv"}, may="sol"),
    Row(route="planning:capacity_plan", at=CAPACITY, may=SEE_CAPACITY),
    Row(route="planning:capacity_plan", verb="POST", at=CAPACITY, may="sol"),
    Row(route="planning:capacity_edit", at=CAPACITY, may="sol"),
    Row(route="planning:capacity_edit", verb="POST", at=CAPACITY, may="sol"),
    Row(route="planning:capacity_export", at=CAPACITY | {"form": "csv"}, may=SEE_CAPACITY),
    Row(route="planning:capacity_role_new", at=CAPACITY, may="sol"),
    Row(route="planning:capacity_role_new", verb="POST", at=CAPACITY, may="sol"),
    Row(route="planning:capacity_role", at=OF_ROLE, may="sol"),
    Row(route="planning:capacity_role", verb="POST", at=OF_ROLE, may="sol"),
    Row(route="api_planning_capacity_plans", kind=API, may=SEE_CAPACITY),
    Row(route="api_planning_capacity_plans", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_hire_file", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_capacity_plan", kind=API, at=CAPACITY, may=SEE_CAPACITY),
    Row(route="api_planning_capacity_plan", verb="PATCH", kind=API, at=CAPACITY, may="sol"),
    Row(route="api_planning_capacity_plan", verb="DELETE", kind=API, at=CAPACITY, may="sol"),
    Row(route="api_planning_capacity_roles", verb="POST", kind=API, at=CAPACITY, may="sol"),
    Row(route="api_planning_capacity_hires", verb="POST", kind=API, at=CAPACITY, may="sol"),
    Row(route="planning:rule_list", may=SEE),
    Row(route="planning:rule_list", verb="POST", may="sol"),
    Row(route="planning:rule_export", at={"form": "csv"}, may=SEE),
    Row(route="planning:rule_set", at=SET, may=SEE),
    Row(route="planning:rule_set", verb="POST", at=SET, may="sol"),
    Row(route="planning:rule_new", at=SET, may="sol"),
    Row(route="planning:rule_new", verb="POST", at=SET, may="sol"),
    Row(route="planning:rule_edit", at=SET | {"rule": "rule"}, may="sol"),
    Row(route="planning:rule_edit", verb="POST", at=SET | {"rule": "rule"}, may="sol"),
    Row(route="planning:map", may=SEE),
    Row(route="planning:map", verb="POST", may="sol"),
    Row(route="planning:map_export", at={"form": "csv"}, may=SEE),
    Row(route="api_planning_map", kind=API, may=SEE),
    Row(route="api_planning_map_moves", verb="POST", kind=API, may="sol"),
    Row(route="planning:territory_match", at=IT, may="sol fin otto"),
    Row(route="planning:territory_match_export", at=IT | {"form": "csv"}, may="sol fin otto"),
    Row(route="api_planning_territory_match", kind=API, at=IT, may="sol fin otto"),
    Row(route="planning:skills", may="sol fin otto"),
    Row(route="planning:skills", verb="POST", may="sol"),
    *(Row(route=f"planning:{each}", may="sol") for each in ("skill_file", "need_file")),
    *(Row(route=f"planning:{each}", verb="POST", may="sol") for each in ("skill_file", "need_file")),
    *(
        Row(route=f"planning:{each}_download", at={"what": "template", "form": "csv"}, may="sol")
        for each in ("skill_file", "need_file")
    ),
    *(Row(route=f"api_planning_{each}_file", verb="POST", kind=API, may="sol") for each in ("skill", "need")),
    *(Row(route=f"api_planning_{each}", kind=API, may="sol fin otto") for each in ("skills", "skill_needs")),
    *(Row(route=f"api_planning_{each}", verb="POST", kind=API, may="sol") for each in ("skills", "skill_needs")),
    *(
        Row(route=f"api_planning_{each}", verb="DELETE", kind=API, at={"pk": each}, may="sol")
        for each in ("skill", "skill_need")
    ),
    Row(route="planning:balance_list", may="sol fin otto"),
    Row(route="planning:balance_list", verb="POST", may="sol"),
    Row(route="planning:balance_detail", at={"pk": "balance"}, may="sol fin otto"),
    Row(route="planning:balance_detail", verb="POST", at={"pk": "balance"}, may="sol"),
    Row(route="planning:balance_export", at={"pk": "balance", "form": "csv"}, may="sol fin otto"),
    Row(route="api_planning_balances", kind=API, may="sol fin otto"),
    Row(route="api_planning_balances", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_balance", kind=API, at={"pk": "balance"}, may="sol fin otto"),
    Row(route="api_planning_balance", verb="DELETE", kind=API, at={"pk": "balance"}, may="sol"),
    Row(route="api_planning_balance_accounts", kind=API, at={"pk": "balance"}, may="sol fin otto"),
    Row(route="api_planning_balance_accounts", verb="POST", kind=API, at={"pk": "balance"}, may="sol"),
    Row(route="api_planning_balance_commit", verb="POST", kind=API, at={"pk": "balance"}, may="sol"),
    Row(route="planning:account_list", may=SEE),
    Row(route="planning:accounts_route", verb="POST", may="sol"),
    Row(route="planning:account_export", at={"form": "csv"}, may=SEE),
    Row(route="planning:account_detail", at=ACCOUNT, may="sol fin eve otto mara rex", hidden="mona max ria rob"),
    Row(route="planning:account_detail", verb="POST", at=ACCOUNT, may="sol"),
    Row(route="planning:account_name_end", verb="POST", at=ACCOUNT | {"named": "named_account"}, may="sol"),
    Row(route="planning:account_parent", verb="POST", at=ACCOUNT, may="sol"),
    Row(route="planning:segment_list", may=SEE),
    Row(route="planning:segment_list", verb="POST", may="sol"),
    Row(route="planning:segment_export", at={"form": "csv"}, may=SEE),
    Row(route="api_planning_account_segments", kind=API, may=SEE),
    Row(route="planning:account_scores", at={"kind": "score_kind"}, may=SEE),
    Row(route="planning:account_score_export", at={"kind": "score_kind", "form": "csv"}, may=SEE),
    Row(route="planning:account_factors", at={"kind": "score_kind"}, may="sol"),
    Row(route="planning:account_factors", verb="POST", at={"kind": "score_kind"}, may="sol"),
    Row(route="api_planning_account_scores", kind=API, at={"kind": "score_kind"}, may=SEE),
    Row(route="api_planning_account_factors", kind=API, at={"kind": "score_kind"}, may=SEE),
    Row(route="api_planning_account_factors", verb="POST", kind=API, at={"kind": "score_kind"}, may="sol"),
    Row(
        route="api_planning_account_score",
        kind=API,
        at=SCORED,
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="planning:whitespace", at=ACCOUNT, may="sol fin eve otto mara rex", hidden="mona max ria rob"),
    Row(
        route="planning:whitespace_export",
        at=ACCOUNT | {"form": "csv"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(
        route="api_planning_whitespace",
        kind=API,
        at=ACCOUNT,
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="planning:family_list", may=SEE),
    Row(route="planning:family_detail", at=ACCOUNT, may="sol fin eve otto mara rex", hidden="mona max ria rob"),
    Row(
        route="planning:family_export",
        at=ACCOUNT | {"form": "csv"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="api_planning_families", kind=API, may=SEE),
    Row(route="api_planning_family", kind=API, at=ACCOUNT, may="sol fin eve otto mara rex", hidden="mona max ria rob"),
    Row(route="api_planning_account_parent", verb="PUT", kind=API, at=ACCOUNT, may="sol"),
    Row(route="api_planning_rule_sets", kind=API, may=SEE),
    Row(route="api_planning_rule_sets", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_rule_set", kind=API, at=SET, may=SEE),
    Row(route="api_planning_rule_set", verb="DELETE", kind=API, at=SET, may="sol"),
    Row(route="api_planning_rule_set_start", verb="POST", kind=API, at=SET, may="sol"),
    Row(route="api_planning_rules", kind=API, at=SET, may=SEE),
    Row(route="api_planning_rules", verb="POST", kind=API, at=SET, may="sol"),
    Row(route="api_planning_rule", verb="PUT", kind=API, at=SET | {"rule": "rule"}, may="sol"),
    Row(route="api_planning_rule", verb="DELETE", kind=API, at=SET | {"rule": "rule"}, may="sol"),
    Row(route="api_planning_accounts", kind=API, may=SEE),
    Row(route="api_planning_accounts_route", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_named_accounts", kind=API, may=SEE),
    Row(route="api_planning_named_accounts", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_named_account_end", verb="POST", kind=API, at={"pk": "named_account"}, may="sol"),
    Row(route="planning:territory_list", may=SEE),
    Row(route="planning:territory_new", may="sol"),
    Row(route="planning:territory_new", verb="POST", may="sol"),
    Row(route="planning:territories_from_units", verb="POST", may="sol"),
    Row(route="planning:territory_detail", at=IT, may=SEE),
    Row(route="planning:territory_detail", verb="POST", at=IT, may="sol"),
    Row(route="planning:territory_edit", at=IT, may="sol"),
    Row(route="planning:territory_edit", verb="POST", at=IT, may="sol"),
    Row(route="planning:assignment_end", verb="POST", at=IT | {"assignment": "assignment"}, may="sol"),
    Row(route="planning:quota_list", may=SEE),
    Row(route="planning:quota_list", verb="POST", may="sol"),
    Row(route="planning:score_list", may=SEE),
    Row(route="planning:score_list", verb="POST", may="sol mara mona max"),
    Row(route="planning:quota_file", may="sol"),
    Row(route="planning:quota_file", verb="POST", may="sol"),
    Row(route="planning:quota_file_download", at={"what": "template", "form": "csv"}, may="sol"),
    Row(route="api_planning_quota_file", verb="POST", kind=API, may="sol"),
    Row(route="planning:score_file", may="sol mara mona max"),
    Row(route="planning:score_file", verb="POST", may="sol mara mona max"),
    Row(route="planning:score_file_download", at={"what": "template", "form": "csv"}, may="sol mara mona max"),
    Row(route="api_planning_score_file", verb="POST", kind=API, may="sol mara mona max"),
    Row(route="planning:evidence_new", may="sol mara mona max rex ria rob"),
    Row(route="planning:evidence_new", verb="POST", may="sol mara mona max rex ria rob"),
    Row(
        route="planning:evidence_file",
        at={"pk": "evidence"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="api_planning_evidence", kind=API, may=SEE),
    Row(route="api_planning_evidence", verb="POST", kind=API, may="sol mara mona max rex ria rob"),
    Row(route="planning:periods_make", verb="POST", may="sol"),
    Row(route="planning:quota_export", at={"form": "csv"}, may=SEE),
    Row(route="api_planning_periods", kind=API, may=SEE),
    Row(route="api_planning_quotas", kind=API, may=SEE),
    Row(route="api_planning_quotas", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_scores", kind=API, may=SEE),
    Row(route="api_planning_scores", verb="POST", kind=API, may="sol mara mona max"),
    Row(route="api_planning_territories", kind=API, may=SEE),
    Row(route="api_planning_territories", verb="POST", kind=API, may="sol"),
    Row(route="api_planning_assignments", kind=API, at=IT, may=SEE),
    Row(route="api_planning_assignments", verb="POST", kind=API, at=IT, may="sol"),
]
