"""Which flag a set of runs earns: the fixed order of rules behind the basin width.

0. births off, or none logged → only the committor (`committor_only`);
1. a threshold candidate counts only between ≥ 2 starts below and ≥ 2 above, ≥ 3 runs each;
   without a candidate rules 2, 3 and 5 need ≥ 4 different starts; else `unidentified`;
2. drift certainly > 0 at the largest supported N → `not_saturated`, N_s unknown;
3. drift certainly < 0 at all supported N → `collapsed`, width 0;
4. crossings only inside support, never extrapolated → `identified`;
5. no threshold crossing and ≥ 2 starts of ≤ 3 residents surviving in ≥ 80 % → `no_threshold`;
6. `identified`, but the start with even odds of survival lies outside the interval of N_u or more
   than 1.5 residents from it → `estimators_disagree`: one of them is wrong; no width is given.

"Certainly" is the 95 % bootstrap band of the drift curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from model.measures.basin_data import Runs
from model.measures.basin_fit import DriftCurve, find_roots
from model.measures.committor import Committor

Floats = npt.NDArray[np.float64]

SIDE_STARTS: Final = 2
"""Different starts wanted on either side of a threshold."""
START_RUNS: Final = 3
"""Runs that make a start count."""
MIN_STARTS: Final = 4
"""Different starts wanted for a verdict without a threshold candidate."""
FEW: Final = 3
"""Residents at most in a start that speaks for the absence of a threshold."""
SURVIVING: Final = 0.8
"""Share of its runs that must survive."""
APART: Final = 1.5
"""Residents by which two estimates of one threshold may differ."""

_NAN: Final = float("nan")


class Flag(StrEnum):
    """What the runs allow to be said."""

    IDENTIFIED = "identified"
    COMMITTOR_ONLY = "committor_only"
    UNIDENTIFIED = "unidentified"
    NOT_SATURATED = "not_saturated"
    COLLAPSED = "collapsed"
    NO_THRESHOLD = "no_threshold"
    ESTIMATORS_DISAGREE = "estimators_disagree"


@dataclass(frozen=True)
class BasinVerdict:
    """A flag with its one-line reason and the roots it vouches for (residents, NaN if none)."""

    flag: Flag
    reason: str
    unstable: float = _NAN
    stable: float = _NAN

    @property
    def width(self) -> float:
        """N_s − N_u; 0 for a community that shrinks at every size; NaN if not determined."""
        return 0.0 if self.flag is Flag.COLLAPSED else self.stable - self.unstable


def judge_without_births(runs: Runs, cross: Committor, births: int | None) -> BasinVerdict:
    """Rule 0: nothing can grow, so N_s means nothing and only the odds of survival are left."""
    why = "births are off" if births is None else "no birth was logged"
    if cross.reason:
        return BasinVerdict(
            Flag.UNIDENTIFIED, f"{why}, and the committor is undetermined: {cross.reason}"
        )
    if lack := _one_sided(runs, cross.unstable, runs.complete):
        return BasinVerdict(Flag.UNIDENTIFIED, f"{why}, and {lack}")
    return BasinVerdict(Flag.COMMITTOR_ONLY, f"{why}: only the committor can be read")


def judge(runs: Runs, curve: DriftCurve, low: Floats, high: Floats) -> BasinVerdict:
    """Rules 1 to 5.

    Args:
        runs: The data.
        curve: The estimate, arrays [G].
        low: Lower 95 % bound of the drift, shape [G].
        high: Upper bound, shape [G].
    """
    roots = find_roots(curve)
    unstable, stable = float(roots.unstable), float(roots.stable)
    starts = np.unique(runs.starts)
    if not np.isnan(unstable):
        if lack := _one_sided(runs, unstable, np.ones(len(runs.starts), dtype=bool)):
            return BasinVerdict(Flag.UNIDENTIFIED, lack)
    elif len(starts) < MIN_STARTS:
        found = f"{len(starts)} different start{'s' * (len(starts) != 1)}"
        return BasinVerdict(
            Flag.UNIDENTIFIED,
            f"no threshold crossing, and {found}: a verdict without one needs {MIN_STARTS}",
        )
    if not curve.supported.any():
        return BasinVerdict(
            Flag.UNIDENTIFIED, "no size was visited often enough to support the curve"
        )
    top = int(np.flatnonzero(curve.supported)[-1])
    if low[top] > 0:
        return BasinVerdict(
            Flag.NOT_SATURATED,
            f"still growing at {curve.size[top]:.1f}, the largest supported size",
            unstable=unstable,
        )
    if (high[curve.supported] < 0).all():
        return BasinVerdict(Flag.COLLAPSED, "the community shrinks at every supported size")
    if not np.isnan(unstable):
        if np.isnan(stable):
            return BasinVerdict(
                Flag.UNIDENTIFIED, "a threshold crossing without a stable size above it"
            )
        return BasinVerdict(Flag.IDENTIFIED, "both crossings lie inside support", unstable, stable)
    if (small := _small_survivors(runs)) >= SIDE_STARTS:
        return BasinVerdict(
            Flag.NO_THRESHOLD,
            f"{small} starts of at most {FEW} survive in at least {SURVIVING:.0%}",
            unstable=0.0,
            stable=stable,
        )
    return BasinVerdict(
        Flag.UNIDENTIFIED, "no threshold crossing inside support, and no verdict without one"
    )


def check_committor(
    verdict: BasinVerdict, cross: Committor, low: float, high: float
) -> BasinVerdict:
    """Rule 6: refuse a threshold that the fates of the runs contradict.

    Args:
        verdict: By rules 1 to 5; only `identified` is looked at.
        cross: The committor; where it is undetermined there is nothing to compare with.
        low: Lower limit of the interval of N_u, NaN without one.
        high: Upper limit.
    """
    even = cross.unstable
    if verdict.flag is not Flag.IDENTIFIED or np.isnan(even):
        return verdict
    outside = even < low or even > high
    if not outside and abs(even - verdict.unstable) <= APART:
        return verdict
    why = f"outside {low:.1f}–{high:.1f}" if outside else f"more than {APART:g} residents away"
    return BasinVerdict(
        Flag.ESTIMATORS_DISAGREE,
        f"growth turns at {verdict.unstable:.1f}, but survival has even odds at {even:.1f}, {why}",
        stable=verdict.stable,
    )


def _one_sided(runs: Runs, threshold: float, usable: npt.NDArray[np.bool_]) -> str | None:
    """What is lacking around a threshold, None if there are enough starts on both sides."""
    levels, counts = np.unique(runs.starts[usable], return_counts=True)
    firm = levels[counts >= START_RUNS]
    below, above = int((firm < threshold).sum()), int((firm > threshold).sum())
    if min(below, above) >= SIDE_STARTS:
        return None
    return (
        f"{below} start(s) below and {above} above the candidate threshold {threshold:.1f}:"
        f" {SIDE_STARTS} on each side with {START_RUNS} runs each are needed"
    )


def _small_survivors(runs: Runs) -> int:
    """Number of starts of at most three residents whose runs nearly all survive."""
    shares = []
    for start in np.unique(runs.starts[runs.starts <= FEW]):
        fates = runs.survived[runs.complete & (runs.starts == start)]
        if len(fates) >= START_RUNS:
            shares.append(float(fates.mean()))
    return sum(share >= SURVIVING for share in shares)
