"""Deals in other currencies, from the rate that finance enters to what is paid: missing, entered, corrected, unchanged."""

import json
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from incentives.models import LedgerEntry, RunCredit, RunEarning, RunRate, Statement
from incentives.selectors.causes import prior_changes
from incentives.selectors.lines import lines_of
from incentives.selectors.papers.statement import statement_paper
from incentives.selectors.why import statement_line_trace, statement_line_why
from incentives.services import periods as steps
from incentives.services.posting import run_post
from incentives.services.runs import changes_calculate, run_calculate, run_recompute
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.crm.exports import write_csv
from spm.crm.row_files import rows_take
from spm.crm.services.rates import RATES, RateWish, rate_set
from spm.identity.models import Membership
from spm.people.models import Participant
from spm.roles.models import Role, RoleGrant
from tests.cast import START
from tests.incentives import world


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def rate(sol, source: str, target: str, value: str, on: date = date(2026, 7, 1)) -> None:
    rate_set(wish=RateWish(source, target, on, Decimal(value)), actor=sol)


def foreign(key: str, owner: str, amount_minor: int, currency: str) -> None:
    version = world.deal(key, owner, amount_minor)
    type(version).objects.filter(pk=version.pk).update(currency=currency)


def earned(run) -> dict[tuple[str, str], int]:
    rows = RunEarning.objects.filter(run=run).values_list("participant__name", "component", "earned_minor")
    return {(name, component): amount for name, component, amount in rows}


def test_a_missing_rate_is_a_finding_and_everybody_else_is_paid(sol):
    period = world.build(sol)
    foreign("D-EUR", "rex", 100_000, "EUR")
    world.deal("D-USD", "ria", 200_000)
    run, _ = run_calculate(period_id=period.id, actor=sol)
    found = [one for one in run.findings if one["code"] == "FX_RATE_MISSING"]
    assert found and all("D-EUR is in EUR, and no rate to USD is known" in one["what"] for one in found)
    assert earned(run)["Ria", "commission"] == 10_000
    assert ("Rex", "commission") not in earned(run)


def test_a_rate_pays_a_corrected_one_posts_the_difference_and_an_unchanged_night_nothing(sol):
    period = world.build(sol)
    foreign("D-EUR", "rex", 100_000, "EUR")
    world.deal("D-USD", "ria", 200_000)
    rate(sol, "EUR", "USD", "1.08")
    run, _ = run_calculate(period_id=period.id, actor=sol)
    run_post(run_id=run.id, actor=sol)
    # 1,000.00 EUR x 1.08 = 1,080.00 USD, x 5 % = 54.00 USD
    assert earned(run)["Rex", "commission"] == 5_400
    assert not [one for one in run.findings if one["code"] == "FX_RATE_MISSING"]
    entries = LedgerEntry.objects.count()
    for calculate in (changes_calculate, run_calculate):
        assert calculate(period_id=period.id, actor=sol) == (run, False)
    rate(sol, "EUR", "USD", "1.10")
    again, is_new = changes_calculate(period_id=period.id, actor=sol)
    assert is_new and earned(again)["Rex", "commission"] == 5_500
    run_post(run_id=again.id, actor=sol)
    assert LedgerEntry.objects.count() > entries
    # the rates that a run read are kept with it: the earlier run computes to what it was
    assert run_recompute(run) == run.results_digest and run_recompute(again) == again.results_digest


@pytest.mark.parametrize(
    ("policy", "rates", "missing", "paid"),
    [
        # 31 days of July at 1.08, 31 of August at 1.12, 30 of September at 1.10: the mean is 101.20 / 92 = 1.10; 5 % of 1,100.00
        ("PERIOD_AVERAGE", {(7, 1): "1.08", (8, 1): "1.12", (9, 1): "1.10"}, (7, 1), 5_500),
        ("PLAN_YEAR\nfixed_on: 2026-01-01", {(1, 1): "1.04", (8, 1): "1.12"}, (1, 1), 5_200),
    ],
    ids=["mean of the period", "rate of the year"],
)
def test_the_rate_that_the_plan_takes_is_paid_and_a_missing_one_named(sol, policy, rates, missing, paid):
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    plan = EUROS.replace("EUR", "USD").replace("from:", f"currency_rate: {policy}\nfrom:")
    world.publish(sol, plan)
    period = Period.objects.get(key="2026-Q3")
    foreign("D-EUR", "rex", 100_000, "EUR")
    world.deal("D-USD", "ria", 200_000)
    for (month, day), value in rates.items():
        if (month, day) != missing:
            rate(sol, "EUR", "USD", value, date(2026, month, day))
    run, _ = run_calculate(period_id=period.id, actor=sol)
    (found,) = [one for one in run.findings if one["code"] == "FX_RATE_MISSING"]
    when = "on each day of 2026-Q3" if "AVERAGE" in policy else "on 2026-01-01, the day of the plan's rate"
    assert f"D-EUR is in EUR, and no rate to USD is known {when}" in found["what"]
    assert earned(run) == {("Ria", "commission"): 10_000, ("Rob", "commission"): 0}
    rate(sol, "EUR", "USD", rates[missing], date(2026, *missing))
    run, _ = run_calculate(period_id=period.id, actor=sol)
    assert earned(run)["Rex", "commission"] == paid
    assert run_recompute(run) == run.results_digest


