"""Effect sizes agree with published values and keep their bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from model.measures.effects import (
    cliffs_delta,
    delta_rows,
    newcombe_limits,
    standardised_difference,
)

STUDIES = 4_000
runs = st.lists(st.integers(0, 9).map(float), min_size=2, max_size=12)


def test_cliffs_delta_of_the_published_example():
    a = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50]
    b = [10, 20, 30, 40, 40, 50]
    assert cliffs_delta(a, b).estimate == pytest.approx(-0.25)


def test_hedges_g_names_its_form():
    approximate = standardised_difference([1, 2, 3, 4], [3, 4, 5, 6, 7])
    exact = standardised_difference([1, 2, 3, 4], [3, 4, 5, 6, 7], exact=True)
    assert approximate.d == pytest.approx(-1.707825, abs=5e-7)
    assert (approximate.g, approximate.correction) == (
        pytest.approx(-1.518067, abs=5e-7),
        "1 - 3/(4 df - 1)",
    )
    assert (exact.g, exact.correction) == (pytest.approx(-1.516895, abs=5e-7), "exact gamma")


@pytest.mark.parametrize("n", [4, 5, 6, 8, 12, 20])
@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0, 2.0])
def test_the_interval_of_delta_covers(n, shift):
    rng = np.random.default_rng(n)
    x, y = rng.normal(shift, size=(STUDIES, n)), rng.normal(size=(STUDIES, n))
    theta = stats.norm.cdf(shift / np.sqrt(2))
    low, high = newcombe_limits((delta_rows(x, y) + 1) / 2, n, n, 0.95)
    assert 0.92 <= np.mean((low <= theta) & (theta <= high)) <= 0.985


def test_three_against_three_cannot_cover_a_null_delta_at_95_percent():
    # One split in ten separates the arms wholly by chance, and the interval then excludes 0.
    separated = cliffs_delta([4, 5, 6], [1, 2, 3])
    next_best = cliffs_delta([3, 5, 6], [1, 2, 4])
    assert separated.low > 0 > next_best.low
    assert separated.unreliable


def test_full_separation_still_has_an_interval():
    found = cliffs_delta([7, 8, 9, 10, 11, 12], [1, 2, 3, 4, 5, 6])
    assert found.estimate == found.high == 1.0
    assert 0 < found.low < 1


def test_the_limits_are_roots_of_hanley_and_mcneils_variance():
    theta, m, n = 0.8, 10, 6
    low, high = newcombe_limits(np.array([theta]), m, n, 0.95)
    star = (m + n) / 2 - 1
    for limit in (low[0], high[0]):
        inflation = 1 + star * ((1 - limit) / (2 - limit) + limit / (1 + limit))
        sd = np.sqrt(limit * (1 - limit) * inflation / (m * n))
        assert abs(theta - limit) == pytest.approx(1.959964 * sd, rel=1e-6)


def test_no_spread_has_no_standardised_difference():
    found = standardised_difference([1, 1], [2, 2])
    assert np.isnan(found.d)
    assert found.flags == ("no spread in either arm",)


def test_one_run_has_no_standardised_difference():
    assert np.isnan(standardised_difference([1], [2, 3]).g)


@given(runs, runs)
def test_delta_is_bounded_antisymmetric_and_inside_its_interval(a, b):
    found, turned = cliffs_delta(a, b), cliffs_delta(b, a)
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    assert turned.estimate == pytest.approx(-found.estimate, abs=1e-12)
    assert turned.low == pytest.approx(-found.high, abs=1e-9)


@given(runs, runs)
def test_delta_reads_only_the_order(a, b):
    stretched = cliffs_delta(np.exp(a), np.exp(b))
    assert stretched.estimate == cliffs_delta(a, b).estimate


@given(runs, runs)
def test_delta_is_u_rescaled(a, b):
    u = stats.mannwhitneyu(a, b, method="asymptotic").statistic
    assert cliffs_delta(a, b).estimate == pytest.approx(2 * u / (len(a) * len(b)) - 1)
