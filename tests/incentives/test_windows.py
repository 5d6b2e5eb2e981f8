"""Windows: a run reads the facts of the whole window and posts its own period, so that the periods sum to the year."""

from datetime import date

import pytest

from incentives.models import RunEarning, Statement
from incentives.selectors.kept import compute_again
from incentives.selectors.rerated import moves_of
from incentives.selectors.runs import run_stale
from incentives.selectors.statements import statement_get
from incentives.selectors.why import line_get, statement_line_trace, statement_line_why
from incentives.services.results import Columns, results_digest
from incentives.services.runs import run_calculate, run_recompute
from planning.models import CalendarKind, Period, Quota
from planning.services.calendars import calendar_extend
from planning.services.quotas import QuotaValue, quota_set_many
from spm.people.models import Position
from tests.incentives import world

pytestmark = pytest.mark.django_db

HEAD = "plan: reps\nname: Reps\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: {period}\n"
YTD = """
components:
  - key: commission
    name: Commission
    quota: amount
    accumulation: YTD
    goal: WHOLE_WINDOW
    tiers: [{until: 50 %, rate: 2 %}, {until: 100 %, rate: 4 %}, {rate: 8 %}]
"""


@pytest.fixture
def sol(viewer):
    return viewer("sol")


@pytest.fixture
def quarters(sol):
    return calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)


def rex(period: Period) -> Statement:
    return Statement.objects.filter(participant__name="Rex", period=period).order_by("-number")[0]


def test_the_quarters_of_a_year_to_date_sum_to_the_year(quarters, sol):
    world.publish(sol, HEAD.format(period="QUARTERLY") + YTD)
    world.quotas(quarters, 2_500_000, sol)
    for key, amount, month in (("D-1", 3_000_000, 2), ("D-2", 4_000_000, 5), ("D-3", 5_000_000, 11)):
        world.deal(key, "rex", amount, on=date(2026, month, 3))
    for period in quarters:
        world.calculate(period, sol)
    # A yearly quota of 100,000.00; 120,000.00 sold: 50,000 at 2 % + 50,000 at 4 % + 20,000 at 8 % = 4,600.00.
    # Q1: 30,000 at 2 %; Q2: 20,000 at 2 % and 20,000 at 4 %; Q4: 30,000 at 4 % and 20,000 at 8 %.
    assert [rex(period).earned_minor for period in quarters] == [60_000, 120_000, 0, 280_000]
    line = statement_get(sol, rex(quarters[3])).main
    assert line is not None and line.attainment_rate == 120_000_000
    tree = statement_line_trace(rex(quarters[3]), line)
    assert tree is not None and tree.check() and tree.amount == 2800


def test_a_late_change_goes_to_its_own_period_and_moves_the_later_ones(quarters, sol):
    world.publish(sol, HEAD.format(period="QUARTERLY") + YTD)
    world.quotas(quarters, 2_500_000, sol)
    world.deal("D-1", "rex", 3_000_000, on=date(2026, 2, 3))
    world.deal("D-2", "rex", 4_000_000, on=date(2026, 5, 3))
    runs = [world.calculate(period, sol)[0] for period in quarters[:2]]
    world.deal("D-9", "rex", 3_000_000, on=date(2026, 3, 3))
    assert [run_stale(run) for run in runs] == [("deals",), ("deals",)]
    again, _ = run_calculate(period_id=quarters[1].id, actor=sol)
    assert set(RunEarning.objects.filter(run=again).values_list("run__period__key", flat=True)) == {"2026-Q2"}
    for period in quarters[:2]:
        world.calculate(period, sol)
    # 60,000 in Q1: 50,000 at 2 % + 10,000 at 4 %; Q2 takes it to 100,000: 40,000 at 4 %. In all 50,000 × 2 % + 50,000 × 4 %.
    assert [rex(period).earned_minor for period in quarters[:2]] == [140_000, 160_000]
    assert run_recompute(runs[1]) == runs[1].results_digest


def test_a_quarter_to_date_starts_again_with_the_quarter(sol):
    months = calendar_extend(kind=CalendarKind.MONTHLY, start=date(2026, 1, 1), until=date(2026, 5, 1), actor=sol)
    world.quotas(months, 1_000_000, sol)
    text = YTD.replace("YTD", "QTD").replace("goal: WHOLE_WINDOW", "goal: TO_DATE")
    world.publish(sol, HEAD.format(period="MONTHLY") + text)
    for month in (1, 2, 3, 4):
        world.deal(f"D-{month}", "rex", 1_500_000, on=date(2026, month, 7))
    for period in months:
        world.calculate(period, sol)
    # F(n months) at 150 % of goal: per 10,000.00 of goal 100 + 200 + 400 = 700.00; each month adds 700.00; April starts again.
    assert [rex(period).earned_minor for period in months] == [70_000] * 4
    assert rex(months[3]).content["lines"][0]["quota_value"] == 1_000_000
    assert rex(months[2]).content["lines"][0]["quota_value"] == 3_000_000


