"""The designer's fields from earned to paid, and of tiers by other measures: the plan made by the form is the one written as text."""

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.prose import plan_clauses
from incentives.engine.sentences_settling import SETTLING
from incentives.forms.designer import choices
from incentives.forms.designer.cards import cards_of
from incentives.forms.designer.reading import document_posted
from incentives.forms.designer.steps import stepped
from incentives.services.documents import document_completed, document_read
from incentives.views.beside import placed
from tests.incentives.designing import posted

PLAIN = """
plan: p
name: P
currency: USD
from: 2026-01-01
until: 2027-01-01
period: MONTHLY
measures: [{key: all, name: All sales}]
components:
  - {key: new, name: New, quota: amount, tiers: [{until: 100000, rate: 10 %}, {rate: 12 %}]}
  - {key: service, name: Service, rate: 2 %}
"""
WRITTEN = """
plan: p
name: P
currency: USD
from: 2026-01-01
until: 2027-01-01
period: MONTHLY
measures: [{key: all, name: All sales}]
components:
  - key: new
    name: New
    quota: amount
    tiers_on: all
    tier_mode: MARGINAL
    tiers: [{until: 100000, rate: 10 %}, {rate: 12 %}]
    release: {parts: [{share: 40 %}, {share: 60 %, when: SCHEDULE, after: 90 days}], without_deal: yes}
    clawback: {within: 9 months, pro_rata: MONTHS, instalments: 3}
  - {key: service, name: Service, rate: 2 %, release: ON_BOOKING, holdback: {share: 20 %, until: ON_INVOICE}}
release: CASH_PRO_RATA
holdback: {share: 10 %, until: 2027-01-31}
clawback: {within: 90 days, share: 80 %, pro_rata: yes}
leavers: {pays: PAID, tail: 90 days, holdback: FORFEITED, instalments: AT_ONCE}
negative_pay: yes
draw:
  {kind: RECOVERABLE, amount: 2000, recover: 50 %, periods: 6, recover_after: 2, recover_until: 2026-12-01, leaving: SETTLED, prorated: no}
"""


def typed(document, fields):
    """The document after fields were filled in, one after the other, each on the page that the one before left."""
    for name, value in fields.items():
        form = posted(document)
        assert name in form, name
        document = document_posted(form | {name: value})
    return document


def test_a_plan_made_by_the_form_is_the_one_written_as_text():
    document = stepped(document_read(PLAIN), "draw draw")
    new, service = "components.0", "components.1"
    made = typed(
        document,
        {
            "release:release": "CASH_PRO_RATA",
            "holdback:holdback": "DAY",
            "f:holdback.until": "2027-01-31",
            "f:clawback.within": "90 days",
            "f:clawback.share": "80 %",
            "f:clawback.pro_rata": "yes",
            "f:leavers.pays": "FORFEITED",
            "f:leavers.tail": "90 days",
            "f:leavers.holdback": "FORFEITED",
            "f:leavers.instalments": "AT_ONCE",
            "f:negative_pay": "yes",
            "f:draw.kind": "RECOVERABLE",
            "f:draw.recover": "50 %",
            "f:draw.periods": "6",
            "f:draw.recover_after": "2",
            "f:draw.recover_until": "2026-12-01",
            "f:draw.leaving": "SETTLED",
            "f:draw.prorated": "no",
            f"f:{new}.tiers_on": "all",
            f"f:{new}.tier_mode": "MARGINAL",
            f"release:{new}.release": "PARTS",
            f"f:{new}.release.parts.0.share": "40 %",
            f"f:{new}.release.parts.1.share": "60 %",
            f"f:{new}.release.parts.1.when": "SCHEDULE",
            f"f:{new}.release.parts.1.after": "90 days",
            f"f:{new}.release.without_deal": "yes",
            f"f:{new}.clawback.within": "9 months",
            f"f:{new}.clawback.pro_rata": "MONTHS",
            f"f:{new}.clawback.instalments": "3",
            f"release:{service}.release": "ON_BOOKING",
            f"holdback:{service}.holdback": "ON_INVOICE",
            f"f:{service}.holdback.share": "20 %",
        },
    )
    made = typed(made, {"f:leavers.pays": ""})
    plan, findings = compile_plan(document_completed(made))
    wanted = document_read(WRITTEN)
    expected, _none = compile_plan(document_completed(wanted))
    assert plan is not None and findings == []
    assert plan == expected
    assert [each.text for each in plan_clauses(plan)] == [each.text for each in plan_clauses(expected)]
    assert made["holdback"] == {"share": "10 %", "until": "2027-01-31"}
    cards = cards_of(wanted, is_new=True)
    assert [cards.rest, cards.terms.rest, *(each.rest + each.terms.rest for each in cards.components)] == [""] * 4


def test_a_schedule_has_its_time_and_goes_back_to_the_default():
    document = typed(document_read(PLAIN), {"release:release": "SCHEDULE", "f:release.after": "30 days"})
    assert document["release"] == {"when": "SCHEDULE", "after": "30 days"}
    assert compile_plan(document)[0] is not None
    assert typed(document, {"release:release": ""}) == document_read(PLAIN)


def test_a_holdback_keeps_its_share_when_another_thing_ends_it():
    document = typed(
        document_read(PLAIN), {"holdback:holdback": "AFTER", "f:holdback.share": "25 %", "f:holdback.after": "6 months"}
    )
    assert document["holdback"] == {"share": "25 %", "after": "6 months"}
    assert typed(document, {"holdback:holdback": "CASH_FULL"})["holdback"] == {"share": "25 %", "until": "CASH_FULL"}
    assert typed(document, {"holdback:holdback": "DAY"})["holdback"] == {"share": "25 %", "until": "2027-01-01"}
    assert typed(document, {"holdback:holdback": ""}) == document_read(PLAIN)


