"""A step is named as a set of intervals; smooth rises and noise are not called steps."""

import numpy as np
import pytest
from statsmodels.datasets import nile

from model.measures.pairing import dose
from model.measures.shapes import aicc, shapes
from model.measures.tipping import NOT_ONE_STEP, smallest_set, step_fit, tipping

LEVELS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
STUDIES = 500
STEPS = [np.heaviside(LEVELS - LEVELS[j], 0.0) for j in range(4)]
LINE = LEVELS
LOGISTIC = 1 / (1 + np.exp(-(LEVELS - 0.5) / 0.15))
OFF_CENTRE = 1 / (1 + np.exp(-(LEVELS - 0.375) / 0.2))


def series(rng, mean, n, levels=LEVELS):
    assigned = np.repeat(levels, n)
    outcomes = np.repeat(mean, n) + rng.normal(size=assigned.size)
    return dose(assigned, outcomes, range(assigned.size), "none")


def found(rng, mean, n):
    return tipping(series(rng, mean, n), permutations=199, resamples=999)


def test_the_nile_changed_after_1898():
    data = nile.load_pandas().data
    fit = step_fit(data["year"].to_numpy(float), data["volume"].to_numpy(float))
    assert fit.after == 1898
    assert fit.before_mean == pytest.approx(1097.75)
    assert fit.after_mean == pytest.approx(849.972, abs=5e-4)


@pytest.mark.slow  # 8 cases of 500 studies, about 12 s together
@pytest.mark.parametrize(("jump", "n"), [(2.0, 6), (1.0, 15)])
@pytest.mark.parametrize("j", range(4))
def test_least_squares_locates_a_step_and_the_set_holds_it(jump, n, j):
    rng = np.random.default_rng(j)
    results = [found(rng, jump * STEPS[j], n) for _ in range(STUDIES)]
    right = [r.fit.after == LEVELS[j] for r in results]
    held = [any(a == LEVELS[j] for a, _ in r.intervals) for r in results]
    wrong = [r.status == "located" and r.intervals[0][0] != LEVELS[j] for r in results]
    assert np.mean(held) >= 0.95
    assert np.mean(wrong) <= 0.01
    assert np.mean(right) >= (0.95 if jump == 2.0 else 0.88)


@pytest.mark.slow  # 500 studies each, under 1 s
@pytest.mark.parametrize(("jump", "n"), [(2.0, 6), (1.0, 15)])
def test_a_step_anywhere_is_located_by_least_squares_in_ninety_percent(jump, n):
    rng = np.random.default_rng(99)
    assigned = np.repeat(LEVELS, n)
    right = 0
    for study in range(STUDIES):
        j = study % 4
        y = np.repeat(jump * STEPS[j], n) + rng.normal(size=assigned.size)
        right += step_fit(assigned, y).after == LEVELS[j]
    assert right / STUDIES >= 0.90


@pytest.mark.slow  # 500 studies each, about 17 s together
@pytest.mark.parametrize("mean", [LINE, LOGISTIC, OFF_CENTRE], ids=["line", "logistic", "skew"])
@pytest.mark.parametrize(("span", "n"), [(2.0, 6), (4.0, 6), (2.0, 15), (4.0, 15)])
def test_a_smooth_rise_is_seldom_called_located(mean, span, n):
    rng = np.random.default_rng(7)
    results = [found(rng, span * mean, n) for _ in range(STUDIES)]
    assert np.mean([r.status == "located" for r in results]) <= 0.20


def test_noise_has_no_step():
    rng = np.random.default_rng(1)
    results = [found(rng, 0 * LEVELS, 6) for _ in range(300)]
    assert np.mean([r.status == "no step" for r in results]) >= 0.91


def test_a_clear_step_is_located_between_its_levels():
    result = tipping(series(np.random.default_rng(1), 8 * STEPS[1], 6))
    assert result.status == "located"
    assert result.intervals == ((0.25, 0.5),)
    assert result.refine_at == ()
    assert result.p == pytest.approx(1 / 2000)


def test_a_step_of_four_sd_is_located_but_for_the_alarms_of_the_lack_of_fit():
    rng = np.random.default_rng(0)
    results = [found(rng, 4 * STEPS[1], 6) for _ in range(300)]
    assert np.mean([r.status == "located" for r in results]) >= 0.93


def test_an_unclear_step_offers_the_levels_to_add():
    result = tipping(series(np.random.default_rng(2), 1.2 * STEPS[1], 6))
    assert result.status == "refine"
    assert len(result.intervals) > 1
    assert result.covered >= 0.95
    assert result.refine_at == tuple((a + b) / 2 for a, b in result.intervals)


def test_a_staircase_is_not_one_step():
    result = tipping(series(np.random.default_rng(0), 12 * LINE, 8))
    assert result.status == "refine"
    assert NOT_ONE_STEP in result.flags


def test_worlds_are_taken_out_of_a_paired_series():
    rng = np.random.default_rng(1)
    worlds = 30 * rng.normal(size=8)
    y = np.repeat(3 * STEPS[2], 8) + np.tile(worlds, 5) + rng.normal(size=40)
    paired = tipping(dose(np.repeat(LEVELS, 8), y, list(range(8)) * 5, "common"))
    apart = tipping(dose(np.repeat(LEVELS, 8), y, range(40), "none"))
    assert paired.status == "located"
    assert paired.intervals == ((0.5, 0.75),)
    assert apart.status == "no step"


