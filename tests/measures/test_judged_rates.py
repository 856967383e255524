"""A judge's rate is corrected with the doubt about the judge carried through."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.measures.judged_rates import (
    Validation,
    equal_across_arms,
    judged_rate,
    observed_rate,
)

STUDIES = 500
JUDGE = Validation(80, 100, 360, 400)


def studies(rng, truth, spread, runs=12, opportunities=60, sens=0.8, spec=0.9):
    """Runs whose true rates differ (beta), judged by a judge whose own rates are estimated."""
    for _ in range(STUDIES):
        if spread:
            rates = rng.beta(truth / spread, (1 - truth) / spread, runs)
        else:
            rates = np.full(runs, truth)
        judged = rates * sens + (1 - rates) * (1 - spec)
        hits = rng.binomial(opportunities, judged)
        seen = Validation(rng.binomial(100, sens), 100, rng.binomial(400, spec), 400)
        yield judged_rate(hits, [opportunities] * runs, seen)


@pytest.mark.parametrize("truth", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("spread", [0.0, 0.05, 0.2])
def test_the_corrected_rate_covers_with_an_estimated_judge(truth, spread):
    results = studies(np.random.default_rng(1), truth, spread)
    covered = [r.corrected.low <= truth <= r.corrected.high for r in results]
    assert 0.92 <= np.mean(covered) <= 0.98


def test_a_judge_held_fixed_would_not_cover():
    rng = np.random.default_rng(1)
    truth, covered = 0.2, []
    for result in studies(rng, truth, 0.0, runs=40, opportunities=200):
        n = result.observed.trials
        p = result.observed.rate
        youden = result.sensitivity.estimate + result.specificity.estimate - 1
        half = 1.96 * np.sqrt(p * (1 - p) / n) / youden
        covered.append(abs(result.raw - truth) <= half)
    assert 0.30 <= np.mean(covered) <= 0.73


def test_the_interval_is_that_of_the_published_example():
    # Lang & Reiczigel 2014, example 1: 4060 of 11284 positive, 178/179 and 358/359 validated.
    # 28 runs of 403 trials with 145 hits each: runs alike, so all 11284 trials count.
    found = judged_rate([145] * 28, [403] * 28, Validation(178, 179, 358, 359)).corrected
    assert (found.low, found.high) == pytest.approx((0.349, 0.372), abs=5e-4)


def test_rogan_and_gladen_recover_the_true_rate():
    # 30 % true at sens .8 and spec .9 is judged .3 x .8 + .7 x .1 = .31.
    found = judged_rate([31] * 10, [100] * 10, JUDGE)
    assert found.raw == found.corrected.estimate == pytest.approx(0.3)


def test_the_estimate_is_clipped_and_the_raw_value_kept():
    found = judged_rate([5] * 10, [100] * 10, JUDGE)
    assert found.raw == pytest.approx(-0.05 / 0.7)
    assert found.corrected.estimate == found.corrected.low == 0.0


def test_a_weak_judge_corrects_nothing():
    found = judged_rate([31] * 10, [100] * 10, Validation(60, 100, 276, 400))
    assert np.isnan([found.raw, found.corrected.estimate]).all()
    assert "the judge is too weak" in found.corrected.flags[-1]


def test_a_judge_without_validation_corrects_nothing():
    found = judged_rate([3] * 10, [10] * 10, Validation(0, 0, 5, 5))
    assert np.isnan(found.corrected.estimate)


def test_no_opportunity_has_no_rate():
    found = judged_rate([0, 0], [0, 0], JUDGE)
    assert np.isnan([found.raw, found.corrected.low]).all()
    assert "no opportunity in 2 of 2 runs" in found.corrected.flags


def test_a_small_validation_is_flagged():
    found = judged_rate([3] * 10, [10] * 10, Validation(18, 20, 45, 50))
    assert "20 validated positives, 100 wanted" in found.corrected.flags
    assert "50 validated negatives, 400 wanted" in found.corrected.flags


def test_a_larger_validation_narrows_the_interval():
    small = judged_rate([31] * 10, [100] * 10, Validation(80, 100, 360, 400))
    large = judged_rate([31] * 10, [100] * 10, Validation(8_000, 10_000, 36_000, 40_000))
    assert large.corrected.width < small.corrected.width


def test_a_perfect_judge_leaves_the_rate():
    found = judged_rate([2, 4, 3, 5, 1, 3], [10] * 6, Validation(10_000, 10_000, 10_000, 10_000))
    assert found.raw == pytest.approx(0.3)


def test_a_judge_that_errs_by_arm_is_found():
    found = equal_across_arms({"with": JUDGE, "without": Validation(55, 100, 360, 400)})
    assert found.differential
    assert found.sensitivity_p < 0.001
    assert found.specificity_p == 1.0


def test_the_test_across_arms_keeps_its_size():
    rng = np.random.default_rng(2)
    arms = [
        {
            arm: Validation(rng.binomial(100, 0.8), 100, rng.binomial(400, 0.9), 400)
            for arm in ("a", "b")
        }
        for _ in range(STUDIES)
    ]
    assert np.mean([equal_across_arms(a).differential for a in arms]) <= 0.05 + 3 * 0.0097


def test_three_arms_are_tested_together():
    alike = equal_across_arms({"a": JUDGE, "b": JUDGE, "c": JUDGE})
    unlike = equal_across_arms({"a": JUDGE, "b": JUDGE, "c": Validation(50, 100, 360, 400)})
    assert not alike.differential
    assert unlike.differential


def test_one_arm_cannot_be_compared():
    with pytest.raises(ValueError, match="at least two arms"):
        equal_across_arms({"a": JUDGE})


@pytest.mark.parametrize("counts", [(101, 100, 1, 1), (1, 1, 401, 400), (-1, 5, 1, 1)])
def test_impossible_validations_are_refused(counts):
    with pytest.raises(ValueError, match="of"):
        Validation(*counts)


def test_a_rate_of_unlike_runs_is_worth_fewer_trials():
    alike = observed_rate([5, 5, 6, 4, 5, 5], [10] * 6, 1.0)
    unlike = observed_rate([0, 10, 0, 10, 0, 10], [10] * 6, 1.0)
    assert alike.rate == unlike.rate == 0.5
    assert unlike.effective < 6 < alike.effective


def test_a_rate_and_its_complement_are_worth_the_same():
    hits, trials = [9, 10, 7, 8], [10, 12, 9, 10]
    misses = [t - h for h, t in zip(hits, trials, strict=True)]
    found, turned = (observed_rate(x, trials, 1.0) for x in (hits, misses))
    assert found.effective == pytest.approx(turned.effective)


def test_a_dispersion_of_all_arms_takes_trials_away_and_gives_none():
    hits, trials = [3, 4, 3, 4], [40] * 4
    worth = [observed_rate(hits, trials, between).effective for between in (1.0, 2.0, 4.0, 8.0)]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] <= 160


def test_one_judged_run_has_a_rate_and_no_interval():
    found = judged_rate([3], [10], JUDGE)
    assert found.observed.rate == 0.3
    assert np.isnan(found.corrected.low)
    assert found.corrected.unreliable


counts = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda p: (min(p), max(p))),
    min_size=2,
    max_size=12,
)


@given(counts)
def test_every_limit_is_a_rate_and_encloses_the_estimate(pairs):
    hits, trials = zip(*pairs, strict=True)
    judged = judged_rate(hits, trials, JUDGE).corrected
    if not np.isnan(judged.low):
        assert 0 <= judged.low <= judged.high <= 1
