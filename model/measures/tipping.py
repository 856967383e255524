"""Where along a treatment's levels an outcome breaks: a set of intervals, not a point.

Between two neighbouring levels nothing was observed, so the data can only name the interval that
holds a step. The step is fitted by least squares over the intervals; its p is a permutation of
max-F over all intervals (the search is part of the test); and because the best interval of one
data set may be chance, the runs are resampled within levels and the smallest set of intervals with
at least 95 % of the choices is reported. The step is *located* only if that set has one member and
the levels on the same side of it do not differ (F for lack of fit): a smooth rise has a steepest
interval too, but no step. Otherwise the levels to add are offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from model.measures.intervals import FloatArray
from model.measures.pairing import Dose

MIN_RUNS: Final = 2
NOT_ONE_STEP: Final = "not one step: levels on the same side differ"
_CHUNK: Final = 500

Status = Literal["located", "refine", "no step", "not testable"]


@dataclass(frozen=True, slots=True)
class StepFit:
    """The least-squares step of a series.

    Attributes:
        after: the last level of the first regime.
        before_mean: mean outcome up to and including `after`.
        after_mean: mean outcome beyond it.
        max_f: F of the best of all steps.
    """

    after: float
    before_mean: float
    after_mean: float
    max_f: float


@dataclass(frozen=True, slots=True)
class Tipping:
    """What a dose series says about a step.

    Attributes:
        status: `located` (one interval), `refine` (several), `no step` (max-F not significant),
            `not testable`.
        fit: the best step; None if not testable.
        p: of max-F, by permutation; NaN if not testable.
        lack_of_fit_p: of the F that levels on one side of the step differ; NaN with two levels.
        intervals: the smallest set of (level, next level) with the wanted share of choices.
        shares: bootstrap share of every interval, in order of the levels.
        covered: share of choices inside `intervals`.
        refine_at: levels to add: the middle of each interval of the set.
        n: runs a level.
        draws: permutations and bootstrap resamples.
        flags: what a reader must know.
    """

    status: Status
    fit: StepFit | None
    p: float
    lack_of_fit_p: float
    intervals: tuple[tuple[float, float], ...]
    shares: tuple[float, ...]
    covered: float
    refine_at: tuple[float, ...]
    n: tuple[int, ...]
    draws: tuple[int, int]
    flags: tuple[str, ...] = ()


def tipping(
    data: Dose,
    *,
    alpha: float = 0.05,
    share: float = 0.95,
    permutations: int = 1_999,
    resamples: int = 1_999,
    seed: int = 0,
) -> Tipping:
    """The step set of a dose series.

    Under common seeds the seeds' own means are taken out first, labels are permuted within seeds,
    and whole seeds are resampled.

    Args:
        data: runs at all levels.
        alpha: level at which max-F must reject before a step is spoken of.
        share: of bootstrap choices that the set must hold.
        permutations: relabellings for the p of max-F.
        resamples: bootstrap resamples of runs.
        seed: of both.

    Returns:
        The result; `not testable` with the reason if a level has fewer than 2 runs, fewer than
        two levels are left, or all outcomes are equal.
    """
    grid, counts = np.unique(data.levels, return_counts=True)
    n = tuple(int(c) for c in counts)
    why = _untestable(data, n)
    if why:
        return Tipping(
            "not testable", None, np.nan, np.nan, (), (), np.nan, (), n, (0, 0), (*data.flags, why)
        )
    outcomes = without_block_means(data)
    rng = np.random.default_rng(seed)
    fit = step_fit(data.levels, data.outcomes, residuals=outcomes)
    p = _max_f_p(data, outcomes, counts, permutations, rng)
    chosen = bootstrap_choices(data, outcomes, counts, resamples, rng)
    # Intervals that no resample chose have a share of 0, not none (`minlength`).
    shares = np.bincount(chosen, minlength=grid.size - 1) / resamples
    members = smallest_set(shares, share)
    intervals = tuple((float(grid[i]), float(grid[i + 1])) for i in members)
    misfit = _lack_of_fit_p(data, outcomes, counts)
    flags = data.flags
    status: Status = "no step" if p > alpha else "located" if len(members) == 1 else "refine"
    if misfit <= alpha and status != "no step":
        status, flags = "refine", (*flags, NOT_ONE_STEP)
    return Tipping(
        status,
        fit,
        p,
        misfit,
        intervals,
        tuple(shares.tolist()),
        float(shares[members].sum()),
        tuple((a + b) / 2 for a, b in intervals) if status == "refine" else (),
        n,
        (permutations, resamples),
        flags,
    )


def step_fit(
    levels: FloatArray, outcomes: FloatArray, *, residuals: FloatArray | None = None
) -> StepFit:
    """Least-squares step of outcomes over levels; a time series has one run a level.

    Args:
        levels: float[n].
        outcomes: float[n].
        residuals: float[n] to choose the step from, if not the outcomes themselves.

    Returns:
        The step with its two means.

    Raises:
        ValueError: if fewer than two distinct levels are given or lengths differ.
    """
    if levels.shape != outcomes.shape or np.unique(levels).size < 2:
        raise ValueError(
            f"levels {levels.shape} and outcomes {outcomes.shape}: "
            "give equal lengths and at least two distinct levels"
        )
    # Stable, so that sums over equal levels are made in one order, bit for bit.
    order = np.argsort(levels, kind="stable")
    grid, counts = np.unique(levels, return_counts=True)
    y = (outcomes if residuals is None else residuals)[order]
    sums = np.add.reduceat(y, np.cumsum(counts) - counts)
    between = between_squares(sums[None], counts)[0]
    best = int(np.argmax(between))
    within = float(((y - y.mean()) ** 2).sum()) - float(between[best])
    left = levels <= grid[best]
    return StepFit(
        float(grid[best]),
        float(outcomes[left].mean()),
        float(outcomes[~left].mean()),
        float(between[best] / (within / (y.size - 2))) if within > 0 else np.inf,
    )


def between_squares(sums: FloatArray, counts: npt.NDArray[np.int64]) -> FloatArray:
    """Sum of squares between the two sides of every step.

    Args:
        sums: float[studies, K], outcome sums a level.
        counts: int[K], runs a level.

    Returns:
        float64[studies, K - 1]; F is monotone in it, so its maximum is the least-squares step.
    """
    left_n = np.cumsum(counts)[:-1]
    total_n = counts.sum()
    left = np.cumsum(sums, axis=1)[:, :-1]
    total = sums.sum(axis=1, keepdims=True)
    return np.asarray(
        left**2 / left_n + (total - left) ** 2 / (total_n - left_n) - total**2 / total_n
    )


def smallest_set(shares: FloatArray, share: float) -> list[int]:
    """Fewest interval indices that together hold at least `share`, ascending."""
    # Stable: of equal shares the lower interval is taken.
    order = np.argsort(-shares, kind="stable")
    size = int(np.searchsorted(np.cumsum(shares[order]), share - 1e-12)) + 1
    return sorted(int(i) for i in order[:size])


def without_block_means(data: Dose) -> FloatArray:
    """Outcomes minus their grand mean or, under common seeds, minus the seed's own mean."""
    # Sums and sizes of each block, spread over its rows again.
    means = np.bincount(data.blocks, data.outcomes)[data.blocks]
    sizes = np.bincount(data.blocks)[data.blocks]
    return np.asarray(data.outcomes - means / sizes)


