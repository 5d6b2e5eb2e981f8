"""Returns of what another plan or another version credited: found, taken back at the rates of that time, and explained."""

from datetime import UTC, date, datetime, timedelta

import pytest

from incentives.models import RunCredit, RunEarning, Statement
from incentives.selectors.estimates import estimate
from incentives.selectors.period_checks import period_checks
from incentives.selectors.periods import books_get
from incentives.selectors.runs import run_stale
from incentives.selectors.why import statement_line_trace, statement_line_why
from incentives.services.lifecycle import plan_publish, plan_version_end
from incentives.services.plans import plan_version_save
from incentives.services.runs import run_recompute
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from spm.crm.models import HeldRow, OpportunityVersion
from spm.people.models import Participant, PositionHolding
from spm.tenancy.models import Organisation
from tests.crm.support import import_text
from tests.incentives import world

pytestmark = pytest.mark.django_db

HEAD = "plan: reps\nname: Reps\ncurrency: USD\nfrom: {start}\nuntil: {until}\n"
OLD = HEAD.format(start="2026-01-01", until="2027-01-01")
NEW = HEAD.format(start="2026-04-01", until="2027-01-01")
ACCOUNTS = "account_id,name\nNORTH,North Ltd.\n"
DEALS = "opportunity_id,account,type,owner,stage,status,amount,currency,close_date\nD-1,NORTH,new,Rex,Won,won,900.00,USD,2026-01-20\n"
ORDERS = "order_id,opportunity_id,order_date,currency\nO-1,D-1,2026-01-20,USD\n"
INVOICES = "invoice_id,order_id,invoice_date,amount,currency\nI-1,O-1,2026-02-01,900.00,USD\n"
NOTE = "credit_note_id,invoice_id,credit_date,amount,currency\nN-1,I-1,2026-04-10,300.00,USD\n"


@pytest.fixture
def sol(viewer):
    return viewer("sol")


@pytest.fixture
def quarters(sol):
    return calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)


def sell(sol) -> None:
    for name, text in (("accounts", ACCOUNTS), ("opportunities", DEALS), ("orders", ORDERS), ("invoices", INVOICES)):
        upload = import_text(text, f"{name}.csv", sol)
        assert upload.held == 0, (name, list(HeldRow.objects.values_list("reason", flat=True)))


def next_version(sol, version, text: str) -> None:
    plan_version_end(version_id=version.id, until=date(2026, 4, 1), actor=sol)
    draft, _ = plan_version_save(plan_id=version.plan_id, document=text, actor=sol)
    plan_publish(version_id=draft.id, actor=sol)


def proven(period) -> None:
    """Every line is explained down to its deals, and the trace and the credits sum to it."""
    for statement in Statement.objects.filter(period=period):
        for line in world.lines(statement):
            tree, why = statement_line_trace(statement, line), statement_line_why(statement, line)
            assert tree is not None and why is not None and tree.check()
            credits = [one.earned_minor for one in why.credits]
            assert not credits or sum(credits) == line.earned_minor


def test_a_credit_note_takes_back_under_the_version_of_its_sale(sol, quarters):
    sell(sol)
    version = world.publish(sol, OLD + "components: [{key: c, tiers: [{until: 500, rate: 2 %}, {rate: 20 %}]}]\n")
    first, _ = world.calculate(quarters[0], sol)
    # 500.00 at 2 % and 400.00 at 20 %
    assert world.earned(quarters[0])["Rex"] == 9_000
    next_version(sol, version, NEW + "components: [{key: other, rate: 1 %}]\n")
    import_text(NOTE, "credit_notes.csv", sol)
    world.deal("D-2", "rex", 20_000, on=date(2026, 5, 4))
    run, _ = world.calculate(quarters[1], sol)
    # a third of what the sale earned comes back, beside 200.00 at 1 %
    assert not run.findings
    assert world.earned(quarters[1])["Rex"] == 200 - 3_000
    lines = RunEarning.objects.filter(run=run, participant__name="Rex").values_list("component", "earned_minor")
    assert sorted(lines) == [("c", -3_000), ("other", 200)]
    proven(quarters[1])
    assert run_recompute(run) == run.results_digest and run_stale(run) == ()
    # The company's first credit note came in after this run, which reads what it has read.
    assert run_recompute(first) == first.results_digest
    again, _ = world.calculate(quarters[0], sol)
    assert world.earned(quarters[0])["Rex"] == 9_000 and again.credit_count == first.credit_count


