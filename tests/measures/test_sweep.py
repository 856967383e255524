"""The runs that a basin asks for: starts of a sweep, and culls of a settled community."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.measures import analytic
from model.measures.basin import Flag, basin_width
from model.measures.sweep import LADDER, after_cull, plan_culling, plan_sweep
from tests.measures.test_basin import table


def test_the_plan_for_a_baseline_community_is_the_ladder():
    assert plan_sweep(5, 25.3).starts == plan_sweep().starts == LADDER
    assert plan_sweep().runs == 40


@given(st.floats(2.01, 100), st.floats(1.3, 20))
def test_every_plan_has_two_starts_below_the_threshold_and_one_above_the_stable_size(low, ratio):
    starts = plan_sweep(low, low * ratio).starts
    assert len(set(starts)) == 8
    assert list(starts) == sorted(starts)
    assert starts[0] >= 1
    assert starts[1] < low < starts[2] + 1
    assert starts[-1] > low * ratio


def test_a_threshold_too_low_for_two_starts_is_said_in_the_plan():
    assert any("fewer than 2" in line for line in plan_sweep(1.5, 20).why)


@pytest.mark.parametrize(
    "wrong", [{"seeds": 4}, {"days": 30}, {"unstable": 5.0}, {"unstable": 25.0, "stable": 5.0}]
)
def test_a_plan_that_could_not_identify_anything_is_refused(wrong):
    with pytest.raises(ValueError, match=r"cannot identify|both expected|must satisfy"):
        plan_sweep(**wrong)


def test_culling_reaches_both_sides_of_the_threshold_from_a_settled_community():
    plan = plan_culling(5, 25)
    assert sum(size < 5 for size in plan.left) >= 2
    assert sum(size > 5 for size in plan.left) >= 2
    assert max(plan.left) < 25
    assert plan.cull_day == 31


def test_culling_near_the_fold_without_room_for_two_sizes_is_refused():
    with pytest.raises(ValueError, match="use a sweep"):
        plan_culling(10, 11)


def test_a_culled_run_starts_at_what_the_shock_left_and_the_shock_is_no_step():
    runs = table([[25, 26, 6, 7, 8]])
    culled = after_cull(runs, pd.DataFrame({"run": [0], "day": [2], "left": [5]}))
    assert culled["day"].tolist() == [0, 1, 2, 3]
    assert culled["population"].tolist() == [5, 6, 7, 8]
    assert (culled["n0"] == 5).all()


def test_culling_shocks_identify_the_basin_that_a_sweep_does():
    plan, system = plan_culling(4, 25), analytic.factory()
    left = np.repeat(plan.left, plan.seeds)
    before = analytic.birth_death(system, [25] * len(left), plan.cull_day - 1, seed=4)
    after = analytic.birth_death(system, left, plan.follow, seed=5)[:, 1:]
    culls = pd.DataFrame({"run": range(len(left)), "day": plan.cull_day, "left": left})
    result = basin_width(after_cull(table(np.hstack([before, after])), culls), births=9)
    assert result.flag is Flag.IDENTIFIED
    assert (result.unstable, result.stable) == pytest.approx((4, 25), abs=1.5)


@pytest.mark.parametrize(
    ("culls", "message"),
    [([(0, 2, 5), (0, 3, 4)], "culled once"), ([(9, 2, 5)], "not in the table")],
)
def test_culls_that_do_not_fit_the_runs_are_refused(culls, message):
    with pytest.raises(ValueError, match=message):
        after_cull(table([[25, 6, 7, 8]]), pd.DataFrame(culls, columns=["run", "day", "left"]))
