"""Statistics of pay against performance and of gaps, beside figures worked out by hand."""

import pytest

from insights.engine.effectiveness import (
    Person,
    by_quartile,
    gaps,
    health,
    middle,
    rank_correlation,
    windfalls,
)

PERCENT = 10**6


def person(key: int, attained: int, earned: int, group: str = "") -> Person:
    return Person(f"{key:03}", attained * PERCENT, earned, {"unit": group})


def test_rank_correlation_equals_the_sum_of_squared_differences_of_ranks() -> None:
    # Ranks 1..5 against 2, 1, 4, 3, 5: d = 1, 1, 1, 1, 0, so rho = 1 - 6 x 4 / (5 x 24) = 0.8.
    assert rank_correlation([10, 20, 30, 40, 50], [2, 1, 4, 3, 5]) == 80_000_000
    assert rank_correlation([10, 20, 30, 40, 50], [5, 4, 3, 2, 1]) == -(10**8)


def test_ties_share_their_rank() -> None:
    # Ranks 1.5, 1.5, 3, 4, 5 against 1..5: covariance 9.5, variances 9.5 and 10: 9.5 / sqrt(95) = 0.97467943.
    assert rank_correlation([1, 1, 2, 3, 4], [1, 2, 3, 4, 5]) == 97_467_943


@pytest.mark.parametrize("pay", [[1, 2, 3, 4], [7, 7, 7, 7, 7]])
def test_few_people_or_equal_pay_have_no_correlation(pay: list[int]) -> None:
    assert rank_correlation(pay, list(range(len(pay)))) is None


def test_quarters_tell_the_pay_that_ten_points_bring() -> None:
    # Attainment 1 % to 20 %; pay 100.00 a point in the lowest quarter, 300.00 a point in the highest, else the same.
    earned = [place * 100_00 for place in range(1, 6)] + [600_00] * 10 + [place * 300_00 for place in range(16, 21)]
    found = by_quartile([person(place, place, pay) for place, pay in enumerate(earned, start=1)])
    assert [(one.people, one.low_rate // PERCENT, one.high_rate // PERCENT) for one in found] == [
        (5, 1, 5),
        (5, 6, 10),
        (5, 11, 15),
        (5, 16, 20),
    ]
    assert [one.slope_minor for one in found] == [1_000_00, 0, 0, 3_000_00]
    assert [one.median_earned_minor for one in found] == [300_00, 600_00, 600_00, 5_400_00]
    assert by_quartile([person(place, place, 1) for place in range(19)]) == ()


def test_attainment_lies_in_half_open_bands() -> None:
    found = health([rate * PERCENT for rate in (-10, 49, 50, 80, 95, 100, 105, 150, 400)])
    assert [count for _low, _high, count in found.bands] == [2, 1, 1, 2, 1, 0, 2]
    assert (found.people, found.reached, found.reached_rate, found.median_rate) == (9, 4, 44_444_444, 95 * PERCENT)
    assert health([]).reached_rate is None and health([]).median_rate is None


def test_few_people_have_no_distribution() -> None:
    few = health([100 * PERCENT] * 4)
    assert (few.bands, few.people, few.reached, few.reached_rate, few.median_rate) == ((), 4, None, None, None)
    assert health([100 * PERCENT] * 5).reached == 5


def test_windfalls_stand_far_outside_the_middle_half() -> None:
    # Quartiles of 1..9 and one high value: 3 and 8; the edge is 8 + 3 x 5 = 23.
    few = [person(place, 100, place) for place in range(1, 10)]
    assert windfalls([*few, person(10, 100, 23)]) == []
    assert [one.key for one in windfalls([*few, person(10, 100, 24)])] == ["010"]
    assert windfalls(few[:8] + [person(9, 100, 999)]) == []


def test_gaps_are_of_the_others_pay_and_flagged_from_5_percent() -> None:
    low = [person(place, 100, 90) for place in range(5)]
    high = [person(place, 100, 100) for place in range(5, 10)]
    found = {gap.group: gap for gap in gaps([*_in(low, "A"), *_in(high, "B")], "unit")}
    assert (found["A"].mean_rate, found["A"].median_rate, found["A"].adjusted_rate) == (
        10_000_000,
        10_000_000,
        10_000_000,
    )
    assert found["B"].mean_rate == -11_111_111
    assert found["A"].is_flagged and (found["A"].people, found["A"].others) == (5, 5)
    nearly = [person(place, 100, 96) for place in range(5)]
    assert not gaps([*_in(nearly, "A"), *_in(high, "B")], "unit")[0].is_flagged


def test_what_attainment_explains_is_no_adjusted_gap() -> None:
    # Pay is 10 for each point of attainment, for everybody: the raw gap is 1 - 300/600, the adjusted one is 0.
    low = [person(place, 10 * place, 100 * place) for place in range(1, 6)]
    high = [person(place, 10 * (place - 2), 100 * (place - 2)) for place in range(6, 11)]
    found = gaps([*_in(low, "A"), *_in(high, "B")], "unit")[0]
    assert (found.mean_rate, found.adjusted_rate, found.is_flagged, found.is_certain) == (50_000_000, 0, False, False)


def test_small_groups_are_not_told_and_can_not_be_worked_out() -> None:
    people = [*_in([person(place, 100, 90) for place in range(4)], "A")]
    people += _in([person(place, 100, 100) for place in range(10, 16)], "B")
    people += _in([person(place, 100, 100) for place in range(20, 29)], "C")
    found = {gap.group: gap for gap in gaps(people, "unit")}
    assert (found["A"].is_suppressed, found["B"].is_suppressed, found["C"].is_suppressed) == (True, True, False)
    assert (found["A"].people, found["A"].mean_rate, found["A"].is_flagged) == (4, None, False)


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        # Two of one person each: from all others' mean and the two large ones anybody works out the two.
        ((1, 1, 20, 20), "D"),
        ((1, 3, 6, 9), "D"),
        ((2, 3, 6, 9), "CD"),
        ((1, 6, 9), "C"),
        ((5, 6), "AB"),
        ((4, 9), ""),
    ],
)
def test_hidden_groups_hold_five_people_together(sizes: tuple[int, ...], shown: str) -> None:
    people = [
        one
        for group, size in zip("ABCD", sizes, strict=False)
        for one in _in([person(place, 100, 100 + place) for place in range(size)], group)
    ]
    assert "".join(gap.group for gap in gaps(people, "unit") if not gap.is_suppressed) == shown


