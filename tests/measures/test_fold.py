"""Arithmetic of factories, margins to the fold, and the analytic systems."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.measures import analytic
from model.measures.fold import fixed_points, fold_margin, fold_margin_from_table, mean_field

P, H = [280, 40, 20], [940, 300, 200]


@pytest.mark.parametrize(
    ("spread", "richness", "unstable", "stable"),
    [
        ("proportional", 1, 5.5, 26.4),
        ("great", 1, 3.6, 24.4),
        ("best", 1, 3.6, 26.9),
        ("proportional", 0.78, 9.9, 14.4),
        ("best", 0.78, 5.4, 16.5),
    ],
)
def test_baseline_factories_have_their_roots_under_each_spread(spread, richness, unstable, stable):
    result = mean_field(P, H, spread=spread, richness=richness)
    assert (result.unstable, result.stable) == pytest.approx((unstable, stable), abs=0.051)
    assert result.spread == spread


@pytest.mark.parametrize(
    ("spread", "fold"), [("proportional", 0.767), ("great", 0.671), ("best", 0.671)]
)
def test_baseline_factories_fold_at_a_named_richness(spread, fold):
    result = mean_field(P, H, spread=spread)
    assert result.fold == pytest.approx(fold, abs=0.0005)
    assert result.margin == pytest.approx((1 - result.fold) / result.fold)


@pytest.mark.parametrize(
    ("half", "unstable", "stable"), [(1000, 3.8, 26.2), (1118, 5.0, 25.0), (1323, 7.9, 22.1)]
)
def test_one_factory_has_the_roots_of_the_meanfield_preset(half, unstable, stable):
    result = mean_field(300, half, spread="best")
    assert (result.unstable, result.stable) == pytest.approx((unstable, stable), abs=0.05)


@given(st.floats(50, 1000), st.floats(100, 3000), st.floats(5, 20))
def test_one_factory_agrees_with_its_quadratic(p, h, need):
    """P·N²/(h² + N²) = c·N, with h = H/100, has roots (P ± √(P² − 4c²h²))/2c."""
    result = mean_field(p, h, need=need, spread="great")
    square = p**2 - 4 * (need * h / 100) ** 2
    assert result.fold == pytest.approx(2 * need * h / 100 / p, rel=1e-4)
    if square > (0.05 * p) ** 2:
        roots = (p - square**0.5) / (2 * need), (p + square**0.5) / (2 * need)
        assert (result.unstable, result.stable) == pytest.approx(roots, rel=1e-3)
    elif square < 0:
        assert "no size can be fed" in result.reason


@settings(max_examples=6, deadline=None)
@given(st.permutations(range(3)), st.floats(0.5, 20))
def test_roots_ignore_the_factories_order_and_the_unit_of_food(order, unit):
    plain = mean_field(P, H, spread="best")
    moved = mean_field(unit * np.array(P)[order], np.array(H)[order], need=10 * unit, spread="best")
    assert (moved.unstable, moved.stable) == pytest.approx((plain.unstable, plain.stable))


def test_the_best_split_never_makes_less_than_another():
    for richness in (0.8, 1.0, 1.25):
        best = mean_field(P, H, spread="best", richness=richness)
        for other in ("great", "proportional"):
            result = mean_field(P, H, spread=other, richness=richness)
            assert best.stable >= result.stable - 1e-6
            assert best.unstable <= result.unstable + 1e-6


def test_below_the_fold_there_are_no_roots_and_the_reason_names_the_fold():
    result = mean_field(P, H, spread="great", richness=0.6)
    assert np.isnan([result.unstable, result.stable, result.width]).all()
    assert "fold lies at 0.671" in result.reason


@pytest.mark.parametrize("change", [{"need": 0}, {"skill": -1}, {"richness": 0}, {"spread": "odd"}])
def test_meaningless_settings_are_refused(change):
    with pytest.raises(ValueError):  # noqa: PT011 - one message for each, all name the setting
        mean_field(P, H, **{"spread": "best", **change})


def test_scanning_richness_finds_the_fold():
    margin = fold_margin(lambda r: mean_field(P, H, spread="great", richness=r).reason is None)
    assert margin.low <= 0.6714286 <= margin.high
    assert margin.high - margin.low <= 0.005
    assert margin.margin == pytest.approx(1 / 0.6714286 - 1, abs=0.01)


def test_a_table_of_runs_gives_the_interval_that_holds_the_fold():
    margin = fold_margin_from_table([1.0, 0.6, 0.8, 0.7], [True, False, True, False])
    assert (margin.low, margin.high, margin.fold) == pytest.approx((0.7, 0.8, 0.75))
    assert margin.margin == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("lives", "reason"),
    [
        ([True, True, True], "every scanned richness has a basin"),
        ([False, False, False], "no scanned richness has a basin"),
        ([True, False, True], "does not part cleanly"),
        ([True, True, False], "does not part cleanly"),
    ],
)
def test_a_scan_without_one_fold_says_so(lives, reason):
    margin = fold_margin_from_table([0.6, 0.8, 1.0], lives)
    assert np.isnan([margin.fold, margin.margin]).all()
    assert reason in margin.reason


def test_the_factory_like_system_has_its_printed_roots_fold_and_slopes():
    system = analytic.factory(p=29, h=10, c=1, rate=0.4)
    assert (system.unstable, system.stable, system.width) == pytest.approx((4, 25, 21))
    assert system.folds == (20,)
    for root, sign in ((system.unstable, 1), (system.stable, -1)):
        slope = (system.drift(np.array(root + 1e-5)) - system.drift(np.array(root - 1e-5))) / 2e-5
        assert slope == pytest.approx(sign * 21 / 29 * 0.4, rel=1e-6)


def test_constant_harvest_and_allee_have_their_printed_roots():
    harvest, allee = analytic.harvest(r=0.4, k=25, h=0.9), analytic.allee(a=5, k=25)
    assert (harvest.stable, harvest.unstable) == pytest.approx((22.5, 2.5))
    assert harvest.folds == pytest.approx((2.5,))
    assert allee.width == 20


def test_the_grazed_pasture_has_its_printed_roots_and_folds():
    system = analytic.grazing(r=1, k=10, s=1, h=2)
    assert (system.unstable, system.stable) == pytest.approx((2, 4 + np.sqrt(11)))
    assert system.folds == pytest.approx((1.787230, 2.604365), abs=5e-7)
    large = analytic.grazing(r=1, k=30, s=3, h=6)
    assert (large.unstable, large.stable) == pytest.approx((6, 21.95), abs=5e-3)


@pytest.mark.parametrize(
    "system",
    [analytic.factory(), analytic.harvest(), analytic.allee(), analytic.grazing(1, 10, 1, 2)],
)
def test_fixed_points_of_a_drift_are_its_roots_in_closed_form(system):
    points = fixed_points(system.drift, 1.0, 40.0)
    places, attracts = zip(*points, strict=True)
    assert places == pytest.approx((system.unstable, system.stable), abs=1e-4)
    assert attracts == (False, True)


@pytest.mark.parametrize(
    "make",
    [
        lambda: analytic.factory(p=19, h=10),
        lambda: analytic.harvest(h=2.6),
        lambda: analytic.grazing(1, 10, 1, 3),
    ],
)
def test_an_analytic_system_beyond_its_fold_is_refused(make):
    with pytest.raises(ValueError, match=r"beyond the fold|not three"):
        make()


def test_the_linear_system_has_its_printed_memory_and_variance():
    x = analytic.ornstein_uhlenbeck(theta=1, sigma=0.5, dt=0.1, steps=400, count=2000, seed=1)
    assert np.corrcoef(x[:, :-1].ravel(), x[:, 1:].ravel())[0, 1] == pytest.approx(
        0.9048374, abs=2e-3
    )
    assert x.var() == pytest.approx(0.125, abs=1e-3)
