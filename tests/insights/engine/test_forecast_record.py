"""The record of forecasts that were made: one per past period, against what came and against the year before."""

from insights.engine.forecast_record import Method, Said, best_model, records


def said(method: Method, *forecasts: tuple[int | None, int | None, int | None], horizon: int = 30) -> list[Said]:
    return [Said("", method, horizon, *each) for each in forecasts]


def test_errors_are_of_what_came_and_held_against_the_year_before() -> None:
    # Said 90 and 120, came 100 and 100: misses 10 + 20 of 200 = 15 %, bias +10 of 200 = 5 %.
    # The year before said 50 and 100: misses 50 of 200; 30 instead of 50 is 40 % better.
    [line] = records(said(Method.SUBMISSION, (90, 100, 50), (120, 100, 100)))
    assert (line.past.wmape_rate, line.past.bias_rate, line.past.tests) == (15_000_000, 5_000_000, 2)
    assert line.skill_rate == 40_000_000


def test_what_is_unknown_is_no_test() -> None:
    [line] = records(said(Method.COMMIT, (None, 100, 50), (80, None, 50), (80, 100, None)))
    assert (line.past.tests, line.past.wmape_rate, line.skill_rate) == (1, 20_000_000, None)
    assert records(said(Method.COMMIT, (80, None, 50))) == []


def test_the_best_model_beats_the_year_before_or_the_year_before_is_it() -> None:
    naive = said(Method.SEASONAL_NAIVE, (50, 100, 50), (100, 100, 100))
    near = said(Method.TIME_SERIES, (90, 100, 50), (110, 100, 100))
    nearer = said(Method.WEIGHTED_PIPELINE, (95, 100, 50), (100, 100, 100))
    far = said(Method.WEIGHTED_PIPELINE, (10, 100, 50), (10, 100, 100))
    people = said(Method.SUBMISSION, (100, 100, 50), (100, 100, 100))
    assert best_model(records([*naive, *near, *nearer, *people])).method is Method.WEIGHTED_PIPELINE
    assert best_model(records([*naive, *near, *far])).method is Method.TIME_SERIES
    assert best_model(records([*naive, *far])).method is Method.SEASONAL_NAIVE
    assert best_model(records([*naive[:1], *near[:1]])) is None and best_model([]) is None
