"""A rate pooled over runs, with an interval that knows the run is the unit.

Acts within a run are not independent. The pooled rate keeps its binomial form, but with the number
of trials that would give the variance actually seen between runs: the effective sample size of
Korn & Graubard (1998, Survey Methodology 24:193), with their factor for the few degrees of
freedom of few runs, and never more than the trials there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from model.measures.intervals import UNRELIABLE, Interval, add, few_runs, proportion_interval

Counts = Sequence[int] | npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PooledRate:
    """Hits over trials of several runs.

    Attributes:
        rate: sum of hits / sum of trials; NaN without trials.
        effective: independent trials that would be as informative; NaN where undefined.
        hits: in all runs.
        trials: in all runs.
        runs: with at least one trial.
        flags: what a reader must know.
    """

    rate: float
    effective: float
    hits: int
    trials: int
    runs: int
    flags: tuple[str, ...] = ()


def pooled_rate(hits: Counts, trials: Counts, *, level: float = 0.95) -> PooledRate:
    """Pool a rate over runs.

    Args:
        hits: int[runs].
        trials: int[runs]; a run without trials has no rate and is left out.
        level: of the interval to be made from it (sets the small-sample factor).

    Returns:
        The rate with its effective sample size. One run alone says nothing about the variance
        between runs: its effective size is NaN.

    Raises:
        ValueError: if shapes differ, counts are negative or hits exceed trials.
    """
    h = np.asarray(hits, dtype=np.int64)
    t = np.asarray(trials, dtype=np.int64)
    if h.shape != t.shape or h.ndim != 1:
        raise ValueError(f"hits {h.shape} and trials {t.shape}: give one count a run in each")
    if ((h < 0) | (h > t)).any():
        run = int(np.flatnonzero((h < 0) | (h > t))[0])
        raise ValueError(f"run {run}: {h[run]} hits of {t[run]} trials; hits lie in 0..trials")
    flags: tuple[str, ...] = ()
    empty = int((t == 0).sum())
    if empty:
        flags = (f"no opportunity in {empty} of {t.size} runs",)
    h, t = h[t > 0], t[t > 0]
    runs, total = int(t.size), int(t.sum())
    if runs == 0:
        return PooledRate(np.nan, np.nan, 0, 0, 0, flags)
    rate = float(h.sum() / total)
    if runs == 1:
        return PooledRate(rate, np.nan, int(h.sum()), total, 1, (*flags, "one run"))
    residual = h - rate * t
    variance = runs / (runs - 1) * float((residual**2).sum()) / total**2
    ratio = stats.norm.ppf(0.5 + level / 2) / stats.t.ppf(0.5 + level / 2, runs - 1)
    effective = rate * (1 - rate) / variance * ratio**2 if variance > 0 else total
    return PooledRate(rate, float(min(effective, total)), int(h.sum()), total, runs, flags)


def rate_interval(hits: Counts, trials: Counts, *, level: float = 0.95) -> Interval:
    """Wilson's interval for a pooled rate, at its effective sample size.

    Args:
        hits: int[runs].
        trials: int[runs].
        level: nominal coverage.

    Returns:
        The interval; `n` counts runs. Limits NaN for fewer than two runs with trials.

    Raises:
        ValueError: as `pooled_rate`.
    """
    pooled = pooled_rate(hits, trials, level=level)
    flags = add(pooled.flags, *few_runs((pooled.runs,), False))
    if np.isnan(pooled.effective):
        flags = add(flags, UNRELIABLE)
        return Interval(pooled.rate, np.nan, np.nan, (pooled.runs,), "none", level, flags)
    wilson = proportion_interval(pooled.rate * pooled.effective, pooled.effective, level=level)
    return replace(
        wilson,
        estimate=pooled.rate,
        n=(pooled.runs,),
        method="Wilson, effective n by run",
        flags=flags,
    )
