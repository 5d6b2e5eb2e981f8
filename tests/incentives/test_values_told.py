"""What is told, while a plan is written, of values that no deal has: it is true, cheap, and tells nobody of deals beyond their reach."""

from dataclasses import replace

import pytest
from django.db import connection

from incentives.services.documents import document_review_here
from spm.crm.selectors import values
from spm.crm.selectors.values import values_missing
from spm.roles.catalogue import Reach
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def sol(viewer):
    """Acme has one deal, in the stage Won."""
    sol = viewer("sol").acting("plan.edit")
    world.deal("D-1", "rex", 1_233_333)
    return sol


def values_told(actor, where, **head):
    """What is told of the values of conditions, of deals that are in the stage Won."""
    document = {"currency": "USD", **head, "components": [{"key": "a", "credit": {"where": where}}]}
    return [
        (each.what, each.why, each.fix) for each in document_review_here(actor, document) if each.code == "VALUE_UNUSED"
    ]


def test_what_is_told_of_a_value_fits_the_test_the_reader_and_the_plan(sol):
    """Conditions that leave out, a blank currency beside a formula, and what a reader of a part of the company may know."""
    lost = {"stage": {"not": ["Lostt", "Won"]}}
    assert values_told(sol, lost) == [
        ("stage is not “Lostt”, which no deal has.", "It leaves nothing out.", "Deals have Won.")
    ]
    said = ("stage is “Wonn”, which no deal has.", "It fits no deal.", "Did you mean “Won”?")
    for currency in ("", "US", None):
        assert values_told(sol, "stage = 'Wonn' AND amount > 1000", currency=currency) == [said]
    narrow = replace(sol, narrowed=tuple((role, Reach.UNIT) for role in sol.roles))
    assert values_told(narrow, {"stage": "Wonn"}) == [(*said[:2], "Check its spelling.")]
    assert values_told(sol, {"stage": ["Won", "W\0n", "W\ud800n"], "colour\0": "x"}) == []


def test_values_are_asked_for_all_columns_at_once_and_given_up_after_a_while(
    sol, monkeypatch, django_assert_max_num_queries
):
    many = {**{f"nothing{number}": "x" for number in range(40)}, "stage": "Wonn", "status": "wonn"}
    many = {name: [value] for name, value in many.items()}
    with django_assert_max_num_queries(9):
        assert values_missing(sol, {**many, "stage": ["Won", "Wonn"], "amount_minor": ["x"], "Colour": ["x"]}) == {
            "stage": ({"Wonn"}, ["Won"]),
            "status": ({"wonn"}, ["won"]),
        }
    monkeypatch.setitem(values.SOURCES, "stage", f"(select pg_sleep(2)) slow, {values.SOURCES['stage']}")
    monkeypatch.setattr(values, "PATIENCE", "50ms")
    assert values_missing(sol, {"stage": ["Wonn"]}) == {}
    monkeypatch.undo()
    with connection.cursor() as cursor:
        cursor.execute("show statement_timeout")
        assert cursor.fetchone() == ("0",)
    assert values_missing(sol, {"stage": ["Wonn"]}) == {"stage": ({"Wonn"}, ["Won"])}
