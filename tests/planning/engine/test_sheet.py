"""The sheet of a quota plan: parts sum to the whole, what people set stands, relief is taken off by days."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from planning.engine.cascade import SCALE
from planning.engine.expecting import distribution
from planning.engine.sheet import Relief, Seat, carried, sheet
from spm.core.periods import Calendar, CalendarKind

YEAR = [(one.start, one.end) for one in Calendar(CalendarKind.QUARTERLY).year(2026)]
FREE = (None,) * 4


def seat(key: str, parent: str | None = None, weight: int = 1, manual: int | None = None, cells: tuple = FREE) -> Seat:
    return Seat(key, parent, weight, manual, (1, 1, 1, 3), cells)


def test_a_target_goes_down_the_hierarchy_by_people_with_over_assignment_by_level() -> None:
    """Given two teams of 2 and 1, then the larger gets two thirds, and 10 % above on the level of the people only."""
    seats = [seat("west"), seat("east"), seat("a", "west"), seat("b", "west"), seat("c", "east")]
    found = sheet(900_00, seats, YEAR, [0, SCALE // 10])
    assert {key: row.value for key, row in found.rows.items()} == {
        "west": 600_00,
        "east": 300_00,
        "a": 330_00,
        "b": 330_00,
        "c": 330_00,
    }
    assert found.rows["a"].cells == (55_00, 55_00, 55_00, 165_00) and found.findings == ()
    assert sheet(900_00, seats, YEAR, [SCALE // 10]).shared == 990_00


def test_a_period_that_is_set_stands_and_the_others_share_the_rest_of_the_year() -> None:
    found = sheet(600, [seat("a", cells=(300, None, None, None))], YEAR)
    assert found.rows["a"].cells == (300, 60, 60, 180)


def test_all_periods_set_are_the_year_and_the_colleague_takes_the_rest() -> None:
    found = sheet(600, [seat("a", cells=(10, 20, 30, 40)), seat("b")], YEAR)
    assert (found.rows["a"].value, found.rows["a"].kept, found.rows["b"].value) == (100, "MANUAL", 500)


def test_periods_set_above_the_year_are_a_finding_with_the_amount() -> None:
    found = sheet(600, [seat("a", manual=600, cells=(700, None, None, None))], YEAR)
    [finding] = found.findings
    assert (finding.code, finding.keys) == ("QUOTA_PERIODS_UNSHARED", {"seat": "a", "missing": -100, "value": 600})


def test_relief_counts_a_day_once_by_the_largest_and_spreads_a_stated_amount() -> None:
    """Given 90 days, then half of 30 days beside all of 15 of them relieves 22.5 days; 100 over two quarters goes by their days."""
    quarter = [YEAR[0]]
    half = Relief(date(2026, 1, 1), date(2026, 1, 31), rate=SCALE // 2)
    whole = Relief(date(2026, 1, 16), date(2026, 1, 31))
    assert carried((90_00,), quarter, [half, whole]) == (67_50,)
    stated = Relief(date(2026, 3, 1), date(2026, 5, 1), amount=61)
    assert carried((100, 100, 100, 100), YEAR, [stated]) == (69, 70, 100, 100)
    assert carried((10, 10, 10, 10), YEAR, [Relief(date(2026, 1, 1), date(2027, 1, 1), amount=400)]) == (0, 0, 0, 0)


@settings(max_examples=25, deadline=None)
@given(
    total=st.integers(1, 10**12),
    weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=8),
    fixed=st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=4, max_size=4),
)
def test_seats_sum_to_the_target_and_periods_to_the_year_or_a_finding_says_by_how_much(
    total: int, weights: list[int], fixed: list[int | None]
) -> None:
    seats = [seat(f"s{number}", weight=weight) for number, weight in enumerate(weights)]
    seats[0] = seat("s0", weight=weights[0], cells=tuple(fixed))
    found = sheet(total, seats, YEAR)
    missing = {one.code: int(str(one.keys["missing"])) for one in found.findings}
    assert sum(row.value for row in found.rows.values()) + missing.get("CASCADE_UNSHARED", 0) == total
    first = found.rows["s0"]
    assert sum(first.cells) + missing.get("QUOTA_PERIODS_UNSHARED", 0) == first.value
    assert all(sum(found.rows[one.key].cells) == found.rows[one.key].value for one in seats[1:])


def test_attainment_is_put_in_its_band_at_the_edge() -> None:
    found = distribution([49, 50, 100, 119, 120, 5], [100, 100, 100, 100, 100, 0])
    assert (found.counts, found.unknown) == ((1, 1, 0, 0, 2, 1), 1)
