"""Early warning: single series, and across runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau
from statsmodels.datasets import nile

from model.measures.analytic import ornstein_uhlenbeck
from model.measures.early_warning import (
    ar1_series,
    detrend,
    early_warning,
    kendall_tau,
    lag1_autocorrelation,
    power_line,
    rolling_variance,
    single_run_power,
)
from model.measures.ensemble import ensemble_ac1


@pytest.fixture(scope="module")
def flow():
    return nile.load_pandas().data["volume"].to_numpy(float)


def test_the_nile_gives_the_numbers_of_ewstools(flow):
    result = early_warning(flow, bandwidth=0.2, window=0.5, surrogates=19)
    assert result.ac1[0] == pytest.approx(0.2321127, abs=5e-8)
    assert result.ac1[-1] == pytest.approx(0.1175143, abs=5e-8)
    assert result.tau_ac1 == pytest.approx(-0.4964706, abs=5e-8)
    assert (result.window, len(result.ac1), result.reason) == (50, 51, None)


def test_the_whole_nile_has_its_published_lag_one_correlation(flow):
    assert lag1_autocorrelation(flow) == pytest.approx(0.5050531, abs=5e-8)


def test_rolling_variance_is_the_sample_variance_of_each_window(flow):
    residual = detrend(flow)
    expected = [np.var(residual[i : i + 50], ddof=1) for i in range(51)]
    assert rolling_variance(residual, 50) == pytest.approx(expected)


@given(st.lists(st.integers(0, 5), min_size=3, max_size=30))
def test_kendall_agrees_with_scipy_also_with_ties(values):
    expected = kendalltau(range(len(values)), values).statistic
    assert kendall_tau(np.array([values], float))[0] == pytest.approx(expected, nan_ok=True)


@given(st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_the_trend_does_not_depend_on_unit_or_origin(scale, shift):
    x = np.random.default_rng(1).standard_normal(120).cumsum()
    plain = early_warning(x, surrogates=9)
    moved = early_warning(scale * x + shift, surrogates=9)
    assert moved.ac1 == pytest.approx(plain.ac1, abs=1e-6)
    assert moved.variance == pytest.approx(scale**2 * plain.variance, rel=1e-6)


def test_a_series_whose_memory_grows_is_flagged():
    rng, x = np.random.default_rng(3), np.zeros(600)
    for t in range(1, 600):
        x[t] = (0.95 * t / 600) * x[t - 1] + rng.standard_normal()
    result = early_warning(x, surrogates=199)
    assert result.tau_ac1 > 0.5
    assert result.p_ac1 < 0.05


@pytest.mark.slow  # 2 s
def test_surrogates_keep_their_level_where_memory_is_constant():
    rejected = [
        early_warning(x, surrogates=59, seed=i).p_ac1 <= 0.05
        for i, x in enumerate(ar1_series(0.5, 1.0, 150, 300, seed=8))
    ]
    assert 0.01 <= np.mean(rejected) <= 0.085


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (np.arange(99.0), "99 days are too few"),
        (np.full(120, 25.0), "does not vary"),
        (np.r_[np.arange(119.0), np.nan], "1 days have no value"),
    ],
)
def test_what_cannot_be_computed_is_nan_with_its_reason(series, reason):
    result = early_warning(series)
    assert reason in result.reason
    assert np.isnan([result.tau_ac1, result.p_ac1, result.tau_variance, result.p_variance]).all()
    assert len(result.ac1) == 0


def test_fifty_days_say_that_they_have_no_power():
    assert early_warning(np.arange(50.0)).power == "power ≈ α at this length (50 days)"


@pytest.mark.slow  # 3 s
def test_the_power_that_is_printed_is_the_power_of_the_test():
    assert "at 200 days" in power_line(220)
    assert "71%" in power_line(220)
    assert single_run_power(200, studies=150, seed=9) == pytest.approx(0.71, abs=0.11)
    assert single_run_power(200, rise=(0.5, 0.5), studies=150, seed=9) < 0.1


def test_ensemble_memory_is_that_of_the_process():
    x = ornstein_uhlenbeck(theta=1.0, sigma=0.5, dt=0.1, steps=20, count=400, seed=5)
    result = ensemble_ac1(x, np.ones(x.shape, bool))
    assert np.abs(result.ac1 - np.exp(-0.1)).max() < 0.05
    assert (result.low < result.ac1).all()
    assert (result.ac1 < result.high).all()


def test_only_runs_alive_on_both_days_are_paired():
    x = np.random.default_rng(2).standard_normal((70, 3))
    alive = np.ones((70, 3), bool)
    alive[:5, 1:] = False
    x[:5, 1:] = np.nan
    result = ensemble_ac1(x, alive)
    assert result.runs.tolist() == [65, 65]
    assert result.ac1[0] == pytest.approx(np.corrcoef(x[5:, 0], x[5:, 1])[0, 1])


def test_fewer_than_sixty_runs_give_no_ensemble_memory():
    result = ensemble_ac1(np.random.default_rng(2).random((59, 2)), np.ones((59, 2), bool))
    assert np.isnan(result.ac1[0])
    assert "at least 60" in result.reason[0]


def test_runs_that_do_not_differ_give_no_ensemble_memory():
    result = ensemble_ac1(np.full((60, 2), 25.0), np.ones((60, 2), bool))
    assert np.isnan(result.ac1[0])
    assert result.reason == ("the runs do not differ",)


def test_a_living_day_without_a_value_is_refused():
    x = np.full((60, 2), 1.0)
    x[0, 0] = np.nan
    with pytest.raises(ValueError, match="1 living run-days"):
        ensemble_ac1(x, np.ones((60, 2), bool))
