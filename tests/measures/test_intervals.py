"""Intervals cover what they say they cover, and say so where they cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from model.measures.intervals import (
    UNRELIABLE,
    bootstrap_t_limits,
    difference_interval,
    mean_interval,
    percentile_interval,
    proportion_interval,
    t_limits,
    welch_limits,
)

STUDIES = 4_000


def coverage(limits, truth):
    low, high = limits
    return float(np.mean((low <= truth) & (truth <= high)))


def bootstrap_t(x):
    return bootstrap_t_limits(x, 0.95, 1_999, 0)


def bimodal(rng, n, share):
    return (rng.random((STUDIES, n)) < share) + 0.1 * rng.normal(size=(STUDIES, n))


@pytest.mark.parametrize("n", range(3, 13))
def test_a_normal_mean_is_covered_at_every_n_from_three(n):
    x = np.random.default_rng(n).normal(size=(STUDIES, n))
    limits = t_limits(x, 0.95) if n < 6 else bootstrap_t(x)
    assert 0.93 <= coverage(limits, 0.0) <= 0.97


@pytest.mark.parametrize(("m", "n"), [(3, 3), (4, 4), (5, 5), (6, 6), (8, 8), (12, 12), (3, 6)])
@pytest.mark.parametrize("ratio", [1.0, 3.0])
def test_a_normal_difference_is_covered_at_every_n_from_three(m, n, ratio):
    rng = np.random.default_rng(m * 100 + n)
    x, y = rng.normal(size=(STUDIES, m)), ratio * rng.normal(size=(STUDIES, n))
    assert 0.93 <= coverage(welch_limits(x, y, 0.95), 0.0) <= 0.97


@pytest.mark.parametrize("n", [6, 7, 8, 10, 12, 20])
def test_a_skewed_mean_is_covered_from_six_runs(n):
    rng = np.random.default_rng(n)
    assert coverage(bootstrap_t(rng.exponential(size=(STUDIES, n))), 1.0) >= 0.92
    lognormal = rng.lognormal(0.0, 0.5, size=(STUDIES, n))
    assert coverage(bootstrap_t(lognormal), np.exp(0.125)) >= 0.92


@pytest.mark.parametrize("n", [8, 10, 12, 20])
@pytest.mark.parametrize("share", [0.5, 0.3])
def test_a_bimodal_mean_is_covered_from_eight_runs(n, share):
    x = bimodal(np.random.default_rng(n), n, share)
    assert coverage(bootstrap_t(x), share) >= 0.92


def test_student_t_would_not_cover_a_skewed_mean_at_six_runs():
    x = np.random.default_rng(6).exponential(size=(STUDIES, 6))
    assert coverage(t_limits(x, 0.95), 1.0) < 0.91


def test_a_rare_second_mode_is_not_covered_by_any_interval_at_eight_runs():
    # .8^8 = 17 % of such studies never see the second mode: the reason to show the points.
    x = bimodal(np.random.default_rng(8), 8, 0.2)
    assert coverage(bootstrap_t(x), 0.2) < 0.9


def test_the_public_interval_is_the_measured_one():
    x = np.random.default_rng(2).exponential(size=9)
    (low,), (high,) = bootstrap_t(x[None])
    found = mean_interval(x)
    assert (found.low, found.high, found.method) == (low, high, "bootstrap-t")


def test_student_t_below_six_runs_agrees_with_scipy():
    x = [1.0, 2.0, 4.0, 7.0]
    expected = stats.ttest_1samp(x, 0.0).confidence_interval()
    found = mean_interval(x)
    assert found.method == "Student t"
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_welch_agrees_with_scipy():
    a, b = [1.0, 2.0, 4.0, 7.0], [0.0, 0.5, 9.0]
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    found = difference_interval(a, b)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("hits", "trials"), [(0, 7), (1, 10), (5, 10), (10, 10), (81, 263)])
def test_a_share_of_runs_is_clopper_and_pearsons_as_statsmodels_has_it(hits, trials):
    low, high = proportion_confint(hits, trials, method="beta")
    found = proportion_interval(hits, trials)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


def test_few_runs_are_shown_as_points():
    found = mean_interval([0.1, 0.5, 0.9, 0.4, 0.3])
    assert found.unreliable
    assert found.points == ((0.1, 0.5, 0.9, 0.4, 0.3),)


def test_a_bimodal_outcome_needs_eight_runs():
    runs = [0.0, 0.1, 0.9, 1.0, 0.0, 0.95, 0.05]
    assert mean_interval(runs, bimodal=True).unreliable
    assert not mean_interval(runs).unreliable
    assert not mean_interval([*runs, 1.0], bimodal=True).unreliable


def test_identical_runs_have_no_interval():
    found = mean_interval([0.5] * 7)
    assert found.estimate == 0.5
    assert np.isnan([found.low, found.high]).all()
    assert found.flags == ("7 identical runs",)


def test_identical_arms_are_named_in_a_difference():
    found = difference_interval([1.0] * 6, [2.0] * 8)
    assert found.flags == ("6 identical runs", "8 identical runs")
    assert np.isnan(found.low)


def test_a_two_valued_outcome_falls_back_and_says_so():
    found = mean_interval([0.0] * 6 + [1.0])
    assert "too few distinct values for bootstrap-t" in found.flags
    assert found.unreliable
    assert np.isfinite([found.low, found.high]).all()


def test_an_undefined_run_is_left_out_and_counted():
    found = mean_interval([0.1, np.nan, 0.4, 0.2, 0.7, 0.5, 0.6])
    assert found.n == (6,)
    assert found.flags == ("undefined in 1 of 7 runs",)
    assert found.estimate == pytest.approx(2.5 / 6)


def test_only_undefined_runs_give_nothing():
    found = mean_interval([np.nan, np.nan])
    assert np.isnan([found.estimate, found.low, found.high]).all()


def test_no_trials_give_no_proportion():
    assert np.isnan(proportion_interval(0, 0).estimate)


def test_the_percentile_bootstrap_waits_for_twenty_runs():
    x = np.random.default_rng(0).normal(size=20)
    few, enough = percentile_interval(x[:19], np.median), percentile_interval(x, np.median)
    assert np.isnan(few.low)
    assert few.unreliable
    assert enough.low < enough.estimate < enough.high


def test_the_percentile_bootstrap_at_six_runs_would_lie():
    x = np.random.default_rng(6).exponential(size=(1_000, 6))
    counts = np.random.default_rng(0).multinomial(6, np.full(6, 1 / 6), size=999)
    limits = np.quantile(x @ counts.T / 6, [0.025, 0.975], axis=1)
    assert 0.72 <= coverage(limits, 1.0) <= 0.87


def test_a_study_stops_only_on_a_reliable_narrow_interval():
    few = mean_interval([0.50, 0.51, 0.49])
    more = mean_interval([0.50, 0.51, 0.49, 0.50, 0.52, 0.48])
    assert not few.narrower_than(1.0)
    assert more.narrower_than(0.1)
    assert not more.narrower_than(0.001)


@pytest.mark.parametrize("bad", [[], [[1.0, 2.0]], [1.0, np.inf]])
def test_impossible_runs_are_refused(bad):
    with pytest.raises(ValueError, match=r"one number a run|infinite"):
        mean_interval(bad)


def test_more_hits_than_trials_are_refused():
    with pytest.raises(ValueError, match="hits must lie in"):
        proportion_interval(3, 2)


outcomes = st.lists(
    st.integers(-1_000, 1_000).map(lambda i: i / 100), min_size=6, max_size=12, unique=True
)


@given(outcomes, st.integers(1, 50), st.integers(-50, 50))
def test_a_mean_interval_moves_with_the_scale(runs, factor, shift):
    one = mean_interval(runs)
    other = mean_interval([factor * x + shift for x in runs])
    expected = [factor * limit + shift for limit in (one.low, one.high)]
    assert [other.low, other.high] == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(outcomes, outcomes)
def test_a_difference_turns_its_sign_with_its_arms(a, b):
    forward, backward = difference_interval(a, b), difference_interval(b, a)
    assert (forward.low, forward.high) == pytest.approx((-backward.high, -backward.low))


def test_every_short_interval_is_marked():
    for n in range(2, 6):
        assert UNRELIABLE in difference_interval(range(n), range(10)).flags


def test_an_arm_without_any_spread_has_welchs_limits_all_the_same():
    found = difference_interval([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])
    assert (found.low, found.high) == pytest.approx((-3.4841377, 1.4841377))
    assert "3 identical runs" in found.flags


@pytest.mark.parametrize(("hits", "trials"), [(0, 12), (12, 12), (0, 1), (3, 20)])
def test_the_limits_of_a_share_hold_it_and_end_exactly_at_its_ends(hits, trials):
    found = proportion_interval(hits, trials)
    assert 0 <= found.low <= found.estimate <= found.high <= 1
    assert (found.low == 0) == (hits == 0)
    assert (found.high == 1) == (hits == trials)