def test_what_is_missing_to_the_next_tier_is_told_from_what_attains(sol, quarters):
    sell(sol)
    import_text(NOTE.replace("04-10", "03-10"), "credit_notes.csv", sol)
    world.quotas(quarters, 100_000, sol)
    tiers = "tiers: [{until: 100 %, rate: 5 %}, {rate: 10 %}]"
    world.publish(sol, OLD + f"components: [{{key: c, quota: amount, {tiers}}}]\n")
    world.calculate(quarters[0], sol)
    # 900.00 of 1,000.00 attains 90 %: the return of 300.00 lowers the credit, and does not lower the attainment
    statement = Statement.objects.get(participant__name="Rex", period=quarters[0])
    line = world.lines(statement)[0]
    assert (line.credit_minor, line.attainment_rate, line.next_tier.missing_minor) == (60_000, 90_000_000, 10_000)
    near, over = (
        estimate(statement, amount_minor=amount, close_on=date(2026, 3, 20)).lines[0] for amount in (9_999, 12_000)
    )
    assert (near.after_rate, near.next_tier.missing_minor) == (99_999_000, 1)
    assert (over.after_rate, over.next_tier) == (102_000_000, None)


def test_a_seller_who_left_gives_back_and_nobody_is_blocked(sol, quarters):
    sell(sol)
    world.publish(sol, OLD + "components: [{key: c, rate: 10 %}, {key: base, bonus: 50}]\n")
    rex = Participant.objects.get(name="Rex")
    held = PositionHolding.objects.get(participant=rex)
    held.during = (held.during.lower, date(2026, 4, 1))
    held.save()
    world.calculate(quarters[0], sol)
    import_text(NOTE, "credit_notes.csv", sol)
    run, _ = world.calculate(quarters[1], sol)
    assert not run.findings
    # 10 % of 300.00, and no base for a quarter in which he held no position
    assert world.earned(quarters[1]) == {"Rex": -3_000, "Ria": 5_000, "Rob": 5_000}
    proven(quarters[1])


def test_a_sale_from_before_the_first_plan_is_a_finding_of_its_seller_alone(sol, quarters):
    sell(sol)
    world.publish(sol, NEW + "components: [{key: c, rate: 10 %}, {key: now, rate: 1 %, reversal_rate: CURRENT}]\n")
    import_text(NOTE, "credit_notes.csv", sol)
    world.deal("D-2", "ria", 20_000, on=date(2026, 5, 4))
    run, _ = world.calculate(quarters[1], sol)
    assert [finding["code"] for finding in run.findings] == ["RETURN_WITHOUT_SALE"]
    assert world.earned(quarters[1]) == {"Rex": -300, "Ria": 2_200, "Rob": 0}


def test_a_run_names_whom_no_plan_pays(sol, quarters):
    world.publish(sol, OLD + "components: [{key: c, rate: 10 %}]\n", "manager")
    world.deal("D-1", "rex", 20_000, on=date(2026, 2, 4))
    run, _ = world.calculate(quarters[0], sol)
    told = [(finding["code"], finding["severity"], finding["what"]) for finding in run.findings]
    assert told == [("ON_NO_PLAN", "WARNING", "Rex has deals in 2026-Q1 and is on no plan that pays this period.")]


