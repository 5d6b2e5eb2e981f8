"""The guides inside the product: every guide opens, every link in it leads somewhere, nothing in it runs."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.text import slugify

from spm.web import guides
from spm.web.guides import guide_get, guide_names
from spm.web.navigation import ENTRIES

TEMPLATES = Path(settings.BASE_DIR) / "templates"
pytestmark = pytest.mark.django_db


def guide_of(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> guides.Guide:
    """A guide with this text, beside the guide `other`."""
    (tmp_path / "other.md").write_text("# Other\n")
    (tmp_path / "one.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(guides, "FOLDER", tmp_path)
    found = guide_get("one")
    assert found is not None
    return found


@pytest.mark.parametrize("name", guide_names())
def test_every_guide_opens_for_visitors_and_members(name: str, client: Client, sign_in: Any) -> None:
    address = guides.guide_url(name)
    for reader in (client, sign_in("rex")):
        answer = reader.get(address)
        assert answer.status_code == 200
        assert answer.content.decode().count("<h1") == 1


def test_help_begins_with_the_overview(client: Client) -> None:
    assert client.get("/help").context["guide"].title == "Help"


@pytest.mark.parametrize("name", ["nothing", "..", "index.md", "%2e%2e%2fREADME"])
def test_what_is_no_guide_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/help/{name}").status_code == 404


def test_raw_html_is_shown_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# One\n\n<script>alert(1)</script> and <b onclick='x'>bold</b>\n\n[go](javascript:alert(1)) ![p](https://example.com/p.png)\n"
    html = guide_of(text, tmp_path, monkeypatch).html
    assert "<script" not in html and "<b " not in html and "&lt;script&gt;" in html
    assert "href" not in html and "https://example.com" not in html


def test_links_between_guides_stay_inside_and_files_become_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = guide_of("# One\n\n[a](other.md#x) [b](../Makefile) [c](https://example.com)\n", tmp_path, monkeypatch).html
    assert '<a href="/help/other#x">a</a>' in html
    assert "Makefile" not in html
    assert 'href="https://example.com" rel="noopener noreferrer"' in html


def test_pictures_come_from_static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = guide_of("# One\n\n![the home page](../static/icon.svg)\n", tmp_path, monkeypatch).html
    assert re.search(r'src="/static/icon[.\w]*svg" alt="the home page"', html)


def test_tables_scroll_by_themselves_and_align_numbers_without_inline_style(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = guide_of("# One\n\n| a | b |\n|---|--:|\n| x | 1 |\n", tmp_path, monkeypatch).html
    assert '<div class="table-frame" data-table-frame="">' in html and html.rstrip().endswith("</div>")
    assert '<caption class="visually-hidden">\nOne</caption>' in html
    assert '<td class="num">1</td>' in html and "style=" not in html


def test_a_heading_that_comes_twice_gets_two_anchors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = guide_of("# One\n\n## Same\n\n## Same\n", tmp_path, monkeypatch)
    assert [heading.anchor for heading in guide.sections] == ["same", "same-1"]


def test_a_guide_is_read_again_when_its_file_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = guide_of("# Before\n", tmp_path, monkeypatch)
    (tmp_path / "one.md").write_text("# After\n")
    second = guide_get("one")
    assert second is not None and (first.title, second.title) == ("Before", "After")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.label)
def test_the_overview_has_a_section_for_every_page_of_the_menu(entry: Any) -> None:
    start = guide_get("index")
    assert start is not None
    assert slugify(entry.label) in {heading.anchor for heading in start.headings}


def test_every_help_link_of_a_template_leads_to_a_section() -> None:
    missing = []
    for path in TEMPLATES.rglob("*.html"):
        for guide, anchor in help_links(path.read_text(encoding="utf-8")):
            found = guide_get(guide or "index")
            if found is None or (anchor and anchor not in {heading.anchor for heading in found.headings}):
                missing.append(f"{path.relative_to(TEMPLATES)}: {guide}#{anchor}")
    assert missing == []


def help_links(text: str) -> set[tuple[str, str]]:
    """The (guide, anchor) that a template leads to: `{% url "help_guide" "rep" as u %}… {{ u }}#anchor`."""
    tagged = re.finditer(
        r"""{%\s*url\s+["']help(?:_guide)?["'](?:\s+["'](?P<guide>[\w-]+)["'])?(?:\s+as\s+(?P<name>\w+))?\s*%}(?P<anchor>#[\w-]+)?""",
        text,
    )
    links = set()
    for match in tagged:
        anchors = [match["anchor"]] if match["anchor"] else []
        if match["name"]:
            anchors += re.findall(rf"{{{{\s*{match['name']}\s*}}}}(#[\w-]+)", text)
            anchors += re.findall(rf"""{match["name"]}\|add:["'](#[\w-]+)""", text)
        links |= {(match["guide"] or "", anchor.removeprefix("#")) for anchor in anchors or [""]}
    return links
