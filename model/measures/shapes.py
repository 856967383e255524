"""Which shape a dose response has: logistic, line or step, by AICc.

Only from 7 levels with 8 runs each: fewer levels cannot tell the shapes apart. Gaussian errors of
one variance; the parameters counted are those of the mean, the position of a step included, plus
that variance. A logistic whose rise from 10 to 90 % is narrower than one spacing of the levels is
indistinguishable from a step and is therefore not fitted. A shape is *preferred* only if every
other one is worse by at least 4 (Burnham & Anderson 2002, section 2.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.optimize import minimize

from model.measures.intervals import FloatArray
from model.measures.pairing import Dose
from model.measures.tipping import step_fit

MIN_LEVELS: Final = 7
MIN_RUNS: Final = 8
CLEAR: Final = 4.0
# From 10 % to 90 % a logistic takes 2 ln 9 of its scale.
_RISE: Final = 2 * float(np.log(9.0))

Shape = Literal["logistic", "line", "step"]


@dataclass(frozen=True, slots=True)
class ShapeFit:
    """One fitted shape.

    Attributes:
        shape: its name.
        aicc: corrected Akaike criterion.
        rss: residual sum of squares.
        parameters: by name (line: intercept, slope; step: after, before, beyond; logistic: low,
            high, midpoint, scale).
    """

    shape: Shape
    aicc: float
    rss: float
    parameters: dict[str, float]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The comparison of shapes.

    Attributes:
        preferred: the shape that beats all others by 4, "none preferred", or "too few data".
        fits: best first; empty where there are too few data.
        n: runs a level.
        flags: what a reader must know.
    """

    preferred: Shape | Literal["none preferred", "too few data"]
    fits: tuple[ShapeFit, ...]
    n: tuple[int, ...]
    flags: tuple[str, ...] = ()


def shapes(data: Dose) -> Shapes:
    """Compare logistic, line and step on a dose series of independent runs.

    Args:
        data: unpaired runs at all levels.

    Returns:
        The comparison; "too few data" below 7 levels or 8 runs at any of them.

    Raises:
        ValueError: if the series is paired: its runs are not independent, AICc does not apply.
    """
    if data.pairing == "common":
        raise ValueError(
            "shapes compares independent runs, and these share seeds: use pairing 'none'"
        )
    grid, counts = np.unique(data.levels, return_counts=True)
    n = tuple(int(c) for c in counts)
    if grid.size < MIN_LEVELS or min(n) < MIN_RUNS:
        why = f"shapes need {MIN_LEVELS} levels with {MIN_RUNS} runs each"
        return Shapes("too few data", (), n, (*data.flags, why))
    if np.ptp(data.outcomes) == 0.0:
        return Shapes("none preferred", (), n, (*data.flags, f"{sum(n)} identical runs"))
    x, y = data.levels, data.outcomes
    fits = sorted((_logistic(x, y, grid), _line(x, y), _step(x, y)), key=lambda fit: fit.aicc)
    clear = fits[1].aicc - fits[0].aicc >= CLEAR
    return Shapes(fits[0].shape if clear else "none preferred", tuple(fits), n, data.flags)


def aicc(rss: float, n: int, parameters: int) -> float:
    """Corrected Akaike criterion of a Gaussian fit; parameters include the variance."""
    k = parameters
    if rss <= 0:
        return -np.inf
    return float(n * np.log(rss / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1))


def _line(x: FloatArray, y: FloatArray) -> ShapeFit:
    slope, intercept = np.polyfit(x, y, 1)
    rss = float(((y - intercept - slope * x) ** 2).sum())
    parameters = {"intercept": float(intercept), "slope": float(slope)}
    return ShapeFit("line", aicc(rss, y.size, 3), rss, parameters)


def _step(x: FloatArray, y: FloatArray) -> ShapeFit:
    fit = step_fit(x, y)
    mean = np.where(x <= fit.after, fit.before_mean, fit.after_mean)
    rss = float(((y - mean) ** 2).sum())
    parameters = {"after": fit.after, "before": fit.before_mean, "beyond": fit.after_mean}
    return ShapeFit("step", aicc(rss, y.size, 4), rss, parameters)


def _logistic(x: FloatArray, y: FloatArray, grid: FloatArray) -> ShapeFit:
    """Least squares; given midpoint and scale the two plateaus are linear, so two are searched."""
    span = float(np.ptp(grid))
    narrowest = float(np.diff(grid).min()) / _RISE
    widest = span

    def plateaus(midpoint: float, scale: float) -> tuple[float, float, float]:
        rise = 1 / (1 + np.exp(-(x - midpoint) / scale))
        design = np.column_stack([1 - rise, rise])
        (low, high), *_ = np.linalg.lstsq(design, y, rcond=None)
        rss = float(((y - design @ np.array([low, high])) ** 2).sum())
        return rss, float(low), float(high)

    def loss(theta: FloatArray) -> float:
        return plateaus(float(theta[0]), float(np.exp(theta[1])))[0]

    bounds = [(float(grid[0]), float(grid[-1])), (np.log(narrowest), np.log(widest))]
    starts = [
        np.array([m, s])
        for m in np.linspace(*bounds[0], 4 * grid.size)
        for s in np.linspace(*bounds[1], 8)
    ]
    start = min(starts, key=loss)
    best = minimize(loss, start, method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-6})
    midpoint, scale = float(best.x[0]), float(np.exp(best.x[1]))
    rss, low, high = plateaus(midpoint, scale)
    parameters = {"low": low, "high": high, "midpoint": midpoint, "scale": scale}
    return ShapeFit("logistic", aicc(rss, y.size, 5), rss, parameters)
