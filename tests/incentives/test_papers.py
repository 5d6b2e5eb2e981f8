"""Statements as files: the PDF says what was stored, is tagged, is the same each time; a job makes all of a period."""

import json
import re
import zlib
from html import unescape
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone, translation

from incentives.models import Statement, StatementPaper
from incentives.selectors.facts import digest_of
from incentives.selectors.papers.blocks import Paper, text
from incentives.selectors.papers.bundles import bundle_zip, paper_name, papers_part, papers_parts, statements_seal
from incentives.selectors.papers.sheet import SHEET, statement_sheet
from incentives.selectors.papers.statement import statement_paper, statement_pdf
from incentives.selectors.papers.typesetting import paper_set
from incentives.selectors.statements import statement_rows
from incentives.services.papers import papers_make, papers_start
from spm.jobs.models import Job, JobState
from spm.people.models import Participant
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(viewer):
    sol = viewer("sol")
    found = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.calculate(found, sol)
    return found


def _statement(viewer, number=1):
    return statement_rows(viewer("sol")).get(participant__source_key="rex", number=number)


def _words(paper):
    """Every text of a paper."""
    found = []

    def walk(value):
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for each in value.values():
                walk(each)
        elif isinstance(value, list | tuple):
            for each in value:
                walk(each)

    walk(paper.as_data())
    return found


def _objects(pdf):
    """The inflated streams of a PDF beside its plain objects."""
    parts = [pdf]
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            parts.append(zlib.decompress(raw))
        except zlib.error:
            parts.append(raw)
    return b"\n".join(parts)


def test_statement_paper_says_what_is_stored(period, viewer):
    # Given Rex's deal of 12,333.33 against a quota of 10,000.00: 5 % of 10,000.00 and 10 % of 2,333.33, in all 733.33
    statement = _statement(viewer)
    words = _words(statement_paper(statement))
    for expected in (
        "Statement 2026-Q3, Rex",
        "Acme Inc.",
        "$733.33",
        "$12,333.33",
        "0% to 100% of quota",
        "× 5%",
        "$500.00",
        "above 100% of quota",
        "× 10%",
        "$233.333",
        f"SHA-256 {statement.hash}",
        f"Statement {statement.pk}, version 1",
    ):
        assert any(expected in each for each in words), expected
    assert any(each.startswith("D-1") for each in words)


@pytest.mark.parametrize(
    ("name", "said"), [("Rex", "Rex (rex)"), ("rex", "rex")], ids=["with a key", "name is the key"]
)
def test_paper_and_its_file_say_a_name_once(period, viewer, name, said):
    Participant.objects.filter(source_key="rex").update(name=name)
    statement = _statement(viewer)
    assert said in _words(statement_paper(statement))
    assert paper_name(statement) == f"2026-Q3 {said} USD v1 {str(statement.pk)[-6:]}.pdf"


def test_statement_pdf_is_tagged_titled_and_equal_each_time(period, viewer):
    statement = _statement(viewer)
    first = statement_pdf(statement)
    with translation.override("de"):
        assert statement_pdf(_statement(viewer)) == first
    inner = _objects(first)
    for sign in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"pdfuaid:part", b"/TH", b"Statement 2026-Q3"):
        assert sign in inner, sign
    assert b"CreationDate" not in inner


def test_statement_pdf_of_an_old_version_stays_what_it_was(period, viewer):
    first = statement_pdf(_statement(viewer))
    world.deal("D-2", "rex", 100_000)
    world.calculate(period, viewer("sol"))
    assert statement_pdf(_statement(viewer)) == first
    assert statement_pdf(_statement(viewer, 2)) != first


def test_later_version_tells_what_changed_and_why(period, viewer):
    # Given a second deal of 1,000.00, which is above quota and pays 10 %: 100.00 more
    world.deal("D-2", "rex", 100_000)
    world.calculate(period, viewer("sol"))
    words = _words(statement_paper(_statement(viewer, 2)))
    assert "Changed since version 1" in words
    assert "+$100.00" in words
    assert any(each.startswith("Deal D-2") for each in words), [each for each in words if "D-2" in each]


def test_letters_of_many_scripts_are_set_and_others_named():
    def setting(words):
        return paper_set(Paper("T", "C", "", "en", ("f",), (text(words),)))

    for drawn in ("Zoë Łukasz", "Ελένη", "Иван", "שרה", "Գրիգոր", "გიორგი", "محمد", "Nguyễn Thị"):
        assert b"U+" not in setting(drawn)
    assert setting("王") != setting("小") and setting("王") == setting("王")


