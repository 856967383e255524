"""Rates cover with the run as the unit; shares of runs stand beside them as another number."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.rates import confint_poisson

from model.measures.rates import (
    LEAST_OF_FEW,
    SHARE_ONLY,
    dispersion,
    label_rates,
    own_dispersion,
    rate_interval,
    rate_limits,
    share_with_hit,
)

DAYS = [600] * 12


def spread(hits, runs=12):
    return [hits // runs + (i < hits % runs) for i in range(runs)]


@pytest.mark.parametrize("hits", [1, 3, 10, 40])
def test_without_clumping_the_limits_are_garwoods_as_statsmodels_has_them(hits):
    low, high = rate_limits(hits, 7_200, 1.0, 0.95)
    expected = confint_poisson(hits, 7_200, method="exact-c")
    assert (low, high) == pytest.approx(expected)


def test_at_no_hit_the_lower_limit_is_zero_and_the_upper_garwoods():
    found = rate_interval([0] * 12, DAYS, 1.0)
    assert found.low == 0
    assert found.high * 7_200 == pytest.approx(3.6889, abs=1e-4)


def test_hits_that_come_four_at_a_time_are_a_quarter_as_many_events():
    low, high = rate_limits(12, 100, 4.0, 0.95)
    assert low == pytest.approx(4 * stats.chi2.ppf(0.025, 6) / 200)
    assert high == pytest.approx(4 * stats.chi2.ppf(0.975, 8) / 200)


def test_the_dispersion_is_the_sum_of_variances_over_the_sum_of_means():
    arms = [([0, 2, 4], [10] * 3), ([1, 1, 1], [10] * 3), ([0, 0, 9], [10] * 3)]
    variances, means = (4, 0, 27), (2, 1, 3)
    assert dispersion(arms, [False] * 3) == pytest.approx(sum(variances) / sum(means))


def test_hits_that_follow_unequal_trials_are_not_dispersed():
    arms = [([1, 2, 4], [10, 20, 40]), ([2, 4, 6], [10, 20, 30]), ([1, 1, 1], [5, 5, 5])]
    assert dispersion(arms, [False] * 3) == 1.0


def test_all_hits_in_one_run_are_one_event():
    hits = [0, 7, 0, 0]
    assert own_dispersion(hits, [10] * 4) == pytest.approx(7)
    found = rate_interval(hits, [10] * 4, 1.0)
    assert found.low == pytest.approx(7 * stats.chi2.ppf(0.025, 2) / 80)


@given(st.lists(st.integers(0, 4), min_size=3, max_size=6))
def test_up_to_ten_hits_an_arms_own_dispersion_is_the_mean_hits_seen_by_a_hit(hits):
    h = np.array(hits)
    assume(0 < h.sum() <= 10)
    assert own_dispersion(h, np.full(h.size, 50)) == pytest.approx((h**2).sum() / h.sum())


def test_many_even_hits_are_not_taken_for_a_few_events():
    even = [25] * 12
    assert own_dispersion(even, DAYS) < 1
    found = rate_interval(even, DAYS, 1.0)
    assert found.high / found.estimate < 1.15


def test_of_fewer_than_three_arms_the_untreated_runs_say_how_hits_clump():
    treated, plain = ([0, 9, 0, 9], [50] * 4), ([1, 0, 5, 0], [50] * 4)
    alone = dispersion([plain], [True])
    assert dispersion([treated, plain], [False, True]) == alone == pytest.approx(5.667 / 1.5, 1e-3)
    even = ([2, 2, 2, 2], [50] * 4)
    assert dispersion([treated, even], [False, True]) == LEAST_OF_FEW


@pytest.mark.parametrize("others", [[], [([1], [50])]])
def test_without_untreated_runs_only_the_share_is_given(others):
    arms = [([1, 0, 2, 0], [50] * 4), *others]
    found = label_rates(arms, [False] + [True] * len(others))[0]
    assert np.isnan(found.rate.low)
    assert SHARE_ONLY in found.rate.flags
    assert found.rate.unreliable
    assert (found.share.estimate, found.share.n) == (0.5, (4,))
    assert found.share.low == pytest.approx(stats.beta.ppf(0.025, 2, 3))


def test_rate_and_share_are_two_numbers():
    one = label_rates([([0] * 11 + [24], DAYS)] * 3, [False] * 3)[0]
    assert one.rate.estimate == pytest.approx(24 / 7_200)
    assert one.share.estimate == pytest.approx(1 / 12)
    assert one.share.method == "Clopper-Pearson"


def test_no_hit_in_twelve_runs_is_at_most_26_percent_of_runs():
    assert share_with_hit([0] * 12, DAYS).high == pytest.approx(0.265, abs=5e-4)


def test_runs_without_a_trial_are_left_out_and_counted():
    found = label_rates([([1, 0, 0], [5, 0, 5])] * 3, [False] * 3)[0]
    assert found.rate.n == found.share.n == (2,)
    assert "no opportunity in 1 of 3 runs" in found.rate.flags


def test_one_run_has_a_rate_and_no_interval():
    found = rate_interval([3], [10], 1.0)
    assert found.estimate == 0.3
    assert np.isnan(found.low)
    assert found.unreliable


def test_more_hits_than_trials_are_refused_by_run():
    with pytest.raises(ValueError, match="run 1: 4 hits of 3 trials"):
        rate_interval([1, 4], [3, 3], 1.0)


arms = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 30)).map(lambda p: (min(p), max(p))),
    min_size=2,
    max_size=12,
)


@given(arms, st.floats(1, 20))
def test_every_limit_is_a_rate_and_encloses_the_estimate(pairs, between):
    hits, trials = zip(*pairs, strict=True)
    found = rate_interval(hits, trials, between)
    assert 0 <= found.low <= found.estimate <= found.high <= 1


@given(arms, st.floats(1, 20), st.floats(0, 5))
def test_more_clumping_never_narrows(pairs, between, more):
    hits, trials = zip(*pairs, strict=True)
    plain, clumped = (rate_interval(hits, trials, d) for d in (between, between + more))
    assert clumped.low <= plain.low + 1e-9
    assert clumped.high >= plain.high - 1e-9


@given(arms, st.randoms())
def test_the_order_of_runs_says_nothing(pairs, lots):
    turned = list(pairs)
    lots.shuffle(turned)
    one, other = (rate_interval(*zip(*some, strict=True), 1.5) for some in (pairs, turned))
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


@given(arms, st.integers(2, 50))
def test_a_rate_per_hour_is_that_per_day_over_24(pairs, unit):
    hits, trials = (np.array(x) for x in zip(*pairs, strict=True))
    day, hour = (rate_interval(hits, trials * k, 2.0, most=np.inf) for k in (1, unit))
    assert (hour.low * unit, hour.high * unit) == pytest.approx((day.low, day.high))
