"""Everything a plan may ask of a deal comes from imported files and reaches the statement, to the cent."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum

from incentives.models import RunCredit, Statement
from incentives.selectors import nights
from incentives.selectors.facts import inputs_read
from incentives.selectors.nights import night_forget, night_inputs
from incentives.selectors.why import statement_line_trace, statement_line_why
from incentives.services.documents import PlanRefused
from incentives.services.runs import run_calculate, run_recompute
from planning.models import CalendarKind, QuotaMeasure
from planning.services.calendars import calendar_extend
from planning.services.quotas import QuotaValue, quota_set_many
from spm.crm.models import HeldRow, Opportunity
from spm.crm.selectors.facts import facts_moment
from spm.crm.services.splits import Share, split_set
from spm.crm.services.undoing import upload_undo
from spm.people.models import Participant, Position
from tests.crm.support import import_text
from tests.incentives import world

pytestmark = pytest.mark.django_db

HEAD = "plan: reps\nname: Reps\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\n"
ACCOUNTS = "account_id,name,region,country\nNORTH,North Ltd.,EMEA,GB\nSOUTH,South Ltd.,LATAM,BR\n"
PRODUCTS = "product_id,name,family,list_price,unit_cost\nA,Alpha,Hardware,100.00,60.00\nB,Beta,Software,50.00,5.00\n"
DEALS = """opportunity_id,account,type,owner,stage,status,amount,currency,close_date
D-1,NORTH,new,Rex,Won,won,900.00,USD,2026-01-20
D-2,SOUTH,renewal,Rex,Won,won,400.00,USD,2026-02-10
D-3,NORTH,new,Ria,Won,won,200.00,USD,2026-02-11
"""
ORDERS = "order_id,opportunity_id,order_date,currency\nO-1,D-1,2026-01-10,USD\nO-2,D-2,2026-02-10,USD\nO-3,D-3,2026-02-11,USD\n"
LINES = """order_line_id,order_id,product,quantity,list_price,net_amount,cost_amount
L-1,O-1,A,5,100.00,400.00,300.00
L-2,O-1,B,10,50.00,500.00,
L-3,O-2,A,4,100.00,400.00,240.00
L-4,O-3,A,2,100.00,200.00,100.00
"""
INVOICES = """invoice_id,order_id,invoice_date,amount,currency
I-1,O-1,2026-02-01,900.00,USD
I-2,O-2,2026-02-20,400.00,USD
I-3,O-3,2026-02-20,200.00,USD
"""
PAYMENTS = """payment_id,invoice_id,payment_date,amount,currency
P-1,I-1,2026-03-01,500.00,USD
P-2,I-1,2026-05-02,400.00,USD
P-3,I-2,2026-03-30,400.00,USD
P-4,I-3,2026-03-30,200.00,USD
"""
CONTRACTS = """contract_id,opportunity_id,contract_kind,start_date,end_date,annual_value,currency
C-1,D-1,new,2026-02-01,2028-02-01,450.00,USD
C-2,D-2,new,2026-03-01,2026-09-01,800.00,USD
"""
SPLITS = """opportunity_id,participant,split_type,split_percentage
D-1,Rex,revenue,70 %
D-1,Ria,revenue,30 %
D-1,Rob,overlay,50 %
"""


@pytest.fixture
def sol(viewer):
    return viewer("sol")


@pytest.fixture
def files(sol):
    def take(**more: str) -> None:
        for name, text in more.items():
            constants = (
                {}
                if "currency" in text or "amount" not in text.replace("list_price", "amount")
                else {"currency": "USD"}
            )
            upload = import_text(text, f"{name}.csv", sol, **constants)
            assert upload.held == 0, (name, list(HeldRow.objects.values_list("reason", flat=True)))

    take(accounts=ACCOUNTS, products=PRODUCTS, opportunities=DEALS)
    return take


@pytest.fixture
def quarters(sol):
    return calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)


def paid(sol, quarters, components: str, *numbers: int, title: str = "rep") -> list[dict[str, int]]:
    """Publish a plan, calculate the quarters and give what each statement of a person says, without those of 0."""
    world.publish(sol, HEAD + components, title)
    return again(sol, quarters, *numbers)


def again(sol, quarters, *numbers: int) -> list[dict[str, int]]:
    found = []
    for number in numbers or (1,):
        run, _ = world.calculate(quarters[number - 1], sol)
        assert [finding["code"] for finding in run.findings if finding["severity"] == "ERROR"] == []
        assert run_recompute(run) == run.results_digest
        proven(quarters[number - 1])
        cut_alike(quarters)
        found.append({name: amount for name, amount in world.earned(quarters[number - 1]).items() if amount})
    return found


def cut_alike(quarters) -> None:
    """Windows that are cut out of the deals of a whole night are, byte for byte, those read alone."""
    known_at = facts_moment()
    night_forget()
    for period in quarters:
        alone = inputs_read(period=period, known_at=known_at)
        assert night_inputs(period=period, known_at=known_at, night=date(2026, 12, 31)).frames == alone.frames
    assert nights._held


def proven(period) -> None:
    """Every line of every latest statement is explained down to its deals, and the trace sums to it."""
    for statement in Statement.objects.filter(period=period):
        for line in world.lines(statement):
            tree, why = statement_line_trace(statement, line), statement_line_why(statement, line)
            assert tree is not None and why is not None and tree.check()
            credits = [one.earned_minor for one in why.credits]
            assert not credits or sum(credits) == line.earned_minor


@pytest.mark.parametrize(
    ("component", "pay"),
    [
        ("{key: c, rate: 10 %}", {"Rex": 13_000, "Ria": 2_000}),
        ("{key: c, credit: {where: {type: renewal}}, rate: 10 %}", {"Rex": 4_000}),
        ("{key: c, credit: {where: {account: NORTH, region: EMEA}}, rate: 10 %}", {"Rex": 9_000, "Ria": 2_000}),
        ("{key: c, credit: {where: {country: {not: [GB]}}}, rate: 10 %}", {"Rex": 4_000}),
        ("{key: c, credit: {where: {amount: {at_least: 300, below: 900}}}, rate: 10 %}", {"Rex": 4_000}),
        ("{key: c, measure: COUNT, amount_each: 7}", {"Rex": 1_400, "Ria": 700}),
        ("{key: c, measure: {kind: DISTINCT, column: account}, amount_each: 7}", {"Rex": 1_400, "Ria": 700}),
    ],
)
def test_what_a_deal_says_of_itself(files, sol, quarters, component, pay):
    assert paid(sol, quarters, f"components: [{component}]\n") == [pay]


@pytest.mark.parametrize(
    ("component", "pay"),
    [
        # D-1 costs 300.00 and 10 × 5.00 of its product: a margin of 550.00; D-2 160.00; D-3 100.00.
        ("{key: c, measure: MARGIN, rate: 10 %}", {"Rex": 7_100, "Ria": 1_000}),
        ("{key: c, measure: UNITS, amount_each: 2}", {"Rex": 3_800, "Ria": 400}),
        # D-1 was sold 10 % below its list price of 1,000.00, the others at it.
        (
            "{key: c, lookup: [{where: {discount: {at_least: 10 %}}, rate: 1 %}, {rate: 2 %}]}",
            {"Rex": 1_700, "Ria": 400},
        ),
        (
            "{key: c, lookup: [{where: {margin_rate: {above: 50 %}}, rate: 10 %}, {rate: 1 %}]}",
            {"Rex": 9_400, "Ria": 200},
        ),
        ("{key: c, lookup: [{where: {list: {at_least: 1000}}, amount: 30}]}", {"Rex": 3_000}),
    ],
)
def test_orders_say_quantity_cost_and_list_price(files, sol, quarters, component, pay):
    files(orders=ORDERS, order_lines=LINES)
    assert paid(sol, quarters, f"components: [{component}]\n") == [pay]


def test_a_plan_that_asks_what_was_sold_credits_order_lines(files, sol, quarters):
    files(orders=ORDERS, order_lines=LINES)
    rates = "components: [{key: c, lookup: [{where: {product: A}, rate: 10 %}, {where: {product_family: Software}, rate: 1 %}]}]\n"
    # Rex: lines of A 400.00 + 400.00 at 10 %, of B 500.00 at 1 %; Ria: 200.00 at 10 %.
    assert paid(sol, quarters, rates) == [{"Rex": 8_500, "Ria": 2_000}]
    rex = Statement.objects.get(participant__name="Rex", period=quarters[0])
    why = statement_line_why(rex, world.lines(rex)[0])
    assert why is not None
    found = [(one.source_key, one.product, one.account, one.credit_minor, one.earned_minor) for one in why.credits]
    assert sorted(found) == [
        ("L-1", "A", "NORTH", 40_000, 4_000),
        ("L-2", "B", "NORTH", 50_000, 500),
        ("L-3", "A", "SOUTH", 40_000, 4_000),
    ]


def test_plans_beside_each_other_credit_deals_and_lines(files, sol, quarters):
    files(orders=ORDERS, order_lines=LINES)
    world.publish(
        sol,
        HEAD.replace("plan: reps", "plan: managers")
        + "components: [{key: o, credit: {kind: ROLLUP}, measure: COUNT, amount_each: 10}]\n",
        "manager",
    )
    assert paid(sol, quarters, "components: [{key: c, credit: {where: {product: A}}, rate: 10 %}]\n") == [
        {"Rex": 8_000, "Ria": 2_000, "Mara": 3_000}
    ]


@pytest.mark.parametrize(
    ("day", "pay"),
    [
        ("BOOKED", [{"Rex": 13_000, "Ria": 2_000}, {}]),
        ("INVOICED", [{"Rex": 13_000, "Ria": 2_000}, {}]),
        ("PAID", [{"Rex": 4_000, "Ria": 2_000}, {"Rex": 9_000}]),
    ],
)
def test_the_day_of_credit_comes_from_orders_invoices_and_payments(files, sol, quarters, day, pay):
    files(orders=ORDERS, order_lines=LINES, invoices=INVOICES, payments=PAYMENTS)
    assert paid(sol, quarters, f"components: [{{key: c, credit: {{date: {day}}}, rate: 10 %}}]\n", 1, 2) == pay


@pytest.mark.parametrize(
    ("column", "pay"),
    [("annual_value", {"Rex": 12_500}), ("contract_value", {"Rex": 13_000})],
)
def test_contracts_say_recurring_and_contract_value(files, sol, quarters, column, pay):
    files(contracts=CONTRACTS)
    # 450.00 and 800.00 a year; over two years 900.00, over six months 400.00. A deal without a contract has none.
    assert paid(
        sol, quarters, f"components: [{{key: c, measure: {{kind: COLUMN, column: {column}}}, rate: 10 %}}]\n"
    ) == [pay]


MULTI_YEAR = """components:
  - key: c
    credit: {where: {contract_months: {above: 0}}}
    measure: {formula: "MIN(annual_value, contract_value)"}
    lookup: [{where: "contract_months > 12", rate: 3 %}, {rate: 2 %}]