def test_the_owner_on_the_credit_date_is_read_from_what_was_known(sol, quarters):
    world.publish(
        sol, OLD + "components:\n  - {key: then, credit: {owner: THEN}, rate: 10 %}\n  - {key: now, rate: 1 %}\n"
    )
    world.deal("D-1", "rex", 20_000, on=date(2026, 2, 4))
    world.deal("D-1", "ria", 20_000, on=date(2026, 2, 4))
    first, last = OpportunityVersion.objects.filter(fact__source_key="D-1").order_by("known_from")
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    OpportunityVersion.objects.filter(pk=first.pk).update(known_from=moment - timedelta(days=40), known_until=moment)
    OpportunityVersion.objects.filter(pk=last.pk).update(known_from=moment)
    run, _ = world.calculate(quarters[0], sol)
    assert world.earned(quarters[0]) == {"Rex": 2_000, "Ria": 200, "Rob": 0}
    proven(quarters[0])
    assert run_recompute(run) == run.results_digest
    line = next(
        one
        for one in world.lines(Statement.objects.get(participant__name="Rex", period=quarters[0]))
        if one.earned_minor
    )
    tree = statement_line_trace(Statement.objects.get(participant__name="Rex", period=quarters[0]), line)
    assert "whose owner on 2026-02-04 counts" in str(tree)


@pytest.mark.parametrize(("zone", "then"), [("UTC", "Rex"), ("America/New_York", "Ria")])
def test_the_day_on_which_an_owner_was_known_is_one_of_the_company(sol, quarters, zone, then):
    Organisation.objects.update(time_zone=zone)
    world.publish(sol, OLD + "components: [{key: then, credit: {owner: THEN}, rate: 10 %}]\n")
    world.deal("D-1", "rex", 20_000, on=date(2026, 2, 4))
    world.deal("D-1", "ria", 20_000, on=date(2026, 2, 4))
    first, last = OpportunityVersion.objects.filter(fact__source_key="D-1").order_by("known_from")
    moment = datetime(2026, 2, 5, 2, tzinfo=UTC)  # the evening of the 4th in New York
    OpportunityVersion.objects.filter(pk=first.pk).update(known_from=moment - timedelta(days=9), known_until=moment)
    OpportunityVersion.objects.filter(pk=last.pk).update(known_from=moment)
    world.calculate(quarters[0], sol)
    assert world.earned(quarters[0]) == {"Rex": 0, "Ria": 0, "Rob": 0} | {then: 2_000}


PRODUCTS = "product_id,name\nA,Alpha\nB,Beta\nC,Gamma\n"
LINES = "order_line_id,order_id,product,quantity,net_amount\nL-1,O-1,A,5,400.00\nL-2,O-1,B,10,500.00\n"
BY_LINE = "components: [{key: c, lookup: [{where: {product: A}, rate: 5 %}, {where: {product: B}, rate: 10 %}]}]\n"


def sell_lines(sol, lines: str) -> None:
    import_text(PRODUCTS, "products.csv", sol)
    sell(sol)
    assert import_text(lines, "order_lines.csv", sol, currency="USD").held == 0


def test_a_credit_note_comes_back_from_every_line_in_proportion(sol, quarters):
    sell_lines(sol, LINES)
    world.publish(sol, OLD + BY_LINE)
    import_text(NOTE.replace("300.00", "90.01"), "credit_notes.csv", sol)
    # 400.00 at 5 % and 500.00 at 10 %
    world.calculate(quarters[0], sol)
    assert world.earned(quarters[0])["Rex"] == 7_000
    run, _ = world.calculate(quarters[1], sol)
    assert not run.findings
    # 40.00 of A and 50.01 of B (40.0044… and 50.0055…: the odd cent goes to the larger remainder): 2.00 and 5.001
    credits = (
        RunCredit.objects.filter(run_id=run.id).order_by("credit_minor").values_list("credit_minor", "earned_minor")
    )
    assert list(credits) == [(-5_001, -500), (-4_000, -200)]
    assert world.earned(quarters[1])["Rex"] == -700
    proven(quarters[1])
    statement = Statement.objects.get(participant__name="Rex", period=quarters[1])
    why = statement_line_why(statement, world.lines(statement)[0])
    assert why is not None and {one.source_key for one in why.credits} == {"N-1"}


