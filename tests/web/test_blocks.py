"""Building blocks as pages write them: escaped, wired for screen readers, free of inline style and script."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from spm.core.money import RATE_SCALE
from spm.web.gallery import SpecimenForm

ROOT = Path(__file__).resolve().parents[2]
PERCENT = RATE_SCALE // 100
INLINE = re.compile(r"<[a-z][^>]*\s(style|on[a-z]+|hx-on[:a-z-]*)\s*=|<style|javascript:", re.IGNORECASE)
DOUBLED = re.compile(r"""_\((?:"[^"]*%[^"]*"|'[^']*%[^']*')\)""")
SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE)


def show(source: str, **values: Any) -> str:
    request = RequestFactory().get("/rows", {"sort": "-earned", "q": "a&b", "page": "2"})
    return Template("{% load spm %}" + source).render(Context({"request": request, **values}))


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_has_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not INLINE.search(text)
    assert not SCRIPT.search(text)


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_has_a_per_cent_sign_doubled(path: Path) -> None:
    """A text in `_()` of a template comes out with %% for %: the translate tag takes it back, an argument of another tag does not."""
    assert not DOUBLED.search(path.read_text())


@pytest.mark.parametrize(
    "source",
    [
        "{% card title=evil purpose=evil %}{{ evil }}{% endcard %}",
        "{% badge evil %}{% state evil %}{% person evil note=evil %}",
        "{% stat label=evil value=evil delta=evil %}{% pair evil evil %}{% why evil evil %}",
        "{% empty title=evil text=evil %}{% callout title=evil %}{{ evil }}{% endcallout %}",
        "{% findings rows %}{% diff changes %}{% crumb evil evil %}{% tab evil evil %}",
        "{% attainment rate=1 label=evil %}{% bulk_check evil label=evil form_id=evil %}",
    ],
)
def test_what_people_typed_is_escaped(source: str) -> None:
    evil = "<b onclick='x'>"
    html = show(source, evil=evil, rows=[{"what": evil, "why": evil, "where": evil}], changes=[(evil, evil, "")])
    assert "<b " not in html


def test_a_refused_field_is_wired_to_its_error() -> None:
    html = show("{% form_errors form %}{% field form.name %}", form=SpecimenForm({}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_help id_name_error"' in html
    assert 'href="#id_name"' in html
    assert 'role="alert"' in html


def test_a_sorted_column_says_its_order_and_turns_it() -> None:
    html = show('{% sort_header "Earned" "earned" num=True %}')
    assert 'aria-sort="descending"' in html
    assert "sort=earned" in html
    assert "q=a%26b" in html
    assert "page=2" not in html


def test_paging_keeps_the_other_parameters() -> None:
    html = show("{% pagination page %}", page=Paginator(range(95), 10).get_page(2))
    assert "11–20 of 95" in re.sub(r"<[^>]+>", "", html)
    assert 'aria-current="page"' in html
    assert "q=a%26b" in html


def test_findings_without_rows_show_nothing() -> None:
    assert show("{% findings rows %}", rows=[]) == ""


def test_the_attainment_bar_says_in_words_what_it_draws() -> None:
    html = show(
        "{% attainment rate=rate edges=edges pace=pace %}", rate=71 * PERCENT, edges=[80 * PERCENT], pace=76 * PERCENT
    )
    assert 'aria-label="71% of quota; pace for today 76%; tier edges at 80%"' in html


def test_unknown_attainment_is_not_an_empty_bar() -> None:
    assert "<svg" not in show("{% attainment rate=None %}")


def test_a_timeline_shows_half_open_spans_and_leaves_out_what_is_outside() -> None:
    spans = [
        {"label": "AE West", "start": date(2026, 2, 1), "until": None},
        {"label": "SDR", "start": date(2024, 1, 1), "until": date(2026, 1, 1)},
    ]
    html = show(
        "{% timeline lanes start=start until=until %}",
        lanes=[{"label": "Position", "spans": spans}],
        start=date(2026, 1, 1),
        until=date(2027, 1, 1),
    )
    assert "since Feb 1, 2026" in html
    assert "SDR" not in html


def test_a_chart_carries_its_table_and_safe_json() -> None:
    data = {
        "categories": ["</script>", "Feb"],
        "series": [{"name": "Won", "values": [123456, None]}],
        "unit": "money",
        "currency": "USD",
    }
    html = show('{% chart id="c" kind="bar" title="Won" data=data %}', data=data)
    assert "$1,234.56" in html
    assert "unknown" in html
    assert html.count("</script>") <= 1
    blob = re.search(r"data-chart-data>(.*?)</script>", html, re.DOTALL)
    if blob:
        assert json.loads(blob[1])["categories"][0] == "</script>"


@pytest.mark.parametrize(("state", "polls"), [("running", True), ("queued", True), ("done", False), ("failed", False)])
def test_a_job_asks_for_itself_only_while_it_works(state: str, polls: bool) -> None:
    job = {"label": "Run", "state": state, "percent": 40, "remaining_seconds": 90, "detail": "", "findings": []}
    html = show('{% job job poll_url="/poll" retry_url="/retry" %}', job=type("Job", (), job)())
    assert ('hx-get="/poll"' in html) is polls
    assert ('action="/retry"' in html) is (state == "failed")
