"""Tests of circular structure against closed forms and published counts."""

from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.measures.circle import (
    correlations,
    eigenvalues,
    equal_angles,
    fit_sinusoid,
    ideal_matrix,
    order_test,
    plane_share,
    structure,
)

law = settings(derandomize=True, deadline=None, max_examples=100)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def ipsatised(n: int, k: int, seed: int = 1) -> np.ndarray:
    noise = rng(seed).normal(size=(n, k))
    return noise - noise.mean(axis=1, keepdims=True)


class TestSinusoid:
    @law
    @given(st.floats(-5, 5), st.floats(0.01, 5), st.floats(0, 359.9), st.integers(3, 20))
    def test_amplitude_phase_and_elevation_are_recovered(self, m, amplitude, phase, k):
        y = m + amplitude * np.cos(np.deg2rad(equal_angles(k) - phase))
        wave = fit_sinusoid(y)
        assert wave.elevation == pytest.approx(m, abs=1e-9)
        assert wave.amplitude == pytest.approx(amplitude, rel=1e-9)
        assert np.cos(np.deg2rad(wave.phase - phase)) == pytest.approx(1.0, abs=1e-12)
        assert wave.r2 == pytest.approx(1.0, abs=1e-8)

    def test_unequal_angles_are_recovered_too(self):
        angles = np.array([0.0, 20.0, 95.0, 180.0, 300.0])
        wave = fit_sinusoid(1.0 + 2.0 * np.cos(np.deg2rad(angles - 70.0)), angles)
        assert (wave.elevation, wave.amplitude, wave.phase) == pytest.approx((1.0, 2.0, 70.0))

    def test_what_is_orthogonal_to_the_circle_is_left_over(self):
        theta = np.deg2rad(equal_angles(10))
        wave = fit_sinusoid(np.cos(theta) + np.cos(3 * theta))
        assert wave.amplitude == pytest.approx(1.0)
        assert wave.r2 == pytest.approx(0.5)

    def test_a_flat_profile_has_no_phase(self):
        wave = fit_sinusoid(np.full(10, 0.3))
        assert wave.amplitude == 0
        assert np.isnan(wave.phase)
        assert np.isnan(wave.r2)

    @pytest.mark.parametrize("profile", [[1.0, 2.0], [1.0, np.nan, 2.0, 3.0]])
    def test_too_little_to_fit_is_refused(self, profile):
        with pytest.raises(ValueError, match="finite"):
            fit_sinusoid(np.array(profile))


class TestIdealCircle:
    def test_ten_equal_steps_have_two_eigenvalues_of_five(self):
        expected = [5, 5, 0, 0, 0, 0, 0, 0, 0, 0]
        assert eigenvalues(ideal_matrix(10)) == pytest.approx(expected, abs=1e-12)

    def test_neighbours_agree_and_opposites_exclude_each_other(self):
        matrix = ideal_matrix(10)
        assert matrix[0, 5] == pytest.approx(-1)
        assert matrix[0, 1] == pytest.approx(np.cos(np.deg2rad(36)))


