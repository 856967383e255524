"""Survival of arms compared with whole runs permuted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from model.measures.log_rank import Lives, log_rank

#: Remission of leukaemia in weeks, Freireich et al. 1963; a negative number is censored.
TREATED = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def patients(weeks, first):
    left = np.abs(weeks)
    return Lives(np.zeros(len(weeks)), left, np.array(weeks) > 0, first + np.arange(len(weeks)))


def runs(rng, count, residents, hazard, shared, first=0):
    """Residents of several runs, whose hazard varies from run to run by `shared`."""
    own = hazard * np.exp(rng.normal(0, shared, count))
    days = np.minimum(np.ceil(rng.exponential(1 / np.repeat(own, residents))), 40)
    return Lives(
        np.zeros(days.size), days, days < 40, first + np.repeat(np.arange(count), residents)
    )


def test_observed_and_expected_are_those_of_the_published_trial():
    found = log_rank(patients(TREATED, 0), patients(PLACEBO, 100), "none")
    assert found.observed == 9
    assert found.expected == pytest.approx(19.25, abs=0.01)
    assert found.test.p < 0.001
    assert found.test.statistic < 0


def test_the_statistic_turns_with_the_arms():
    one = log_rank(patients(TREATED, 0), patients(PLACEBO, 100), "none")
    other = log_rank(patients(PLACEBO, 100), patients(TREATED, 0), "none")
    assert other.observed - other.expected == pytest.approx(one.expected - one.observed)
    assert other.test.p == pytest.approx(one.test.p, abs=0.01)


@pytest.mark.parametrize("pairing", ["none", "common"])
def test_where_runs_share_their_fate_the_test_keeps_its_size(pairing):
    rejected, naive = 0, 0
    for study in range(400):
        rng = np.random.default_rng(study)
        first = 0 if pairing == "common" else 6
        a, b = runs(rng, 6, 20, 0.03, 1.0), runs(rng, 6, 20, 0.03, 1.0, first)
        rejected += log_rank(a, b, pairing).test.p <= 0.05
        survival = [stats.CensoredData.right_censored(x.left, ~x.removed) for x in (a, b)]
        naive += stats.logrank(*survival).pvalue <= 0.05
    # .05 of 400 studies is 20 with a standard error of 4.4.
    assert rejected <= 34
    assert naive > 100


def test_an_arm_that_dies_twice_as_fast_is_told_apart():
    rng = np.random.default_rng(1)
    found = log_rank(runs(rng, 10, 20, 0.08, 0.2), runs(rng, 10, 20, 0.03, 0.2), "common")
    assert found.test.p < 0.01
    assert found.observed > found.expected


def test_runs_without_a_partner_are_left_out_and_counted():
    rng = np.random.default_rng(2)
    a, b = runs(rng, 6, 5, 0.03, 0.1), runs(rng, 8, 5, 0.03, 0.1)
    found = log_rank(a, b, "common")
    assert found.test.n == (6,)
    assert "2 runs have no partner" in found.test.flags[0]


def test_seeds_that_recur_are_refused_without_pairing():
    lives = patients(TREATED, 0)
    with pytest.raises(ValueError, match="pairing 'none'"):
        log_rank(lives, lives, "none")


def test_arms_without_a_common_seed_are_not_tested():
    found = log_rank(patients(TREATED, 0), patients(PLACEBO, 100), "common")
    assert np.isnan(found.test.p)


@given(st.integers(0, 50), st.randoms())
def test_the_order_of_residents_says_nothing(study, lots):
    rng = np.random.default_rng(study)
    a, b = runs(rng, 4, 3, 0.05, 0.5), runs(rng, 4, 3, 0.05, 0.5, 4)
    order = list(range(12))
    lots.shuffle(order)
    turned = Lives(*(np.asarray(x)[order] for x in (a.entered, a.left, a.removed, a.seed)))
    assert log_rank(turned, b, "none").test.p == log_rank(a, b, "none").test.p
