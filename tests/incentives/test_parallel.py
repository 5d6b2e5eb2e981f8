"""Results of a former system beside those here: each difference with its cause; nothing is posted."""

import pytest
from django.urls import reverse

from incentives.engine.comparing import Cause, Ours, cause_of
from incentives.models import FormerResult, FormerUpload, Journal, Plan
from incentives.selectors.parallel import parallel_rows, parallel_sums, upload_latest
from incentives.services.adjustments import AdjustmentWish, adjustments_approve, adjustments_ask
from incentives.services.parallel_files import FORMER
from spm.crm.row_files import rows_take
from spm.people.models import Participant
from tests.incentives import world

pytestmark = pytest.mark.django_db
HEADER = "person,period,plan,component,amount,currency,quota\n"
OURS = "2026-Q3,reps-2026,commission"


@pytest.fixture
def company(viewer):
    """Rex earns 700.00, Ria 500.00, Rob nothing; Mara's override is 1 % of their 22,000.00."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.deal("D-2", "ria", 1_000_000)
    world.calculate(period, sol)
    return sol, period


def upload(actor, *rows):
    return rows_take(FORMER, (HEADER + "\n".join(rows) + "\n").encode(), "old.csv", actor=actor)


def causes(actor, period, **more):
    rows = parallel_rows(actor, upload_latest(period.pk), **more)
    return {(row.name, row.component): (row.difference_minor, row.cause) for row in rows}


def test_each_difference_has_its_cause_and_nothing_is_posted(company):
    sol, period = company
    before = Journal.objects.count()
    taken = upload(
        sol,
        f"Rex,{OURS},700.01,USD,",
        f"Ria,{OURS},450.00,USD,9000.00",
        f"Rob,{OURS},0.00,USD,",
        f"Zoe,{OURS},10.00,USD,",
    )
    assert not taken.findings and taken.counts["created"] == 4
    assert causes(sol, period) == {
        ("Mara", "override"): (22_000, Cause.MISSING_THERE),
        ("Rex", "commission"): (-1, Cause.ROUNDING),
        ("Ria", "commission"): (5_000, Cause.QUOTA),
        ("Rob", "commission"): (0, Cause.EQUAL),
        ("Zoe", "commission"): (-1_000, Cause.NOT_KNOWN_HERE),
    }
    assert causes(sol, period, within=0)["Rex", "commission"] == (-1, Cause.UNKNOWN)
    rows = parallel_rows(sol, upload_latest(period.pk))
    [total] = parallel_sums(rows)
    assert (total.there_minor, total.here_minor, total.rows, total.equal) == (116_001, 142_000, 5, 1)
    assert next(row for row in rows if row.name == "Ria").detail == "9,000.00 there, 10,000.00 here."
    assert Journal.objects.count() == before


def test_a_later_fact_is_told_by_an_earlier_version_of_the_statement(company):
    sol, period = company
    world.deal("D-1", "rex", 1_500_000)
    world.calculate(period, sol)
    upload(sol, f"Rex,{OURS},700.00,USD,", f"Ria,{OURS},333.00,USD,")
    found = causes(sol, period)
    assert found["Rex", "commission"] == (30_000, Cause.LATE_FACT) and found["Ria", "commission"][1] == Cause.UNKNOWN


def test_an_adjustment_by_hand_is_told_in_components_and_in_totals(company, viewer):
    sol, period = company
    rex, plan = Participant.objects.get(source_key="rex"), Plan.objects.get(code="reps-2026")
    wishes = [
        AdjustmentWish(rex.pk, period.pk, 25_000, "USD", "bonus", "Trade fair", plan_id=plan.pk, component="commission")
    ]
    batch = adjustments_ask(wishes=wishes, title="x", actor=sol)
    adjustments_approve(batch_id=batch.pk, actor=viewer("fin"))
    upload(sol, f"Rex,{OURS},700.00,USD,", "Ria,2026-Q3,,,500.00,USD,")
    found = causes(sol, period)
    assert found["Rex", "commission"] == (25_000, Cause.ADJUSTMENT) and found["Ria", ""] == (0, Cause.EQUAL)
    upload(sol, "Rex,2026-Q3,,,700.00,USD,", "Ria,2026-Q3,,,480.00,EUR,")
    found = causes(sol, period)
    assert found["Rex", ""] == (25_000, Cause.ADJUSTMENT)
    assert found["Ria", ""] == (-48_000, Cause.MISSING_HERE) and found["Ria", "commission"][1] == Cause.MISSING_THERE


def test_the_same_result_in_another_currency_is_named_on_both_sides(company):
    sol, period = company
    upload(sol, f"Rex,{OURS},650.00,EUR,")
    rows = [row for row in parallel_rows(sol, upload_latest(period.pk)) if row.name == "Rex"]
    assert [(row.currency, row.cause, row.detail) for row in rows] == [
        ("EUR", Cause.OTHER_CURRENCY, "USD"),
        ("USD", Cause.OTHER_CURRENCY, "EUR"),
    ]


def test_the_latest_file_counts_and_the_same_again_changes_nothing(company):
    sol, period = company
    first = f"Rex,{OURS},1.00,USD,"
    upload(sol, first)
    assert upload(sol, first).counts["unchanged"] == 1 and FormerUpload.objects.count() == 1
    upload(sol, f"Rex,{OURS},700.00,USD,")
    assert causes(sol, period)["Rex", "commission"] == (0, Cause.EQUAL)
    assert upload(sol, first).counts["created"] == 1 and FormerUpload.objects.count() == 3


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Ria,2026-Q9,,,1.00,USD,", "There is no period 2026-Q9"),
        ("Ria,2026-Q2,,,1.00,USD,", "several periods"),
        ("Ria,2026-Q3,none,x,1.00,USD,", "There is no plan none"),
        ("Ria,2026-Q3,,commission,1.00,USD,", "belongs to a plan"),
        ("Ria,2026-Q3,reps-2026,,1.00,USD,", "says nothing"),
        ("Rex,2026-Q3,,,1.00,USD,", "a total and components"),
        (f"Rex,{OURS},2.00,USD,", "the same entry"),
        ("Ria,2026-Q3,,,one,USD,", "amount"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_kept(company, row, words):
    sol, _ = company
    taken = upload(sol, f"Rex,{OURS},700.00,USD,", row)
    assert any(words in one.what and dict(one.about).get("row") == 3 for one in taken.findings), taken.findings
    assert not FormerUpload.objects.exists() and not FormerResult.objects.exists()


def test_pages_export_and_api_say_the_same(company, sign_in, django_assert_max_num_queries):
    sol, period = company
    upload(sol, f"Rex,{OURS},700.00,USD,", f"Ria,{OURS},450.00,USD,", f"Zoe,{OURS},10.00,USD,")
    client, at = sign_in("fin"), [period.pk]
    assert "Former results 1" in client.get(reverse("incentives:parallel_list")).content.decode()
    with django_assert_max_num_queries(45):
        page = client.get(reverse("incentives:parallel_detail", args=at), {"cause": "different"}).content.decode()
    assert "Ria" in page and "Person not known here" in page and "Rex" not in page
    assert reverse("incentives:statement_list") in page
    export = client.get(reverse("incentives:parallel_export", args=[period.pk, "csv"]), {"q": "ria"}).content.decode()
    assert "450.00" in export and "50.00" in export and "Zoe" not in export
    answer = client.get(reverse("api_incentives_parallel_period", args=at)).json()
    assert {row["name"]: row["cause"] for row in answer["results"]} == {
        "Mara": "missing_there", "Rex": "equal", "Ria": "unknown", "Zoe": "not_known_here",
    }  # fmt: skip
    where, sums = (reverse(f"api_incentives_parallel_{name}", args=[period.key]) for name in ("period", "sums"))
    assert client.get(sums).json()["sums"][0]["difference_minor"] == 26_000
    assert client.get(where, {"within": "x"}).status_code == client.get(where, {"cause": "x"}).status_code == 400
    second = client.get(where, {"cause": "different", "page": 2, "page_size": 2}).json()
    assert [row["name"] for row in second["results"]] == ["Zoe"] and second["count"] == 3 and second["next"] is None
    [summed] = client.get(sums, {"cause": "different"}).json()["sums"]
    assert (summed["rows"], summed["difference_minor"]) == (3, 26_000), "of all that was asked for"
    named = client.get(where, {"q": "RIA"}).json()
    assert [row["name"] for row in named["results"]] == ["Ria"] and named["results"][0]["there_minor"] == 45_000


def test_the_first_cause_that_explains_it_whole_is_named():
    ours = Ours(130_00, adjusted=30_00, quota=5, before=())
    assert cause_of(100_00, ours, quota=6, within=1)[0] == Cause.ADJUSTMENT
    assert cause_of(90_00, ours, quota=6, within=1)[0] == Cause.QUOTA
    assert cause_of(90_00, ours, quota=5, within=1)[0] == Cause.UNKNOWN
