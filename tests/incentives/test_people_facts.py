"""What plans ask of people beside quotas: relations, personal targets, and scores that a second person approved."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.models import Statement, TargetPay
from incentives.selectors.runs import run_stale
from incentives.selectors.terms import target_list
from incentives.selectors.why import statement_line_trace
from incentives.services.runs import run_calculate, run_recompute
from incentives.services.terms import Holder, target_set
from planning.models import AccountTerritory, CalendarKind, RuleSet, Score, TerritoryRule
from planning.selectors import score_list
from planning.services.calendars import calendar_extend
from planning.services.goals import score_enter
from planning.services.territories import territory_assign, territory_save
from spm.approvals.models import ApprovalRequest
from spm.approvals.services import approval_decide
from spm.crm.models import Account, OpportunityVersion
from spm.people.models import Participant, Position
from spm.people.services import relationship_set
from spm.tenancy.models import Organisation
from tests.incentives import world

pytestmark = pytest.mark.django_db

HEAD = "plan: reps\nname: Reps\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\n"
MBO = """components:
  - key: goals
    target: 1000
    objectives:
      - {key: training, name: Training finished, weight: 40 %}
      - {key: forecast, name: Forecast within 10 %, weight: 60 %}
"""


@pytest.fixture
def sol(viewer):
    return viewer("sol")


@pytest.fixture
def quarters(sol):
    return calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)


def person(name: str) -> Participant:
    return Participant.objects.get(source_key=name)


def traced(period) -> None:
    for statement in Statement.objects.filter(period=period):
        for line in world.lines(statement):
            tree = statement_line_trace(statement, line)
            assert tree is not None and tree.check()


def test_a_relation_of_the_day_is_credited_beside_the_owner(quarters, sol):
    relationship_set(
        participant_id=person("rex").id,
        related_id=person("ria").id,
        name="mentor",
        start=date(2026, 1, 1),
        until=date(2026, 2, 1),
        actor=sol,
    )
    world.publish(
        sol,
        HEAD
        + "components:\n  - {key: c, rate: 10 %}\n  - {key: m, credit: {kind: ROLLOVER, relation: mentor}, rate: 1 %}\n",
    )
    world.deal("D-1", "rex", 100_000, on=date(2026, 1, 31))
    world.deal("D-2", "rex", 100_000, on=date(2026, 2, 1))
    run, _ = world.calculate(quarters[0], sol)
    assert world.earned(quarters[0]) == {"Rex": 20_000, "Ria": 1_000, "Rob": 0}
    assert run_recompute(run) == run.results_digest
    traced(quarters[0])
    relationship_set(
        participant_id=person("rex").id, related_id=person("rob").id, name="mentor", start=date(2026, 2, 1), actor=sol
    )
    assert run_stale(run) == ("relations",)
    world.calculate(quarters[0], sol)
    assert world.earned(quarters[0]) == {"Rex": 20_000, "Ria": 1_000, "Rob": 1_000}


def test_a_deal_is_of_the_territory_that_its_owner_covers_on_its_day(quarters, sol):
    north = territory_save(code="north", name="North", actor=sol)
    south = territory_save(code="south", name="South", actor=sol)
    seat = Position.objects.get(code="rex").id
    half, day = 50_000_000, date(2026, 1, 1)
    territory_assign(
        territory_id=north.id, position_id=seat, start=day, until=date(2026, 2, 1), share_rate=half, actor=sol
    )
    territory_assign(territory_id=south.id, position_id=seat, start=day, share_rate=half // 2, actor=sol)
    world.publish(sol, HEAD + "components: [{key: c, credit: {where: {territory: north}}, rate: 10 %}]\n")
    for key, owner, on in (("D-1", "rex", date(2026, 1, 31)), ("D-2", "rex", date(2026, 2, 1)), ("D-3", "ria", day)):
        world.deal(key, owner, 100_000, on=on)
    run, _ = world.calculate(quarters[0], sol)
    assert world.earned(quarters[0]) == {"Rex": 10_000, "Ria": 0, "Rob": 0}
    assert run_recompute(run) == run.results_digest
    traced(quarters[0])
    territory_assign(territory_id=north.id, position_id=seat, start=date(2026, 2, 1), share_rate=half, actor=sol)
    assert run_stale(run) == ("territories",)


def belongs(account, territory, start, until, rule) -> None:
    AccountTerritory.objects.create(account=account, territory=territory, rule=rule, during=DateRange(start, until))


def test_a_deal_is_of_who_covers_the_territory_of_its_account_on_its_day(quarters, sol):
    """Given an account that moves from the north, which Rex and Ria cover, to the south in February: its owner Rob is credited nothing."""
    north, south = (territory_save(code=name, name=name.title(), actor=sol) for name in ("north", "south"))
    seats = {name: Position.objects.get(code=name).id for name in ("rex", "ria")}
    day, moved = date(2026, 1, 1), date(2026, 2, 1)
    territory_assign(territory_id=north.id, position_id=seats["rex"], start=day, share_rate=75_000_000, actor=sol)
    territory_assign(territory_id=north.id, position_id=seats["ria"], start=day, share_rate=25_000_000, actor=sol)
    territory_assign(territory_id=south.id, position_id=seats["ria"], start=day, actor=sol)
    rules = RuleSet.objects.create(starts_on=day, written_by_name="Sol")
    rule = TerritoryRule.objects.create(rule_set=rules, place=1, name="Cold places", territory=north)
    acme = Account.objects.create(source="crm", source_key="acme")
    belongs(acme, north, day, moved, rule)
    belongs(acme, south, moved, None, None)
    world.publish(
        sol,
        HEAD
        + "components:\n  - {key: c, credit: {owner: TERRITORY}, rate: 10 %}\n"
        + "  - {key: n, credit: {where: {account_territory: north}}, rate: 1 %}\n",
    )
    for key, on in (("D-1", date(2026, 1, 31)), ("D-2", moved)):
        OpportunityVersion.objects.filter(pk=world.deal(key, "rob", 100_000, on=on).pk).update(account=acme)
    run, _ = world.calculate(quarters[0], sol)
    assert world.earned(quarters[0]) == {"Rex": 7_500, "Ria": 12_500, "Rob": 1_000}
    assert run_recompute(run) == run.results_digest
    traced(quarters[0])
    statement = Statement.objects.get(period=quarters[0], participant=person("rex"))
    tree = statement_line_trace(statement, next(line for line in world.lines(statement) if line.component == "c"))
    words = [node.words for node in tree.children[-1].children]
    assert any("its account belongs to north on 2026-01-31, by the rule Cold places" in each for each in words), words
    # One more deal: the small calculation finds the people of the territory, too.
    OpportunityVersion.objects.filter(pk=world.deal("D-3", "rob", 100_000, on=day).pk).update(account=acme)
    world.calculate(quarters[0], sol)
    assert world.earned(quarters[0]) == {"Rex": 15_000, "Ria": 15_000, "Rob": 2_000}
    AccountTerritory.objects.filter(territory=south).delete()
    assert run_stale(run) == ("deals", "territories of accounts")


def test_nobody_is_related_to_themselves(sol):
    rex = person("rex").id
    with pytest.raises(ValidationError, match="to themselves"):
        relationship_set(participant_id=rex, related_id=rex, name="mentor", start=date(2026, 1, 1), actor=sol)


def pay_target(name: str, amount: int, actor, *, start=date(2026, 1, 1), **more) -> None:
    holder = more.pop("holder", None) or Holder(participant_id=person(name).id)
    values = {"target_minor": amount, "base_minor": 0, "currency": "USD", "per": "period"} | more
    target_set(holder=holder, name="variable", start=start, actor=actor, **values)


TARGETED = HEAD + "components: [{key: c, quota: amount, target: variable, tiers: [{rate: 100 %}]}]\n"


def test_a_target_of_each_period_follows_its_days_and_that_of_a_position_its_holder(quarters, sol):
    world.publish(sol, TARGETED)
    world.quotas(quarters, 1_000_000, sol)
    for name, amount in (("rex", 900_000), ("ria", 1_800_000)):
        pay_target(name, amount, sol)
    # From 1 April 1,000.00 a quarter; Rob's seat has 8,000.00 a year.
    pay_target("rex", 100_000, sol, start=date(2026, 4, 1))
    pay_target("rob", 800_000, sol, holder=Holder(position_id=Position.objects.get(code="rob").id), per="year")
    for name in ("rex", "ria", "rob"):
        world.deal(f"D-{name}", name, 500_000, on=date(2026, 2, 1))
        world.deal(f"E-{name}", name, 1_000_000, on=date(2026, 5, 1))
    for quarter in quarters[:2]:
        world.calculate(quarter, sol)
        traced(quarter)
    assert world.earned(quarters[0]) == {"Rex": 450_000, "Ria": 900_000, "Rob": 100_000}
    assert world.earned(quarters[1]) == {"Rex": 100_000, "Ria": 1_800_000, "Rob": 200_000}


def test_a_target_within_a_period_counts_by_its_days(quarters, sol):
    world.publish(sol, TARGETED)
    world.quotas(quarters, 1_000_000, sol)
    for name in ("rex", "ria", "rob"):
        pay_target(name, 9_000, sol)
    pay_target("rex", 18_000, sol, start=date(2026, 3, 2))
    world.deal("D-1", "rex", 1_000_000, on=date(2026, 2, 1))
    world.calculate(quarters[0], sol)
    # 60 of 90 days at 90.00 and 30 at 180.00.
    assert world.earned(quarters[0])["Rex"] == 12_000


def test_a_persons_target_of_each_period_beats_the_positions_of_the_year_on_its_days(quarters, sol):
    world.publish(sol, TARGETED)
    world.quotas(quarters, 1_000_000, sol)
    pay_target("rex", 3_600_000, sol, holder=Holder(position_id=Position.objects.get(code="rex").id), per="year")
    pay_target("rex", 90_000, sol, until=date(2026, 2, 1))
    world.deal("D-1", "rex", 1_000_000, on=date(2026, 2, 1))
    world.calculate(quarters[0], sol)
    # 31 of 90 days at 900.00 and 59 at 9,000.00: 310.00 + 5,900.00
    assert world.earned(quarters[0])["Rex"] == 621_000


def test_without_a_target_the_person_is_not_calculated(quarters, sol):
    world.publish(sol, TARGETED)
    world.quotas(quarters, 1_000_000, sol)
    pay_target("rex", 9_000, sol)
    run, _ = run_calculate(period_id=quarters[0].id, actor=sol)
    assert {finding["what"].split()[0] for finding in run.findings} == {"Ria", "Rob"}


def test_who_may_set_targets_and_what_is_refused(viewer, sol):
    with pytest.raises(PermissionDenied):
        pay_target("rex", 1, viewer("mara"))
    both = Holder(participant_id=person("rex").id, position_id=Position.objects.get(code="rex").id)
    for amount, wrong in ((-1, {}), (1, {"holder": both}), (10**15 + 1, {}), (1, {"currency": "EURO"})):
        with pytest.raises(ValidationError):
            pay_target("rex", amount, sol, **wrong)
    with pytest.raises(ValidationError, match="names of quotas"):
        values = {"target_minor": 1, "base_minor": 0, "currency": "USD", "start": date(2026, 1, 1)}
        target_set(holder=Holder(participant_id=person("rex").id), name="amount", actor=sol, **values)
    assert not TargetPay.objects.exists()
    pay_target("rex", 1, sol)
    assert [len(target_list(viewer(name))) for name in ("rex", "ria", "mara")] == [1, 0, 1]


def scored(actor, name: str, period, **scores: int) -> None:
    for objective, percent in scores.items():
        score_enter(
            participant_id=person(name).id,
            period_id=period.id,
            objective=objective,
            score_rate=percent * 10**6,
            evidence="The list of the course.",
            actor=actor,
        )


def decide(actor, *, is_approved: bool = True) -> None:
    for request in ApprovalRequest.objects.filter(kind="score", state="open"):
        approval_decide(request_id=request.pk, is_approved=is_approved, actor=actor, reason="Seen.")


def test_scores_pay_once_a_second_person_has_approved_them(quarters, sol, viewer):
    world.publish(sol, HEAD + MBO)
    mara, fin = viewer("mara"), viewer("fin")
    scored(mara, "rex", quarters[0], training=100, forecast=50)
    run, _ = run_calculate(period_id=quarters[0].id, actor=sol)
    assert {finding["code"] for finding in run.findings} == {"SCORE_MISSING"}
    decide(fin)
    run, _ = world.calculate(quarters[0], sol)
    # 1,000.00 × (40 % × 100 % + 60 % × 50 %) = 700.00
    assert world.earned(quarters[0])["Rex"] == 70_000
    assert run_recompute(run) == run.results_digest
    line = world.lines(Statement.objects.get(participant__name="Rex", period=quarters[0]))[0]
    tree = statement_line_trace(Statement.objects.get(participant__name="Rex", period=quarters[0]), line)
    assert tree is not None and tree.check() and tree.amount == 700


def test_a_changed_score_counts_no_more_until_it_is_approved_anew(quarters, sol, viewer):
    world.publish(sol, HEAD + MBO)
    mara, fin = viewer("mara"), viewer("fin")
    scored(mara, "rex", quarters[0], training=100, forecast=50)
    decide(fin)
    world.calculate(quarters[0], sol)
    scored(mara, "rex", quarters[0], forecast=100)
    run, posting = world.calculate(quarters[0], sol)
    assert posting.groups == 0 and {one["code"] for one in run.findings} == {"SCORE_MISSING"}
    assert world.earned(quarters[0])["Rex"] == 70_000
    decide(fin)
    world.calculate(quarters[0], sol)
    assert world.earned(quarters[0])["Rex"] == 100_000
    assert {score.state for score in score_list(sol)} == {"approved"}


def test_nobody_approves_or_enters_an_own_score(quarters, sol, viewer):
    Organisation.objects.filter(pk=sol.organisation.pk).update(is_single_operator=False)
    scored(sol, "rex", quarters[0], training=100)
    with pytest.raises(PermissionDenied):
        decide(sol)
    for name, whose in (("mara", "mara"), ("mara", "rob"), ("rex", "ria")):
        with pytest.raises(PermissionDenied):
            scored(viewer(name), whose, quarters[0], training=100)
    with pytest.raises(ValidationError, match="Say what shows the score"):
        score_enter(
            participant_id=person("rex").id,
            period_id=quarters[0].id,
            objective="training",
            score_rate=1,
            evidence=" ",
            actor=sol,
        )
    assert Score.objects.count() == 1
