"""Permutation tests keep their size, know their floor and never mix pairings."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from model.measures.pairing import Paired, Unpaired, contrast, dose
from model.measures.permutation import (
    compare,
    dose_test,
    sign_flip_test,
    two_sample_test,
)

STUDIES = 2_000
LEVELS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])


def outcomes(rng, size, ties):
    """Null outcomes: skewed and continuous, or on five values with many ties."""
    return rng.integers(0, 5, size).astype(float) if ties else rng.exponential(size=size)


def unpaired(rng, ties):
    return two_sample_test(Unpaired(outcomes(rng, 5, ties), outcomes(rng, 6, ties)))


def paired(rng, ties):
    difference = outcomes(rng, 8, ties) - outcomes(rng, 8, ties)
    return sign_flip_test(Paired(difference))


def dosed_exactly(rng, ties):
    levels = np.repeat([0.0, 0.5, 1.0], [2, 3, 3])
    return dose_test(dose(levels, outcomes(rng, 8, ties), range(8), "none"))


def dosed_by_seed_exactly(rng, ties):
    levels = np.repeat([0.0, 0.5, 1.0], 4)
    return dose_test(dose(levels, outcomes(rng, 12, ties), [1, 2, 3, 4] * 3, "common"))


def dosed(rng, ties):
    data = dose(np.repeat(LEVELS, 4), outcomes(rng, 20, ties), range(20), "none")
    return dose_test(data, draws=499, seed=int(rng.integers(2**31)))


def dosed_by_seed(rng, ties):
    data = dose(np.repeat(LEVELS, 4), outcomes(rng, 20, ties), [1, 2, 3, 4] * 5, "common")
    return dose_test(data, draws=499, seed=int(rng.integers(2**31)))


DESIGNS = [unpaired, paired, dosed_exactly, dosed_by_seed_exactly, dosed, dosed_by_seed]


@pytest.mark.slow  # 12 cases, about 20 s together
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("design", DESIGNS)
def test_null_p_values_are_valid_and_their_randomised_form_is_uniform(design, ties):
    rng = np.random.default_rng(7)
    tests = [design(rng, ties) for _ in range(STUDIES)]
    tests = [test for test in tests if not np.isnan(test.p)]
    p = np.array([test.p for test in tests])
    for a in np.unique(p[p <= 0.2]):
        assert np.mean(p <= a) <= a + 3 * np.sqrt(a * (1 - a) / p.size)
    randomised = [
        test.randomised_p(u) for test, u in zip(tests, rng.random(len(tests)), strict=True)
    ]
    assert stats.kstest(randomised, "uniform").pvalue > 0.001


def test_an_exact_p_is_attained_exactly_as_often_as_it_says():
    orders = list(permutations([0.0, 1.0, 2.0]))
    levels, seeds = np.repeat([0.0, 0.5, 1.0], 3), [1, 2, 3] * 3
    p = np.array(
        [
            dose_test(dose(levels, np.array(worlds).T.ravel(), seeds, "common")).p
            for worlds in product(orders, repeat=3)
        ]
    )
    for a in np.unique(p):
        assert np.mean(p <= a) == pytest.approx(a)


def test_the_unrandomised_p_of_a_small_design_is_not_uniform():
    rng = np.random.default_rng(3)
    p = [two_sample_test(Unpaired(rng.normal(size=3), rng.normal(size=3))).p for _ in range(500)]
    assert stats.kstest(p, "uniform").pvalue < 0.001


@pytest.mark.parametrize(("n", "floor"), [(3, 0.10), (4, 0.0286), (5, 0.0079), (6, 0.00216)])
def test_the_floor_of_equal_arms(n, floor):
    test = two_sample_test(Unpaired(np.arange(n) + 100.0, np.arange(n) * 1.0))
    assert test.p == test.smallest_p == pytest.approx(floor, rel=0.005)


def test_ties_raise_the_floor():
    test = two_sample_test(Unpaired(np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0])))
    assert test.smallest_p == test.p == 1.0


def test_two_samples_agree_with_scipys_enumeration():
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=5), rng.normal(1.0, size=7)
    expected = stats.permutation_test(
        (a, b), lambda x, y: abs(x.mean() - y.mean()), n_resamples=np.inf, alternative="greater"
    )
    assert two_sample_test(Unpaired(a, b)).p == pytest.approx(expected.pvalue)


def test_sign_flips_agree_with_scipys_enumeration():
    d = np.random.default_rng(8).normal(0.7, size=9)
    expected = stats.permutation_test(
        (d,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert sign_flip_test(Paired(d)).p == pytest.approx(expected.pvalue)


def test_an_exact_dose_test_agrees_with_scipys_enumeration_of_orders():
    rng = np.random.default_rng(8)
    levels, y = np.repeat([0.0, 0.5, 1.0], [2, 2, 3]), rng.integers(0, 4, 7).astype(float)
    expected = stats.permutation_test(
        (y,),
        lambda v: abs(stats.spearmanr(levels, v).statistic),
        permutation_type="pairings",
        n_resamples=np.inf,
        alternative="greater",
    )
    test = dose_test(dose(levels, y, range(7), "none"))
    assert test.exact
    assert test.statistic == pytest.approx(stats.spearmanr(levels, y).statistic)
    assert test.p == pytest.approx(expected.pvalue)


def test_a_perfect_dose_response_reaches_the_smallest_p_of_random_draws():
    test = dose_test(dose(np.repeat(LEVELS, 6), np.arange(30.0), range(30), "none"))
    assert (test.draws, test.p, test.smallest_p) == (9_999, 1e-4, 1e-4)


def test_random_draws_approach_the_exact_p():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.9, size=9), rng.normal(size=9)
    test = two_sample_test(Unpaired(a, b))
    exact = stats.permutation_test(
        (a, b), lambda x, y: abs(x.mean() - y.mean()), n_resamples=np.inf, alternative="greater"
    ).pvalue
    assert not test.exact
    assert test.p == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 9_999))


def test_paired_seeds_under_an_unpaired_test_have_a_far_too_small_size():
    rng = np.random.default_rng(5)
    world = rng.normal(size=(STUDIES, 6, 1))
    runs = world + 0.5 * rng.normal(size=(STUDIES, 6, 2))
    p = [two_sample_test(Unpaired(r[:, 0], r[:, 1])).p for r in runs]
    assert np.mean(np.array(p) <= 0.05) < 0.01


def test_runs_that_share_seeds_cannot_be_called_unpaired():
    with pytest.raises(ValueError, match="both arms ran on the seeds"):
        contrast({1: 0.1, 2: 0.2}, {2: 0.3, 3: 0.4}, "none")


def test_runs_of_other_seeds_cannot_be_called_paired():
    with pytest.raises(ValueError, match="ran in one arm only"):
        contrast({1: 0.1, 2: 0.2}, {2: 0.3, 3: 0.4}, "common")


def test_each_test_refuses_the_other_pairing():
    with pytest.raises(TypeError, match="takes Unpaired data, got Paired"):
        two_sample_test(Paired(np.ones(3)))
    with pytest.raises(TypeError, match="takes Paired data, got Unpaired"):
        sign_flip_test(Unpaired(np.ones(3), np.zeros(3)))


def test_a_dose_series_checks_its_seeds():
    with pytest.raises(ValueError, match="a seed was used twice"):
        dose([0, 0, 1, 1], [1, 2, 3, 4], [1, 2, 1, 2], "none")
    with pytest.raises(ValueError, match="not every seed ran once"):
        dose([0, 0, 1, 1], [1, 2, 3, 4], [1, 2, 1, 3], "common")


def test_the_pairing_decides_interval_and_test():
    a = {s: 1.0 + s + 0.01 * s**2 for s in range(8)}
    b = {s: 0.0 + s for s in range(8)}
    together = compare(contrast(a, b, "common"))
    apart = compare(contrast(a, {s + 100: v for s, v in b.items()}, "none"))
    assert together.test.method == "sign-flip"
    assert apart.test.method == "two-sample permutation"
    assert apart.difference.method == "Welch"
    assert together.test.p < 0.01 < apart.test.p
    assert together.difference.estimate == pytest.approx(apart.difference.estimate)


def test_an_undefined_side_drops_its_pair_and_says_so():
    found = contrast({1: np.nan, 2: 1.0, 3: 2.0}, {1: 0.0, 2: 0.0, 3: 0.0}, "common")
    assert isinstance(found, Paired)
    assert found.differences.tolist() == [1.0, 2.0]
    assert found.flags == ("undefined in 1 of 3 pairs",)


def test_an_undefined_run_drops_its_seed_at_all_levels_of_a_paired_series():
    data = dose([0, 0, 1, 1], [1, np.nan, 3, 4], [1, 2, 1, 2], "common")
    assert data.outcomes.tolist() == [1.0, 3.0]


def test_equal_outcomes_cannot_be_tested():
    test = dose_test(dose([0, 0, 1, 1], [2, 2, 2, 2], range(4), "none"))
    assert np.isnan(test.p)
    assert test.flags == ("4 identical runs",)


def test_seeds_explain_what_levels_must_not():
    # Worlds differ by 100; within every world the outcome rises with the level.
    levels = np.repeat(LEVELS, 4)
    seeds = [1, 2, 3, 4] * 5
    y = levels + 100.0 * np.array(seeds)
    assert dose_test(dose(levels, y, seeds, "common")).statistic == pytest.approx(1.0)


values = st.lists(st.integers(0, 5).map(float), min_size=2, max_size=6)


@given(values, values)
def test_p_lies_between_its_floor_and_one_and_ignores_order(a, b):
    test = two_sample_test(Unpaired(np.array(a), np.array(b)))
    turned = two_sample_test(Unpaired(np.array(b[::-1]), np.array(a[::-1])))
    assert 0 < test.smallest_p <= test.p <= 1
    assert test.above < test.p
    assert turned.p == pytest.approx(test.p)


@given(values)
def test_sign_flip_p_lies_between_its_floor_and_one(d):
    test = sign_flip_test(Paired(np.array(d) - 2.0))
    assert 2 ** -len(d) <= test.smallest_p <= test.p <= 1
