"""Gini coefficient and top share."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.measures.inequality import gini, top_share, top_share_at_equality

AMOUNTS = st.lists(st.integers(0, 10_000), min_size=2, max_size=60).filter(any)


@pytest.mark.parametrize(
    ("amounts", "biased", "unbiased"),
    [([1, 2, 3, 4, 5], 0.26667, 0.33333), ([0, 0, 0, 1], 0.75, 1), ([7, 7, 7], 0, 0)],
)
def test_gini_of_known_amounts(amounts: list[int], biased: float, unbiased: float) -> None:
    assert gini(amounts) == pytest.approx(biased, abs=5e-6)
    assert gini(amounts, unbiased=True) == pytest.approx(unbiased, abs=5e-6)


QUANTILES = (np.arange(100_000) + 0.5) / 100_000


@pytest.mark.parametrize(
    ("amounts", "limit"),
    [
        pytest.param(QUANTILES, 1 / 3, id="uniform"),
        pytest.param(-np.log1p(-QUANTILES), 1 / 2, id="exponential"),
        pytest.param((1 - QUANTILES) ** (-1 / 3), 1 / 5, id="Pareto, alpha 3"),
    ],
)
def test_gini_reaches_the_limits_of_known_distributions(amounts: np.ndarray, limit: float) -> None:
    assert gini(amounts) == pytest.approx(limit, abs=1e-3)


def test_gini_of_lognormal_amounts_is_the_error_function_of_half_sigma() -> None:
    amounts = np.exp(0.8 * np.random.default_rng(1).standard_normal(200_000))
    assert gini(amounts) == pytest.approx(math.erf(0.4), abs=3e-3)


def test_biased_gini_rewards_a_shrinking_community_and_unbiased_does_not() -> None:
    wealth = np.random.default_rng(2).exponential(size=(4000, 25))
    biased = {n: np.mean([1 - gini(row[:n]) for row in wealth]) for n in (2, 25)}
    unbiased = {n: np.mean([1 - gini(row[:n], unbiased=True) for row in wealth]) for n in (2, 25)}
    assert biased[25] == pytest.approx(0.52, abs=0.01)
    assert biased[2] == pytest.approx(0.75, abs=0.01)
    assert unbiased[2] == pytest.approx(unbiased[25], abs=0.02)


@pytest.mark.parametrize("amounts", [[], [0, 0, 0], [1, float("nan"), 2]])
def test_inequality_of_nothing_or_of_the_unknown_is_undefined(amounts: list[float]) -> None:
    assert np.isnan(gini(amounts))
    assert np.isnan(top_share(amounts))


def test_single_holder_has_no_unbiased_gini() -> None:
    assert gini([5]) == 0
    assert np.isnan(gini([5], unbiased=True))


@pytest.mark.parametrize("amounts", [[1, -1], [1, float("inf")]])
def test_negative_or_infinite_amounts_are_refused(amounts: list[float]) -> None:
    with pytest.raises(ValueError, match="negative or infinite"):
        gini(amounts)
    with pytest.raises(ValueError, match="negative or infinite"):
        top_share(amounts)


@given(AMOUNTS)
def test_gini_is_half_the_relative_mean_difference(amounts: list[int]) -> None:
    x = np.array(amounts, dtype=float)
    mean_difference = np.abs(x[:, None] - x[None, :]).mean()
    assert gini(x) == pytest.approx(mean_difference / (2 * x.mean()), abs=1e-12)


@given(AMOUNTS, st.randoms())
def test_inequality_does_not_depend_on_who_holds_what(amounts: list[int], random) -> None:
    shuffled = random.sample(amounts, len(amounts))
    assert gini(shuffled) == pytest.approx(gini(amounts), abs=1e-12)
    assert top_share(shuffled) == top_share(amounts)


@given(AMOUNTS, st.floats(1e-3, 1e3))
def test_inequality_does_not_depend_on_the_unit(amounts: list[int], unit: float) -> None:
    scaled = np.array(amounts) * unit
    assert gini(scaled) == pytest.approx(gini(amounts), abs=1e-9)
    assert top_share(scaled) == pytest.approx(top_share(amounts), abs=1e-9)


@given(AMOUNTS)
def test_inequality_stays_within_its_bounds(amounts: list[int]) -> None:
    n = len(amounts)
    assert -1e-12 <= gini(amounts) <= 1 - 1 / n + 1e-12
    assert -1e-12 <= gini(amounts, unbiased=True) <= 1 + 1e-12
    assert top_share_at_equality(n) - 1e-12 <= top_share(amounts) <= 1 + 1e-12


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=20).filter(any))
def test_gift_from_the_richest_to_the_poorest_never_raises_gini(amounts: list[int]) -> None:
    after = sorted(amounts)
    given_away = (after[-1] - after[0]) // 2
    after[0], after[-1] = after[0] + given_away, after[-1] - given_away
    assert gini(after) <= gini(amounts) + 1e-12


def test_top_tenth_of_25_is_three_persons() -> None:
    assert top_share_at_equality(25) == 0.12
    assert top_share([1] * 22 + [26] * 3) == 78 / 100
    assert top_share([1] * 25) == pytest.approx(0.12)


@pytest.mark.parametrize("n", [1, 5, 9, 10, 11, 30, 70, 100, 101, 1000, 2010])
def test_top_count_is_the_exact_ceiling_of_a_tenth(n: int) -> None:
    assert top_share_at_equality(n) == -(-n // 10) / n


def test_top_share_needs_a_share_between_zero_and_one() -> None:
    with pytest.raises(ValueError, match="share"):
        top_share([1, 2], share=0)


def test_nobody_has_no_equality_baseline() -> None:
    assert np.isnan(top_share_at_equality(0))
