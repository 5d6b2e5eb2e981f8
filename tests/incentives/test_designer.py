"""The designer's form: nothing of a document is lost, every way to pay can be written, steps do what their buttons say."""

import json
from datetime import date
from decimal import Decimal

import pytest
import yaml
from django.utils import translation
from hypothesis import HealthCheck, given, settings

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import plans_of
from incentives.forms.designer.cards import cards_of
from incentives.forms.designer.places import find
from incentives.forms.designer.reading import FormUnreadable, document_posted, overlaid
from incentives.forms.designer.starts import WAY_STARTS
from incentives.forms.designer.steps import focus_of, stepped, way_of
from incentives.selectors.designs import clauses_compared, design_of, formula_proposals, texts_compared
from incentives.selectors.gallery import FOLDER
from incentives.services.documents import document_completed, document_read, document_review, document_text
from incentives.views.beside import placed
from spm.core.findings import Finding
from tests.casebook import PLAN_CASES
from tests.incentives.designing import posted
from tests.incentives.engine.generated import plans
from tests.incentives.engine.test_mechanics import components

FILES = sorted([*FOLDER.glob("*.yaml"), *PLAN_CASES])
few = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

HEAD = {"plan": "p", "name": "P", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY"}


def plain(value):
    """As a stored document holds it."""
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


def plan(**component):
    return {**HEAD, "components": [{"key": "c", "name": "C", **component}]}


def edited(document, **fields):
    """The document after fields were typed; the names use __ for the sign before a path."""
    form = posted(document)
    typed = {name.replace("__", ":", 1).replace("__", "."): value for name, value in fields.items()}
    assert set(typed) <= set(form), set(typed) - set(form)
    return document_posted(form | typed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_survives_the_form_unchanged(path):
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts, lists and mappings only
    for each in [document, *plans_of(document)]:
        assert document_posted(posted(each)) == each


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cards_show_every_field_of_the_language(path):
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts, lists and mappings only
    for each in plans_of(document):
        cards = cards_of(dict(each), is_new=False)
        assert [(card.key, card.rest) for card in (*cards.components, *cards.measures) if card.rest] == []


@few
@given(plans())
def test_a_generated_plan_survives_the_form_unchanged(documents):
    for document in map(plain, documents):
        assert compile_plan(document)[0] is not None
        assert document_posted(posted(document)) == document


@few
@given(components())
def test_a_generated_component_of_any_mechanic_survives_the_form_unchanged(component):
    document = HEAD | {"components": [component]}
    assert compile_plan(document)[0] is not None
    assert document_posted(posted(document)) == document
    assert [card.rest for card in cards_of(document, is_new=False).components] == [""]


def test_values_keep_their_type_and_unknown_fields_stay():
    document = plan(rate="5 %", paid=False, strange={"deep": [1, {"x": None}]}, cap=5000, where="1")
    document["draw"] = "later"
    assert document_posted(posted(document)) == document
    card = cards_of(document, is_new=False).components[0]
    assert "strange" in card.rest and "deep" in card.rest
    assert edited(document, f__components__0__rate="6 %")["components"][0]["strange"] == {"deep": [1, {"x": None}]}


@pytest.mark.parametrize("way", WAY_STARTS)
def test_every_way_to_pay_can_be_chosen_and_compiles(way):
    document = stepped(plan(rate="5 %"), f"way components.0 {way}")
    assert way_of(document["components"][0]) == way
    findings = [] if way == "greater_of" else compile_plan(document)[1]
    assert findings == []
    assert document_posted(posted(document)) == document


@pytest.mark.parametrize("before", ["rate", "matrix"])
def test_a_formula_begins_as_pay_of_the_period(before):
    """Pay of each deal is chosen, never given: `measure` there would be paid once for every deal of the period."""
    document = stepped(stepped(plan(rate="5 %"), f"way components.0 {before}"), "way components.0 formula")
    component = document["components"][0]
    assert component["formula"] == "measure * 5 %" and "per" not in component and compile_plan(document)[1] == []
    by_deal = edited(document, f__components__0__per="DEAL")
    assert by_deal["components"][0]["per"] == "DEAL"
    assert [finding.code for finding in compile_plan(by_deal)[1]] == ["NAME_OF_PERIOD"]


def test_fields_are_written_where_they_belong():
    document = plan(
        credit={"kind": "DIRECT", "where": {"stage": "Won"}},
        quota="amount",
        tiers=[{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}],
    )
    changed = edited(
        document,
        f__components__0__tiers__0__until="90 %",
        pay__components__0__tiers__1="120.50",
        of__components__0__tiers__1="amount",
        f__components__0__boundary="UPPER_INCLUSIVE",
        bound__components__0__cap__period="9000",
        bound__components__0__cap__year="20000",
        f__components__0__threshold="50 %",
        column__components__0__credit__where__1="amount",
        test__components__0__credit__where__1="at_least",
        value__components__0__credit__where__1="1000",
        measure__components__0__measure="MARGIN",
    )
    component = changed["components"][0]
    assert component["tiers"] == [{"until": "90 %", "rate": "5 %"}, {"amount": "120.50"}]
    assert component["boundary"] == "UPPER_INCLUSIVE" and component["threshold"] == "50 %"
    assert component["cap"] == {"period": "9000", "year": "20000"} and component["measure"] == "MARGIN"
    assert component["credit"]["where"] == {"stage": "Won", "amount": {"at_least": "1000"}}
    assert compile_plan(changed)[1] == []


def test_the_currency_rate_of_a_plan_is_chosen_with_its_day():
    changed = edited(plan(rate="5 %"), f__currency_rate="PLAN_YEAR", f__fixed_on="2025-12-15")
    assert (changed["currency_rate"], changed["fixed_on"]) == ("PLAN_YEAR", "2025-12-15")
    assert compile_plan(changed)[1] == [] and document_posted(posted(changed)) == changed
    assert edited(changed, f__currency_rate="", f__fixed_on="") == plan(rate="5 %")


def test_prizes_become_a_shared_pot_and_go_back():
    document = stepped(plan(quota="amount", rate="5 %"), "way components.0 contest")
    fields = posted(document)
    assert list(fields).index("contest:components.0.contest") < list(fields).index("f:components.0.contest.ties")
    fields |= {"contest:components.0.contest": "PROPORTIONAL", "f:components.0.contest.minimum": "50 %"}
    shared = document_posted(fields)
    assert shared == edited(
        document, contest__components__0__contest="PROPORTIONAL", f__components__0__contest__minimum="50 %"
    )
    contest = shared["components"][0]["contest"]
    assert contest == {"minimum": "50 %", "pot": "10000", "share": "PROPORTIONAL"}
    assert (compile_plan(shared)[1], document_posted(posted(shared))) == ([], shared)
    back = edited(shared, contest__components__0__contest="", f__components__0__contest__minimum="1000")
    assert back["components"][0]["contest"] == document["components"][0]["contest"]


def test_an_emptied_field_is_taken_out_with_what_it_leaves_empty():
    document = plan(rate="5 %", cap={"period": "100"}, credit={"where": {"stage": "Won"}})
    changed = edited(document, bound__components__0__cap__period="", column__components__0__credit__where__0="")
    assert changed["components"][0] == {"key": "c", "name": "C", "rate": "5 %"}


def test_a_condition_of_two_tests_is_two_rows():
    document = plan(rate="5 %", credit={"where": {"amount": {"at_least": "10", "below": "20"}, "product": ["A", "B"]}})
    rows = cards_of(document, is_new=False).components[0].counted.rules[0].conditions.rows
    assert [(row.column.value, row.test.value, row.value.value) for row in rows] == [
        ("amount", "at_least", "10"),
        ("amount", "below", "20"),
        ("product", "is", "A | B"),
        ("", "is", ""),
    ]
    less = stepped(document, "unrow components.0.credit.where 1")
    assert less["components"][0]["credit"]["where"] == {"amount": {"at_least": "10"}, "product": ["A", "B"]}


def test_steps_add_copy_move_and_remove():
    document = stepped(stepped(plan(rate="5 %"), "add components"), "add components")
    assert [each.get("key") for each in document["components"]] == ["c", None, None]
    keyed = document_completed(stepped(document, "remove components.2"))
    assert [each["name"] for each in document["components"]] == ["C", "New component", "New component 2"]
    document = keyed
    assert [each["key"] for each in document["components"]] == ["c", "new-component"]
    document = stepped(stepped(document, "copy components.0"), "down components.0")
    assert [each["key"] for each in document["components"]] == ["c-2", "c", "new-component"]
    document = stepped(stepped(document, "move components.2 0"), "remove components.1")
    assert [each["key"] for each in document["components"]] == ["new-component", "c"]
    for nothing in (
        "up components.0",
        "down components.1",
        "remove components.9",
        "fly components.0",
        "way components.0 x",
        "",
    ):
        assert stepped(document, nothing) == document
    two = stepped(plan(credit={"kind": "DIRECT"}, rate="5 %"), "add components.0.credit")
    assert two["components"][0]["credit"] == [{"kind": "DIRECT"}, {"kind": "DIRECT"}]
    tiers = stepped(
        plan(quota="amount", tiers=[{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]), "add components.0.tiers"
    )
    assert tiers["components"][0]["tiers"] == [{"until": "100 %", "rate": "5 %"}, {}, {"rate": "8 %"}]
    assert focus_of("add components.0.tiers", tiers) == ("components.0.tiers.1", "add")


def test_tiers_of_each_customer_ask_with_what_they_are_compared():
    def rare(**more):
        document = plan(tiers=[{"until": "100 %", "rate": "0 %"}, {"rate": "5 %"}], **more)
        names = [each.name.rpartition(".")[2] for each in cards_of(document, is_new=False).components[0].rare]
        return [each for each in names if each in ("tiers_per", "tiers_against", "tiers_new")], document

    assert rare(quota="amount")[0] == ["tiers_per", "tiers_against"]
    assert rare(tiers_per="account")[0] == ["tiers_per", "tiers_against"]
    names, document = rare(tiers_per="account", tiers_against="PRIOR_YEAR", tiers_new="UNPAID")
    assert names == ["tiers_per", "tiers_against", "tiers_new"]
    assert not [each for each in compile_plan(document)[1] if each.is_error]
    other = stepped(document, "way components.0 rate")["components"][0]
    assert not {"tiers", "tiers_per", "tiers_against", "tiers_new"} & set(other)


@pytest.mark.parametrize(("kind", "thing"), [("gates", "gate"), ("multipliers", "multiplier")])
def test_a_change_without_a_measure_says_so_once(kind, thing):
    document = stepped(plan(rate="5 %"), f"add components.0.{kind}")
    card = cards_of(document, is_new=False).components[0]
    assert next(iter(dict(card.changes[0].fields[0].options).items())) == ("", "Choose")
    found = compile_plan(document)[1]
    assert [(each.where, each.fix) for each in found] == [
        (f"components[0].{kind}[0].of", f"Choose the measure of the {thing}.")
    ]


def test_a_kicker_without_a_measure_is_by_its_own_component():
    document = stepped(plan(rate="5 %", quota="amount"), "add components.0.kickers")
    made, found = compile_plan(document)
    assert (found, made.components[0].kickers[0].of) == ([], "c")


def of_logos(key):
    """A plan in which everything that can refers to the measure `key`."""
    named = key if key.isalpha() else f"[{key}]"
    axis = {"of": key, "edges": ["100 %"]}
    paying = {"measure": "AMOUNT", "tiers_on": key, "tiers": [{"until": "5", "rate": "1 %"}, {"rate": "2 %"}]}
    changes = {name: [{"of": key, "at_least": "3"}] for name in ("kickers", "gates")}
    changes["multipliers"] = [{"of": key, "tiers": [{"rate": "1"}]}]
    formula = f"MAX(measure, {named}) + ATTAINMENT({named}) * SUM(logos) + IF(region = 'logos', 1, 0)"
    components = [
        {"key": "a", "name": "A", "of": key, **changes},
        {"key": "b", "name": "B", **paying},
        {"key": "c", "name": "C", "formula": formula},
        {"key": "d", "name": "D", "matrix": {"rows": axis, "columns": axis, "rates": [["1 %", "2 %"]] * 2}},
        {"key": "e", "name": "E", "greater_of": ["a", key]},
    ]
    examples = [
        {"name": "x", "then": {"components": {key: "1"}, "people": {"ada": {key: "1"}}, "attainment": {key: "1 %"}}}
    ]
    return HEAD | {
        "measures": [
            {"key": key, "name": "New logos", "measure": "COUNT"},
            {"key": "won", "measure": "COUNT", "against": key},
        ],
        "components": components,
        "examples": examples,
    }


def test_what_refers_to_a_renamed_measure_goes_along():
    assert edited(of_logos("logos"), f__measures__0__key="new") == of_logos("new")
    assert edited(of_logos("logos"), f__measures__0__key="new-logos") == of_logos("new-logos")


def test_a_key_that_another_one_has_takes_no_references():
    changed = edited(of_logos("logos"), f__measures__0__key="a")
    assert changed["components"] == of_logos("logos")["components"]


def test_a_component_without_a_key_is_referred_to_by_its_name():
    document = plan(rate="5 %", gates=[{"of": "new-logos", "at_least": "3"}])
    document["components"].append({"name": "New logos", "rate": "1 %"})
    assert edited(document, f__components__1__name="Logos")["components"][0]["gates"][0]["of"] == "logos"


@pytest.mark.parametrize(
    "where",
    [
        {"stage": "Won", "amount": {"at_least": "1000", "below": "5000"}},
        {"product": ["A", "B'C"], "account": {"empty": "yes"}, "product_family": {"empty": "no"}},
        {
            "product": {"not": ["A"]},
            "product_family": {"under": ["hardware", "software/tools"]},
            "discount": {"above": "5 %"},
        },
    ],
)
def test_rows_become_a_formula_that_says_the_same_and_go_back(where):
    document = plan(rate="5 %", credit={"where": where})
    formula = stepped(document, "formula components.0.credit.where")
    text = formula["components"][0]["credit"]["where"]
    assert isinstance(text, str) and compile_plan(formula)[1] == []
    given = {
        "period": "2026-01",
        "deals": [dict(deal, amount=str(1000 + 100 * place)) for place, deal in enumerate(DEALS)],
    }
    examples = [{"name": "same", "given": given, "then": {"earned": "-1"}}]
    results = [design_of({**each, "examples": examples}).examples[0].differences for each in (document, formula)]
    assert results[0] == results[1]
    assert document_posted(posted(formula)) == formula
    rows = stepped(formula, "rows components.0.credit.where")
    assert "credit" not in rows["components"][0]
    assert stepped(plan(rate="1 %"), "formula components.0.where")["components"][0]["where"] == "amount > 0"


DEALS = [
    {"stage": stage, "product": product, "product_family": family, "list": "2000", "account": account}
    for stage in ("Won", "Lost")
    for product in ("A", "B'C", "D")
    for family, account in (("hardware", "x"), ("software/tools/x", None), ("other", "y"))
]


def test_formulas_of_measures_and_pay_are_fields_and_completed():
    document = plan(measure={"formula": "amount - cost"}, per="DEAL", formula="IF(discount > 20 %, 0, amount * 3 %)")
    assert document_posted(posted(document)) == document
    changed = edited(document, column__components__0__measure="amount")
    assert changed["components"][0]["measure"] == {"formula": "amount"}
    plain_again = edited(document, measure__components__0__measure="")
    assert "measure" not in plain_again["components"][0]
    found = formula_proposals(document, "f:components.0.formula", "IF(disc", 7)
    assert [(each.text, each.start, each.end) for each in found] == [("discount", 3, 7)]
    assert formula_proposals({"components": "x"}, "f:components.9.where", "amo", 3)[0].text == "amount"
    assert "product" in " ".join(
        each.text for each in formula_proposals(document, "f:components.0.credit.where", "prod", 4)
    )


def test_an_error_of_a_formula_is_placed_at_its_field():
    document = plan(rate="5 %", credit={"where": "stage = 'Won' AND amount > 5 %"})
    [finding] = [each for each in document_review(document) if each.is_error]
    assert placed(finding, document).path == "components.0.credit.where" and finding.keys["start"] == 18


def test_a_matrix_grows_with_its_cells():
    document = stepped(plan(rate="1 %"), "way components.0 matrix")
    grown = stepped(stepped(document, "grow components.0.matrix columns"), "grow components.0.matrix rows")
    matrix = grown["components"][0]["matrix"]
    assert [len(line) for line in matrix["rates"]] == [3, 3, 3] and matrix["rows"]["edges"] == ["10000", ""]
    back = stepped(stepped(grown, "shrink components.0.matrix columns"), "shrink components.0.matrix rows")
    assert back == document


def test_an_example_is_written_as_text_and_a_broken_one_is_kept():
    document = plan(rate="10 %") | {
        "examples": [{"name": "one", "given": {"amounts": ["1000"]}, "then": {"earned": "100"}}]
    }
    good = edited(document, yaml__examples__0="name: one\ngiven: {amounts: [1000]}\nthen: {earned: 1200}")
    assert [example.passed for example in design_of(good).examples] == [False]
    broken = edited(document, yaml__examples__0="name: [one")
    assert broken["examples"] == ["name: [one"]
    assert cards_of(broken, is_new=False).examples[0].text == "name: [one"
    bomb = edited(document, yaml__examples__0="a: &a [x, x]\nb: [*a, *a]")
    assert isinstance(bomb["examples"][0], str)


@pytest.mark.parametrize(
    "text", ["", "[]", "nonsense", "1", json.dumps("x" * 200_001), "[" * 5000, '{"a":' * 30 + "1" + "}" * 30]
)
def test_what_is_no_document_is_refused(text):
    with pytest.raises(FormUnreadable):
        document_posted({"document": text})


def test_a_hostile_form_changes_nothing_that_breaks():
    document = plan(rate="5 %")
    hostile = {
        "f:": "x", "f:components.99.rate": "x", "f:components.x.y.z": "1", "pay:components": "1", "bound:components.0": "1",
        "rows:components.0.where": "99999999999", "bound:components.0.name.period": "3", "measure:": "COUNT",
        "yaml:components": "&a [*a]", "f:components.0": "x",
    }  # fmt: skip
    changed = document_posted({"document": json.dumps(document)} | hostile)
    assert isinstance(document_review(changed), list) and isinstance(cards_of(changed, is_new=True).components, list)


def test_keys_are_made_from_names():
    document = document_completed(
        {**HEAD, "plan": "", "name": "My Plan", "components": [{"name": "New one", "rate": "5 %"}]}
    )
    assert document["plan"] == "my-plan" and document["components"][0]["key"] == "new-one"


def test_a_review_names_errors_first_and_keeps_warnings():
    document = plan(quota="amount", tiers=[{"until": "100 %", "rate": "5 %"}, {"rate": "900 %"}], tier_mode="WHOLE")
    codes = [finding.code for finding in document_review(document | {"x": 1})]
    assert codes[0] == "FIELD_UNKNOWN"
    assert {"CLIFF", "PAY_EXCEEDS_SALES"} <= {finding.code for finding in document_review(document)}


def test_the_curve_is_what_the_engine_pays_beside_the_live_version():
    live = plan(quota="amount", tiers=[{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}])
    draft = plan(quota="amount", tiers=[{"until": "100 %", "rate": "5 %"}, {"rate": "10 %"}])
    curve = design_of(draft, live=live).components["c"].curve
    # On a quota of 100,000.00: the whole pays 5,000, one and a half times 5,000 + 50,000 at 10 % (live: 8 %)
    assert curve.at[100_000_000] == 500_000 and curve.at[150_000_000] == 1_000_000
    assert curve.chart["series"][1]["values"][curve.chart["categories"].index("150 %")] == 900_000


@pytest.mark.parametrize(
    ("component", "at", "pays"),
    [
        ({"measure": "COUNT", "tiers": [{"until": "10", "amount_each": "5"}, {"amount_each": "7"}]}, 120_000, 6_400),
        ({"tiers": [{"until": "1000", "rate": "5 %"}, {"rate": "10 %"}], "tier_mode": "WHOLE"}, 100_000, 10_000),
        ({"tiers": [{"until": "1000", "rate": "5 %"}, {"rate": "10 %"}], "cap": "60"}, 150_000, 6_000),
        (
            {
                "quota": "q",
                "target": "bonus",
                "curve": [{"at": "0 %", "pays": "0 %"}, {"at": "100 %", "pays": "100 %"}],
            },
            50_000_000,
            500_000,
        ),
    ],
)
def test_curves_of_amounts_units_limits_and_targets(component, at, pays):
    assert design_of(plan(**component)).components["c"].curve.at[at] == pays


def test_two_documents_are_compared_clause_by_clause_and_line_by_line():
    before, after = plan(rate="5 %"), plan(rate="6 %", cap="900")
    changes = clauses_compared(before, after)
    assert [(each.before, each.after) for each in changes][0] == (
        "It pays 5 % of what counts.",
        "It pays 6 % of what counts.",
    )
    assert changes[1].before == "" and "900.00 USD" in changes[1].after
    lines = texts_compared(document_text(before), document_text(after))
    assert ("-", "  rate: 5 %") in lines and ("+", "  rate: 6 %") in lines
    assert clauses_compared(before, {}) is None and clauses_compared(before, before) == ()


def test_what_there_was_no_time_for_is_said():
    document = plan(rate="10 %") | {"examples": [{"name": str(number), "given": {}, "then": {}} for number in range(3)]}
    design = design_of(document, patience=-1.0)
    assert design.examples == () and [finding.code for finding in design.left] == ["NOT_SHOWN"]
    assert "3 of 3 examples" in design.left[0].what


def test_text_of_the_designer_round_trips():
    for path in FILES:
        document = document_read(path.read_text(encoding="utf-8"))
        assert document_read(document_text(document)) == document


def example_moved(example, **days):
    """The example after the days of a quarterly plan of 2026 were changed."""
    document = {"from": "2026-01-01", "until": "2027-01-01", "examples": [example]}
    posted = {"document": json.dumps(document), **{f"f:{name}": value for name, value in days.items()}}
    (moved,) = document_posted(posted)["examples"]
    return moved


def test_examples_go_along_when_the_days_of_the_plan_are_changed():
    example = {
        "name": "Two quarters, 2026-Q1 and 2026-Q2",
        "given": {
            "periods": ["2026-Q1", "2026-Q2"],
            "people": {"ann": {"from": "2026-01-01", "hired": "2024-02-29"}},
            "quotas": [{"period": "2026-Q1", "measure": "amount", "amount": "2026"}],
            "deals": [{"key": "x-2026-01", "on": "2026-01-31", "owners": {"2026-02-28": "ann"}, "amount": "2026"}],
        },
        "then": {"periods": {"2026-Q1": "2026", "2026-Q2": "0"}},
    }
    year = example_moved(example, **{"from": "2027-01-01", "until": "2028-01-01"})
    assert year == {
        "name": "Two quarters, 2027-Q1 and 2027-Q2",
        "given": {
            "periods": ["2027-Q1", "2027-Q2"],
            "people": {"ann": {"from": "2027-01-01", "hired": "2025-02-28"}},
            "quotas": [{"period": "2027-Q1", "measure": "amount", "amount": "2026"}],
            "deals": [{"key": "x-2026-01", "on": "2027-01-31", "owners": {"2027-02-28": "ann"}, "amount": "2026"}],
        },
        "then": {"periods": {"2027-Q1": "2026", "2027-Q2": "0"}},
    }
    quarter = example_moved(example, **{"from": "2026-02-01"})
    assert quarter["given"]["periods"] == ["2026-Q2", "2026-Q3"]
    assert quarter["given"]["deals"][0]["on"] == "2026-04-30"


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ({"period": "2026-Q3"}, {"from": "2026-07-01"}),  # within the new days already
        ({"period": "2025-Q1"}, {"from": "2026-07-01"}),  # was wrong before
        ({"period": "2026"}, {"until": "2026-07-01"}),  # no place for a year
        ({"period": "2026-Q1"}, {"from": "2027-01-01"}),  # no days for the moment
        ({"period": "2026-Q1"}, {"from": "soon"}),
        ({"period": "2026-Q1"}, {"name": "Other"}),
        ({"amounts": ["1000"]}, {"from": "2026-07-01"}),  # about no day
        ({"period": "2026-W05"}, {"from": "2026-07-01"}),
        ("broken", {"from": "2026-07-01"}),
    ],
)
def test_examples_that_need_not_or_can_not_move_stay(given, days):
    example = {"name": "One", "given": given, "then": {"earned": "0"}}
    assert example_moved(example, **days) == example


@pytest.mark.parametrize(
    ("period", "days", "before", "after"),
    [
        ("WEEKLY", ("2027-01-01", "2028-01-01"), ("2026-W07", "2026-02-11"), ("2027-W07", "2027-02-17")),
        ("WEEKLY", ("2027-01-01", "2028-01-01"), ("2026-W01", "2025-12-30"), ("2027-W01", "2027-01-05")),
        ("WEEKLY", ("2026-07-01", "2027-07-01"), ("2026-W07", "2026-02-11"), ("2027-W07", "2027-02-17")),
        ("WEEKLY", ("2026-07-01", "2026-10-01"), ("2026-W07", "2026-02-11"), ("2026-W27", "2026-07-01")),
        ("WEEKLY", ("2026-02-01", "2027-02-01"), ("2026-W07", "2026-02-11"), ("2026-W07", "2026-02-11")),
        ("BIWEEKLY", ("2027-01-01", "2028-01-01"), ("2026-B07", "2026-03-24"), ("2027-B07", "2027-03-23")),
        ("445", ("2027-01-01", "2028-01-01"), ("2026-P03", "2026-03-29"), ("2027-P03", "2027-04-04")),
        ("445", ("2026-07-01", "2026-12-31"), ("2026-P03", "2026-03-29"), ("2026-P09", "2026-09-27")),
        (
            "445",
            ("2026-07-01", "2026-07-09"),
            ("2026-P03", "2026-03-29"),
            ("2026-P03", "2026-03-29"),
        ),  # no place for it
    ],
)
def test_examples_of_weeks_go_along_too(period, days, before, after):
    def example(key, day):
        given = {"period": key, "deals": [{"on": day, "amount": "2026"}]}
        return {"name": f"In {key}", "given": given, "then": {"paid": {key: "0"}}}

    document = {"from": "2026-01-01", "until": "2027-01-01", "period": period, "examples": [example(*before)]}
    posted = {"document": json.dumps(document), "f:from": days[0], "f:until": days[1]}
    assert document_posted(posted)["examples"] == [example(*after)]


def test_four_digits_are_a_year_only_where_a_period_stands():
    example = {"given": {"period": "2026", "amounts": ["2026"]}, "then": {"earned": "2026", "paid": {"2026": "2026"}}}
    document = {"from": "2026-01-01", "until": "2027-01-01", "period": "YEARLY", "examples": [example]}
    moved = {"document": json.dumps(document), "f:from": "2028-01-01", "f:until": "2029-01-01"}
    (found,) = document_posted(moved)["examples"]
    assert found == {
        "given": {"period": "2028", "amounts": ["2026"]},
        "then": {"earned": "2026", "paid": {"2028": "2026"}},
    }


def test_a_choice_that_brings_other_fields_draws_its_place_anew():
    document = plan(credit={"kind": "ROLLUP"}, measure="COUNT", accumulation="YTD", rate="5 %")
    counted = cards_of(document, is_new=False).components[0].counted
    fields = [*counted.fields, *counted.rules[0].fields]
    assert {each.label: each.redraw for each in fields if each.redraw} == {
        "What counts": "components.0.measure",
        "Summed over": "components.0.accumulation",
        "Who is credited": "components.0.credit",
    }
    assert {"Held against", "Team", "A deal that comes twice"} <= {each.label for each in fields}


def test_a_mistake_in_a_formula_says_its_place_beside_the_field():
    document = {"components": [{"key": "new", "name": "New business"}]}
    found = placed(Finding("FORMULA", "components[0].formula, line 2, column 9", "No such word."), document)
    assert (found.path, found.position, found.place) == ("components.0.formula", ("2", "9"), "character 9")
    assert placed(Finding("RATE", "components[0].rate", "No rate."), document).position == ("", "")


def test_amounts_are_taken_with_their_thousands_apart_and_names_stay():
    """In the designer as anywhere: 2,000 is 2000 to a reader of English; what has two readings is left for the plan language to refuse."""
    document = {
        **HEAD,
        "components": [
            {"key": "a", "name": "A", "tiers": [{"from": "0", "amount": "1"}, {"from": "5", "amount": "2"}], "cap": "9"}
        ],
    }
    changed = overlaid(
        document,
        {
            "f:components.0.name": "Over 2,000",
            "f:components.0.tiers.1.from": "100,000",
            "pay:components.0.tiers.1": "$1,000.50",
            "of:components.0.tiers.1": "amount",
            "bound:components.0.cap.period": "2.000",
        },
    )
    component = changed["components"][0]
    assert (component["name"], component["cap"]) == ("Over 2,000", "2.000")
    assert component["tiers"][1] == {"from": "100000", "amount": "$1000.50"}
    rows = [("amount", "above", "2,000"), ("product", "is", "2,000"), ("discount", "above", "2,000")]
    where = overlaid(document, rows_posted("components.0.credit.where", rows))["components"][0]["credit"]["where"]
    assert where == {"amount": {"above": "2000"}, "product": "2,000", "discount": {"above": "2,000"}}


def rows_posted(path, rows):
    """What the page posts of rows of conditions."""
    names = ("column", "test", "value")
    fields = {
        f"{name}:{path}.{number}": each
        for number, row in enumerate(rows)
        for name, each in zip(names, row, strict=True)
    }
    return {f"rows:{path}": str(len(rows)), **fields}


def test_rates_and_texts_are_kept_as_they_are_typed_and_shown_ones_as_they_are_shown():
    """A reader of German sees rates with a point and posts them back; no rate or text becomes a thousand times as large."""
    shown = {"discount": {"at_most": "0.250 %"}, "amount": {"above": "1.125"}}
    tier = {"from": "0", "rate": "1.125"}
    document = {
        **HEAD,
        "components": [{"key": "a", "tiers": [tier, {**tier}], "cap": "1.125", "credit": {"where": shown}}],
    }
    texts = {
        "key": "2.000",
        "description": "2.000",
        "credit.relation": "2.000",
        "threshold": "1.125",
        "credit.share": "1.125",
    }
    rows = [("discount", "at_most", "0.250 %"), ("amount", "above", "1.125"), ("quantity", "above", "2.000")]
    posted = {
        **{f"f:components.0.{name}": value for name, value in texts.items()},
        **rows_posted("components.0.credit.where", rows),
        "pay:components.0.tiers.0": "0.250 %",
        "of:components.0.tiers.0": "rate",
        "pay:components.0.tiers.1": "1.125",
        "of:components.0.tiers.1": "amount",
        "f:components.0.tiers.1.from": "1.125 %",
        "bound:components.0.cap.deal": "2.000",
    }
    with translation.override("de"):
        [changed] = overlaid(document, posted)["components"]
    assert {name: find(changed, name) for name in texts} == texts
    assert changed["credit"]["where"] == {**shown, "quantity": {"above": "2000"}}
    assert changed["tiers"] == [{"from": "0", "rate": "0.250 %"}, {"from": "1.125 %", "amount": "1.125"}]
    assert changed["cap"] == {"period": "1.125", "deal": "2000"}