def test_parts_are_added_and_the_last_one_taken_takes_the_release_along():
    document = stepped(typed(document_read(PLAIN), {"release:release": "PARTS"}), "add release.parts")
    assert [part["share"] for part in document["release"]["parts"]] == ["50 %", "50 %", "0 %"]
    for _part in range(3):
        document = stepped(document, "remove release.parts.0")
    assert document == document_read(PLAIN)


def test_tiers_end_where_a_sum_has_been_earned():
    document = typed(document_read(PLAIN), {"edges:components.0.tiers": "EARNED"})
    document = typed(document, {"f:components.0.tiers.0.until_earned": "5000"})
    assert document["components"][0]["tiers"] == [{"until_earned": "5000", "rate": "10 %"}, {"rate": "12 %"}]
    plan, findings = compile_plan(document)
    assert plan is not None and findings == [] and plan.components[0].table.tiers[0].upper == 50_000_00
    back = typed(document, {"edges:components.0.tiers": "", "f:components.0.tiers.0.until": "100000"})
    assert compile_plan(back)[0] == compile_plan(document_read(PLAIN))[0]


def test_tiers_of_another_measure_name_what_they_do_without_a_word():
    document = typed(document_read(PLAIN), {"f:components.0.tiers_on": "all"})
    mode = next(
        each for each in cards_of(document, is_new=False).components[0].tiers.fields if "tier_mode" in each.name
    )
    assert [(value, str(label)) for value, label in mode.options] == [
        ("", "Tier reached pays everything"),
        ("MARGINAL", "All deals climb the tiers together"),
    ]
    assert compile_plan(document)[0].components[0].table.mode == "WHOLE"


def test_the_choices_say_what_the_clauses_say():
    words = {str(label) for value, label in choices.RELEASE_PARTS if value != "SCHEDULE"}
    assert words == {SETTLING[f"release_{name}"] for name in ("on_booking", "on_invoice", "cash_pro_rata", "cash_full")}


@pytest.mark.parametrize(
    ("fields", "code", "where"),
    [
        ({"release:release": "SCHEDULE", "f:release.after": "soon"}, "SPAN_UNREADABLE", "release.after"),
        ({"f:clawback.pro_rata": "MONTHS"}, "CLAWBACK_WINDOW", "clawback.within"),
        ({"holdback:holdback": "DAY", "f:holdback.share": "120 %"}, "HOLDBACK_SHARE", "holdback.share"),
    ],
)
def test_a_mistake_is_placed_at_its_field(fields, code, where):
    document = typed(document_read(PLAIN), fields)
    assert [(each.code, each.where) for each in compile_plan(document)[1] if each.code == code] == [(code, where)]
    assert f"f:{where}" in posted(document)


def test_a_mistake_in_a_part_is_placed_at_its_field():
    document = typed(document_read(PLAIN), {"release:release": "PARTS", "f:release.parts.1.when": "SCHEDULE"})
    found = next(each for each in compile_plan(document)[1] if each.code == "RELEASE_AFTER")
    assert f"f:{placed(found, document).path}" == "f:release.parts.1.after" and "f:release.parts.1.after" in posted(
        document
    )


def test_what_is_no_release_stays_text():
    document = document_read(PLAIN) | {
        "release": ["CASH_FULL"],
        "clawback": "all",
        "holdback": {"share": "5 %", "odd": 1},
    }
    assert document_posted(posted(document)) == document
    cards = cards_of(document, is_new=False)
    assert "CASH_FULL" in cards.rest and "all" in cards.rest and "odd" in cards.terms.rest


@pytest.mark.parametrize(
    ("name", "value", "draw"),
    [
        ("some:draw.amount", "3000; 2000", {"amount": ["3000", "2000"]}),
        ("some:draw.amount", "2500", {"amount": "2500"}),
        ("list:draw.shares", "100 %; 75 %;", {"amount": "4000", "shares": ["100 %", "75 %"]}),
        ("list:draw.shares", "50 %", {"amount": "4000", "shares": ["50 %"]}),
    ],
)
def test_what_a_draw_grants_period_by_period_has_its_fields(name, value, draw):
    """What the form writes is what the text says; shown and posted again it stays as it is."""
    kind = {"kind": "RECOVERABLE_GUARANTEE", "recover": "100 %"}
    plain = document_read(PLAIN) | {"draw": {**kind, "amount": "4000"}}
    wanted = document_read(PLAIN) | {"draw": {**kind, **draw}}
    made = typed(plain, {name: value})
    assert made == wanted
    assert document_posted(posted(wanted)) == wanted
    assert cards_of(wanted, is_new=True).draw_rest == ""
    plan, findings = compile_plan(document_completed(made))
    assert plan is not None and findings == []
    assert plan == compile_plan(document_completed(wanted))[0]


def test_a_draw_that_no_field_can_say_stays_text():
    document = document_read(PLAIN) | {"draw": {"amount": [["3000"], "2000"], "shares": {"first": "100 %"}}}
    assert document_posted(posted(document)) == document
    assert "3000" in cards_of(document, is_new=True).draw_rest
    emptied = document_read(PLAIN) | {"draw": {"amount": "4000", "shares": ["100 %"]}}
    assert typed(emptied, {"list:draw.shares": ""})["draw"] == {"amount": "4000"}


def test_a_measure_is_held_against_another_one_by_its_field():
    document = document_read(PLAIN.replace("All sales}]", "All sales}, {key: margin, measure: MARGIN}]"))
    made = typed(document, {"f:measures.1.against": "all"})
    plan, findings = compile_plan(document_completed(made))
    assert plan is not None and findings == []
    assert plan.measure("margin").against == "all"
    assert typed(made, {"f:measures.1.against": ""}) == document
