"""The plans of the gallery compile, need no second look, and their examples come out."""

import json

import pytest
import yaml

from incentives.engine.checks import check_plan
from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text
from incentives.engine.testing import test_document as run_document
from incentives.engine.testing import test_text as run_text
from incentives.forms.designer.reading import document_posted
from incentives.forms.designer.steps import stepped
from incentives.selectors.gallery import FOLDER, template_document, template_list
from incentives.services.documents import document_completed

FILES = sorted(FOLDER.glob("*.yaml"))
WANTED = (
    "account-executive", "development", "account-manager", "overlay", "override", "retail", "margin", "channel", "recurring",
    "objectives", "contest", "draw",
)  # fmt: skip
KNOWN = {
    "09-recurring": [("NOT_JUDGED", "components.multi-year.credit")],
    "01-saas-ae": [("CLIFF", "components.commission.kickers[0]")],
    "08-channel": [("CLIFF", "components.partner-sales.matrix")] * 2 + [("CLIFF", "components.breadth.gates[0]")],
    "13-quality": [("CLIFF", "components.commission.multipliers[0]")] * 2,
}
"""What these plans do on purpose and a person accepts: a prize at a number, a better rate for larger deals, a quality factor."""


def test_the_usual_plans_of_the_field_are_there():
    keys = [template.key for template in template_list()]
    assert len(keys) == len(set(keys)) == len(FILES) >= 12
    assert all(any(word in key for key in keys) for word in WANTED)
    assert all(len(template.purpose) > 40 and template.components for template in template_list())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_template_compiles_checks_and_its_examples_pass(path):
    text = path.read_text(encoding="utf-8")
    document, findings = read_text(text)
    plan, found = compile_plan(document)
    assert findings == found == []
    assert [(each.code, each.where) for each in check_plan(plan)] == KNOWN.get(path.stem, [])
    results = run_text(text)
    assert results and [(each.name, each.differences, each.findings) for each in results if not each.passed] == []
    assert len(document["examples"]) >= 1 and document["description"]


@pytest.mark.parametrize("key", [template.key for template in template_list()])
def test_a_template_taken_in_another_year_still_passes(key):
    document = document_completed(template_document(key, year=2031))
    assert "2026" not in yaml.safe_dump(document) and document["from"] == "2031-01-01"
    assert [each.differences for each in run_document(document) if not each.passed] == []


@pytest.mark.parametrize("key", [template.key for template in template_list()])
def test_the_key_of_a_plan_made_from_a_template_is_that_of_its_name(key):
    """Whoever renames what was taken gets the key of the new name, not that of the template."""
    document = template_document(key, year=2026)
    assert "plan" not in document
    assert document_completed({**document, "name": "Harbour sellers 2026"})["plan"] == "harbour-sellers-2026"


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("key", [template.key for template in template_list()])
def test_a_template_whose_days_are_moved_still_passes(key, month):
    """The first day and the day after the last are chosen in the form; the examples go along."""
    document = template_document(key, year=2026)
    chosen = {"f:from": f"2026-{month:02d}-01", "f:until": f"2027-{month:02d}-01"}
    moved = document_completed(document_posted({"document": json.dumps(document), **chosen}))
    assert (moved["from"], moved["until"]) == tuple(chosen.values())
    results = run_document(moved)
    assert [(each.name, each.differences, each.findings) for each in results if not each.passed] == []


@pytest.mark.parametrize("key", [template.key for template in template_list()])
def test_a_template_moved_day_by_day_still_passes(key):
    """The first day alone makes the plan empty for a moment; the form may be drawn anew in between."""
    document = template_document(key, year=2026)
    for field, day in (
        ("from", "2027-01-01"),
        ("until", "2028-01-01"),
        ("from", "2027-07-01"),
        ("until", "2027-10-01"),
    ):
        document = document_posted({"document": json.dumps(document), f"f:{field}": day})
    results = run_document(document_completed({**document, "until": "2028-07-01"}))
    assert [(each.name, each.differences, each.findings) for each in results if not each.passed] == []


def test_an_unknown_template_is_none():
    assert template_document("nothing", year=2026) is None


@pytest.mark.parametrize("key", [template.key for template in template_list()])
def test_an_example_that_is_added_computes(key):
    """Given a template, when an example is added in the designer, then nothing is lacking: only the figure to expect is left."""
    document = {**template_document(key, year=2026), "examples": []}
    (result,) = run_document(document_completed(stepped(document, "add examples")))
    assert [each.code for each in result.findings if each.is_error] == []
    assert [
        each for each in result.differences if not each.startswith(("earned: expected 0.00, computed ", "note: "))
    ] == []


def test_an_example_of_tiers_of_each_customer_names_one_in_a_period_that_has_a_year_before():
    document = {**template_document("saas-account-executive-2026", year=2025), "until": "2027-01-01", "examples": []}
    tiers = [{"until": "100 %", "rate": "0 %"}, {"rate": "5 %"}]
    growth = {"key": "growth", "tiers_per": "account", "tiers_against": "PRIOR_YEAR", "tiers": tiers}
    document["components"] = [*document["components"], growth]
    added = document_completed(stepped(document, "add examples"))
    assert added["examples"][0]["given"]["period"] == "2026-Q1"
    assert [each.code for each in run_document(added)[0].findings if each.is_error] == []


@pytest.mark.parametrize("clause", ["multipliers", "kickers", "gates"])
def test_a_clause_that_is_added_asks_a_measure_with_a_quota(clause):
    document = {
        **template_document("saas-account-executive-2026", year=2026),
        "measures": [{"key": "meetings", "measure": "COUNT"}],
    }
    (component, *_) = document["components"]
    component.pop("kickers", None)
    stepped_to = document_completed(stepped(document, f"add components.0.{clause}"))
    assert stepped_to["components"][0][clause][0]["of"] == component["key"]
    assert [each for each in compile_plan(stepped_to)[1] if each.is_error] == []