def test_text_of_a_company_is_never_run():
    hostile = '#panic("x") $x$ *bold* `raw` \\ #read("/etc/passwd") <label> @ref'
    made = paper_set(Paper(hostile, hostile, "", "en", (hostile,), (text(hostile),)))
    assert made.startswith(b"%PDF")


def test_sheet_has_lines_tiers_deals_and_states(period, viewer):
    rows = list(statement_sheet(_statement(viewer)))
    way = ["From earned to payable"] * 3
    assert [row[4] for row in rows] == ["Line", "Tier", "Tier", "Deal", *way, "Earned", "Payable", "Paid"]
    steps = ["733.33"] * 3
    assert [str(row[14]) for row in rows] == [
        "733.33",
        "500.00",
        "233.333",
        "733.33",
        *steps,
        "733.33",
        "733.33",
        "0.00",
    ]


BESIDE = {
    "opening": [
        {
            "payable_minor": 101_01, "held_minor": 102_02, "held_reason": "Customer disputes", "draw_minor": 103_03, "paid_minor": 104_04,
            "credit_value": 105_05, "quota_value": 106_06, "plan_name": "Reps 2025", "component_name": "Old commission", "component": "c",
        },
        {"credit_value": 7, "counted": ["17.5", "20"], "component_name": "Meetings held", "component": "m"},
        {"released_minor": 107_07, "reason": "The dispute is settled"},
    ],
    "prior": [
        {
            "earned_in": "x", "earned_in_key": "2026-Q2", "plan": "p", "plan_name": "Reps of spring", "component": "c",
            "component_name": "Spring commission", "before_minor": 108_08, "after_minor": 90_00, "difference_minor": -18_08, "run": None,
            "since": None,
        }
    ],
    "others": [
        {"kind": "adjust", "reason": "Goodwill of June", "component": "", "earned_minor": 109_09},
        {"kind": "draw", "reason": "Draws advanced: 2026-Q3, difference", "component": "", "earned_minor": 113_13},
    ],
    "waits": [
        {
            "plan": "p", "component": "c", "component_name": "Cash part", "period": "2026-Q1", "amount_minor": 110_10, "count": 3,
            "deals": [], "reason": "NOT_PAID", "event": "CASH_FULL", "until": None,
        }
    ],
    "holds": [
        {
            "hold": "Hold 7", "deal": "D-77", "plan": "p", "component": "c", "component_name": "Held commission", "period": "2026-Q3",
            "amount_minor": 111_11, "here_minor": -112_12, "held_by": "Sol", "reason": "Order looked into", "released_by": "Fin",
            "released_reason": "Order is right",
        }
    ],
}  # fmt: skip
"""Everything that a statement can say beside its lines, each amount and word once."""
SAID = (
    "$101.01", "$102.02", "$103.03", "$104.04", "$105.05", "$106.06", "$107.07", "$108.08", "$90.00", "$18.08", "$109.09", "$110.10",
    "$111.11", "$112.12", "17.5", "Customer disputes", "Reps 2025", "Old commission", "Meetings held", "The dispute is settled", "2026-Q2",
    "Reps of spring", "Spring commission", "Goodwill of June", "Cash part", "2026-Q1", "Deals: 3", "Not paid yet",
    "the customer has paid in full", "Held commission", "On hold", "Sol: Order looked into (D-77)", "finance releases it",
    "Fin: Order is right", "Hold 7", "Guaranteed by the plan, beyond what was earned", "$113.13",
)  # fmt: skip
TITLES = {
    "From earned to payable": "From earned to payable",
    "Brought forward": "Brought forward",
    "Earlier periods": "Earlier period",
    "Beside the plans": "Beside the plans",
    "What waits": "Waits",
    "Released from hold": "Released from hold",
}
"""The parts as page and paper head them, and as the sheet names their rows."""


