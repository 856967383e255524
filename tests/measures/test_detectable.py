"""The smallest effect that a comparison could have seen."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from model.measures.detectable import PilotSpread, spread_of
from model.measures.pairing import Paired, Unpaired
from model.measures.power import t_power


def known(sd, n, pairing="common"):
    sizes = (n,) if pairing == "common" else (n, n)
    return PilotSpread(sd, np.nan, np.nan, sum(sizes) - len(sizes), sizes, pairing)


@pytest.mark.parametrize(
    ("sd", "pairs", "effect"), [(0.33, 12, 0.293), (0.33, 40, 0.15), (0.20, 16, 0.15)]
)
def test_the_pairs_of_growing_see_what_was_measured(sd, pairs, effect):
    assert known(sd, pairs).detectable() == pytest.approx(effect, abs=0.003)


@pytest.mark.parametrize("pairing", ["common", "none"])
@pytest.mark.parametrize("n", [8, 12, 40])
def test_what_is_detectable_is_detected_eight_times_of_ten(pairing, n):
    effect = known(1.0, n, pairing).detectable()
    assert t_power(effect, n, pairing=pairing) == pytest.approx(0.8, abs=0.02)


def test_eight_pairs_know_their_spread_by_the_factors_066_and_20():
    found = spread_of(Paired(np.array([0.1, -0.3, 0.2, 0.5, -0.1, 0.0, 0.3, -0.4])))
    assert found.low / found.sd == pytest.approx(0.661, abs=1e-3)
    assert found.high / found.sd == pytest.approx(2.035, abs=1e-3)
    assert found.sd == pytest.approx(np.std([0.1, -0.3, 0.2, 0.5, -0.1, 0.0, 0.3, -0.4], ddof=1))


def test_two_arms_pool_their_spread():
    a, b = np.array([1.0, 2.0, 4.0]), np.array([0.0, 5.0, 7.0, 8.0])
    pooled = np.sqrt((a.var(ddof=1) * 2 + b.var(ddof=1) * 3) / 5)
    found = spread_of(Unpaired(a, b))
    assert (found.sd, found.df, found.n) == (pytest.approx(pooled), 5, (3, 4))
    quantiles = stats.t.ppf(0.975, 5) + stats.t.ppf(0.8, 5)
    assert found.detectable() == pytest.approx(quantiles * pooled * np.sqrt(1 / 3 + 1 / 4))


@pytest.mark.parametrize("data", [Paired(np.array([1.0])), Unpaired(np.ones(1), np.ones(1)),
                                  Paired(np.empty(0))])  # fmt: skip
def test_too_few_runs_have_no_spread_and_show_nothing(data):
    found = spread_of(data)
    assert np.isnan(found.sd)
    assert np.isnan(found.detectable())


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=30), st.floats(0.1, 10))
def test_it_scales_with_the_outcome_and_does_not_know_its_zero(values, factor):
    assume(np.ptp(values) == 0 or np.ptp(values) > 1e-6)  # not within the last bits of a number
    plain = spread_of(Paired(np.array(values))).detectable()
    moved = spread_of(Paired(factor * np.array(values) + 1)).detectable()
    assert moved == pytest.approx(factor * plain, abs=1e-6, nan_ok=True)


def test_runs_that_are_all_alike_do_not_tell_what_could_have_been_seen():
    assert np.isnan(spread_of(Paired(np.zeros(12))).detectable())


@given(st.integers(3, 200), st.integers(1, 50), st.integers(2, 100))
def test_more_pairs_see_more_and_a_larger_family_sees_less(n, more, family):
    one = known(1.0, n)
    assert one.detectable(runs=n + more) < one.detectable()
    assert one.detectable(0.05 / family) > one.detectable()