def test_the_p_of_max_f_keeps_its_size_in_both_pairings():
    rng = np.random.default_rng(3)
    assigned = np.repeat(LEVELS, 4)
    for pairing, seeds in (("none", range(20)), ("common", [1, 2, 3, 4] * 5)):
        p = [
            tipping(
                dose(assigned, rng.exponential(size=20), seeds, pairing),
                permutations=199,
                resamples=1,
            ).p
            for _ in range(500)
        ]
        for a in (0.05, 0.1, 0.2):
            assert np.mean(np.array(p) <= a) <= a + 3 * np.sqrt(a * (1 - a) / 500)


def test_the_smallest_set_takes_the_largest_shares_first():
    assert smallest_set(np.array([0.02, 0.60, 0.03, 0.35]), 0.95) == [1, 3]
    assert smallest_set(np.array([0.0, 0.96, 0.04]), 0.95) == [1]
    assert smallest_set(np.array([0.25, 0.25, 0.25, 0.25]), 0.95) == [0, 1, 2, 3]


def test_one_run_a_level_is_not_testable():
    result = tipping(dose(LEVELS, [1, 2, 3, 4, 5], range(5), "none"))
    assert result.status == "not testable"
    assert "needs 2 at every level" in result.flags[0]


def test_identical_runs_are_not_testable():
    result = tipping(dose([0, 0, 1, 1], [3, 3, 3, 3], range(4), "none"))
    assert result.flags == ("4 identical runs",)


def test_a_perfect_step_has_an_infinite_f():
    fit = step_fit(np.array([0.0, 0.0, 1.0, 1.0]), np.array([1.0, 1.0, 2.0, 2.0]))
    assert (fit.after, fit.before_mean, fit.after_mean, fit.max_f) == (0.0, 1.0, 2.0, np.inf)


def test_the_step_is_the_best_of_all_splits():
    rng = np.random.default_rng(5)
    x, y = np.repeat(LEVELS, 3), rng.normal(size=15)
    rss = {
        a: ((y[x <= a] - y[x <= a].mean()) ** 2).sum() + ((y[x > a] - y[x > a].mean()) ** 2).sum()
        for a in LEVELS[:-1]
    }
    best = min(rss, key=rss.get)
    fit = step_fit(x, y)
    total = ((y - y.mean()) ** 2).sum()
    assert fit.after == best
    assert fit.max_f == pytest.approx((total - rss[best]) / (rss[best] / 13))


NINE = np.linspace(0, 1, 9)


def preferred(mean, n=8, studies=60, levels=NINE):
    rng = np.random.default_rng(1)
    return [shapes(series(rng, mean, n, levels)).preferred for _ in range(studies)]


@pytest.mark.parametrize(
    ("truth", "mean"),
    [
        ("line", 4 * NINE),
        ("step", 6 * (NINE > 0.45)),
        ("logistic", 5 / (1 + np.exp(-(NINE - 0.5) / 0.08))),
    ],
)
def test_a_preferred_shape_is_the_true_one(truth, mean):
    names = preferred(mean)
    assert names.count(truth) >= 20
    assert names.count(truth) + names.count("none preferred") >= 57


def test_a_flat_response_prefers_no_shape():
    assert preferred(0 * NINE).count("none preferred") >= 54


def test_shapes_wait_for_seven_levels_of_eight_runs():
    rng = np.random.default_rng(0)
    for levels, n in ((np.linspace(0, 1, 6), 8), (np.linspace(0, 1, 7), 7)):
        found = shapes(series(rng, levels, n, levels))
        assert found.preferred == "too few data"
        assert found.flags == ("shapes need 7 levels with 8 runs each",)
    seven = np.linspace(0, 1, 7)
    assert len(shapes(series(rng, seven, 8, seven)).fits) == 3


def test_a_logistic_is_recovered():
    rng = np.random.default_rng(0)
    mean = 2 + 10 / (1 + np.exp(-(NINE - 0.4) / 0.1))
    fits = {f.shape: f for f in shapes(series(rng, mean, 40, NINE)).fits}
    assert fits["logistic"].parameters["midpoint"] == pytest.approx(0.4, abs=0.02)
    assert fits["logistic"].parameters["scale"] == pytest.approx(0.1, abs=0.02)
    assert fits["logistic"].parameters["low"] == pytest.approx(2, abs=0.5)


def test_aicc_of_a_hand_computed_fit():
    # n ln(RSS/n) + 2k + 2k(k+1)/(n-k-1) with n = 10, RSS = 10, k = 3.
    assert aicc(10.0, 10, 3) == pytest.approx(6 + 24 / 6)


def test_shapes_refuse_runs_that_share_seeds():
    data = dose(np.repeat(NINE, 8), np.arange(72.0), list(range(8)) * 9, "common")
    with pytest.raises(ValueError, match="share seeds"):
        shapes(data)