def test_since_the_start_of_the_plan_goes_over_the_end_of_a_year(sol):
    both = calendar_extend(kind=CalendarKind.YEARLY, start=date(2025, 1, 1), until=date(2027, 1, 1), actor=sol)
    text = HEAD.format(period="YEARLY").replace("2026-01-01", "2025-07-01")
    world.publish(
        sol,
        f"{text}components: [{{key: c, accumulation: CONTRACT, tiers: [{{until: 1000, rate: 0 %}}, {{rate: 10 %}}]}}]\n",
    )
    world.deal("D-0", "rex", 9_900_000, on=date(2025, 3, 1))
    world.deal("D-1", "rex", 80_000, on=date(2025, 9, 1))
    world.deal("D-2", "rex", 50_000, on=date(2026, 2, 1))
    for period in both:
        world.calculate(period, sol)
    assert [rex(period).earned_minor for period in both] == [0, 3_000]


def test_a_cap_of_the_year_holds_over_its_periods(quarters, sol):
    world.publish(sol, HEAD.format(period="QUARTERLY") + "components: [{key: c, rate: 10 %, cap: {year: 5000}}]\n")
    for number, month in enumerate((1, 4, 7), start=1):
        world.deal(f"D-{number}", "rex", 2_000_000, on=date(2026, month, 9))
    for period in quarters:
        world.calculate(period, sol)
    assert [rex(period).earned_minor for period in quarters] == [200_000, 200_000, 100_000, 0]


def test_a_cap_of_the_year_is_not_told_while_a_part_of_the_year_is_unknown(quarters, sol):
    world.quotas(quarters, 1_000_000, sol)
    text = "components: [{key: c, quota: amount, tiers: [{rate: 10 %}], cap: {year: 3000}}]\n"
    world.publish(sol, HEAD.format(period="QUARTERLY") + text)
    for number, month in enumerate((1, 4), start=1):
        world.deal(f"D-{number}", "rex", 2_000_000, on=date(2026, month, 9))
    for period in quarters[:2]:
        world.calculate(period, sol)
    assert [rex(period).earned_minor for period in quarters[:2]] == [200_000, 100_000]
    Quota.objects.filter(position__code="rex", period=quarters[0]).delete()
    world.deal("D-2", "rex", 1_900_000, on=date(2026, 4, 9))
    run, posting = world.calculate(quarters[1], sol)
    # Without the first quarter nobody knows how much of the cap is left: the figure stays as posted, and the run says why.
    assert posting.groups == 0 and rex(quarters[1]).earned_minor == 100_000
    assert [finding["what"] for finding in run.findings] == ["Rex has no quota of amount in 2026-Q1."]


def test_a_floor_of_the_year_is_reached_in_its_last_period_only(quarters, sol):
    world.publish(sol, HEAD.format(period="QUARTERLY") + "components: [{key: c, rate: 10 %, floor: {year: 5000}}]\n")
    world.deal("D-1", "rex", 1_000_000, on=date(2026, 1, 9))
    for period in quarters:
        world.calculate(period, sol)
    assert [rex(period).earned_minor for period in quarters] == [100_000, 0, 0, 400_000]


def test_limits_of_the_plan_are_lines_with_a_why_that_sums(quarters, sol):
    text = "cap: {period: 1000}\nfloor: 100\ncomponents: [{key: a, rate: 10 %}, {key: b, name: Bonus, bonus: 50}]\n"
    world.publish(sol, HEAD.format(period="QUARTERLY") + text)
    world.deal("D-1", "rex", 1_500_000, on=date(2026, 1, 9))
    world.calculate(quarters[0], sol)
    statement = rex(quarters[0])
    assert statement.earned_minor == 100_000
    lines = [(line["component_name"], line["earned_minor"]) for line in statement.content["lines"]]
    assert lines == [("a", 150_000), ("Bonus", 5_000), ("Plan cap", -55_000)]
    line = line_get(statement, 3)
    assert line is not None
    why, tree = statement_line_why(statement, line), statement_line_trace(statement, line)
    assert why is not None and "1,000.00 USD" in why.clauses[0].text
    assert tree is not None and tree.check() and (tree.amount, tree.children[0].amount) == (-550, 1000)
    ria = Statement.objects.get(participant__name="Ria", period=quarters[0])
    assert [line["earned_minor"] for line in ria.content["lines"]] == [0, 5_000, 5_000]


