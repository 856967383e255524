"""Early warning in one long series: does its memory grow before it tips?

Near a fold a system forgets its disturbances more slowly, so the lag-1 autocorrelation and the
variance of its fluctuations rise (critical slowing down: Dakos et al. 2012, PLoS ONE 7:e41010).
Detrending, window and estimators are those of ewstools 2.1.3, so that its users find their
numbers again. Kendall's own test is invalid on overlapping windows; its p-value is replaced by
the share of AR(1) surrogates of the residual with an equal or stronger rise (Dakos et al. 2012).

One run of a small community is too short for this: the result says so; see `ensemble`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter

Floats = npt.NDArray[np.float64]

MIN_LENGTH: Final = 100
"""Days below which nothing is computed."""

_POWER: Final = MappingProxyType({100: 0.40, 150: 0.52, 200: 0.71, 300: 0.90, 400: 0.94})

_CHUNK: Final = 4_000_000
"""Doubles held at once while surrogates are measured (32 MB an array)."""


@dataclass(frozen=True)
class EarlyWarning:
    """Indicators of one series, their trends, and how far to trust them.

    `ac1` and `variance` hold one value a window: entry i covers days i … i + window − 1. When
    `reason` says why nothing was computed, arrays are empty and numbers NaN. The p-values are
    one-sided: the share of surrogates that rise at least as steadily, (b + 1)/(m + 1).
    """

    ac1: Floats
    variance: Floats
    tau_ac1: float
    tau_variance: float
    p_ac1: float
    p_variance: float
    phi: float
    length: int
    window: int
    surrogates: int
    reason: str | None
    power: str


def early_warning(
    series: npt.ArrayLike,
    *,
    bandwidth: float = 0.2,
    window: float = 0.5,
    surrogates: int = 999,
    seed: int = 0,
) -> EarlyWarning:
    """Rolling lag-1 autocorrelation and variance of one series, with honest trend tests.

    Args:
        series: One value a day, shape [T]. Prefer output to N, which is constant in most windows.
        bandwidth: Of the Gaussian detrending, as a share of the length, in (0, 1].
        window: Of the rolling estimates, as a share of the length, in (0, 1].
        surrogates: Number m of AR(1) surrogates; the smallest possible p is 1/(m + 1).
        seed: Of the surrogates.

    Returns:
        The indicators; or `reason` and NaN if the series is shorter than 100 days, has missing
        days, does not vary, or stands still through a whole window.

    Raises:
        ValueError: If the series is not one-dimensional or a setting is out of range.
    """
    x = np.asarray(series, dtype=float)
    if x.ndim != 1:
        raise ValueError(f"early_warning takes one series of shape [T], not {x.shape}")
    for name, share in (("bandwidth", bandwidth), ("window", window)):
        if not 0 < share <= 1:
            raise ValueError(f"{name} is a share of the length: give 0 < {name} <= 1, not {share}")
    if surrogates < 1:
        raise ValueError(f"surrogates must be at least 1, not {surrogates}")
    width = int(window * len(x))
    reason = _reason_against(x)
    if reason is not None:
        return _not_computed(len(x), width, reason)
    residual = detrend(x, bandwidth)
    ac1, variance = rolling_ac1(residual, width), rolling_variance(residual, width)
    still = int(np.isnan(ac1).sum())
    if still:
        return _not_computed(
            len(x), width, f"the residual stands still in {still} of {len(ac1)} windows"
        )
    phi = lag1_autocorrelation(residual)
    null = ar1_series(phi, float(residual.std(ddof=1)), len(x), surrogates, seed)
    tau_ac1, p_ac1 = _trend(rolling_ac1, ac1, null, width)
    tau_variance, p_variance = _trend(rolling_variance, variance, null, width)
    return EarlyWarning(
        ac1=ac1,
        variance=variance,
        tau_ac1=tau_ac1,
        tau_variance=tau_variance,
        p_ac1=p_ac1,
        p_variance=p_variance,
        phi=phi,
        length=len(x),
        window=width,
        surrogates=surrogates,
        reason=None,
        power=power_line(len(x)),
    )


def power_line(length: int) -> str:
    """What a report prints beside a single-run trend of this length (days).

    The numbers are `single_run_power(length, studies=400, seed=4)`: a Gaussian series whose AR(1)
    coefficient rises evenly from .2 to .9, which is kinder than any count of residents.
    """
    if length < MIN_LENGTH:
        return f"power ≈ α at this length ({length} days)"
    known = max(days for days in _POWER if days <= length)
    return (
        f"at {known} days, memory rising from .2 to .9 is detected in {_POWER[known]:.0%}"
        " of simulated series at α = .05"
    )


def single_run_power(
    length: int,
    *,
    rise: tuple[float, float] = (0.2, 0.9),
    studies: int = 200,
    surrogates: int = 99,
    alpha: float = 0.05,
    seed: int = 0,
) -> float:
    """Share of simulated runs whose rising memory is detected at level alpha.

    Args:
        length: Days a run, at least 20; also below 100, where it shows why nothing is computed.
        rise: AR(1) coefficient on the first and on the last day, linear between them.
        studies: Simulated runs.
        surrogates: For each run.
        alpha: One-sided level.
        seed: Of the simulation.

    Returns:
        The rejection rate; its standard error is √(power·(1 − power)/studies).
    """
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((studies, length))
    x = noise.copy()
    for t, phi in enumerate(np.linspace(*rise, length)):
        if t:
            x[:, t] += phi * x[:, t - 1]
    window, rejected = length // 2, 0
    for i, residual in enumerate(detrend(x)):
        phi, sd = lag1_autocorrelation(residual), float(residual.std(ddof=1))
        null = ar1_series(phi, sd, length, surrogates, seed=seed + 1 + i)
        rejected += _trend(rolling_ac1, rolling_ac1(residual, window), null, window)[1] <= alpha
    return rejected / studies


def detrend(series: Floats, bandwidth: float = 0.2) -> Floats:
    """Series minus its Gaussian smooth, σ = (.25/.675)·bandwidth·T days, along the last axis.

    The constants make the kernel's quartiles lie at ± a quarter of the bandwidth, as R's
    `ksmooth` and ewstools have it; the ends are mirrored.
    """
    sigma = 0.25 / 0.675 * bandwidth * series.shape[-1]
    smooth: Floats = gaussian_filter1d(series, sigma, axis=-1)
    return series - smooth


def rolling_ac1(series: Floats, window: int) -> Floats:
    """Pearson correlation of lagged pairs in each window, along the last axis.

    Args:
        series: Shape [..., T].
        window: Days in a window, at least 3.

    Returns:
        Shape [..., T − window + 1]; NaN where either side of the pairs does not vary.
    """
    if not 3 <= window <= series.shape[-1]:
        raise ValueError(f"a window of {window} days does not fit {series.shape[-1]} days")
    windows = np.lib.stride_tricks.sliding_window_view(series, window, axis=-1)
    return _pearson(windows[..., :-1], windows[..., 1:])


def rolling_variance(series: Floats, window: int) -> Floats:
    """Variance (ddof 1) in each window, along the last axis; shape [..., T − window + 1]."""
    if not 3 <= window <= series.shape[-1]:
        raise ValueError(f"a window of {window} days does not fit {series.shape[-1]} days")
    windows = np.lib.stride_tricks.sliding_window_view(series, window, axis=-1)
    return np.asarray(windows.var(axis=-1, ddof=1), dtype=float)


def lag1_autocorrelation(series: npt.ArrayLike) -> float:
    """Pearson correlation of (x_t, x_t+1) over a whole series [T]; NaN if it does not vary.

    Its bias under AR(1) is about −(1 + 4ρ)/T (Kendall 1954): it is reported as it is.
    """
    x = np.asarray(series, dtype=float)
    return float(_pearson(x[:-1], x[1:])) if len(x) >= 3 else float("nan")


def kendall_tau(rows: Floats) -> Floats:
    """Kendall's τ-b of each row of [B, n] with time; NaN for a constant row."""
    count, n = rows.shape
    score, untied = np.zeros(count), np.zeros(count)
    for i in range(n - 1):
        signs = np.sign(rows[:, i + 1 :] - rows[:, i, None])
        score += signs.sum(axis=1)
        untied += np.abs(signs).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(score / np.sqrt(untied * (n * (n - 1) / 2)), dtype=float)


