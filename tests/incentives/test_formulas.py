"""A plan of formulas through the product: published, run, posted, stated, explained."""

import pytest

from incentives.models import PlanVersion, RunState, Statement
from incentives.selectors.why import statement_line_trace, statement_line_why
from incentives.services.documents import PlanRefused
from incentives.services.plans import plan_create
from planning.models import Period
from tests.incentives import world

pytestmark = pytest.mark.django_db

REPS = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
tables:
  - {key: rates, tier_mode: WHOLE, tiers: [{until: 100 %, rate: 5 %}, {rate: 7 %}]}
components:
  - key: commission
    name: Commission
    credit: {where: "stage = 'Won' and amount > 500"}
    quota: amount
    formula: "measure * TIERRATE(rates, ATTAINMENT())"
  - key: large
    name: Large deals
    per: DEAL
    formula: "IF(credit >= 10,000 USD, 250, 0)"
  - key: thanks
    name: Thanks
    formula: "MIN(commission * 10 %, 60) + COUNT(stage = 'Won') * 1 USD"
"""


@pytest.fixture
def sol(viewer):
    return viewer("sol")


@pytest.fixture
def period(sol, monkeypatch):
    monkeypatch.setattr(world, "REPS", REPS)
    world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.deal("D-2", "ria", 300_000)
    world.deal("D-3", "ria", 40_000)
    return Period.objects.get(key="2026-Q3")


def test_formulas_are_paid_posted_and_explained(period, sol):
    run, _ = world.calculate(period, sol)
    assert run.state == RunState.POSTED
    # Rex: 12,000 × 7 % = 840, one large deal 250, 60 + 1; Ria: 3,000 × 5 % = 150, 15 + 2 (the small deal is not credited for commission)
    assert {name: world.earned(period)[name] for name in ("Rex", "Ria")} == {"Rex": 115_100, "Ria": 16_700}
    for name in ("Rex", "Ria"):
        statement = Statement.objects.get(participant__name=name, period=period)
        for line in world.lines(statement):
            tree, why = statement_line_trace(statement, line), statement_line_why(statement, line)
            assert tree is not None and why is not None and tree.check()
            assert tree.amount is not None and int(tree.amount * 100) == line.earned_minor
    rex = Statement.objects.get(participant__name="Rex", period=period)
    texts = {line.component: "\n".join(statement_line_trace(rex, line).lines()) for line in world.lines(rex)}
    assert "TIERRATE(rates, ATTAINMENT()): 7 %" in texts["commission"] and "ATTAINMENT(): 120 %" in texts["commission"]
    assert "Commission * 10 %: 84 USD" in texts["thanks"] and "COUNT(stage = 'Won'): 1" in texts["thanks"]


def test_a_plan_whose_formula_asks_for_what_is_not_known_is_refused(sol):
    with pytest.raises(PlanRefused, match="asks for shoe_size of a deal"):
        plan_create(document=REPS.replace("stage = 'Won' and amount", "shoe_size * 2"), actor=sol)
    with pytest.raises(
        PlanRefused, match=r"components\[0\].formula, line 1, column 1: mesure is not known here.*Did you mean measure"
    ):
        plan_create(document=REPS.replace("measure *", "mesure *"), actor=sol)
    assert not PlanVersion.objects.exists()