def test_a_return_that_can_not_be_told_to_lines_is_named(sol, quarters):
    sell_lines(sol, LINES)
    world.publish(sol, OLD + BY_LINE)
    import_text("order_id,reverses,order_date,currency\nR-1,O-1,2026-04-20,USD\n", "returns.csv", sol)
    back = "order_line_id,order_id,product,quantity,net_amount\nR-1-1,R-1,B,-1,-50.00\nR-1-2,R-1,C,-1,-10.00\n"
    import_text(back, "return_lines.csv", sol, currency="USD")
    run, _ = world.calculate(quarters[1], sol)
    assert [(finding["code"], finding["where"]) for finding in run.findings] == [
        ("RETURN_WITHOUT_LINE", "return R-1-2")
    ]
    assert world.earned(quarters[1])["Rex"] == -500


ORDER_ALONE = ORDERS.replace("D-1", "")
UNDEALT = [
    (INVOICES.replace("O-1", ""), ORDERS),
    (INVOICES, ORDER_ALONE),
    ("invoice_id,contract_id,invoice_date,amount,currency\nI-1,C-1,2026-02-01,900.00,USD\n", ORDERS),
]


@pytest.mark.parametrize(("invoices", "orders"), UNDEALT, ids=["neither", "order", "contract"])
def test_a_credit_note_that_leads_to_no_deal_is_named(sol, quarters, invoices, orders):
    contracts = "contract_id,start_date,end_date,annual_value,currency\nC-1,2026-01-01,2027-01-01,900.00,USD\n"
    given = {"accounts": ACCOUNTS, "opportunities": DEALS, "orders": orders, "contracts": contracts}
    for name, text in {**given, "invoices": invoices, "credit_notes": NOTE}.items():
        assert import_text(text, f"{name}.csv", sol).held == 0, list(HeldRow.objects.values_list("reason", flat=True))
    world.publish(sol, OLD + "components: [{key: c, rate: 10 %}]\n")
    assert not world.calculate(quarters[0], sol)[0].findings
    run, _ = world.calculate(quarters[1], sol)
    assert run.findings == [
        {
            "code": "RETURN_WITHOUT_DEAL",
            "severity": "ERROR",
            "where": "return N-1",
            "what": "The credit note N-1 takes nothing back: its invoice leads to no deal.",
            "why": "What the sale earned stands in full.",
            "fix": "Give its invoice the order or contract of the deal, and import it again.",
            "about": {"source_key": "N-1"},
        }
    ]
    assert world.earned(quarters[1])["Rex"] == 0
    # What mends it: the invoice names the order, which has its deal. A third of 90.00 comes back.
    import_text(ORDERS, "orders.csv", sol)
    import_text(INVOICES, "invoices.csv", sol)
    assert run_stale(run)[:2] == ("deals", "incomplete deals")
    mended, _ = world.calculate(quarters[1], sol)
    assert not mended.findings and world.earned(quarters[1])["Rex"] == -3_000
    assert run_recompute(run) == run.results_digest


def test_a_note_without_a_deal_opens_a_question_of_its_period(sol, quarters):
    for name, text in (("invoices", INVOICES.replace("O-1", "")), ("credit_notes", NOTE)):
        assert import_text(text, f"{name}.csv", sol).held == 0
    world.publish(sol, OLD + "components: [{key: c, rate: 10 %}]\n")
    world.calculate(quarters[1], sol)
    assert "1 thing could not be calculated." in [
        one.words for one in period_checks(books_get(quarters[1]), date(2026, 7, 1)) if not one.is_good
    ]