def placed(*cells: tuple[str, str, int]) -> list[Person]:
    """People by unit and title, so many of each pair."""
    return [
        Person(f"{unit}{title}{place}", 10**8, 100 + place, {"unit": unit, "title": title})
        for unit, title, count in cells
        for place in range(count)
    ]


def shown(people: list[Person], category: str, *before: str) -> str:
    return "".join(gap.group for gap in gaps(people, category, before) if not gap.is_suppressed)


@pytest.mark.parametrize(
    ("cells", "shown_titles"),
    [
        # All of North but one are X: North less X is that one's pay.
        ((("North", "X", 19), ("North", "Y", 1), ("South", "Y", 20)), ""),
        # X is North with one of South: so is what is left of all without South.
        ((("North", "X", 20), ("South", "X", 1), ("South", "Y", 20)), ""),
        # One of North and one of South stand across: X less North is the difference of their pay.
        ((("North", "X", 19), ("North", "Y", 1), ("South", "X", 1), ("South", "Y", 19)), ""),
        # Five apart are five people.
        ((("North", "X", 15), ("North", "Y", 5), ("South", "Y", 20)), "XY"),
        ((("North", "X", 20), ("South", "Y", 20)), "XY"),
    ],
)
def test_two_categories_that_differ_in_few_people_leave_nobody(
    cells: tuple[tuple[str, str, int], ...], shown_titles: str
) -> None:
    people = placed(*cells)
    assert shown(people, "unit") == "NorthSouth"
    assert shown(people, "title", "unit") == shown_titles
    assert shown(people, "title") == "XY"


def test_what_the_hidden_come_to_differs_from_nothing_told_by_few() -> None:
    # Units of 2 and 3 are hidden, 5 together; title Z is these five and one of North: Z less them is that one's pay.
    cells = (("P", "Z", 2), ("Q", "Z", 3), ("North", "Z", 1), ("North", "X", 19), ("South", "Y", 20))
    people = placed(*cells)
    assert shown(people, "unit") == "NorthSouth"
    assert shown(people, "title", "unit") == "Y"


def test_one_person_without_a_group_is_not_what_the_groups_leave() -> None:
    people = placed(("", "X", 1), ("North", "X", 20), ("South", "X", 20), ("West", "X", 20))
    assert shown(people, "unit") == "SouthWest"


def test_medians_round_halves_away_from_zero() -> None:
    assert (middle([1, 2]), middle([-1, -2]), middle([3, 1, 2])) == (2, -2, 2)


def _in(people: list[Person], group: str) -> list[Person]:
    return [Person(one.key + group, one.attainment_rate, one.earned_minor, {"unit": group}) for one in people]