def test_page_paper_sheet_and_api_say_the_same_beside_the_lines(period, viewer, sign_in):
    # Given a statement that says all that one can beside its lines
    last = _statement(viewer)
    content = last.content | BESIDE
    statement = Statement.objects.create(
        participant=last.participant, period=last.period, run=last.run, number=2, currency="USD", credit_minor=last.credit_minor,
        earned_minor=last.earned_minor, payable_minor=last.payable_minor, content=content, hash=digest_of(content),
        issued_at=timezone.now(),
    )  # fmt: skip
    # When it is read on its page, as a paper, as a sheet and through the API
    rex = sign_in("rex")
    html = rex.get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode()
    page = unescape(re.sub(r"<[^>]+>", " ", html))
    paper = "\n".join(_words(statement_paper(statement)))
    cells = list(statement_sheet(statement))
    parts = rex.get(reverse("api_incentives_statement", args=[statement.pk])).json()["parts"]
    # Then each says every word and every amount, as money or as a number
    sheet = "\n".join(str(cell) for row in cells for cell in row)
    told = json.dumps(parts)
    for words in SAID:
        assert words in page, words
        assert words in paper, words
        plain = words.removeprefix("$")
        assert plain in sheet, words
        assert words in told or (
            words != plain and f'"amount_minor": {plain.replace(".", "")}' in told.replace("-", "")
        ), words
    assert {len(row) for row in cells} == {len(SHEET)}
    for title, name in TITLES.items():
        assert f">{title}</h2>" in html and title in paper, title
        assert any(row[4] == name for row in cells), title
    assert [part["title"] for part in parts] == list(TITLES)


def test_templates_ask_one_place_for_what_stands_beside_the_lines():
    # A table that a template made of the stored content by itself would be missing in paper and sheet
    root = Path(__file__).parents[2] / "templates"
    for template in sorted(root.rglob("*.html")):
        assert "statement.content" not in template.read_text().replace("statement.content.findings", ""), template


def test_job_makes_the_statements_of_its_moment_and_can_go_on(period, viewer):
    fin = viewer("fin")
    job = papers_start(period_id=period.pk, actor=fin)
    assert papers_start(period_id=period.pk, actor=fin) == job
    # A version issued after the job was asked for is not in it
    before = statements_seal(period.pk, job.queued_at)
    world.deal("D-2", "rex", 100_000)
    world.calculate(period, viewer("sol"))
    assert statements_seal(period.pk, job.queued_at) == before != statements_seal(period.pk, timezone.now())
    assert papers_parts(job) == ["0"]
    assert papers_make(job, 0) == len(papers_part(job, 0)) == Statement.objects.filter(number=1).count()
    with ZipFile(bundle_zip(job)) as bundle:
        assert bundle.testzip() is None
        mine = next(name for name in bundle.namelist() if "(rex)" in name)
        assert bundle.read(mine) == statement_pdf(_statement(viewer))
    assert bundle_zip(job).read() == bundle_zip(job).read()
    # When it is asked for anew, the files of the job that ended go
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    assert papers_start(period_id=period.pk, actor=fin) != job
    assert not StatementPaper.objects.filter(job=job).exists()


def test_only_who_may_make_papers_does(period, viewer):
    for name in ("rex", "mara", "otto"):
        with pytest.raises(PermissionDenied):
            papers_start(period_id=period.pk, actor=viewer(name))
    assert not Job.objects.filter(kind="statement_papers").exists()


def test_pages_give_the_files(period, viewer, sign_in):
    rex, fin = sign_in("rex"), sign_in("fin")
    statement = _statement(viewer)
    answer = rex.get(reverse("incentives:statement_pdf", args=[statement.pk]))
    assert answer["Content-Type"] == "application/pdf" and answer.content == statement_pdf(statement)
    assert rex.get(reverse("incentives:statement_sheet", args=[statement.pk, "xlsx"])).status_code == 200
    assert sign_in("rob").get(reverse("incentives:statement_pdf", args=[statement.pk])).status_code == 404
    page = reverse("incentives:statement_papers")
    assert rex.get(page).status_code == 403
    assert fin.post(page, {"period": period.pk}).status_code == 302
    job = Job.objects.get(kind="statement_papers")
    address = reverse("incentives:statement_papers_zip", args=[job.pk])
    assert fin.get(address).status_code == 404
    papers_make(job, 0)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    assert "Download as ZIP" in fin.get(page).content.decode()
    got = b"".join(fin.get(address).streaming_content)
    assert len(ZipFile(BytesIO(got)).namelist()) == StatementPaper.objects.count()


def test_statement_page_tells_the_cause_in_place(period, viewer, sign_in):
    world.deal("D-2", "rex", 100_000)
    world.calculate(period, viewer("sol"))
    statement = _statement(viewer, 2)
    rex = sign_in("rex")
    page = rex.get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode()
    address = re.search(r'hx-get="([^"]*changes/[^"]*)"', page)
    assert address
    part = rex.get(address[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert "D-2" in part and "<html" not in part