def test_each_converted_credit_keeps_amount_rate_day_and_table_and_every_why_tells_them(sol, sign_in):
    period = world.build(sol)
    foreign("D-EUR", "rex", 100_000, "EUR")
    foreign("D-GBP", "rex", 200_000, "GBP")
    world.deal("D-USD", "rex", 300_000)
    rate_set(wish=RateWish("EUR", "USD", date(2026, 8, 1), Decimal("1.0856"), "ECB"), actor=sol)
    rate_set(wish=RateWish("USD", "GBP", date(2026, 8, 2), Decimal("0.75"), "bank"), actor=sol)
    run, _ = run_calculate(period_id=period.id, actor=sol)
    run_post(run_id=run.id, actor=sol)
    kept = {
        (one.from_currency, one.to_currency, one.rate, one.rate_on, one.table_name, one.policy)
        for one in RunRate.objects.filter(run=run)
    }
    assert kept == {
        ("EUR", "USD", "1357/1250", date(2026, 8, 1), "ECB", "SPOT"),
        ("GBP", "USD", "4/3", date(2026, 8, 2), "bank", "SPOT"),
    }
    rex = Participant.objects.get(name="Rex").id
    credits = RunCredit.objects.filter(run_id=run.id, participant_id=rex).order_by("credit_minor")
    of_plan = RunRate.objects.filter(run=run, plan_version=credits[0].plan_version_id)
    numbers = dict(of_plan.values_list("from_currency", "number"))
    stated = [(one.stated_minor, one.rate_number, one.converted_minor, one.credit_minor) for one in credits]
    assert stated == [
        (100_000, numbers["EUR"], 108_560, 108_560),
        (200_000, numbers["GBP"], 266_667, 266_667),
        (None, None, None, 300_000),
    ]

    statement = Statement.objects.get(participant__name="Rex")
    (line,) = [one for one in lines_of(statement) if one.component == "commission"]
    why = statement_line_why(statement, line)
    told = {one.source_key: one.converted and one.converted.words.replace("\xa0", " ") for one in why.credits}
    spot = "€1,000.00 at 1.0856, spot of Aug 1, 2026 (ECB) = $1,085.60"
    assert told == {
        "D-EUR": spot,
        "D-GBP": "£2,000.00 at 1.333333333…, spot of Aug 2, 2026 (bank) = $2,666.67",
        "D-USD": None,
    }
    tree = "\n".join(statement_line_trace(statement, line).lines())
    assert "1,000.00 EUR at 1.0856, spot of 2026-08-01 (ECB) = 1,085.60 USD" in tree
    client = sign_in("rex")
    for name, keys in (
        ("statement_line", [line.place]),
        ("statement_detail", []),
        ("statement_deal", [line.place, why.credits[0].row_id]),
    ):
        answer = client.get(reverse(f"incentives:{name}", args=[statement.pk, *keys]))
        assert spot in unescape(answer.content.decode()).replace("\xa0", " "), name
    first = next(one for one in why.credits if one.source_key == "D-EUR")
    said = client.get(f"/api/v1/incentives/statements/{statement.pk}/lines/{line.place}/deals/{first.row_id}/").json()
    assert said["converted"] == {
        "stated_minor": 100_000, "from_currency": "EUR", "converted_minor": 108_560, "to_currency": "USD", "rate": "1.0856",
        "policy": "SPOT", "taken_on": "2026-08-03", "taken_through": "2026-08-03", "rate_on": "2026-08-01", "table_name": "ECB",
    }  # fmt: skip
    assert spot in json.dumps(statement_paper(statement).as_data(), ensure_ascii=False).replace("\xa0", " ")

    # the next run has another rate; what the first one kept stays
    rate_set(wish=RateWish("EUR", "USD", date(2026, 8, 1), Decimal("1.10"), "ECB"), actor=sol)
    later, _ = run_calculate(period_id=period.id, actor=sol)
    assert set(RunRate.objects.filter(run=later, from_currency="EUR").values_list("rate", flat=True)) == {"11/10"}
    assert statement_line_why(statement, line).credits == why.credits


