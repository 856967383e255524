"""What zero of n runs is compatible with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from model.measures.shares import compatible_with_none, none_collapsed_words


@pytest.mark.parametrize(("runs", "percent"), [(3, 63), (6, 39), (12, 22), (24, 12), (60, 4.9)])
def test_the_exact_one_sided_bound_is_the_published_one(runs, percent):
    assert 100 * compatible_with_none(runs) == pytest.approx(percent, abs=0.5)


@given(st.integers(1, 500))
def test_at_the_bound_no_hit_in_n_runs_has_one_chance_in_twenty(runs):
    bound = compatible_with_none(runs)
    assert stats.binom.pmf(0, runs, bound) == pytest.approx(0.05)
    assert compatible_with_none(runs + 1) < bound
    assert bound == pytest.approx(stats.binomtest(0, runs, alternative="less").proportion_ci().high)


def test_an_arm_without_collapse_says_what_that_is_compatible_with():
    assert none_collapsed_words(0, 12) == "a collapse rate up to 22 % is compatible with 0 of 12"
    assert none_collapsed_words(0, 59).startswith("a collapse rate up to 5.0 %")


@pytest.mark.parametrize(("collapsed", "runs"), [(1, 12), (0, 60), (0, 0)])
def test_an_arm_with_a_collapse_or_with_sixty_runs_needs_no_such_word(collapsed, runs):
    assert none_collapsed_words(collapsed, runs) == ""


def test_no_run_has_no_bound():
    with pytest.raises(ValueError, match="at least one"):
        compatible_with_none(0)
