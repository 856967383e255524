"""The drift curve of a community: expected growth a head and day, as a function of its size.

y = ΔN/N against x = ln N, by local-linear regression with a Gaussian kernel (h = .25) and weights
∝ N, since the variance of y falls as 1/N. A community holds its number where the curve crosses
zero: from below to above at the threshold N_u, from above to below at the stable N_s
(Dai, Korolev & Gore 2015, PNAS 112:10056, measured both in populations of yeast).

Every sum of the regression is linear in the counts of a run at each size N. So one table
[runs × sizes] serves the estimate and all bootstrap resamples at once, by matrix products.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BANDWIDTH: Final = 0.25
"""Kernel width in ln N."""
MIN_MASS: Final = 5.0
"""Kernel mass ΣK (K(0) = 1), and effective mass (Σw)²/Σw², that support a point of the curve."""
MIN_RUNS: Final = 3
"""Runs that must have been within two bandwidths (95 % of the kernel) of a point of the curve."""

_STEP: Final = 0.02
_NO_SPREAD: Final = 1e-6


@dataclass(frozen=True)
class Steps:
    """Daily steps of a set of runs, counted by the run and the size they set out from.

    `sizes` [U] are the different N > 0 met; `days` [R, U] how many steps each run took from
    each; `growth` [R, U] the sum of their ΔN/N; `starts` [R] each run's N₀.
    """

    sizes: Floats
    days: Floats
    growth: Floats
    starts: Floats


@dataclass(frozen=True)
class DriftCurve:
    """The fitted curve on a grid of sizes.

    `drift` [..., G] is ΔN/N a day at `size` [G] (NaN where no run ever was near); `supported` tells
    where it may be believed: mass and effective mass ≥ 5 from ≥ 3 runs. Leading axes are resamples.
    """

    size: Floats
    drift: Floats
    supported: Bools


@dataclass(frozen=True)
class Roots:
    """Crossings of one or many curves; NaN where a curve has none. Shapes as the leading axes.

    `stable` is the highest supported + → − crossing, `unstable` the highest − → + crossing below
    it (below the top of the curve if there is no stable one).
    """

    stable: Floats
    unstable: Floats


def count_steps(
    run: npt.NDArray[np.int64], day: Floats, population: Floats, starts: Floats
) -> Steps:
    """Count the daily steps of all runs by the size they set out from.

    Args:
        run: Run index 0 … R − 1 of each row; rows sorted by run, then day.
        day: Day of each row.
        population: N on that day, ≥ 0.
        starts: N₀ of each run, shape [R].

    Returns:
        The table of steps; only rows one day apart within a run make a step, and none from N = 0.
    """
    follows = (run[1:] == run[:-1]) & (day[1:] - day[:-1] == 1) & (population[:-1] > 0)
    before, after = population[:-1][follows], population[1:][follows]
    sizes, which = np.unique(before, return_inverse=True)
    cell = run[:-1][follows] * len(sizes) + which
    shape, cells = (len(starts), len(sizes)), len(starts) * len(sizes)
    # One cell for each (run, size); `minlength` keeps cells that no day fell into.
    days = np.bincount(cell, minlength=cells).reshape(shape)
    growth = np.bincount(cell, weights=after / before - 1, minlength=cells).reshape(shape)
    return Steps(sizes, days.astype(float), growth.astype(float), starts)


def fit_drift(steps: Steps, times: Floats, bandwidth: float = BANDWIDTH) -> DriftCurve:
    """Fit the curve to the runs, each taken a number of times.

    Args:
        steps: At least one step.
        times: How often each run counts: ones [R] for the estimate, resamples [B, R].
        bandwidth: Kernel width in ln N.

    Returns:
        The curve on a grid in ln N (step .02) over the sizes met, one for each leading index.
    """
    x = np.log(steps.sizes)
    grid = np.append(np.arange(x[0], x[-1], _STEP), x[-1])
    offset = x[:, None] - grid
    kernel = np.exp(-0.5 * (offset / bandwidth) ** 2)
    weight = kernel * steps.sizes[:, None]
    days, growth = times @ steps.days, times @ steps.growth
    s0, s1, s2 = (days @ (weight * offset**k) for k in range(3))
    t0, t1 = (growth @ (weight * offset**k) for k in range(2))
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = s2 / s0 - (s1 / s0) ** 2
        tilt = (t1 - t0 * s1 / s0) / (s0 * spread)
        # Where all weight lies on one size a slope cannot be told: take the local mean.
        drift = t0 / s0 - np.where(spread > _NO_SPREAD * bandwidth**2, tilt, 0.0) * s1 / s0
        effective = s0**2 / (days @ weight**2)
    near = steps.days @ (np.abs(offset) <= 2 * bandwidth) > 0
    supported = (
        (days @ kernel >= MIN_MASS)
        & (effective >= MIN_MASS)
        & ((times > 0).astype(float) @ near >= MIN_RUNS)
    )
    return DriftCurve(np.exp(grid), drift, supported)


def find_roots(curve: DriftCurve) -> Roots:
    """Read the stable state and the threshold off a curve, or off each of many.

    A crossing counts only between neighbouring grid points that are both supported, so nothing is
    read across a gap in the data and nothing is extrapolated.
    """
    up = curve.drift > 0
    both = curve.supported[..., 1:] & curve.supported[..., :-1]
    left, right = curve.drift[..., :-1], curve.drift[..., 1:]
    x = np.log(curve.size)
    with np.errstate(invalid="ignore", divide="ignore"):
        place = x[:-1] + (x[1:] - x[:-1]) * left / (left - right)
    stable = _highest(place, both & up[..., :-1] & ~up[..., 1:])
    below = np.isnan(stable)[..., None] | (place < stable[..., None])
    unstable = _highest(place, both & ~up[..., :-1] & up[..., 1:] & below)
    return Roots(np.exp(stable), np.exp(unstable))


def resample_runs(starts: Floats, count: int, seed: int) -> Floats:
    """How often each run is drawn when runs are resampled within their start, shape [count, R]."""
    rng, times = np.random.default_rng(seed), np.zeros((count, len(starts)))
    for start in np.unique(starts):
        members = np.flatnonzero(starts == start)
        drawn = members[rng.integers(len(members), size=(count, len(members)))]
        # `add.at`, for a run drawn twice in one resample counts twice; `+=` would count it once.
        np.add.at(times, (np.arange(count)[:, None], drawn), 1)
    return times


def bounds(values: Floats) -> tuple[Floats, Floats]:
    """2.5 and 97.5 % points over the first axis, NaN left out (NaN where all are NaN)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        low, high = np.nanpercentile(values, [2.5, 97.5], axis=0)
    return np.asarray(low, dtype=float), np.asarray(high, dtype=float)


def _highest(place: Floats, crossing: Bools) -> Floats:
    """The greatest place marked along the last axis, NaN if none is."""
    top = np.where(crossing, place, -np.inf).max(axis=-1, initial=-np.inf)
    return np.where(np.isfinite(top), top, np.nan)
