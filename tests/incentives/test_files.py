"""Files of terms, assignments, quotas, scores and relations: whole or not at all, idempotent, out as they came in."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from incentives.models import Leave, PayCurrency, PlanAssignment, Ramp, RampSchedule, TargetPay
from incentives.services.files import ASSIGNMENTS, LEAVES, RAMPS, TARGETS
from incentives.services.pay_currency_files import PAY_CURRENCIES
from incentives.services.plans import plan_create
from planning.models import CalendarKind, Quota, Score
from planning.services.calendars import calendar_extend
from planning.services.files import QUOTAS, SCORES
from spm.approvals.models import ApprovalRequest
from spm.crm.exports import write_csv, write_xlsx
from spm.crm.row_files import rows_take
from spm.crm.services.relations import RELATIONS
from spm.people.models import Participant, Relationship
from tests.incentives import world

pytestmark = pytest.mark.django_db
Y = "2026-01-01"


@pytest.fixture
def sol(viewer):
    actor = viewer("sol")
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=actor)
    return actor


def rows_of(model):
    """Every row with the days and values that count, to tell whether anything changed."""
    return sorted(model.objects.values_list(), key=str)


KINDS = [
    (
        TARGETS,
        TargetPay,
        [
            ["Rex", "", "variable", "40000.00", "60000", "USD", "year", Y, ""],
            ["", "ria", "variable", "900.50", "", "EUR", "period", Y, "2026-07-01"],
            ["Rex", "", "variable", "50000", "60000", "", "", "2026-07-01", ""],
        ],
        ["Rex", "", "variable", "45000", "0", "USD", "year", "2026-07-01", ""],
        ["Nobody", "", "variable", "45000", "0", "USD", "year", Y, ""],
    ),
    (
        RAMPS,
        Ramp,
        [["Rex", "", "new", "New seller", "25 %, 33.33 %, 75 %", "2026-02-01", ""], ["", "ria", "new", "", "", Y, ""]],
        ["", "ria", "new", "", "", Y, "2026-02-01"],
        ["Ria", "", "new", "", "110 %", Y, ""],
    ),
    (
        LEAVES,
        Leave,
        [
            ["Rex", "2026-05-01", "2026-06-01", "yes", "no", "Parental"],
            ["Rex", "2026-08-01", "2026-08-11", "no", "", ""],
        ],
        ["Rex", "2026-05-01", "2026-05-20", "yes", "yes", "Parental"],
        ["Rex", "2026-08-05", "2026-08-05", "yes", "no", ""],
    ),
    (
        ASSIGNMENTS,
        PlanAssignment,
        [["reps-2026", "rep", "", "", Y, "2027-01-01"], ["reps-2026", "", "", "Rex", Y, "2026-07-01"]],
        ["reps-2026", "", "", "Rex", Y, "2026-08-01"],
        ["reps-2026", "rep", "", "Rex", Y, ""],
    ),
    (
        QUOTAS,
        Quota,
        [["rex", "2026-Q1", "amount", "250000", "USD"], ["ria", "2026-Q1", "units", "1200", ""]],
        ["rex", "2026-Q1", "amount", "260000.50", "USD"],
        ["ria", "2026-Q9", "units", "1200", ""],
    ),
    (
        SCORES,
        Score,
        [["Rex", "2026-Q1", "training", "80 %", "Certificate"], ["Rex", "2026-Q1", "forecast", "33.33 %", "Report"]],
        ["Rex", "2026-Q1", "training", "90 %", "Certificate"],
        ["Rex", "2026-Q1", "training", "1200 %", "Certificate"],
    ),
    (
        RELATIONS,
        Relationship,
        [["Rex", "mentor", "Ria", Y, "2026-07-01"], ["Rex", "mentor", "Rob", "2026-03-01", ""]],
        ["Rex", "mentor", "Ria", Y, "2026-08-01"],
        ["Rex", "mentor", "Rex", Y, ""],
    ),
    (
        PAY_CURRENCIES,
        PayCurrency,
        [["Rex", "EUR", Y, "2026-07-01"], ["Rex", "GBP", "2026-07-01", ""], ["Ria", "JPY", "2026-03-01", ""]],
        ["Ria", "JPY", "2026-03-01", "2026-09-01"],
        ["Ria", "EURO", "2026-10-01", ""],
    ),
]


@pytest.fixture
def plan(sol):
    return plan_create(document=world.REPS, actor=sol)[0].plan


@pytest.mark.parametrize(("kind", "model", "rows", "changed", "wrong"), KINDS, ids=lambda one: getattr(one, "name", ""))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_is_taken_once_and_comes_out_as_it_came(sol, plan, kind, model, rows, changed, wrong, form):
    write = write_csv if form == "csv" else write_xlsx

    def take(given, **more):
        return rows_take(kind, write(given, kind.header), f"file.{form}", actor=sol, **more)

    checked = take(rows, is_check=True)
    assert (checked.findings, checked.counts["created"], model.objects.count()) == ((), len(rows), 0)
    taken = take(list(reversed(rows)))
    assert (taken.findings, dict(taken.counts)) == ((), {"created": len(rows), "updated": 0, "unchanged": 0})
    before = rows_of(model)
    again = take(rows)
    assert (again.findings, again.counts["unchanged"]) == ((), len(rows)) and rows_of(model) == before
    out = [list(row) for row in kind.rows(sol)]
    assert len(out) == len(rows)
    back = take(out)
    assert (back.findings, back.counts["unchanged"]) == ((), len(rows)) and rows_of(model) == before
    refused = take([changed, wrong])
    assert refused.findings and rows_of(model) == before
    assert all("row " in one.where and one.why == "Nothing of the file was taken." for one in refused.findings)
    assert take([changed]).counts["updated"] == 1 and len(rows_of(model)) == len(before)
    assert take([changed]).counts["unchanged"] == 1


def test_the_export_of_the_quota_grid_is_taken_back_unchanged(sol, sign_in):
    rows = [["rex", "2026-Q1", "amount", "250000", "USD"], ["ria", "2026-Q2", "amount", "90000.50", "EUR"]]
    assert rows_take(QUOTAS, write_csv(rows, QUOTAS.header), "q.csv", actor=sol).total == 2
    url = reverse("planning:quota_export", args=["csv"])
    file = sign_in("sol").get(url, {"kind": "QUARTERLY", "year": 2026, "measure": "amount"}).content
    back = rows_take(QUOTAS, file, "q.csv", actor=sol)
    assert (back.findings, back.counts["unchanged"], back.total) == ((), 2, 2)


def test_what_the_files_wrote(sol, plan):
    for kind, _model, rows, _changed, _wrong in KINDS:
        assert not rows_take(kind, write_csv(rows, kind.header), "f.csv", actor=sol).findings
    pay = {(str(one.participant or one.position), str(one.during.lower)): one for one in TargetPay.objects.all()}
    first = pay["Rex", Y]
    assert (first.target_minor, first.base_minor, str(first.during.upper)) == (4_000_000, 6_000_000, "2026-07-01")
    assert {(one.target_minor, one.currency, one.per) for one in pay.values()} == {
        (4_000_000, "USD", "year"),
        (90_050, "EUR", "period"),
        (5_000_000, "USD", "year"),
    }
    assert RampSchedule.objects.get().shares == [25_000_000, 33_330_000, 75_000_000]
    away = Leave.objects.get(during__startswith=date(2026, 8, 1))
    assert (away.relieves_quota, away.relieves_target) == (False, False)
    assert sorted(Quota.objects.values_list("measure", "value", "currency")) == [
        ("amount", 25_000_000, "USD"),
        ("units", 1200, ""),
    ]
    assert ApprovalRequest.objects.filter(kind="score", state="open").count() == 2
    assert sorted(Score.objects.values_list("score_rate", flat=True)) == [33_330_000, 80_000_000]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (["Rex", "rex", "variable", "1", "", "", "", Y, ""], "exactly one of the two"),
        (["Rex", "", "amount", "1", "", "", "", Y, ""], "names of quotas are taken"),
        (["Rex", "", "variable", "-1", "", "", "", Y, ""], "from 0 to"),
        (["Rex", "", "variable", "1,234", "", "", "", Y, ""], "incentive: "),
        (["Rex", "", "variable", "", "", "", "", Y, ""], "“incentive” is blank"),
        (["Rex", "", "variable", "1", "", "EURO", "", Y, ""], "not a currency code"),
        (["Rex", "", "variable", "1", "", "", "month", Y, ""], "none of year, period"),
        (["Rex", "", "variable", "1", "", "", "", "03/04/2026", ""], "from: "),
        (["Rex", "", "variable", "1", "", "", "", "2026-02-30", ""], "from: "),
        (["Rex", "", "variable", "1", "", "", "", Y, "2025-01-01"], "before the first day"),
        (["Twin", "", "variable", "1", "", "", "", Y, ""], "2 of the company's persons are called “Twin”"),
    ],
)
def test_a_wrong_row_says_what_is_wrong_and_nothing_is_taken(sol, row, what):
    for key in ("t1", "t2"):
        Participant.objects.create(source="manual", source_key=key, name="Twin")
    good = ["Ria", "", "variable", "1", "", "", "", Y, ""]
    taken = rows_take(TARGETS, write_csv([good, row], TARGETS.header), "pay.csv", actor=sol)
    assert [one.where for one in taken.findings] == ["pay.csv, row 3"] and what in taken.findings[0].message
    assert not TargetPay.objects.exists()


@pytest.mark.parametrize("months", ["0,5 %", "25 %, 0.5"])
def test_a_month_of_a_ramp_without_a_percent_sign_is_refused(sol, months):
    row = ["Rex", "", "new", "New seller", months, "2026-02-01", ""]
    taken = rows_take(RAMPS, write_csv([row], RAMPS.header), "ramps.csv", actor=sol)
    assert ["has no % sign: a comma parts the months." in one.message for one in taken.findings] == [True]
    assert not Ramp.objects.exists()


def test_two_rows_of_one_entry_a_wrong_header_and_no_file(sol):
    row = ["Rex", "", "variable", "1", "", "", "", Y, "2026-06-01"]
    for other in ([*row[:3], "2", *row[4:]], [*row[:7], "2026-05-01", ""], ["rex", *row[1:]]):
        taken = rows_take(TARGETS, write_csv([row, other], TARGETS.header), "pay.csv", actor=sol)
        assert [(one.code, one.where) for one in taken.findings] == [("ROWS_CONFLICT", "pay.csv, row 3")]
    header = [*TARGETS.header[:-1], "unitl"]
    assert {one.code for one in rows_take(TARGETS, write_csv([row], header), "p.csv", actor=sol).findings} == {
        "COLUMN_UNKNOWN"
    }
    few = rows_take(TARGETS, write_csv([["Rex"]], ["person"]), "p.csv", actor=sol)
    assert {one.code for one in few.findings} == {"COLUMN_MISSING"}
    assert rows_take(TARGETS, b"", "p.csv", actor=sol).findings[0].code == "FILE_EMPTY"
    assert rows_take(TARGETS, write_csv([], TARGETS.header), "p.csv", actor=sol).findings[0].code == "NO_ROWS"
    assert not TargetPay.objects.exists()


def test_leave_that_meets_another_is_refused(sol):
    rows_take(LEAVES, write_csv([["Rex", "2026-05-01", "2026-06-01"]], LEAVES.header[:3]), "l.csv", actor=sol)
    meets = rows_take(LEAVES, write_csv([["Rex", "2026-05-20", "2026-08-02"]], LEAVES.header[:3]), "l.csv", actor=sol)
    assert "Rex is away from 2026-05-01 until 2026-06-01 already" in meets.findings[0].what
    assert Leave.objects.count() == 1


def test_who_may_not_takes_nothing(sol, viewer):
    for kind, model, rows, _changed, _wrong in KINDS:
        with pytest.raises(PermissionDenied):
            rows_take(kind, write_csv(rows, kind.header), "f.csv", actor=viewer("fin"))
        assert not model.objects.exists()
    # a manager scores the own team only
    out_of_reach = [["Rob", "2026-Q1", "training", "80 %", "Seen"]]
    taken = rows_take(
        SCORES, write_csv(out_of_reach, SCORES.header), "f.csv", actor=viewer("mara").acting("score.edit")
    )
    assert "within reach" in taken.findings[0].what and not Score.objects.exists()


def test_pages_and_api_take_check_and_give(sol, sign_in, plan):
    client = sign_in("sol")
    kinds = {
        "incentives:target_file": ("/api/v1/incentives/targets/file/", KINDS[0]),
        "incentives:ramp_file": ("/api/v1/incentives/ramps/file/", KINDS[1]),
        "incentives:leave_file": ("/api/v1/incentives/leaves/file/", KINDS[2]),
        "incentives:assignment_file": ("/api/v1/incentives/plan-assignments/file/", KINDS[3]),
        "planning:quota_file": ("/api/v1/planning/quotas/file/", KINDS[4]),
        "planning:score_file": ("/api/v1/planning/scores/file/", KINDS[5]),
        "people:relation_file": ("/api/v1/people/relations/file/", KINDS[6]),
        "incentives:pay_currency_file": ("/api/v1/incentives/pay-currencies/file/", KINDS[7]),
    }
    for route, (api, (kind, model, rows, _changed, wrong)) in kinds.items():

        def file(given, kind=kind):
            return SimpleUploadedFile("f.csv", write_csv(given, kind.header))

        page = reverse(route)
        assert client.get(page).status_code == 200
        template = client.get(reverse(f"{route}_download", kwargs={"what": "template", "form": "csv"}))
        assert template.content.decode("utf-8-sig").splitlines()[0] == ",".join(kind.header)
        checked = client.post(page, {"file": file(rows), "do": "check"})
        assert checked.status_code == 200 and not model.objects.exists()
        bad = client.post(page, {"file": file([wrong]), "do": "take"})
        assert bad.status_code == 422 and "row 2" in bad.content.decode() and not model.objects.exists()
        assert client.post(page, {"do": "take"}).status_code == 422
        refused = client.post(api, {"file": file([wrong])})
        assert refused.status_code == 422 and refused.json()["findings"][0]["where"]["text"] == "f.csv, row 2"
        assert client.post(api, {"file": file(rows), "check": "true"}).json()["created"] == len(rows)
        assert not model.objects.exists()
        assert client.post(page, {"file": file(rows), "do": "take"}).status_code == 200
        assert client.post(api, {"file": file(rows)}).json()["unchanged"] == len(rows)
        out = client.get(reverse(f"{route}_download", kwargs={"what": "rows", "form": "xlsx"}))
        again = client.post(api, {"file": SimpleUploadedFile("f.xlsx", out.content)}).json()
        assert (again["unchanged"], again["findings"]) == (len(rows), [])
