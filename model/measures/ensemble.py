"""Early warning across runs: the memory of a community on one day, over many runs.

A single run of 25 residents is too short to show critical slowing down, but R runs of one
condition give R pairs (x_t, x_t+1) for every day t, without any window or detrending. The
correlation of those pairs is the headline indicator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Floats = npt.NDArray[np.float64]

MIN_RUNS: Final = 60
"""Runs alive on both days; the deviation of the estimate is about .23 at 6 runs, .05 at 60."""


@dataclass(frozen=True)
class EnsembleAC1:
    """Correlation over runs of a quantity on day t with itself on day t + 1, for t = 0 … T − 2.

    `runs[t]` counts the runs alive on both days, `low` and `high` are the 95 % interval by
    Fisher's z, and `reason[t]` says why `ac1[t]` is NaN (None where it is a number).
    """

    ac1: Floats
    low: Floats
    high: Floats
    runs: npt.NDArray[np.int64]
    reason: tuple[str | None, ...]


def ensemble_ac1(values: npt.ArrayLike, alive: npt.ArrayLike) -> EnsembleAC1:
    """Lag-1 autocorrelation across runs, day by day.

    Args:
        values: Shape [R, T], one run of the same condition a row; only living days are read.
        alive: Shape [R, T], True where the run's community lives that day.

    Returns:
        One estimate for each pair of days, NaN with its reason below 60 runs or without variation.

    Raises:
        ValueError: If shapes differ, or a living day has no finite value.
    """
    x, lives = np.asarray(values, dtype=float), np.asarray(alive, dtype=bool)
    if x.ndim != 2 or x.shape != lives.shape:
        raise ValueError(f"values and alive must both be [R, T]: got {x.shape} and {lives.shape}")
    if gaps := int((lives & ~np.isfinite(x)).sum()):
        raise ValueError(f"{gaps} living run-days have no finite value: mark them as not alive")
    both = lives[:, :-1] & lives[:, 1:]
    estimates = [_pair(x[m, t], x[m, t + 1]) for t, m in enumerate(both.T)]
    ac1 = np.array([estimate for estimate, _ in estimates], dtype=float)
    runs = both.sum(axis=0).astype(np.int64)
    half = norm.ppf(0.975) / np.sqrt(np.maximum(runs - 3, 1))
    z = np.arctanh(np.clip(ac1, -1 + 1e-15, 1 - 1e-15))
    return EnsembleAC1(
        ac1=ac1,
        low=np.tanh(z - half),
        high=np.tanh(z + half),
        runs=runs,
        reason=tuple(reason for _, reason in estimates),
    )


def _pair(today: Floats, tomorrow: Floats) -> tuple[float, str | None]:
    if len(today) < MIN_RUNS:
        return float("nan"), f"{len(today)} runs alive on both days: at least {MIN_RUNS} are needed"
    if np.ptp(today) == 0 or np.ptp(tomorrow) == 0:
        return float("nan"), "the runs do not differ"
    return float(np.corrcoef(today, tomorrow)[0, 1]), None