def test_a_mean_is_of_its_whole_period_though_the_plan_begins_within_it(sol):
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    plan = EUROS.replace("EUR", "USD").replace("from: 2026-01-01", "currency_rate: PERIOD_AVERAGE\nfrom: 2026-02-15")
    world.publish(sol, plan.replace("rate: 5 %", "accumulation: YTD, tiers: [{until: 1000, rate: 5 %}, {rate: 10 %}]"))
    version = world.deal("D-EUR", "rex", 100_000, on=date(2026, 3, 2))
    type(version).objects.filter(pk=version.pk).update(currency="EUR")
    world.deal("D-USD", "rex", 100_000)
    # 31 days at 1.00, 28 at 1.20, 31 at 1.10: 98.70 / 90 = 1.0966…; the year has 1,096.67 before the 1,000.00, which all earn 10 %
    for month, value in ((1, "1.00"), (2, "1.20"), (3, "1.10")):
        rate(sol, "EUR", "USD", value, date(2026, month, 1))
    run, _ = run_calculate(period_id=Period.objects.get(key="2026-Q3").id, actor=sol)
    assert not [one for one in run.findings if one["code"] == "FX_RATE_MISSING"]
    assert earned(run)["Rex", "commission"] == 10_000


EUROS = """
plan: reps-eur
name: Reps in euros
currency: EUR
from: 2026-01-01
until: 2027-01-01
components:
  - {key: commission, name: Commission, credit: {kind: DIRECT}, rate: 5 %}
"""


def test_two_currencies_meet_through_the_currency_of_the_company(sol):
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.publish(sol, EUROS)
    period = Period.objects.get(key="2026-Q3")
    foreign("D-GBP", "rex", 100_000, "GBP")
    rate(sol, "GBP", "USD", "1.25")
    rate(sol, "USD", "EUR", "0.8")
    run, _ = run_calculate(period_id=period.id, actor=sol)
    # 1,000.00 GBP = 1,250.00 USD = 1,000.00 EUR, x 5 % = 50.00 EUR
    assert {name: amount for (name, _), amount in earned(run).items()} == {"Rex": 5_000, "Ria": 0, "Rob": 0}


@pytest.mark.parametrize("is_met", [False, True])
def test_a_mean_is_of_the_own_rates_of_two_currencies_where_they_have_some(sol, is_met):
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.publish(sol, EUROS.replace("until:", "currency_rate: PERIOD_AVERAGE\nuntil:"))
    foreign("D-GBP", "rex", 100_000, "GBP")
    rate(sol, "GBP", "EUR", "1.10")
    rate(sol, "EUR", "GBP", "0.8", date(2026, 8, 1))
    if is_met:
        rate(sol, "GBP", "USD", "1.25")
        rate(sol, "USD", "EUR", "0.9")
    run, _ = run_calculate(period_id=Period.objects.get(key="2026-Q3").id, actor=sol)
    # 31 days at 1.10 and 61 at 1 / 0.8: 110.35 / 92 = 1.19945…; 1,000.00 GBP are 1,199.46 EUR, x 5 % = 59.97
    assert not run.findings and earned(run)["Rex", "commission"] == 5_997


def test_a_pound_invoice_is_paid_in_dollars_of_its_posting_or_in_pounds(sol):
    """10 % of GBP 1,000 at 1.22 on the posting is always USD 122, whatever comes later; in pounds it is GBP 100.

    Source: docs.idynamics.es/en/commissions/settlements/currency.html (commission-idynamics-currency)
    """
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    period = Period.objects.get(key="2026-Q3")
    euros = EUROS.replace("rate: 5 %", "rate: 10 %")
    world.publish(sol, euros.replace("EUR", "USD").replace("reps-eur", "local"), "rep")
    world.publish(sol, euros.replace("EUR", "GBP").replace("reps-eur", "salesperson"), "manager")
    foreign("D-1", "rex", 100_000, "GBP")
    foreign("D-2", "mara", 100_000, "GBP")
    rate(sol, "GBP", "USD", "1.22", date(2026, 8, 3))
    rate(sol, "GBP", "USD", "1.30", date(2026, 8, 20))
    run, _ = run_calculate(period_id=period.id, actor=sol)
    run_post(run_id=run.id, actor=sol)
    rows = LedgerEntry.objects.values_list("participant__name", "currency", "account", "amount_minor")
    found = {(name, currency, str(account)): amount for name, currency, account, amount in rows if amount}
    payable = {
        (name, currency): abs(amount) for (name, currency, account), amount in found.items() if account == "payable"
    }
    assert payable == {("Rex", "USD"): 12_200, ("Mara", "GBP"): 10_000}
    sums: dict[str, int] = {}
    for _, currency, _, amount in rows:
        sums[currency] = sums.get(currency, 0) + amount
    assert sums == {"USD": 0, "GBP": 0}


