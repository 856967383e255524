"""Population measures: area, founders, births, collapse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.measures.population import (
    collapse_day,
    collapsed,
    collapsed_by_day,
    naup,
)

# Weeks in remission of the placebo arm of Freireich et al. (1963, Blood 21), all observed: the
# arm Rx == 1 of the leukemia data distributed with lifelines.
PLACEBO_WEEKS = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def alive_by_day(removed: list[int], days: int) -> list[int]:
    return [sum(day > t for day in removed) for t in range(days + 1)]


def test_constant_population_has_area_one() -> None:
    assert naup([25] * 51) == 1


def test_population_gone_at_day_c_has_area_c_over_t() -> None:
    assert naup([25] * 10 + [0] * 41) == 10 / 50


def test_births_can_lift_the_area_above_one() -> None:
    assert naup([10, 20, 30]) == 1.5


def test_extinct_series_may_end_before_the_planned_days() -> None:
    assert naup([4, 4, 0], days=8) == naup([4, 4, 0, 0, 0, 0, 0, 0, 0])


def test_living_series_shorter_than_the_planned_days_is_refused() -> None:
    with pytest.raises(ValueError, match="ends at 4"):
        naup([4, 4, 4], days=8)


@pytest.mark.parametrize("population", [[0, 0, 0], [5]])
def test_area_without_founders_or_days_is_undefined(population: list[int]) -> None:
    assert np.isnan(naup(population))


@pytest.mark.parametrize("population", [[3, -1, 2], [3, float("nan"), 2], [], [[1, 2], [1, 2]]])
def test_impossible_population_is_refused(population: list[float]) -> None:
    with pytest.raises(ValueError, match="population"):
        naup(population)


def mean_survival(removed: list[int], days: int) -> float:
    """Mean number of the first days that each lived, as a share of all."""
    return sum(min(day, days) for day in removed) / len(removed) / days


def test_leukemia_placebo_arm_has_the_published_restricted_mean() -> None:
    area = naup(alive_by_day(PLACEBO_WEEKS, 35))
    assert area == pytest.approx(0.247619, abs=5e-7)
    assert 35 * area == pytest.approx(8.66667, abs=5e-6)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.integers(1, 50))
def test_founders_area_is_their_restricted_mean_survival(removed: list[int], days: int) -> None:
    area = naup(alive_by_day(removed, days))
    assert area == pytest.approx(mean_survival(removed, days))
    assert 0 <= area <= 1


@given(st.lists(st.integers(1, 100), min_size=2, max_size=40), st.integers(2, 9))
def test_area_does_not_depend_on_the_size_of_the_community(series: list[int], k: int) -> None:
    assert naup([k * n for n in series]) == pytest.approx(naup(series))


@pytest.mark.parametrize(
    ("population", "expected"),
    [
        pytest.param([25] * 10 + [2] * 5, True, id="five low days"),
        pytest.param([25] * 10 + [2] * 4, False, id="four low days"),
        pytest.param([25] * 10 + [3] * 5, False, id="3 of 25 is not below 2.5"),
        pytest.param([25] * 5 + [2] * 5 + [3], False, id="left the low state"),
        pytest.param([8] * 5 + [1] * 5, True, id="floor of two"),
        pytest.param([8] * 5 + [2] * 5, False, id="two is not below two"),
        pytest.param([25] * 10 + [0], True, id="extinct on the last day"),
        pytest.param([25, 0, 0] + [20] * 8, True, id="zero is absorbing"),
        pytest.param([1] * 5, False, id="the initial state is no day lived"),
        pytest.param([1] * 6, True, id="five days lived alone"),
    ],
)
def test_collapse_is_five_low_days_or_extinction(population: list[int], expected: bool) -> None:
    assert collapsed(population) is expected


def test_collapse_is_dated_to_the_fifth_low_day() -> None:
    assert np.flatnonzero(collapsed_by_day([25] * 3 + [2] * 8))[0] == 7


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_collapse_agrees_with_the_rule_read_aloud(series: list[int]) -> None:
    low = max(2, 0.1 * series[0])
    for day, state in enumerate(collapsed_by_day(series)):
        five = day >= 5 and all(series[d] < low for d in range(day - 4, day + 1))
        assert state == (five or 0 in series[: day + 1])


@pytest.mark.parametrize(
    ("population", "since"),
    [
        ([25] * 15, float("nan")),
        ([25] * 10 + [2] * 5, 14),
        ([25] * 10 + [2] * 9, 14),
        ([25] * 10 + [2] * 6 + [9] * 3, float("nan")),
        ([9, 4, 0, 0], 2),
        ([0, 0, 0], 0),
    ],
)
def test_the_day_of_collapse_is_the_first_of_the_last_unbroken_stretch(
    population: list[int], since: float
) -> None:
    np.testing.assert_equal(collapse_day(population), since)
