"""Runs needed agree with the noncentral t and with what a permutation test can reach."""

import numpy as np
import pytest
from scipy import stats

from model.measures.permutation import two_sample_weights
from model.measures.power import power_table, runs_needed, smallest_p, t_power


@pytest.mark.parametrize(("effect", "runs"), [(1.0, 17), (1.5, 9), (2.0, 6), (3.0, 4)])
def test_the_published_runs_per_arm(effect, runs):
    assert runs_needed(effect).runs == runs


@pytest.mark.parametrize("effect", [0.2, 0.8, 1.5, 2.0])
@pytest.mark.parametrize("runs", [3, 6, 12])
def test_power_is_the_noncentral_ts_mass_beyond_the_critical_values(effect, runs):
    for pairing, df, scale in (("none", 2 * runs - 2, runs / 2), ("common", runs - 1, runs)):
        critical, shift = stats.t.isf(0.025, df), effect * np.sqrt(scale)
        mass = stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)
        assert t_power(effect, runs, pairing=pairing) == pytest.approx(mass, abs=1e-9)


@pytest.mark.parametrize(("effect", "runs"), [(3.0, 60), (0.01, 1_000_000), (50.0, 2)])
def test_power_is_known_where_the_wrong_tail_is_too_thin_to_be_computed(effect, runs):
    for pairing in ("none", "common"):
        assert 0.9 < t_power(effect, runs, pairing=pairing) <= 1.0


@pytest.mark.parametrize(("runs", "p"), [(3, 0.10), (4, 0.0286), (5, 0.0079), (6, 0.00216)])
def test_the_smallest_p_by_runs(runs, p):
    assert smallest_p(runs) == pytest.approx(p, rel=0.005)


def test_signs_of_five_pairs_cannot_reach_five_percent():
    assert smallest_p(5, pairing="common") == pytest.approx(0.0625)
    assert smallest_p(6, pairing="common") == pytest.approx(0.03125)


def test_a_huge_effect_still_needs_the_runs_that_can_reject():
    assert runs_needed(20.0).runs == 4
    assert runs_needed(20.0, pairing="common").runs == 6


def test_a_family_of_twenty_needs_more():
    needed = runs_needed(1.5, alpha=0.05 / 20)
    assert needed.runs > runs_needed(1.5).runs
    assert needed.power >= 0.8


def test_one_run_fewer_misses_the_power():
    needed = runs_needed(0.7)
    assert t_power(0.7, needed.runs - 1) < 0.8 <= needed.power


def test_the_permutation_test_reaches_nearly_the_power_of_t():
    rng = np.random.default_rng(4)
    for effect, n in ((1.5, 9), (2.0, 6)):
        pooled = rng.normal(size=(2_000, 2 * n))
        pooled[:, :n] += effect
        weights, _ = two_sample_weights(n, n, 999, 0)
        observed = pooled[:, :n].mean(axis=1) - pooled[:, n:].mean(axis=1)
        null = np.abs(pooled @ weights.T)
        p = (null >= np.abs(observed)[:, None] - 1e-9).mean(axis=1)
        assert np.mean(p <= 0.05) == pytest.approx(t_power(effect, n), abs=0.04)


def test_random_draws_have_a_floor_of_their_own():
    assert smallest_p(12, draws=9_999) == 1e-4


def test_the_table_has_a_row_an_effect_and_falls_with_it():
    runs = [row.runs for row in power_table()]
    assert runs == sorted(runs, reverse=True)


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_an_impossible_effect_is_refused(bad):
    with pytest.raises(ValueError, match="finite difference"):
        runs_needed(bad)


def test_an_effect_too_small_for_any_study_is_refused():
    with pytest.raises(ValueError, match="more than"):
        runs_needed(1e-5)
