"""The effect at prevalence .5 beside half of that at 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from model.measures.halfway import halfway
from model.measures.pairing import dose

NONE, HALF, ONE = [1.0, 1.2, 0.8, 1.0], [0.3, 0.5, 0.2, 0.4], [0.1, 0.2, 0.0, 0.1]


def series(*levels, pairing="none", at=(0.0, 0.5, 1.0)):
    """Levels by prevalence; under `none` no seed recurs."""
    seeds = [
        k if pairing == "common" else 100 * number + k
        for number, level in enumerate(levels)
        for k in range(len(level))
    ]
    place = [rho for rho, level in zip(at, levels, strict=True) for _ in level]
    return dose(place, [v for level in levels for v in level], seeds, pairing)


@pytest.mark.parametrize(
    ("half", "answer"),
    [
        ([0.3, 0.5, 0.2, 0.4], "more than half"),
        ([0.5, 0.6, 0.5, 0.55], "not told apart from half"),
        ([0.9, 1.1, 1.0, 1.0], "less than half"),
    ],
)
@pytest.mark.parametrize("pairing", ["none", "common"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_straight_line_has_half_its_effect_at_half(half, answer, pairing, sign):
    levels = [[sign * v for v in level] for level in (NONE, half, ONE)]
    found = halfway(series(*levels, pairing=pairing))
    assert found.answer == answer
    assert found.excess == pytest.approx(found.at_half - found.at_one / 2)


def test_paired_it_is_the_mean_over_seeds_of_their_own_excess():
    found = halfway(series(NONE, HALF, ONE, pairing="common"))
    own = np.array(HALF) - (np.array(NONE) + np.array(ONE)) / 2
    fit = OLS(own, np.ones(4)).fit()
    assert found.excess == pytest.approx(fit.params[0])
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int()[0]))


def test_of_equal_spread_and_size_the_contrast_is_that_of_the_linear_model():
    """With equal sizes its standard error is the pooled one: against statsmodels."""
    levels = [[m - 0.1, m, m + 0.1] for m in (1.0, 0.2, 0.1)]
    found = halfway(series(*levels))
    design = np.kron(np.eye(3), np.ones((3, 1)))
    test = OLS(np.concatenate(levels), design).fit().t_test([[-0.5, 1, -0.5]])
    assert found.excess == pytest.approx(float(test.effect[0]))
    # Satterthwaite's degrees of freedom lie between the least of a level and the pooled six.
    low, high = test.conf_int()[0]
    assert found.high - found.low > high - low
    assert (found.high - found.low) / (high - low) < 4.303 / 2.447


@given(st.floats(-100, 100), st.floats(0.1, 100))
def test_neither_the_zero_nor_the_unit_of_the_outcome_matters(shift, scale):
    plain = halfway(series(NONE, HALF, ONE))
    moved = halfway(series(*[[shift + scale * v for v in level] for level in (NONE, HALF, ONE)]))
    assert moved.answer == plain.answer
    assert moved.excess == pytest.approx(scale * plain.excess, abs=1e-9)


def test_without_the_levels_or_with_a_single_run_there_is_nothing_to_compare():
    assert halfway(series(NONE, HALF, ONE, at=(0.0, 0.25, 1.0))) is None
    assert halfway(series(NONE, HALF[:1], ONE)) is None


def test_runs_that_do_not_differ_give_no_interval_and_no_answer():
    found = halfway(series([1.0, 1.0], [0.2, 0.2], [0.1, 0.1]))
    assert np.isnan(found.low)
    assert found.answer == "not told apart from half"


def test_no_effect_at_one_has_no_half():
    assert halfway(series([1.0, 1.2], [0.3, 0.2], [1.2, 1.0])).answer == "no effect at 1"