def bootstrap_choices(
    data: Dose,
    outcomes: FloatArray,
    counts: npt.NDArray[np.int64],
    resamples: int,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Best interval of each resample, int64[resamples]: runs within levels, or whole seeds."""
    starts = np.cumsum(counts) - counts
    if data.pairing == "common":
        # Sorted by level, then seed: one row a level, one column a seed.
        table = outcomes.reshape(counts.size, -1)
        columns = table.shape[1]
        weights = rng.multinomial(columns, np.full(columns, 1 / columns), size=resamples)
        sums = weights @ table.T
    else:
        parts = [outcomes[s : s + c] for s, c in zip(starts, counts, strict=True)]
        sums = np.column_stack(
            [
                rng.multinomial(x.size, np.full(x.size, 1 / x.size), size=resamples) @ x
                for x in parts
            ]
        )
    return np.asarray(np.argmax(between_squares(sums, counts), axis=1), dtype=np.int64)


def _max_f_p(
    data: Dose,
    outcomes: FloatArray,
    counts: npt.NDArray[np.int64],
    permutations: int,
    rng: np.random.Generator,
) -> float:
    starts = np.cumsum(counts) - counts
    observed = between_squares(np.add.reduceat(outcomes, starts)[None], counts).max()
    reached = 0
    for start in range(0, permutations, _CHUNK):
        size = min(_CHUNK, permutations - start)
        if data.pairing == "common":
            table = outcomes.reshape(counts.size, -1)
            shuffled = rng.permuted(np.broadcast_to(table, (size, *table.shape)), axis=1)
            sums = shuffled.sum(axis=2)
        else:
            shuffled = rng.permuted(np.broadcast_to(outcomes, (size, outcomes.size)), axis=1)
            sums = np.add.reduceat(shuffled, starts, axis=1)
        best = between_squares(sums, counts).max(axis=1)
        reached += int((best >= observed * (1 - 1e-9)).sum())
    return (reached + 1) / (permutations + 1)


def _lack_of_fit_p(data: Dose, outcomes: FloatArray, counts: npt.NDArray[np.int64]) -> float:
    """F-test of all level means against the best step; the search makes it conservative."""
    levels = counts.size
    blocks = np.unique(data.blocks).size
    df = outcomes.size - levels - (blocks - 1)
    if levels < 3:
        return np.nan
    sums = np.add.reduceat(outcomes, np.cumsum(counts) - counts)
    step = float(between_squares(sums[None], counts).max())
    among = float((sums**2 / counts).sum() - sums.sum() ** 2 / counts.sum())
    within = float(((outcomes - outcomes.mean()) ** 2).sum()) - among
    excess = max(among - step, 0.0) / (levels - 2)
    if within <= 1e-12 * among:
        return 0.0 if excess > 1e-12 * among else 1.0
    return float(stats.f.sf(excess / (within / df), levels - 2, df))


def _untestable(data: Dose, n: tuple[int, ...]) -> str:
    if len(n) < 2:
        return "fewer than two levels"
    if min(n) < MIN_RUNS:
        return f"a level has {min(n)} run: a step needs {MIN_RUNS} at every level"
    if np.ptp(without_block_means(data)) == 0.0:
        return f"{sum(n)} identical runs"
    return ""