"""


def test_the_term_of_a_contract_decides_the_rate_and_the_first_year_is_paid(files, sol, quarters):
    files(contracts=CONTRACTS)
    # D-1: 450.00 of the first of two years × 3 %; D-2: 400.00 of six months × 2 %. D-3 has no contract.
    assert paid(sol, quarters, MULTI_YEAR) == [{"Rex": 2_150}]


def test_a_deal_that_lacks_what_is_measured_is_a_finding_and_the_others_are_calculated(files, sol, quarters):
    files(
        orders=ORDERS,
        order_lines=LINES.replace("300.00\n", "300.00\n").replace("L-4,O-3,A,2,100.00,200.00,100.00\n", ""),
    )
    world.publish(sol, HEAD + "components: [{key: c, measure: MARGIN, rate: 10 %}]\n")
    run, _ = run_calculate(period_id=quarters[0].id, actor=sol)
    assert [(one["code"], one["what"]) for one in run.findings] == [("FACT_EMPTY", "Deal D-3 has no cost.")]
    assert run.findings[0]["about"]["component_key"] == "c"


def test_splits_and_overlays_come_from_a_file(files, sol, quarters):
    files(splits=SPLITS)
    both = "components:\n  - {key: c, rate: 10 %}\n  - {key: o, credit: {kind: OVERLAY}, rate: 2 %}\n"
    # D-1: 630.00 to Rex, 270.00 to Ria; Rob stands beside it with 450.00.
    assert paid(sol, quarters, both) == [{"Rex": 10_300, "Ria": 4_700, "Rob": 900}]


def test_shares_that_do_not_sum_are_held_with_the_reason(files, sol):
    upload = import_text(SPLITS.replace("30 %", "20 %"), "splits.csv", sol)
    held = HeldRow.objects.filter(upload=upload)
    assert upload.held == held.count() == 2 and {row.code for row in held} == {"SPLIT_NOT_WHOLE"}
    assert held[0].reason == "The revenue shares of “D-1” sum to 90 %, not to 100 %."


def test_shares_are_edited_as_a_whole_and_kept_with_who_did_it(files, sol, quarters, viewer):
    files(splits=SPLITS)
    people = {person.name: person.id for person in Participant.objects.all()}
    deal = Opportunity.objects.get(source_key="D-1").id
    half = [Share(people[name], "revenue", 50_000_000) for name in ("Ria", "Rob")]
    with pytest.raises(ValidationError, match="sum to 50 %, not to 100 %"):
        split_set(opportunity_id=deal, shares=half[:1], actor=sol)
    with pytest.raises(PermissionDenied):
        split_set(opportunity_id=deal, shares=half, actor=viewer("mara"))
    edit = split_set(opportunity_id=deal, shares=half, actor=sol)
    assert (edit.uploaded_by_id, edit.created, edit.updated) == (sol.user_id, 1, 3)
    both = "components:\n  - {key: c, rate: 10 %}\n  - {key: o, credit: {kind: OVERLAY}, rate: 2 %}\n"
    assert paid(sol, quarters, both) == [{"Rex": 4_000, "Ria": 6_500, "Rob": 4_500}]
    upload_undo(upload_id=edit.pk, actor=sol)
    assert again(sol, quarters) == [{"Rex": 10_300, "Ria": 4_700, "Rob": 900}]


def test_a_split_without_its_deal_whole_credits_nobody(files, sol, quarters):
    world.split("D-1", "rex", 70)
    world.publish(sol, HEAD + "components: [{key: c, rate: 10 %}]\n")
    run, _ = world.calculate(quarters[0], sol)
    assert [one["what"] for one in run.findings] == ["The revenue shares of D-1 sum to 70 %, not to 100 %."]
    assert world.earned(quarters[0]) == {"Rex": 4_000, "Ria": 2_000, "Rob": 0}


NOTE = "credit_note_id,invoice_id,credit_date,amount,currency\nN-1,I-1,{day},90.00,USD\n"
TIERS = "tiers: [{until: 500, rate: 2 %}, {rate: 20 %}]"


def test_a_credit_note_takes_back_at_the_rate_of_its_sale(files, sol, quarters):
    files(orders=ORDERS, order_lines=LINES, invoices=INVOICES)
    # Q1: 1,300.00 = 500.00 at 2 % + 800.00 at 20 % = 170.00; D-1 came first: 10.00 + 80.00 = 90.00 of it.
    assert paid(sol, quarters, f"components: [{{key: c, {TIERS}}}]\n", 1, 2)[0]["Rex"] == 17_000
    files(credit_notes=NOTE.format(day="2026-04-10"))
    # A tenth of D-1 comes back in Q2: 9.00; Q1 stays as it was.
    assert again(sol, quarters, 1, 2) == [{"Rex": 17_000, "Ria": 400}, {"Rex": -900}]


def test_a_credit_note_of_the_same_period_under_the_current_rate(files, sol, quarters):
    files(orders=ORDERS, order_lines=LINES, invoices=INVOICES, credit_notes=NOTE.format(day="2026-03-10"))
    # 1,300.00 - 90.00 = 1,210.00: 10.00 + 142.00.
    assert paid(sol, quarters, f"components: [{{key: c, reversal_rate: CURRENT, {TIERS}}}]\n")[0]["Rex"] == 15_200


def test_an_order_that_reverses_another_takes_back_its_lines(files, sol, quarters):
    files(orders=ORDERS, order_lines=LINES, invoices=INVOICES, credit_notes=NOTE.format(day="2026-04-10"))
    files(returns="order_id,reverses,order_date,currency\nR-1,O-1,2026-04-20,USD\n")
    files(return_lines="order_line_id,order_id,product,quantity,net_amount\nR-1-1,R-1,B,-4,-200.00\n")
    plan = "components: [{key: c, lookup: [{where: {product: B}, rate: 10 %}]}, {key: n, measure: UNITS, amount_each: 1}]\n"
    # 500.00 of B at 10 % and 19 + 2 pieces; then 4 of 10 pieces of B come back: 20.00 and 4.00.
    # The credit note of the deal is not counted again.
    assert paid(sol, quarters, plan, 1, 2) == [{"Rex": 6_900, "Ria": 200}, {"Rex": -2_400}]


def test_a_return_is_shared_as_its_deal(files, sol, quarters):
    files(splits=SPLITS, orders=ORDERS, order_lines=LINES, invoices=INVOICES)
    files(credit_notes=NOTE.format(day="2026-04-10"))
    assert paid(sol, quarters, "components: [{key: c, rate: 10 %}]\n", 1, 2) == [
        {"Rex": 10_300, "Ria": 4_700},
        {"Rex": -630, "Ria": -270},
    ]
    total = RunCredit.objects.filter(credit_on=date(2026, 4, 10)).aggregate(total=Sum("credit_minor"))["total"]
    assert total == -9_000


@pytest.mark.parametrize(
    ("measure", "component", "value", "quota", "pay"),
    [
        # Rex sold 2 deals of a quota of 4: 50 %; Ria 1: 25 %.
        ("count", "measure: COUNT, target: 100, tiers: [{rate: 100 %}]", 4, "4", {"Rex": 5_000, "Ria": 2_500}),
        ("units", "measure: UNITS, target: 100, tiers: [{rate: 100 %}]", 10, "10", {"Rex": 19_000, "Ria": 2_000}),
        (
            "margin",
            "measure: MARGIN, tiers: [{until: 50 %, rate: 10 %}, {rate: 20 %}]",
            100_000,
            None,
            {"Rex": 9_200, "Ria": 1_000},
        ),
        (
            "distinct",
            "measure: {kind: DISTINCT, column: account}, target: 100, tiers: [{rate: 100 %}]",
            4,
            "4",
            {"Rex": 5_000, "Ria": 2_500},
        ),
    ],
)
def test_a_quota_counts_what_its_measure_counts(files, sol, quarters, measure, component, value, quota, pay):
    files(orders=ORDERS, order_lines=LINES)
    seats = Position.objects.filter(code__in=("rex", "ria", "rob")).values_list("id", flat=True)
    values = [QuotaValue(seat, quarters[0].id, value) for seat in seats]
    quota_set_many(values=values, measure=QuotaMeasure(measure), actor=sol)
    assert paid(sol, quarters, f"components: [{{key: c, quota: {measure}, {component}}}]\n") == [pay]
    line = world.lines(Statement.objects.get(participant__name="Rex", period=quarters[0]))[0]
    assert (line.quota_minor, None if line.quota_count is None else f"{line.quota_count:f}") == (
        None if quota else value,
        quota,
    )


def test_a_quota_of_another_unit_is_refused(sol, quarters):
    with pytest.raises(PlanRefused, match="counts COUNT; the quota of amount does not fit it"):
        world.publish(
            sol, HEAD + "components: [{key: c, quota: amount, measure: COUNT, target: 9, tiers: [{rate: 100 %}]}]\n"
        )