def ar1_series(phi: float, sd: float, length: int, count: int, seed: int) -> Floats:
    """Stationary Gaussian AR(1) series, shape [count, length], with marginal deviation sd."""
    if not -1 < phi < 1:
        raise ValueError(f"a stationary AR(1) needs |phi| < 1, not {phi}")
    noise = np.random.default_rng(seed).standard_normal((count, length))
    noise[:, 1:] *= np.sqrt(1 - phi**2)
    return np.asarray(sd * lfilter([1.0], [1.0, -phi], noise, axis=-1), dtype=float)


def _reason_against(x: Floats) -> str | None:
    if len(x) < MIN_LENGTH:
        return f"{len(x)} days are too few: at least {MIN_LENGTH} are needed"
    if not np.isfinite(x).all():
        return f"{int((~np.isfinite(x)).sum())} days have no value"
    return "the series does not vary" if np.ptp(x) == 0 else None


def _not_computed(length: int, window: int, reason: str) -> EarlyWarning:
    nan, none = float("nan"), np.empty(0)
    return EarlyWarning(
        none, none, nan, nan, nan, nan, nan, length, window, 0, reason, power_line(length)
    )


def _trend(
    measure: Callable[[Floats, int], Floats], observed: Floats, null: Floats, window: int
) -> tuple[float, float]:
    """Kendall's τ of an indicator with time, and the share of surrogates that rise as steadily."""
    tau = float(kendall_tau(observed[None])[0])
    rows = max(1, _CHUNK // (len(observed) * window))
    beyond = sum(
        int((kendall_tau(measure(null[i : i + rows], window)) >= tau).sum())
        for i in range(0, len(null), rows)
    )
    return tau, (beyond + 1) / (len(null) + 1)


def _pearson(a: Floats, b: Floats) -> Floats:
    """Pearson correlation along the last axis; NaN where a side does not vary."""
    da, db = a - a.mean(-1, keepdims=True), b - b.mean(-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (da * db).sum(-1) / np.sqrt((da**2).sum(-1) * (db**2).sum(-1))
    # A constant side leaves rounding noise, not zero: decide by its range.
    still = (np.ptp(a, axis=-1) == 0) | (np.ptp(b, axis=-1) == 0)
    return np.where(still, np.nan, r)