class TestOrder:
    @pytest.mark.parametrize(("k", "predictions"), [(6, 72), (10, 800)])
    def test_the_number_of_predictions_is_the_published_one(self, k, predictions):
        test = order_test(ideal_matrix(k), rng(), draws=99)
        assert test.predictions == test.met == predictions
        assert test.index == 1

    def test_six_types_in_perfect_order_have_the_published_smallest_p(self):
        # 12 of 720 relabellings are turns and mirrors (Hubert & Arabie; Tracey & Rounds: .0167).
        test = order_test(ideal_matrix(6), rng())
        assert test.exact
        assert test.p == 12 / factorial(6)

    @law
    @given(st.integers(0, 9), st.booleans())
    def test_turning_or_mirroring_the_circle_changes_nothing(self, turn, mirror):
        noisy = correlations(ipsatised(60, 10))
        order = np.roll(np.arange(10), turn)[:: -1 if mirror else 1]
        index = order_test(noisy, rng(), draws=9).index
        assert order_test(noisy[np.ix_(order, order)], rng(), draws=9).index == index

    def test_the_reversed_matrix_meets_nothing(self):
        test = order_test(-ideal_matrix(10), rng(), draws=99)
        assert (test.met, test.index, test.p) == (0, -1, 1)

    def test_equal_correlations_are_ties_and_count_neither_way(self):
        test = order_test(np.eye(10), rng(), draws=99)
        assert (test.met, test.tied, test.index, test.p) == (0, 800, 0, 1)

    def test_without_structure_p_is_no_smaller_than_it_says(self):
        p = [order_test(correlations(ipsatised(60, 6, s)), rng()).p for s in range(200)]
        # 200 null samples at .05: 10 expected, sd 3.1.
        assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * 0.0154
        assert 0.4 < np.mean(p) < 0.62

    def test_the_random_p_of_ten_values_is_that_of_its_seed(self):
        noisy = correlations(ipsatised(60, 10))
        first, again = order_test(noisy, rng(4)), order_test(noisy, rng(4))
        assert first == again
        assert not first.exact
        assert first.relabellings == 9_999

    def test_a_missing_correlation_leaves_the_test_undefined(self):
        matrix = ideal_matrix(10)
        matrix[2, 3] = matrix[3, 2] = np.nan
        test = order_test(matrix, rng())
        assert np.isnan(test.index)
        assert np.isnan(test.p)

    def test_a_matrix_that_is_not_square_is_refused(self):
        with pytest.raises(ValueError, match="k x k"):
            order_test(np.zeros((4, 5)), rng())


class TestStructureOfASample:
    def test_centred_noise_correlates_at_minus_one_ninth_and_not_at_zero(self):
        found = structure(ipsatised(20_000, 10), rng(), draws=99)
        assert found.null_correlation == -1 / 9
        assert found.mean_correlation == pytest.approx(-1 / 9, abs=0.002)

    def test_centred_noise_lies_on_every_plane_alike(self):
        assert plane_share(ipsatised(20_000, 10)) == pytest.approx(2 / 9, abs=0.005)

    def test_people_on_the_circle_are_all_plane_and_in_perfect_order(self):
        theta = np.deg2rad(equal_angles(10))
        # Equal variance in both directions and none between them: the ideal matrix itself.
        wheel = np.deg2rad(np.arange(360))[:, np.newaxis]
        found = structure(np.cos(theta - wheel), rng(2), draws=999)
        assert found.plane_share == pytest.approx(1)
        assert found.ideal_fit == pytest.approx(1)
        assert found.order.index == 1
        assert found.order.p == pytest.approx(1 / 1000)
        assert found.eigenvalues == pytest.approx(found.ideal_eigenvalues, abs=1e-9)

    @law
    @given(st.integers(0, 10_000))
    def test_correlations_are_those_of_numpy(self, seed):
        sample = rng(seed).normal(size=(12, 5))
        assert correlations(sample) == pytest.approx(np.corrcoef(sample, rowvar=False), abs=1e-12)

    @pytest.mark.parametrize("sample", [np.zeros((40, 10)), ipsatised(2, 10)])
    def test_without_variance_or_rows_correlations_are_undefined(self, sample):
        found = structure(sample, rng(), draws=9)
        assert np.isnan(found.mean_correlation)
        assert np.isnan(found.eigenvalues).all()
        assert np.isnan(found.order.p)
        assert np.isnan(found.ideal_fit)

    def test_identical_rows_have_no_plane(self):
        assert np.isnan(plane_share(np.tile([0.1, 0.2, -0.3, 0.0], (5, 1))))

    @pytest.mark.parametrize(
        "sample", [np.empty((0, 10)), np.zeros((5, 3)), np.full((5, 10), np.nan)]
    )
    def test_a_sample_that_cannot_be_tested_is_refused(self, sample):
        with pytest.raises(ValueError, match="scores"):
            structure(sample, rng())
