"""One comparison of arms: the rules of pairing, order, effect size and test."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from model.analysis.measures import measure
from model.measures.arm_effect import RANKED, ArmRuns
from model.measures.arm_effect import arm_effect as compared
from model.measures.effects import paired_delta, paired_limits
from model.measures.faults_by_arm import CONFOUNDED
from model.measures.pairing import Paired, pairing_of
from model.measures.permutation import sign_test

NAN = math.nan


def arm_effect(arm, control, name, pairing):
    one = measure(name)
    return compared(
        arm, control, pairing,
        higher_is_better=one.better == "more", for_every_run=one.for_every_run,
    )  # fmt: skip


def runs(values, fell=None, *, label="arm", faults=0, failed=0):
    many = np.full(len(values), 1_000)
    return ArmRuns(
        label, values, fell or {}, many * faults // 1_000, np.zeros_like(many), many, failed
    )


def seeded(values, first=1):
    return dict(enumerate(map(float, values), first))


def test_pairs_are_tested_by_their_signs_and_the_difference_is_a_description():
    found = arm_effect(runs(seeded([2, 3, 4, 9])), runs(seeded([1, 2, 5, 1])), "naup", "common")
    assert found.comparison.test.method == "exact sign"
    assert found.comparison.test.p == pytest.approx(2 * (1 + 4) / 16)
    assert found.comparison.test.smallest_p == 2 / 16
    assert found.comparison.difference.estimate == 2.25
    assert found.delta.estimate == (3 - 1) / 4
    assert found.points == (1.0, 1.0, -1.0, 8.0)


@pytest.mark.parametrize(("pairs", "floor"), [(6, 0.031), (9, 0.0039), (10, 0.00195), (12, 0.0005)])
def test_the_floor_of_the_sign_test_is_the_published_one(pairs, floor):
    found = sign_test(Paired(np.ones(pairs)))
    assert found.p == found.smallest_p == pytest.approx(floor, rel=0.03)


@given(st.lists(st.integers(-2, 2), min_size=1, max_size=20))
def test_the_sign_test_is_the_binomial_one(differences):
    values = np.array(differences, dtype=float)
    found = sign_test(Paired(values))
    higher, decided = int((values > 0).sum()), int((values != 0).sum())
    expected = stats.binomtest(higher, decided).pvalue if decided else 1.0
    assert found.p == pytest.approx(expected)
    assert found.above <= found.p
    assert found.smallest_p <= found.p + 1e-12
    assert found.statistic == pytest.approx(-sign_test(Paired(-values)).statistic)


@pytest.mark.parametrize("n", [6, 12, 24])
@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_the_interval_of_paired_delta_covers_as_published(n, shift):
    rng = np.random.default_rng([n, int(10 * shift)])
    higher = rng.binomial(n, stats.norm.cdf(shift), 3_000)
    truth = 2 * stats.norm.cdf(shift) - 1
    limits = {k: paired_limits(float(k), float(n - k), n, 0.95) for k in range(n + 1)}
    inside = np.mean([limits[k][0] <= truth <= limits[k][1] for k in higher.tolist()])
    assert 0.925 <= inside <= 0.99


def test_three_pairs_exclude_nothing_and_six_can():
    assert paired_limits(3.0, 0.0, 3, 0.95)[0] < 0
    assert paired_limits(6.0, 0.0, 6, 0.95)[0] > 0


@given(st.lists(st.integers(-1, 1), min_size=1, max_size=30))
def test_paired_delta_lies_within_its_limits_and_turns_with_the_signs(signs):
    found, turned = paired_delta(signs), paired_delta([-one for one in signs])
    assert -1 <= found.low <= found.estimate + 1e-12
    assert found.estimate - 1e-12 <= found.high <= 1
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_only_shared_seeds_are_pairs_and_the_others_are_counted():
    arm, control = runs(seeded([1, 2, 3, 4], first=2)), runs(seeded([1, 1, 1, 1]))
    found = arm_effect(arm, control, "naup", "common")
    assert found.comparison.test.n == (3,)
    assert "2 runs have no partner of the same seed and are left out" in found.flags


def test_runs_of_other_seeds_are_compared_between_arms():
    arm, control = runs(seeded([5, 6, 7, 8], 100)), runs(seeded([1, 2, 3, 4]))
    found = arm_effect(arm, control, "naup", "none")
    assert found.comparison.difference.method == "Welch"
    assert found.comparison.test.p == 2 / 70
    assert found.delta.estimate == 1.0
    assert found.points == ()


@pytest.mark.parametrize(
    ("arms", "pairing"),
    [
        ([{1, 2, 3}, {1, 2, 3}], "common"),
        ([{1, 2, 3}, {1, 2}, {1, 2, 3}], "common"),
        ([{1, 2}, {3, 4}], "none"),
        ([{1, 2, 3}, {3, 4, 5}], "mixed"),
        ([{1}, {1, 2, 3}], "mixed"),
        ([{1, 2}], "none"),
    ],
)
def test_pairing_is_read_off_the_seeds(arms, pairing):
    assert pairing_of(arms) == pairing


@pytest.mark.parametrize("pairing", ["common", "none"])
def test_a_collapsed_run_is_worst_in_every_outcome_whatever_its_value(pairing):
    first = 1 if pairing == "common" else 100
    for outcome, sign in (("naup", -1), ("social_capital", -1), ("attacks", 1), ("gini", 1)):
        arm = runs(seeded([5.0 * -sign] * 6, first), dict.fromkeys(range(first, first + 6), 3.0))
        found = arm_effect(arm, runs(seeded([0.0] * 6)), outcome, pairing)
        assert found.delta.estimate == sign
        assert (measure(outcome).better == "less") == (sign == 1)
        assert RANKED in found.flags
        assert found.in_ranks == (outcome != "naup")


def test_of_collapsed_pairs_the_one_that_lasted_longer_is_higher():
    both = dict.fromkeys(range(1, 7), NAN)
    late = runs(both, dict.fromkeys(both, 40.0))
    soon = runs(both, dict.fromkeys(both, 12.0))
    assert arm_effect(late, soon, "social_capital", "common").delta.estimate == 1.0
    assert arm_effect(late, soon, "attacks", "common").delta.estimate == -1.0


def test_a_living_run_without_a_value_is_not_ranked_away():
    arm = runs({1: NAN, 2: 1.0}, {2: 5.0})
    found = arm_effect(arm, runs(seeded([1, 2])), "social_capital", "common")
    assert math.isnan(found.comparison.test.p)
    assert any("did not collapse and have no value" in flag for flag in found.flags)


@pytest.mark.parametrize("pairing", ["common", "none"])
def test_an_arm_without_a_run_is_not_compared(pairing):
    found = arm_effect(runs({}), runs(seeded([1, 2])), "naup", pairing)
    assert math.isnan(found.comparison.test.p)
    assert math.isnan(found.delta.estimate)


def test_faults_and_failures_stand_among_the_flags():
    arm, control = runs(seeded([1, 2, 3]), faults=30, failed=2), runs(seeded([1, 2, 3]), faults=5)
    flags = arm_effect(arm, control, "naup", "common").flags
    assert CONFOUNDED in flags
    assert "2 runs failed and are left out" in flags


values = st.lists(st.floats(-5, 5), min_size=2, max_size=8)


@given(values, values, st.sampled_from(["naup", "attacks", "social_capital"]), st.booleans())
def test_an_effect_turns_with_its_arms(a, b, outcome, paired):
    n = min(len(a), len(b))
    one, other = (seeded(a[:n]), seeded(b[:n])) if paired else (seeded(a, 100), seeded(b))
    pairing = "common" if paired else "none"
    fell = {next(iter(one)): 4.0}
    there = arm_effect(runs(one, fell), runs(other), outcome, pairing)
    back = arm_effect(runs(other), runs(one, fell), outcome, pairing)
    assume(not math.isnan(there.comparison.test.p))
    assert there.comparison.test.p == pytest.approx(back.comparison.test.p)
    assert there.delta.estimate == pytest.approx(-back.delta.estimate)
    assert there.comparison.difference.estimate == pytest.approx(
        -back.comparison.difference.estimate, abs=1e-9
    )
