"""Rates pooled over runs with limits that know the run is the unit, and shares of runs with a hit.

Two different numbers, never one for the other. How often something happens per resident-day (or
per opportunity) is a *rate*; in how many runs it happens at all is a *share*. Few hits say little
about the first and something about the second.

Limits of a rate are those of a Poisson count (Garwood 1936, Biometrika 28:437) of H = hits/D
events: D·χ²_{.025}(2H)/(2·trials) and D·χ²_{.975}(2H + 2)/(2·trials), 0 at no hit. D says how many
hits come at a time. An arm alone cannot tell it from a handful of hits, so it is pooled over the
study's arms of one label: D = max(1, Σ s²/Σ m, own), s² and m variance and mean of hits a run. The
arm's own is Σh²/Σh: all hits in one run are one event. Where trials differ between runs, variances
are those of the residuals h − rate·trials.

Σh²/Σh grows with the mean, without bound and without any clumping: 300 even hits in 12 runs would
count as 12. It is tried (`make coverage`) up to `TRIED` hits an arm; beyond these the mean's part
in it stays what it is there, and the arm's own s²/m is the floor.

A rate of one arm or two has the dispersion of the untreated runs of its scenario, at least
`LEAST_OF_FEW`; without untreated runs only the share is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

from model.measures.intervals import (
    UNRELIABLE,
    FloatArray,
    Interval,
    add,
    few_runs,
    proportion_interval,
)

Ints = npt.NDArray[np.int64]
Counts = Sequence[int] | Ints
Arm = tuple[Counts, Counts]
"""Hits and trials of an arm, one each a run."""

#: Arms from which on a label's dispersion is pooled over them.
FEWEST_ARMS: Final = 3
#: Dispersion at least assumed where fewer arms are there.
LEAST_OF_FEW: Final = 2.0
#: Hits of an arm up to which Σh²/Σh is the arm's own dispersion.
TRIED: Final = 10.0
SHARE_ONLY: Final = "dispersion unknown: only the share of runs is given"


@dataclass(frozen=True, slots=True)
class LabelRate:
    """How often, and in how many runs at all.

    Attributes:
        rate: hits over trials, with its limits; `n` counts runs with trials.
        share: runs with a hit among the runs with trials, Clopper-Pearson.
    """

    rate: Interval
    share: Interval


def label_rates(
    arms: Sequence[Arm], untreated: Sequence[bool], *, level: float = 0.95
) -> tuple[LabelRate, ...]:
    """The rates of one label in all arms of a study.

    Args:
        arms: hits and trials by run.
        untreated: which of them are untreated; their dispersion serves where arms are few.
        level: nominal coverage.

    Raises:
        ValueError: if shapes differ, counts are negative or hits exceed trials.
    """
    between = dispersion(arms, untreated)
    return tuple(
        LabelRate(
            rate_interval(hits, trials, between, level=level),
            share_with_hit(hits, trials, level=level),
        )
        for hits, trials in arms
    )


def rate_interval(
    hits: Counts, trials: Counts, between: float, *, level: float = 0.95, most: float = 1.0
) -> Interval:
    """A rate pooled over runs with chi-square limits.

    Args:
        hits: int[runs].
        trials: int[runs]; a run without trials has no rate and is left out.
        between: dispersion of the label over the study's arms (`dispersion`); NaN where it is not
            known, and then there are no limits.
        level: nominal coverage.
        most: that the rate can be; limits are cut there.

    Returns:
        The interval; `n` counts runs. Limits NaN for fewer than two runs with trials.

    Raises:
        ValueError: as `label_rates`.
    """
    h, t, flags = counted(hits, trials)
    n = (int(t.size),)
    rate = float(h.sum() / t.sum()) if t.size else np.nan
    flags = add(flags, *few_runs(n, bimodal=False)) if t.size else flags
    if t.size < 2 or np.isnan(between):
        why = ("one run",) if t.size == 1 else (SHARE_ONLY,) if t.size else ()
        return Interval(rate, np.nan, np.nan, n, "none", level, add(flags, *why, UNRELIABLE))
    clump = max(1.0, between, float(own_dispersion(h, t)))
    low, high = (float(x) for x in rate_limits(h.sum(), t.sum(), clump, level))
    # Rounding would leave a limit of few hits a hair inside the estimate.
    low, high = min(low, rate), max(min(high, most), rate)
    return Interval(rate, low, high, n, f"chi-square, dispersion {clump:.3g}", level, flags)


def share_with_hit(hits: Counts, trials: Counts, *, level: float = 0.95) -> Interval:
    """In how many of the runs that had a trial something happened at all, by Clopper-Pearson.

    Raises:
        ValueError: as `label_rates`.
    """
    h, t, flags = counted(hits, trials)
    found = proportion_interval(int((h > 0).sum()), int(t.size), level=level)
    return Interval(
        found.estimate, found.low, found.high, found.n, found.method, level, flags + found.flags
    )


def dispersion(arms: Sequence[Arm], untreated: Sequence[bool]) -> float:
    """How many hits of a label come at a time, judged by all arms of a study together.

    Args:
        arms: hits and trials by run.
        untreated: which of them are untreated.

    Returns:
        Σ s²/Σ m over three arms or more (1 where nobody hit); of fewer that of the untreated ones,
        at least `LEAST_OF_FEW`; NaN without two untreated runs.

    Raises:
        ValueError: as `label_rates`, or if `untreated` does not say it of every arm.
    """
    known = [
        (h, t, plain)
        for (hits, trials), plain in zip(arms, untreated, strict=True)
        for h, t, _ in [counted(hits, trials)]
        if t.size > 1
    ]
    few = len(known) < FEWEST_ARMS
    used = [(h, t) for h, t, plain in known if plain or not few]
    if not used:
        return float("nan")
    variances, means = zip(*(moments(h, t) for h, t in used), strict=True)
    total = float(np.sum(means))
    pooled = float(np.sum(variances)) / total if total > 0 else 1.0
    return max(pooled, LEAST_OF_FEW if few else 1.0)


def own_dispersion(hits: npt.ArrayLike, trials: npt.ArrayLike) -> FloatArray:
    """How many hits come at a time in one arm; 0 where nobody hit.

    Args:
        hits: [..., runs], at least two runs.
        trials: [..., runs], positive.

    Returns:
        [...]: Σh²/Σh up to `TRIED` hits in runs of equal trials; see above for the rest.
    """
    variance, mean = moments(hits, trials)
    runs = np.shape(hits)[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(mean > 0, variance / mean, 0.0)
    clumped = index * (runs - 1) / runs + np.minimum(mean, TRIED / runs)
    return np.asarray(np.maximum(index, clumped))


def moments(hits: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Variance of hits a run about rate·trials, and mean; [..., runs] -> [...] each."""
    h, t = np.asarray(hits, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    rate = h.sum(axis=-1, keepdims=True) / t.sum(axis=-1, keepdims=True)
    squares = ((h - rate * t) ** 2).sum(axis=-1)
    return np.asarray(squares / (h.shape[-1] - 1)), np.asarray(h.mean(axis=-1))


def rate_limits(
    hits: npt.ArrayLike, trials: npt.ArrayLike, clump: npt.ArrayLike, level: float
) -> tuple[FloatArray, FloatArray]:
    """Chi-square limits of hits/trials where `clump` hits come at a time; elementwise."""
    h, t, d = (np.asarray(x, dtype=np.float64) for x in (hits, trials, clump))
    events = h / d
    # At no hit the lower limit is 0; chi-square has no quantile at 0 degrees of freedom.
    below = stats.chi2.ppf(0.5 - level / 2, 2 * np.where(h > 0, events, 1.0))
    above = stats.chi2.ppf(0.5 + level / 2, 2 * events + 2)
    return np.where(h > 0, d * below / (2 * t), 0.0), np.asarray(d * above / (2 * t))


def counted(hits: Counts, trials: Counts) -> tuple[Ints, Ints, tuple[str, ...]]:
    """Hits and trials of the runs that had a trial, and a flag that counts the others.

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
    empty = int((t == 0).sum())
    flags = (f"no opportunity in {empty} of {t.size} runs",) if empty else ()
    return h[t > 0], t[t > 0], flags
