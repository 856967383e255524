"""Which interval at which number of runs.

The run is the unit of analysis: every function takes one number per run. Which method is used
was decided by measured coverage, and the same coverage is measured again by the tests:

* mean: Student's t below 6 runs, bootstrap-t from 6 (Efron & Tibshirani 1993, ch. 12);
* difference of means: Welch (1947);
* share of runs: Clopper and Pearson (1934), exact; Wilson's covers .885 where 2-8 % do;
* any other statistic: percentile bootstrap, and only from 20 runs.

Below 6 runs (8 for a bimodal outcome, such as "collapsed or not") an interval carries the flag
``interval unreliable`` and a table should print the runs themselves, which the result keeps.
Runs in which the measure is undefined (NaN) are left out, counted and flagged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

FloatArray = npt.NDArray[np.float64]

UNRELIABLE: Final = "interval unreliable"
MIN_RUNS: Final = 6
MIN_RUNS_BIMODAL: Final = 8
MIN_RUNS_PERCENTILE: Final = 20


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval.

    Attributes:
        estimate: the statistic on the observed runs.
        low: lower limit; NaN where no interval is defined.
        high: upper limit; NaN where no interval is defined.
        n: defined runs, one count an arm.
        method: the interval's name.
        level: nominal coverage.
        flags: what a reader must know before trusting the limits.
        points: the runs of each arm, for tables that print points where `unreliable`.
    """

    estimate: float
    low: float
    high: float
    n: tuple[int, ...]
    method: str
    level: float = 0.95
    flags: tuple[str, ...] = ()
    points: tuple[tuple[float, ...], ...] = ()

    @property
    def width(self) -> float:
        """Upper minus lower limit; NaN where undefined."""
        return self.high - self.low

    @property
    def unreliable(self) -> bool:
        """Whether the runs should be shown as points instead."""
        return UNRELIABLE in self.flags

    def narrower_than(self, width: float) -> bool:
        """The only lawful reason to stop a study early: precision, never a p-value.

        Args:
            width: the wanted full width, in the measure's unit.

        Returns:
            True if the interval is reliable, defined and at most that wide.
        """
        return not self.unreliable and self.width <= width


def mean_interval(
    runs: Sequence[float] | FloatArray,
    *,
    bimodal: bool = False,
    level: float = 0.95,
    resamples: int = 1999,
    seed: int = 0,
) -> Interval:
    """Interval for a mean over runs: t below 6 runs, bootstrap-t from 6.

    Args:
        runs: one value a run; NaN where the measure is undefined in that run.
        bimodal: the outcome has two modes; then 8 runs are needed, not 6.
        level: nominal coverage.
        resamples: bootstrap resamples.
        seed: of the resampling; the same runs give the same interval.

    Returns:
        The interval. All runs equal: limits NaN and the flag "n identical runs".

    Raises:
        ValueError: if no run is given or one is infinite.
    """
    values, flags = defined_runs(runs, "runs")
    n = values.size
    points = (tuple(values.tolist()),)
    flags += few_runs((n,), bimodal)
    if n == 0:
        return Interval(np.nan, np.nan, np.nan, (0,), "none", level, flags, points)
    if np.ptp(values) == 0.0:
        flags += (f"{n} identical runs",) if n > 1 else ()
        return Interval(float(values[0]), np.nan, np.nan, (n,), "none", level, flags, points)
    if n < MIN_RUNS:
        (low,), (high,) = t_limits(values[None], level)
        method = "Student t"
    else:
        (low,), (high,) = bootstrap_t_limits(values[None], level, resamples, seed)
        method = "bootstrap-t"
        if not np.isfinite([low, high]).all():
            (low,), (high,) = t_limits(values[None], level)
            method = "Student t"
            flags = add(flags, "too few distinct values for bootstrap-t", UNRELIABLE)
    return Interval(
        float(values.mean()), float(low), float(high), (n,), method, level, flags, points
    )


def difference_interval(
    a: Sequence[float] | FloatArray,
    b: Sequence[float] | FloatArray,
    *,
    bimodal: bool = False,
    level: float = 0.95,
) -> Interval:
    """Welch's interval for mean(a) - mean(b) of two independent arms.

    Args:
        a: one value a run of the first arm.
        b: one value a run of the second arm; runs of other seeds than those of ``a``.
        bimodal: the outcome has two modes.
        level: nominal coverage.

    Returns:
        The interval, with "n identical runs" for each arm without any spread.

    Raises:
        ValueError: if an arm has no run or an infinite one.
    """
    x, flags_a = defined_runs(a, "a")
    y, flags_b = defined_runs(b, "b")
    n = (x.size, y.size)
    points = (tuple(x.tolist()), tuple(y.tolist()))
    flags = flags_a + flags_b + few_runs(n, bimodal)
    flags += tuple(f"{v.size} identical runs" for v in (x, y) if v.size > 1 and np.ptp(v) == 0.0)
    estimate = float(x.mean() - y.mean()) if min(n) else np.nan
    # A spread so small that its square is 0 has no Welch interval either.
    if min(n) < 2 or (np.ptp(x) == 0.0 and np.ptp(y) == 0.0) or np.var(x) + np.var(y) == 0.0:
        return Interval(estimate, np.nan, np.nan, n, "none", level, flags, points)
    (low,), (high,) = welch_limits(x[None], y[None], level)
    return Interval(estimate, float(low), float(high), n, "Welch", level, flags, points)


