"""Quotas and territories: set, seen within reach, refused with the reason."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from planning.models import CalendarKind, Period, Quota, Territory, TerritoryAssignment
from planning.selectors import quota_grid, quota_list, territory_tree
from planning.services.calendars import calendar_extend
from planning.services.quotas import QuotaChange, QuotaValue, quota_set_many
from planning.services.territories import (
    territories_from_units,
    territory_assign,
    territory_assignment_end,
    territory_save,
)
from spm.people.models import Position

YEAR = (date(2026, 1, 1), date(2027, 1, 1))


@pytest.fixture
def quarters(viewer: Any) -> list[Period]:
    return calendar_extend(kind=CalendarKind.QUARTERLY, start=YEAR[0], until=YEAR[1], actor=viewer("sol"))


def test_periods_are_made_once(viewer: Any, quarters: list[Period]) -> None:
    assert [period.key for period in quarters] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert calendar_extend(kind=CalendarKind.QUARTERLY, start=YEAR[0], until=YEAR[1], actor=viewer("sol")) == []


def test_two_weeks_are_cut_from_the_day_that_was_said_first(viewer: Any) -> None:
    sol, kind = viewer("sol"), CalendarKind.BIWEEKLY
    made = calendar_extend(kind=kind, start=YEAR[0], until=date(2026, 2, 1), actor=sol, cut_from=date(2025, 6, 13))
    assert [(one.key, one.during.lower) for one in made] == [
        ("2026-B01", date(2025, 12, 26)),
        ("2026-B02", date(2026, 1, 9)),
        ("2026-B03", date(2026, 1, 23)),
    ]
    more = calendar_extend(kind=kind, start=YEAR[0], until=date(2026, 2, 7), actor=sol, cut_from=date(2026, 1, 9))
    assert [one.key for one in more] == ["2026-B04"]
    with pytest.raises(ValidationError, match="cut from 2025-06-13"):
        calendar_extend(kind=kind, start=YEAR[0], until=YEAR[1], actor=sol, cut_from=date(2026, 1, 5))
    with pytest.raises(ValidationError, match="Only two weeks"):
        calendar_extend(kind=CalendarKind.WEEKLY, start=YEAR[0], until=YEAR[1], actor=sol, cut_from=date(2026, 1, 5))
    assert Period.objects.filter(calendar__kind=kind).count() == 4


def test_the_page_makes_periods_of_two_weeks_and_of_half_months(viewer: Any, sign_in: Any) -> None:
    sol, make, grid = sign_in("sol"), reverse("planning:periods_make"), reverse("planning:quota_list")
    sent = {"kind": "BIWEEKLY", "year": "2026", "cut_from": "2026-01-02"}
    made = sol.post(make, sent, follow=True).content.decode()
    assert "27 periods were added" in made and "2026-B26" in made
    refused = sol.post(make, {**sent, "year": "2027", "cut_from": "2027-01-08"}, follow=True).content.decode()
    assert "are cut from 2026-01-02" in refused
    assert "2027-B01" not in sol.get(grid, {"kind": "BIWEEKLY", "year": "2027"}).content.decode()
    assert "2026-02-B" in sol.post(make, {"kind": "SEMI_MONTHLY", "year": "2026"}, follow=True).content.decode()


def test_quotas_are_added_changed_removed_and_left_alone(viewer: Any, quarters: list[Period]) -> None:
    rex, ria = Position.objects.get(code="rex"), Position.objects.get(code="ria")
    values = [QuotaValue(rex.id, quarters[0].id, 100), QuotaValue(ria.id, quarters[0].id, 200)]
    assert quota_set_many(values=values, actor=viewer("sol")) == QuotaChange(created=2)
    values = [QuotaValue(rex.id, quarters[0].id, 150), QuotaValue(ria.id, quarters[0].id, 200)]
    assert quota_set_many(values=values, actor=viewer("sol")) == QuotaChange(updated=1, unchanged=1)
    assert quota_set_many(values=[QuotaValue(rex.id, quarters[0].id, None)], actor=viewer("sol")) == QuotaChange(
        removed=1
    )


def test_a_quota_that_overlaps_is_refused(viewer: Any, quarters: list[Period]) -> None:
    rex = Position.objects.get(code="rex")
    twice = [QuotaValue(rex.id, quarters[0].id, 100), QuotaValue(rex.id, quarters[0].id, 101)]
    with pytest.raises(ValidationError, match="two quotas for the same period"):
        quota_set_many(values=twice, actor=viewer("sol"))
    Quota.objects.create(position=rex, period=quarters[0], value=1, currency="USD")
    with pytest.raises(IntegrityError, match="quota_once"), transaction.atomic():
        Quota.objects.create(position=rex, period=quarters[0], value=2, currency="USD")


def test_a_rep_may_not_set_quotas_and_nothing_changes(viewer: Any, quarters: list[Period]) -> None:
    rex = Position.objects.get(code="rex")
    with pytest.raises(PermissionDenied):
        quota_set_many(values=[QuotaValue(rex.id, quarters[0].id, 1)], actor=viewer("rex"))
    assert not Quota.objects.exists()


def test_quotas_are_seen_within_reach(viewer: Any, quarters: list[Period]) -> None:
    seats = {seat.code: seat for seat in Position.objects.all()}
    values = [QuotaValue(seats[code].id, quarters[3].id, 1000) for code in ("rex", "ria", "rob")]
    quota_set_many(values=values, actor=viewer("sol"))
    seen = {
        name: {quota.position.code for quota in quota_list(viewer(name))}
        for name in ("rex", "mara", "mona", "max", "eve")
    }
    assert seen == {"rex": {"rex"}, "mara": {"rex", "ria"}, "mona": {"rob"}, "max": set(), "eve": {"rex", "ria", "rob"}}
    grid = quota_grid(viewer("mara"), kind="QUARTERLY", year=2026)
    assert [row.position.code for row in grid.rows] == ["mara", "rex", "ria"]
    assert grid.totals == (0, 0, 0, 2000)


def test_units_become_territories_with_their_days(viewer: Any) -> None:
    assert territories_from_units(actor=viewer("sol")) == 6
    assert territories_from_units(actor=viewer("sol")) == 0
    tree = territory_tree(viewer("sol"), on=date(2026, 1, 1))
    assert [(node.territory.name, len(node.covers)) for node in tree] == [("East", 3), ("West", 3)]


def test_a_territory_is_not_covered_twice_by_one_seat(viewer: Any) -> None:
    sol, seat = viewer("sol"), Position.objects.get(code="rex")
    territory = territory_save(code="north", name="North", actor=sol)
    first = territory_assign(territory_id=territory.id, position_id=seat.id, start=date(2026, 1, 1), actor=sol)
    with pytest.raises(ValidationError, match="already covers North"):
        territory_assign(territory_id=territory.id, position_id=seat.id, start=date(2026, 6, 1), actor=sol)
    territory_assignment_end(assignment_id=first.id, until=date(2026, 6, 1), actor=sol)
    territory_assign(territory_id=territory.id, position_id=seat.id, start=date(2026, 6, 1), actor=sol)
    assert TerritoryAssignment.objects.filter(territory=territory).count() == 2


def test_shares_over_100_percent_are_told_and_full_cover_is_not(viewer: Any, sign_in: Any) -> None:
    sol, day = viewer("sol"), date(2026, 1, 1)
    for code, shares in (("north", {"rex": 60, "ria": 40}), ("south", {"rex": 60, "ria": 41})):
        territory = territory_save(code=code, name=code.title(), actor=sol)
        for seat, share in shares.items():
            position = Position.objects.get(code=seat)
            territory_assign(
                territory_id=territory.id, position_id=position.id, start=day, share_rate=share * 10**6, actor=sol
            )
    assert [node.is_crowded for node in territory_tree(sol, on=day)] == [False, True]
    assert not any(node.is_crowded for node in territory_tree(sol, on=date(2025, 12, 31)))
    page = sign_in("sol").get(reverse("planning:territory_list"), {"on": "2026-01-01"}).content.decode()
    assert "The shares of 1 territory pass 100% on this day" in page and "101%" in page


def test_territories_may_not_loop(viewer: Any) -> None:
    sol = viewer("sol")
    top = territory_save(code="top", name="Top", actor=sol)
    below = territory_save(code="below", name="Below", parent_id=top.id, actor=sol)
    with pytest.raises(ValidationError, match="loop"):
        territory_save(code="top", name="Top", territory_id=top.id, parent_id=below.id, actor=sol)
    assert Territory.objects.get(pk=top.id).parent_id is None
