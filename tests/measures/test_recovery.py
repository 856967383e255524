"""Recovery, loss and hysteresis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.measures.recovery import (
    Hysteresis,
    hysteresis,
    loss,
    ramp_plan,
    rate_trend,
    recovery,
)

DAYS = 60
QUIET = np.full((4, DAYS + 1), 20.0)
NOISY = QUIET + np.array([-3, -1, 1, 3])[:, None]


def dip(shock_day: int, back: int, depth: float = 10, level: float = 20) -> np.ndarray:
    """A run at its level that loses ``depth`` on shock_day and is back on the evening of back."""
    population = np.full(DAYS + 1, float(level))
    population[shock_day:back] -= depth
    return population


def ramp(
    steps: list[float], population: list[float], days: int = 10, immigration: float = 0.1
) -> Hysteresis:
    return hysteresis(np.repeat(steps, days), np.repeat(population, days), immigration)


def test_unshocked_run_recovers_at_once() -> None:
    result = recovery(QUIET[0], QUIET, shock_day=20)
    assert (result.recovered, result.day, result.duration) == (True, 20, 0)


def test_run_back_for_good_recovers_when_nine_tenths_of_the_rest_are_back() -> None:
    # Low on the evenings 20 … 39, back on 40 … 60 (21 days). After day 37, 21 of 23 are back
    # (.913); after day 36, 21 of 24 (.875).
    result = recovery(dip(20, 40), QUIET, shock_day=20)
    assert (result.recovered, result.day, result.duration) == (True, 37, 17)


def test_exactly_nine_tenths_of_the_rest_suffice_and_less_does_not() -> None:
    # Back on 43 … 60: after day 40 on 18 of 20 days. Back on 44 … 60: after day 41 on 17 of 19
    # (.895), after day 42 on 17 of 18.
    assert recovery(dip(20, 43), QUIET, shock_day=20).day == 40
    assert recovery(dip(20, 44), QUIET, shock_day=20).day == 42


def test_run_that_never_comes_back_is_censored_ten_days_before_the_end() -> None:
    result = recovery(dip(20, DAYS + 1), QUIET, shock_day=20)
    assert (result.recovered, result.day, result.duration) == (False, 50, 30)


def test_run_back_in_the_last_days_only_is_censored() -> None:
    assert not recovery(dip(20, 53), QUIET, shock_day=20).recovered


def test_band_is_a_tenth_of_the_control_where_runs_agree() -> None:
    assert recovery(dip(20, DAYS + 1, depth=2), QUIET, shock_day=20).duration == 0
    assert not recovery(dip(20, DAYS + 1, depth=2.1), QUIET, shock_day=20).recovered


def test_band_is_two_sd_of_the_control_where_runs_differ() -> None:
    # sd of (17, 19, 21, 23) with ddof 1 is 2.582.
    assert recovery(dip(20, DAYS + 1, depth=5.1), NOISY, shock_day=20).recovered
    assert not recovery(dip(20, DAYS + 1, depth=5.2), NOISY, shock_day=20).recovered


def test_too_many_residents_are_no_recovery_either() -> None:
    assert not recovery(dip(20, DAYS + 1, depth=-5), QUIET, shock_day=20).recovered


def test_recovery_needs_ten_days_after_the_shock() -> None:
    with pytest.raises(ValueError, match="9 days follow"):
        recovery(QUIET[0], QUIET, shock_day=DAYS - 9)


@given(st.lists(st.integers(0, 40), min_size=DAYS + 1, max_size=DAYS + 1), st.integers(1, 50))
def test_recovery_agrees_with_the_rule_read_aloud(series: list[int], shock_day: int) -> None:
    within = [abs(n - 20) <= 2 * 2.581988897471611 for n in series]
    expected = next(
        (
            r
            for r in range(shock_day, DAYS - 9)
            if sum(within[r + 1 :]) >= 0.9 * len(within[r + 1 :]) - 1e-9
        ),
        None,
    )
    result = recovery(series, NOISY, shock_day)
    assert result.recovered == (expected is not None)
    assert result.day == (DAYS - 10 if expected is None else expected)


def test_loss_is_counted_in_days_of_the_whole_community() -> None:
    # Half of the community gone for 20 evenings: ten days of everybody's life.
    assert loss(dip(20, 40), QUIET, shock_day=20, horizon=30) == 10
    assert loss(dip(20, 40), QUIET, shock_day=20, horizon=4) == 2


def test_unshocked_run_loses_nothing() -> None:
    assert loss(QUIET[0], QUIET, shock_day=20, horizon=30) == 0


def test_run_that_fares_better_has_a_negative_loss() -> None:
    assert loss(dip(20, 40, depth=-10), QUIET, shock_day=20, horizon=20) == -10


def test_loss_of_a_community_dead_before_the_shock_is_undefined() -> None:
    assert np.isnan(loss(np.zeros(DAYS + 1), QUIET, shock_day=20, horizon=5))


def test_horizon_past_the_end_of_the_run_is_refused() -> None:
    with pytest.raises(ValueError, match="1 … 41"):
        loss(QUIET[0], QUIET, shock_day=20, horizon=42)


@given(st.integers(2, 50))
def test_loss_does_not_depend_on_the_size_of_the_community(k: int) -> None:
    assert loss(k * dip(9, 30), k * NOISY, 9, 40) == pytest.approx(loss(dip(9, 30), NOISY, 9, 40))


@pytest.mark.parametrize(
    ("control", "message"),
    [
        (QUIET[:1], "at least 2 unshocked"),
        (QUIET[:, :-1], "same days"),
        (np.full_like(QUIET, np.nan), "0, not NaN"),
    ],
)
def test_unfit_control_is_refused(control: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        recovery(QUIET[0], control, shock_day=20)


@pytest.mark.parametrize("shock_day", [0, DAYS + 1])
def test_shock_outside_the_run_is_refused(shock_day: int) -> None:
    with pytest.raises(ValueError, match="shock_day"):
        loss(QUIET[0], QUIET, shock_day, 1)


def test_ramp_goes_up_and_back_in_steps_of_five_percent() -> None:
    plan = ramp_plan(10, low=0.1, high=0.2, first_day=31)
    assert plan == ((31, 0.1), (41, 0.15), (51, 0.2), (61, 0.15), (71, 0.1))
    assert len(ramp_plan(10)) == 41


def test_planned_ramp_is_one_that_can_be_measured() -> None:
    levels = [level for _, level in ramp_plan(12)]
    assert ramp(levels, [25 - 10 * level for level in levels], days=12).area == pytest.approx(0)


@pytest.mark.parametrize(
    ("days", "low", "high"), [(9, 0, 1), (10, 0, 0.12), (10, 0.5, 0.5), (10, 0, 1.05)]
)
def test_ramp_that_could_not_be_measured_is_not_planned(days: int, low: float, high: float) -> None:
    with pytest.raises(ValueError, match=r"days_per_step|apart"):
        ramp_plan(days, low, high)


def test_way_back_equal_to_the_way_there_has_no_area() -> None:
    loop = ramp([0, 0.5, 1, 0.5, 0], [20, 15, 10, 15, 20])
    assert (loop.verdict, loop.area, loop.reason) == ("closed", 0, "")


def test_relay_that_switches_at_two_levels_has_the_area_of_its_rectangle() -> None:
    # A non-ideal relay drops from 20 to 5 between .75 and .80 and climbs back between .30 and .25:
    # its loop is 15 residents high and .5 wide (Mayergoyz).
    up = np.linspace(0, 1, 21)
    steps = [*up, *up[-2::-1]]
    levels = [20 if p < 0.775 else 5 for p in up] + [5 if p > 0.275 else 20 for p in up[-2::-1]]
    loop = ramp(steps, levels)
    assert loop.area == pytest.approx(15 * 0.5)
    assert loop.relative_area == pytest.approx(15 * 0.5 / 20)


def test_loop_that_gains_on_the_way_back_has_a_negative_area() -> None:
    assert ramp([0, 0.5, 1, 0.5, 0], [20, 10, 10, 20, 20]).area == pytest.approx(-5)


def test_area_does_not_depend_on_how_long_the_steps_last() -> None:
    steps, levels = [0, 0.5, 1, 0.5, 0], [20.0, 19, 10, 12, 20]
    assert ramp(steps, levels, days=30).area == pytest.approx(ramp(steps, levels).area)


def test_ramp_without_immigration_is_irreversible_and_has_no_area() -> None:
    loop = ramp([0, 0.5, 1, 0.5, 0], [20, 15, 10, 15, 20], immigration=0)
    assert loop.verdict == "irreversible"
    assert np.isnan(loop.area)
    assert "immigration" in loop.reason
    assert loop.population == (20, 15, 10, 15, 20)


def test_community_that_does_not_come_back_is_irreversible() -> None:
    loop = ramp([0, 0.5, 1, 0.5, 0], [20, 15, 10, 9, 8])
    assert loop.verdict == "irreversible"
    assert np.isnan(loop.area)
    assert "8.0 at the end" in loop.reason


def test_community_back_within_a_tenth_counts_as_back() -> None:
    assert ramp([0, 1, 0], [20, 10, 18]).verdict == "closed"
    assert ramp([0, 1, 0], [20, 10, 17.9]).verdict == "irreversible"


@pytest.mark.parametrize(
    "steps", [[0, 0.5, 1], [1, 0.5, 0], [0, 1, 0.5], [0, 1, 0, 1, 0], [0.5], [1, 0, 1]]
)
def test_ramp_that_is_not_up_and_back_is_refused(steps: list[float]) -> None:
    with pytest.raises(ValueError, match="rise step by step"):
        ramp(steps, [20.0] * len(steps))


def test_step_shorter_than_ten_days_is_refused() -> None:
    with pytest.raises(ValueError, match="lasts 9 days"):
        ramp([0, 1, 0], [20, 10, 20], days=9)


def test_trend_finds_the_loop_that_remains_without_haste() -> None:
    trend = rate_trend([0.005, 0.0025, 0.00125], [4 + 0.5, 4 + 0.25, 4 + 0.125])
    assert trend.slope == pytest.approx(100)
    assert trend.static_area == pytest.approx(4)
    assert trend.lower == pytest.approx(trend.upper)


def test_trend_with_scatter_has_the_textbook_interval_of_the_intercept() -> None:
    # x = 1, 2, 3 and y = 1, 2, 2: intercept 2/3, residual sd √(1/6), standard error
    # √(1/6)·√(1/3 + 4/2) = .62361; t(.975, df 1) = 12.7062.
    trend = rate_trend([1, 2, 3], [1, 2, 2])
    assert trend.static_area == pytest.approx(2 / 3)
    assert trend.upper - trend.static_area == pytest.approx(12.7062 * 0.62361, rel=1e-5)


def test_trend_needs_three_rates_and_closed_loops() -> None:
    with pytest.raises(ValueError, match="2 different rates"):
        rate_trend([1, 1, 2], [3, 4, 5])
    with pytest.raises(ValueError, match="irreversible"):
        rate_trend([1, 2, 3], [3, float("nan"), 5])