@pytest.mark.parametrize("back_deal", ["", "D-1"])
def test_an_order_that_reverses_one_of_no_deal_is_named(sol, quarters, back_deal):
    for name, text in (("accounts", ACCOUNTS), ("opportunities", DEALS), ("orders", ORDER_ALONE)):
        assert import_text(text, f"{name}.csv", sol).held == 0
    back = f"order_id,opportunity_id,reverses,order_date,currency\nR-1,{back_deal},O-1,2026-04-20,USD\n"
    assert import_text(back, "returns.csv", sol).held == 0
    world.publish(sol, OLD + BY_LINE)
    run, _ = world.calculate(quarters[1], sol)
    assert [(finding["code"], finding["where"]) for finding in run.findings] == [("RETURN_WITHOUT_DEAL", "return R-1")]
    assert run.findings[0]["what"] == "The order R-1 takes nothing back: the order that it reverses belongs to no deal."


def test_returns_in_parts_take_back_what_the_cap_of_the_plan_left(sol, quarters):
    sell(sol)
    world.publish(sol, OLD + "cap: {period: 50}\ncomponents: [{key: c, rate: 20 %}]\n")
    world.calculate(quarters[0], sol)
    # 900.00 at 20 % are 180.00, of which the plan pays 50.00
    assert world.earned(quarters[0])["Rex"] == 5_000
    rest = NOTE.splitlines()[1].replace("N-1", "N-2").replace("04-10", "08-10").replace("300.00", "600.00")
    import_text(f"{NOTE}{rest}\n", "credit_notes.csv", sol)
    for quarter in quarters[1:3]:
        run, _ = world.calculate(quarter, sol)
        assert not run.findings and run_recompute(run) == run.results_digest
    assert [world.earned(quarter)["Rex"] for quarter in quarters[:3]] == [5_000, -1_667, -3_333]
    proven(quarters[1])
    told = statement_line_trace(*_line_of(quarters[1], "plan-cap"))
    words = [node.words for node in told.children]
    assert words[-1] == "what the cap had cut off of sales that came back, and so is not taken back"


def _line_of(period, component):
    statement = Statement.objects.get(participant__name="Rex", period=period)
    return statement, next(line for line in world.lines(statement) if line.component == component)


def test_what_is_rated_anew_is_credited_like_its_sale_of_a_period_before(sol, quarters):
    sell(sol)
    component = "{key: c, rate: 10 %, reversal_rate: CURRENT, credit: {cap: 450, where: {type: new}}}"
    world.publish(sol, OLD + f"components: [{component}]\n")
    import_text(NOTE, "credit_notes.csv", sol)
    for quarter in quarters[:2]:
        world.calculate(quarter, sol)
    # of 900.00 at most 450.00 are credited, and of the third that comes back 150.00, though the sale lies outside the period
    assert [world.earned(quarter)["Rex"] for quarter in quarters[:2]] == [4_500, -1_500]


def test_a_return_of_the_next_year_first_takes_back_what_the_cap_of_its_year_had_cut(sol):
    quarters = calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=date(2028, 1, 1), actor=sol)
    sell(sol)
    head = HEAD.format(start="2026-01-01", until="2028-01-01")
    world.publish(sol, head + "cap: {year: 230}\ncomponents: [{key: c, rate: 20 %, cap: {year: 250}}]\n")
    world.deal("D-2", "rex", 50_000, on=date(2026, 8, 4))
    import_text(NOTE.replace("2026-04-10", "2027-02-10"), "credit_notes.csv", sol)
    world.deal("D-3", "rex", 200_000, on=date(2027, 5, 4))
    for quarter in (quarters[0], quarters[2], quarters[4], quarters[5]):
        run, _ = world.calculate(quarter, sol)
        assert not run.findings and run_recompute(run) == run.results_digest
    # 180.00, then 100.00 up to 230.00; of 280.00 the return leaves 220.00; 400.00 of the next year come to 230.00
    paid = [world.earned(quarters[place])["Rex"] for place in (0, 2, 4, 5)]
    assert paid == [18_000, 5_000, -1_000, 23_000]
    proven(quarters[4])
    told = statement_line_trace(*_line_of(quarters[4], "c"))
    how = next(node for node in told.children if node.label == "How")
    assert [(node.label, node.amount) for node in how.children][-1] == ("Returns", -30)
    assert "within the limits of the year of the sale" in how.children[-1].words
