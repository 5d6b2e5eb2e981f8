"""Timelines of people: what holds on a day, and what the database refuses."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from spm.people import services
from spm.people.models import Participant, Position, PositionHolding, PositionUnit, ReportingLine, Unit
from spm.people.selectors import subordinate_ids
from spm.tenancy.models import Organisation
from tests.cast import DIRECTOR


def test_the_database_refuses_two_holders_of_one_seat(in_acme: Organisation) -> None:
    rex, ria = Position.objects.get(code="rex"), Participant.objects.get(source_key="ria")
    with pytest.raises(IntegrityError, match="holding_one_per_position"), transaction.atomic():
        PositionHolding.objects.create(
            position=rex, participant=ria, is_main=False, during=DateRange(date(2026, 1, 1), date(2026, 2, 1))
        )


def test_a_move_cuts_what_held_before_and_keeps_its_days(in_acme: Organisation) -> None:
    seat, east = Position.objects.get(code="rex"), Unit.objects.get(code="east")
    services.position_unit_set(position_id=seat.id, unit_id=east.id, start=date(2026, 7, 1), actor=DIRECTOR)
    rows = PositionUnit.objects.filter(position=seat).order_by("during")
    assert [(row.unit.code, row.during.lower, row.during.upper) for row in rows] == [
        ("west", date(2016, 1, 1), date(2026, 7, 1)),
        ("east", date(2026, 7, 1), None),
    ]


def test_an_insert_in_the_middle_leaves_both_sides(in_acme: Organisation) -> None:
    seat, east = Position.objects.get(code="rex"), Unit.objects.get(code="east")
    services.timeline_set(
        PositionUnit, key={"position": seat}, values={"unit": east}, start=date(2026, 3, 1), until=date(2026, 4, 1)
    )
    rows = PositionUnit.objects.filter(position=seat).order_by("during")
    assert [(row.unit.code, row.during.lower, row.during.upper) for row in rows] == [
        ("west", date(2016, 1, 1), date(2026, 3, 1)),
        ("east", date(2026, 3, 1), date(2026, 4, 1)),
        ("west", date(2026, 4, 1), None),
    ]


def test_taking_over_a_seat_ends_the_own_seat_and_the_holder(in_acme: Organisation) -> None:
    seat, ria = Position.objects.get(code="mara"), Participant.objects.get(source_key="ria")
    services.position_hold(position_id=seat.id, participant_id=ria.id, start=date(2026, 7, 1), actor=DIRECTOR)
    held = PositionHolding.objects.filter(participant=ria).order_by("during").values_list("position__code", "during")
    assert [(code, during.lower, during.upper) for code, during in held] == [
        ("ria", date(2016, 1, 1), date(2026, 7, 1)),
        ("mara", date(2026, 7, 1), None),
    ]


def test_a_reporting_loop_is_named_and_nothing_changes(in_acme: Organisation) -> None:
    mara, rex = Position.objects.get(code="mara"), Position.objects.get(code="rex")
    before = list(ReportingLine.objects.order_by("pk").values())
    with pytest.raises(ValidationError, match="loop: .*Rep Rex.*"):
        services.reporting_line_set(position_id=mara.id, manager_id=rex.id, start=date(2026, 1, 1), actor=DIRECTOR)
    assert list(ReportingLine.objects.order_by("pk").values()) == before


def test_subordinates_are_those_of_the_day(in_acme: Organisation) -> None:
    ids = {person.source_key: person.id for person in Participant.objects.all()}
    assert subordinate_ids(ids["mona"], on=date(2025, 12, 31)) == set()
    assert subordinate_ids(ids["mona"], on=date(2026, 1, 1)) == {ids["rob"]}
    assert subordinate_ids(ids["max"], on=date(2026, 1, 1)) == set()