def test_who_loses_a_figure_keeps_the_limit_of_the_plan_as_posted(quarters, sol):
    world.quotas(quarters, 1_000_000, sol)
    text = "cap: {period: 1000}\ncomponents: [{key: a, quota: amount, tiers: [{rate: 10 %}]}]\n"
    world.publish(sol, HEAD.format(period="QUARTERLY") + text)
    world.deal("D-1", "rex", 1_500_000, on=date(2026, 1, 9))
    world.calculate(quarters[0], sol)
    Quota.objects.filter(position__code="rex").delete()
    _, posting = world.calculate(quarters[0], sol)
    assert posting.groups == 0 and rex(quarters[0]).earned_minor == 100_000


def test_a_quota_of_the_year_is_spread_over_months(sol):
    months = calendar_extend(kind=CalendarKind.MONTHLY, start=date(2026, 1, 1), until=date(2026, 3, 1), actor=sol)
    year = calendar_extend(kind=CalendarKind.YEARLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.quotas(year, 12_000_000, sol)
    world.publish(sol, HEAD.format(period="MONTHLY") + "components: [{key: c, quota: amount, tiers: [{rate: 1 %}]}]\n")
    world.calculate(months[0], sol)
    assert rex(months[0]).content["lines"][0]["quota_value"] == 1_000_000
    quota_set_many(values=[QuotaValue(Position.objects.get(code="rex").id, months[1].id, 700_000)], actor=sol)
    world.calculate(months[1], sol)
    assert rex(months[1]).content["lines"][0]["quota_value"] == 700_000


@pytest.mark.parametrize(
    ("kind", "keys"), [("BIWEEKLY", ["2026-B01", "2026-B02"]), ("SEMI_MONTHLY", ["2026-01-A", "2026-01-B"])]
)
def test_a_plan_is_paid_by_two_weeks_and_by_half_months_and_sums_its_quarter(viewer, kind, keys):
    """Two weeks that begin on 2 January, as the company said; a half month on 1 and 16 January."""
    sol, cut_from = viewer("sol"), date(2025, 6, 20) if kind == "BIWEEKLY" else None
    calendar_extend(
        kind=CalendarKind(kind), start=date(2026, 1, 1), until=date(2026, 4, 1), actor=sol, cut_from=cut_from
    )
    first, second = (Period.objects.get(key=key) for key in keys)
    world.publish(
        sol,
        f"""
plan: often
currency: USD
from: 2026-01-01
until: 2027-01-01
period: {kind}
components: [{{key: commission, accumulation: QTD, tiers: [{{until: 1000, rate: 1 %}}, {{rate: 2 %}}]}}]
""",
    )
    world.deal("D-1", "rex", 80_000, on=first.during.lower)
    world.deal("D-2", "rex", 40_000, on=second.during.lower)
    for period in (first, second):
        world.calculate(period, sol)
    # 800.00 × 1 %; 200.00 × 1 % + 200.00 × 2 %
    assert [world.earned(period)["Rex"] for period in (first, second)] == [800, 600]


def test_the_digest_of_a_run_covers_what_it_moves_between_deals(sol):
    months = calendar_extend(kind=CalendarKind.MONTHLY, start=date(2026, 1, 1), until=date(2026, 4, 1), actor=sol)
    components = YTD.replace("    goal: WHOLE_WINDOW\n", "").replace("{until: 50 %, rate: 2 %}, ", "")
    world.publish(sol, HEAD.format(period="MONTHLY") + "release: CASH_FULL" + components)
    world.quotas(months, 5_000_000, sol)
    world.deal("D-1", "rex", 20_000_000, on=date(2026, 1, 10))
    world.calculate(months[0], sol)
    run, _ = run_calculate(period_id=months[1].pk, actor=sol)
    [moved] = [row for row in RunEarning.objects.filter(run=run).values_list("moved", flat=True) if row]
    # to date 50,000 x 4 % + 150,000 x 8 % in January, 100,000 x 4 % + 100,000 x 8 % in February
    assert [(each["minor"], each["on"]) for each in moved] == [(-200_000, "2026-01-10")]
    assert run_recompute(run) == run.results_digest
    result = compute_again(run)
    columns, moves = Columns.of(result.credits), moves_of(result, run.period.key, None)
    assert results_digest(result, columns, moves) == run.results_digest
    for tampered in ({}, {key: [{**each, "minor": each["minor"] + 1} for each in rows] for key, rows in moves.items()}):
        assert results_digest(result, columns, tampered) != run.results_digest