POLICIES = {
    # 1,000.00 EUR, 5 %: the rate of 1 July is corrected from 1.08 to 1.10, and 92 days of the quarter are at that rate
    "SPOT": (5_400, 5_500),
    # 30 of 92 days follow another rate, so that the mean moves from (62 x 1.08 + 30 x 1.20) / 92 to (62 x 1.10 + 30 x 1.20) / 92
    "PERIOD_AVERAGE": (5_596, 5_663),
}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_changed_rate_of_a_locked_period_is_an_adjustment_in_the_open_one(sol, viewer, policy):
    before, after = POLICIES[policy]
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.publish(sol, EUROS.replace("EUR", "USD").replace("from:", f"currency_rate: {policy}\nfrom:"))
    period, later = (Period.objects.get(key=key) for key in ("2026-Q3", "2026-Q4"))
    foreign("D-EUR", "rex", 100_000, "EUR")
    world.deal("D-USD", "ria", 200_000)
    lines = [["EUR", "USD", "2026-07-01", "1.08", "ECB"], ["EUR", "USD", "2026-09-01", "1.20", "ECB"]]
    header = ["from", "to", "on", "rate", "table"]
    assert rows_take(RATES, write_csv(lines, header), "rates.csv", actor=sol).counts["created"] == 2
    run, _ = world.calculate(period, sol)
    assert earned(run)["Rex", "commission"] == before
    _locked(period, sol, viewer)
    kept = list(Statement.objects.order_by("id").values_list("id", "hash"))
    books = books_of(period)

    lines[0][3] = "1.10"
    assert rows_take(RATES, write_csv(lines, header), "corrected.csv", actor=sol).counts["updated"] == 1
    again, _ = world.calculate(period, sol)
    assert earned(again)["Rex", "commission"] == after
    assert list(Statement.objects.filter(period=period).order_by("id").values_list("id", "hash")) == kept
    assert books_of(period) == books
    prior = LedgerEntry.objects.filter(period=later)
    assert {(one.earned_in_id, one.participant.name) for one in prior} == {(period.id, "Rex")}
    statement = Statement.objects.get(period=later, participant__name="Rex")
    assert (statement.earned_minor, statement.payable_minor) == (after - before, after - before)
    (line,) = statement.content["prior"]
    assert (line["before_minor"], line["after_minor"]) == (before, after)
    found = prior_changes(sol, statement, line)
    (cause,) = found.causes
    assert (cause.label, cause.amount_minor) == ("Currency rates", after - before)
    assert cause.details == ("EUR to USD from 2026-07-01: 1.08 (ECB) → 1.1 (ECB)",)
    # the same night again changes nothing
    entries = LedgerEntry.objects.count()
    world.calculate(period, sol)
    assert LedgerEntry.objects.count() == entries


def books_of(period) -> list[tuple[str, str, int]]:
    rows = LedgerEntry.objects.filter(period=period).order_by("id")
    return [(one.participant.name, one.account, one.amount_minor) for one in rows.select_related("participant")]


def _locked(period, sol, viewer) -> None:
    """Sol closes and locks, Fin approves, and Eve, who is in finance as well here, pays."""
    fin, eve = viewer("fin"), Membership.objects.get(user__email="eve@acme.example")
    RoleGrant.objects.create(membership=eve, role=Role.FINANCE, during=DateRange(START, None))
    steps.period_calculate(period_id=period.id, actor=sol)
    steps.period_review(period_id=period.id, actor=sol)
    steps.period_approve(period_id=period.id, actor=fin)
    steps.period_pay(period_id=period.id, reference="B-1", actor=viewer("eve"))
    steps.period_lock(period_id=period.id, actor=sol)