def proportion_interval(hits: int, trials: int, *, level: float = 0.95) -> Interval:
    """Clopper and Pearson's exact interval for a share, of runs for example.

    Args:
        hits: successes.
        trials: independent trials.
        level: nominal coverage, which it never falls below.

    Returns:
        The interval; all NaN for no trials.

    Raises:
        ValueError: if the counts are negative or hits exceed trials.
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} hits of {trials} trials: hits must lie in 0..trials")
    n = (int(trials),)
    if trials == 0:
        return Interval(np.nan, np.nan, np.nan, n, "none", level, ("no trials",))
    found = stats.binomtest(hits, trials).proportion_ci(level, method="exact")
    return Interval(hits / trials, float(found.low), float(found.high), n, "Clopper-Pearson", level)


def percentile_interval(
    runs: Sequence[float] | FloatArray,
    statistic: Callable[[FloatArray], float],
    *,
    level: float = 0.95,
    resamples: int = 1999,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap of any statistic of the runs; only from 20 runs.

    Below 20 runs it covers far less than it says (.72-.87 at 6), so the limits are NaN.

    Args:
        runs: one value a run.
        statistic: float[n] -> number.
        level: nominal coverage.
        resamples: bootstrap resamples of runs.
        seed: of the resampling.

    Returns:
        The interval; below 20 runs only the estimate.

    Raises:
        ValueError: if no run is given or one is infinite.
    """
    values, flags = defined_runs(runs, "runs")
    n = values.size
    points = (tuple(values.tolist()),)
    estimate = float(statistic(values)) if n else np.nan
    if n < MIN_RUNS_PERCENTILE:
        flags = add(flags, UNRELIABLE, f"percentile bootstrap needs {MIN_RUNS_PERCENTILE} runs")
        return Interval(estimate, np.nan, np.nan, (n,), "none", level, flags, points)
    if np.ptp(values) == 0.0:
        flags += (f"{n} identical runs",)
        return Interval(estimate, np.nan, np.nan, (n,), "none", level, flags, points)
    rng = np.random.default_rng(seed)
    draws = np.array([statistic(values[rng.integers(n, size=n)]) for _ in range(resamples)])
    undefined = int(np.isnan(draws).sum())
    if undefined:
        flags += (f"statistic undefined in {undefined} of {resamples} resamples",)
        if undefined == resamples:
            return Interval(estimate, np.nan, np.nan, (n,), "none", level, flags, points)
    low, high = np.nanquantile(draws, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(
        estimate, float(low), float(high), (n,), "percentile bootstrap", level, flags, points
    )


def t_limits(x: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Student's limits for the mean of each row of x, float[studies, n]."""
    from statsmodels.stats.weightstats import DescrStatsW  # here: it takes a while to load

    low, high = DescrStatsW(x.T).tconfint_mean(1 - level)
    return low, high


def welch_limits(x: FloatArray, y: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Welch's limits for mean(x) - mean(y), row by row; float[studies, m], float[studies, n].

    By statsmodels, because scipy's `ttest_ind` warns of an arm without spread, which is lawful.
    """
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW  # here: slow to load

    both = CompareMeans(DescrStatsW(x.T), DescrStatsW(y.T))
    low, high = both.tconfint_diff(1 - level, usevar="unequal")
    return low, high


def bootstrap_t_limits(
    x: FloatArray, level: float, resamples: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Bootstrap-t limits for the mean of each row of x, float[studies, n].

    All rows share one set of resamples, which makes many studies one matrix product. A resample
    without spread has an infinite t: dropping it instead would make coverage fall to .63 for a
    two-valued outcome at 7 runs. A limit is then infinite, and the caller must say so.
    """
    n = x.shape[1]
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    weights = counts.T / n
    mean = x.mean(axis=1, keepdims=True)
    sd = x.std(axis=1, ddof=1, keepdims=True)
    z = (x - mean) / sd
    shift = z @ weights
    variance = np.maximum((z**2) @ weights - shift**2, 0.0)
    degenerate = variance < 1e-12
    with np.errstate(divide="ignore", invalid="ignore"):
        t = shift / np.sqrt(variance / (n - 1))
    t[degenerate] = np.copysign(np.inf, shift[degenerate])
    k = int(np.ceil((0.5 - level / 2) * resamples)) - 1
    t.partition((k, resamples - 1 - k), axis=1)
    se = sd[:, 0] / np.sqrt(n)
    return mean[:, 0] - t[:, resamples - 1 - k] * se, mean[:, 0] - t[:, k] * se


def defined_runs(
    runs: Sequence[float] | FloatArray, name: str
) -> tuple[FloatArray, tuple[str, ...]]:
    """The runs in which the measure is defined, and a flag that counts the others.

    Args:
        runs: one value a run.
        name: of the argument, for the error.

    Returns:
        float64[n defined] and the flags.

    Raises:
        ValueError: if runs is not a non-empty one-dimensional array, or holds an infinite value.
    """
    values = np.asarray(runs, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"{name} must be one number a run, got shape {values.shape}")
    if np.isinf(values).any():
        raise ValueError(f"{name} holds an infinite value: give NaN where a measure is undefined")
    kept = values[~np.isnan(values)]
    gone = values.size - kept.size
    return kept, (f"undefined in {gone} of {values.size} runs",) if gone else ()


def few_runs(n: tuple[int, ...], bimodal: bool) -> tuple[str, ...]:
    """The flag of an interval made from too few runs."""
    return (UNRELIABLE,) if min(n) < (MIN_RUNS_BIMODAL if bimodal else MIN_RUNS) else ()


def add(flags: tuple[str, ...], *more: str) -> tuple[str, ...]:
    """Flags with more appended, none twice."""
    return flags + tuple(flag for flag in more if flag not in flags)
