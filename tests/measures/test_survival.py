"""Kaplan–Meier curves in calendar time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from model.measures.survival import (
    SurvivalCurve,
    kaplan_meier,
    median_survival,
    restricted_mean,
)

# Weeks in remission, 6-MP against placebo: Freireich et al. (1963, Blood 21), the example of
# Kleinbaum & Klein, Survival Analysis (2012, table 2.1). True: relapse, False: censored.
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [bool(int(c)) for c in "111010100110001100000"]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def curve(
    left: list[int],
    removed: list[bool],
    entered: list[int] | None = None,
    run: list[int] | None = None,
    seed: int = 0,
) -> SurvivalCurve:
    n = len(left)
    return kaplan_meier(
        entered or [0] * n,
        left,
        removed,
        run or [0] * n,
        rng=np.random.default_rng(seed),
        resamples=200,
    )


def test_treated_leukemia_arm_has_the_published_curve() -> None:
    estimate = curve(TREATED, RELAPSED)
    published = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    for week, share in published.items():
        assert estimate.survival[week] == pytest.approx(share, abs=5e-5)
    assert median_survival(estimate) == 23


def test_placebo_leukemia_arm_has_the_published_mean_and_median() -> None:
    estimate = curve(PLACEBO, [True] * 21)
    assert restricted_mean(estimate, 35) == pytest.approx(8.66667, abs=5e-6)
    assert restricted_mean(estimate, 35) == pytest.approx(np.minimum(PLACEBO, 35).mean())
    assert median_survival(estimate) == 8


def test_late_entrants_count_only_from_the_day_after_they_entered() -> None:
    # Day 2: four founders at risk, one removed. A newborn of day 2 makes it four again on day 3;
    # one of them is removed on day 4, the run ends on day 5: S = 3/4 · 3/4.
    estimate = curve([2, 4, 5, 5, 5], [True, True, False, False, False], entered=[0, 0, 0, 0, 2])
    assert estimate.at_risk.tolist() == [0, 4, 4, 4, 4, 3]
    assert estimate.survival.tolist() == [1, 1, 0.75, 0.75, 0.5625, 0.5625]


def test_ignoring_late_entry_would_flatter_the_community() -> None:
    left, removed, entered = [2, 2, 9, 9, 9, 9], [True] * 2 + [False] * 4, [0, 0, 0, 5, 5, 5]
    assert curve(left, removed, entered).survival[-1] == pytest.approx(1 / 3)
    assert curve(left, removed).survival[-1] == pytest.approx(2 / 3)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(1, 8), st.booleans()), min_size=2, max_size=25
    ),
)
def test_curve_with_late_entry_equals_statsmodels(rows: list[tuple[int, int, bool]]) -> None:
    entered = [0, *(row[0] for row in rows)]
    left = [17, *(row[0] + row[1] for row in rows)]
    removed = [False, *(row[2] for row in rows)]
    reference = SurvfuncRight(
        np.array(left, dtype=float), np.array(removed, dtype=int), entry=np.array(entered, float)
    )
    ours = curve(left, removed, entered)
    for day, share in zip(reference.surv_times, reference.surv_prob, strict=True):
        assert ours.survival[int(day)] == pytest.approx(share)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 3)), min_size=1))
def test_curve_never_rises_and_does_not_depend_on_order(
    rows: list[tuple[int, bool, int]],
) -> None:
    left, removed, run = (list(column) for column in zip(*rows, strict=True))
    one, other = curve(left, removed, run=run), curve(left[::-1], removed[::-1], run=run[::-1])
    np.testing.assert_array_equal(one.survival, other.survival)
    known = one.survival[~np.isnan(one.survival)]
    assert (np.diff(known) <= 0).all()
    assert ((known >= 0) & (known <= 1)).all()


def test_curve_ends_where_nobody_is_at_risk_any_more() -> None:
    estimate = curve([2, 3], [True, False])
    assert np.isnan(restricted_mean(estimate, 6))
    assert restricted_mean(estimate, 3) == 1 + 1 + 0.5


def test_extinct_community_stays_at_zero() -> None:
    estimate = curve([2, 3], [True, True])
    assert estimate.survival[-1] == 0
    assert restricted_mean(estimate, 50) == 2.5


def test_extinct_run_beside_a_longer_one_keeps_the_other_defined() -> None:
    estimate = curve([2, 2, 6, 6], [True, True, False, False], run=[0, 0, 1, 1])
    np.testing.assert_array_equal(estimate.survival, [1, 1, 0.5, 0.5, 0.5, 0.5, 0.5])


def test_community_in_which_nobody_is_removed_survives_surely() -> None:
    estimate = curve([5, 5, 5], [False] * 3, run=[0, 1, 2])
    assert (estimate.survival == 1).all()
    assert (estimate.lower == 1).all()
    assert (estimate.upper == 1).all()
    assert np.isnan(median_survival(estimate))


def test_single_run_has_no_interval() -> None:
    estimate = curve(TREATED, RELAPSED)
    assert np.isnan(estimate.lower).all()
    assert not estimate.reliable


def test_interval_comes_from_runs_and_not_from_residents() -> None:
    # Two runs in which all are removed on day 3, two in which all live: ten residents each share
    # their run's fate, so the runs alone leave anything between 0 and 1 possible.
    left, removed = [3] * 20 + [9] * 20, [True] * 20 + [False] * 20
    by_run = curve(left, removed, run=[i // 10 for i in range(40)])
    by_resident = curve(left, removed, run=list(range(40)))
    assert (by_run.lower[3], by_run.upper[3]) == (0, 1)
    assert 0.3 < by_resident.lower[3] < 0.5 < by_resident.upper[3] < 0.7


def test_interval_is_the_same_for_the_same_seed() -> None:
    run = [i % 7 for i in range(21)]
    one, other = curve(TREATED, RELAPSED, run=run), curve(TREATED, RELAPSED, run=run)
    np.testing.assert_array_equal(one.lower, other.lower)


def test_interval_holds_the_estimate_and_says_when_to_be_trusted() -> None:
    estimate = curve(TREATED, RELAPSED, run=list(range(21)))
    assert (estimate.lower <= estimate.survival).all()
    assert (estimate.survival <= estimate.upper).all()
    assert estimate.reliable


def test_interval_over_many_independent_runs_is_as_wide_as_greenwoods() -> None:
    # One resident a run; Greenwood's standard error of the treated arm in week 10 is .0963 (R,
    # package survival), at the estimate .7529.
    estimate = kaplan_meier(
        [0] * 21, TREATED, RELAPSED, range(21), rng=np.random.default_rng(3), resamples=4000
    )
    width = estimate.upper[10] - estimate.lower[10]
    assert width == pytest.approx(2 * 1.96 * 0.0963, rel=0.1)


@pytest.mark.parametrize(
    ("entered", "left", "removed", "message"),
    [
        ([], [], [], "no resident"),
        ([3], [2], [True], "before it entered"),
        ([2], [2], [True], "without a day at risk"),
        ([0], [2.5], [True], "whole days"),
        ([0], [float("nan")], [False], "whole days"),
        ([0, 0], [2], [True], "one length"),
    ],
)
def test_impossible_lives_are_refused(
    entered: list[float], left: list[float], removed: list[bool], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        kaplan_meier(entered, left, removed, [0] * len(left), rng=np.random.default_rng(0))


def test_newborn_of_the_last_day_changes_nothing() -> None:
    with_newborn = curve([2, 5, 5], [True, False, False], entered=[0, 0, 5])
    without = curve([2, 5], [True, False])
    np.testing.assert_array_equal(with_newborn.survival, without.survival)
