"""Basin width d_FB = N_s − N_u: how far a community stands from the point of no return.

Distance from the unstable threshold N_u, below which a community shrinks to ruin, to the stable
size N_s (Dai, Korolev & Gore 2015, PNAS 112:10056; the definition for communities is ours). It
needs runs that start at many sizes (`sweep`): from runs at one size nothing can be known about
the threshold, and the result then says `unidentified`, whatever the curve does. `basin_rules`
has the order in which a verdict is reached, `basin_fit` the regression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.measures.basin_data import Runs, read_runs
from model.measures.basin_fit import BANDWIDTH, bounds, find_roots, fit_drift, resample_runs
from model.measures.basin_rules import (
    BasinVerdict,
    Flag,
    check_committor,
    judge,
    judge_without_births,
)
from model.measures.committor import Committor, committor

Floats = npt.NDArray[np.float64]
Interval = tuple[float, float]

INTERVAL_WORDS: Final = "95 %; covered 93–100 % in trials"
STRETCH: Final = 2.0
"""Percentile limits are moved away from the estimate by this factor. Runs resampled within starts
of five vary too little (by about a tenth) and the kernel's bias is not in them at all: unstretched
the interval of the width covered 74–96 % of known truths, stretched 93–100 % (500 studies a row,
`tests/coverage/basin_rows.py`)."""
MIN_HALF_WIDTH: Final = 0.5
MIN_RESAMPLES: Final = 20

_UNKNOWN: Final[Interval] = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Support:
    """The data behind a basin width, start by start.

    `broke_off` counts runs that ended alive before the others (their fate is unknown, their steps
    count); `resolved` is the share of `resamples` in which the width was found again.
    """

    starts: tuple[float, ...]
    runs: tuple[int, ...]
    days: int
    broke_off: int
    resamples: int
    resolved: float


@dataclass(frozen=True)
class Band:
    """The drift curve ΔN/N a day at `size`, with its pointwise 95 % bootstrap band; arrays [G]."""

    size: Floats
    drift: Floats
    low: Floats
    high: Floats
    supported: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BasinWidth:
    """Threshold, stable size and width (residents) with flag, reason and cross-check.

    Intervals are (low, high), at least ± .5, NaN where nothing was estimated; `interval_words`
    say how far to trust them. `committor.unstable` and `late_median` (of survivors) are N_u and
    N_s estimated another way; where the two N_u disagree no width is given (rule 6). `band` is
    None under rule 0.
    """

    flag: Flag
    reason: str
    unstable: float
    stable: float
    width: float
    unstable_interval: Interval
    stable_interval: Interval
    width_interval: Interval
    interval_words: str
    committor: Committor
    late_median: float
    support: Support
    band: Band | None

    def __str__(self) -> str:
        """One line for a report: the width or why there is none, and always the cross-check."""
        numbers = "width not determined"
        if not np.isnan(self.width):
            numbers = f"width {self.width:.1f}"
        if not np.isnan(self.stable + self.unstable):
            numbers += f" (N_u {self.unstable:.1f}, N_s {self.stable:.1f})"
        if not np.isnan(self.width_interval[0]):
            low, high = self.width_interval
            numbers += f", interval {low:.1f}–{high:.1f} ({self.interval_words})"
        half = f"at {self.committor.unstable:.1f}"
        if self.committor.reason:
            half = f"undetermined ({self.committor.reason})"
        late = "none" if np.isnan(self.late_median) else f"{self.late_median:.1f}"
        return (
            f"{self.flag}: {numbers}; {self.reason}."
            f" Cross-check: even odds of survival {half}, late median of survivors {late}"
        )


def basin_width(
    runs: pd.DataFrame,
    *,
    births: int | None,
    resamples: int = 200,
    seed: int = 0,
    bandwidth: float = BANDWIDTH,
) -> BasinWidth:
    """Estimate the basin width from runs that start at different sizes.

    Args:
        runs: One row a run and day of one condition: `run`, `day`, `population`, and `n0` (else
            the first row's population). Advised: ≥ 40 days, ≥ 5 runs a start, see `sweep`.
        births: Births logged in all these runs together; None when births are switched off.
        resamples: Bootstrap resamples of runs within their start, ≥ 20.
        seed: Of the bootstrap.
        bandwidth: Kernel width in ln N.

    Returns:
        Always a result; its flag and reason say what could be determined.

    Raises:
        ValueError: If the table is malformed (see `read_runs`) or a setting is out of range.
    """
    if resamples < MIN_RESAMPLES or bandwidth <= 0:
        raise ValueError(
            f"give resamples >= {MIN_RESAMPLES} and bandwidth > 0, not {resamples} and {bandwidth}"
        )
    if births is not None and births < 0:
        raise ValueError(f"births is a count or None, not {births}")
    data = read_runs(runs)
    cross = committor(data.starts[data.complete], data.survived[data.complete])
    if not births:
        verdict = judge_without_births(data, cross, births)
        return _result(data, cross, verdict, None, np.empty(0), np.empty(0))
    if not len(data.steps.sizes):
        verdict = BasinVerdict(Flag.UNIDENTIFIED, "no run has two consecutive days")
        return _result(data, cross, verdict, None, np.empty(0), np.empty(0))
    curve = fit_drift(data.steps, np.ones(len(data.starts)), bandwidth)
    redrawn = fit_drift(data.steps, resample_runs(data.starts, resamples, seed), bandwidth)
    low, high = bounds(redrawn.drift)
    verdict, again = judge(data, curve, low, high), find_roots(redrawn)
    # Without a threshold N_u = 0 is a verdict, not an estimate: only the stable size varies.
    unstable = np.zeros(resamples) if verdict.flag is Flag.NO_THRESHOLD else again.unstable
    verdict = check_committor(verdict, cross, *_interval(verdict.unstable, unstable))
    band = Band(curve.size, curve.drift, low, high, curve.supported)
    return _result(data, cross, verdict, band, unstable, again.stable)


def _result(
    data: Runs,
    cross: Committor,
    verdict: BasinVerdict,
    band: Band | None,
    unstable: Floats,
    stable: Floats,
) -> BasinWidth:
    """Put a verdict together with its intervals, from the roots of the resamples [B]."""
    levels, counts = np.unique(data.starts, return_counts=True)
    late = data.late[data.complete & data.survived]
    widths = stable - unstable
    return BasinWidth(
        flag=verdict.flag,
        reason=verdict.reason,
        unstable=verdict.unstable,
        stable=verdict.stable,
        width=verdict.width,
        unstable_interval=_interval(verdict.unstable, unstable),
        stable_interval=_interval(verdict.stable, stable),
        width_interval=_interval(verdict.stable - verdict.unstable, widths),
        interval_words=INTERVAL_WORDS,
        committor=cross,
        late_median=float(np.median(late)) if len(late) else float("nan"),
        support=Support(
            starts=tuple(float(s) for s in levels),
            runs=tuple(int(c) for c in counts),
            days=data.horizon,
            broke_off=int((~data.complete).sum()),
            resamples=len(widths),
            resolved=float(np.isfinite(widths).mean()) if len(widths) else float("nan"),
        ),
        band=band,
    )


def _interval(estimate: float, resampled: Floats) -> Interval:
    """Stretched percentile interval, never closer to the estimate than ± .5 nor below 0."""
    found = resampled[np.isfinite(resampled)]
    if np.isnan(estimate) or len(found) < MIN_RESAMPLES or np.ptp(found) == 0:
        return _UNKNOWN
    low, high = (float(v) for v in np.percentile(found, [2.5, 97.5]))
    below = max(STRETCH * (estimate - low), MIN_HALF_WIDTH)
    above = max(STRETCH * (high - estimate), MIN_HALF_WIDTH)
    return max(estimate - below, 0.0), estimate + above
