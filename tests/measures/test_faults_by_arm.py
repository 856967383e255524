"""Faults that differ by arm, or that decide an effect's sign, are named."""

import numpy as np
import pytest

from model.measures.faults_by_arm import (
    CONFOUNDED,
    NOT_ROBUST,
    confounding,
    faults_of_arms,
    robustness,
)

VERDICTS = [1_000] * 8


def arm(faults, refusals=0, name="arm"):
    return faults_of_arms({name: ([faults] * 8, [refusals] * 8, VERDICTS)})[name]


def test_an_arm_carries_both_rates_with_intervals_over_runs():
    found = faults_of_arms({"without": ([10, 20, 0, 30, 5, 15], [5] * 2 + [0] * 4, [1_000] * 6)})[
        "without"
    ]
    assert found.faults.estimate == pytest.approx(80 / 6_000)
    assert found.refusals.estimate == pytest.approx(10 / 6_000)
    assert found.faults.low < found.faults.estimate < found.faults.high
    assert found.faults.n == (6,)


def test_arms_apart_by_more_than_a_point_are_confounded():
    assert confounding(arm(5), arm(16)) == (CONFOUNDED,)


def test_arms_apart_by_exactly_a_point_are_not():
    assert confounding(arm(20), arm(30)) == ()


def test_a_difference_in_refusals_alone_confounds():
    assert confounding(arm(20, 19), arm(20, 2)) == (CONFOUNDED,)


def test_an_arm_without_verdicts_is_not_called_clean():
    silent = faults_of_arms({"silent": ([0] * 8, [0] * 8, [0] * 8)})["silent"]
    assert np.isnan(silent.faults.estimate)
    assert confounding(silent, arm(0)) == ("fault rate unknown",)


def test_more_refusals_than_faults_are_refused():
    with pytest.raises(ValueError, match="a refusal is a fault"):
        faults_of_arms({"x": ([1], [2], [10])})


def test_an_effect_that_keeps_its_sign_is_robust():
    assert robustness(-0.4, {"random": -0.1, "repeat yesterday": -0.5}).flags == ()


@pytest.mark.parametrize("replay", [0.01, 0.0])
def test_an_effect_that_loses_its_sign_is_not_robust(replay):
    found = robustness(-0.4, {"random": replay, "repeat yesterday": -0.5})
    assert found.flags == (NOT_ROBUST,)


def test_an_undefined_replay_is_named():
    found = robustness(0.4, {"random": np.nan, "repeat yesterday": 0.5})
    assert found.flags == ("undefined under replay 'random'",)


def test_robustness_needs_replays():
    with pytest.raises(ValueError, match="no replay given"):
        robustness(0.4, {})
