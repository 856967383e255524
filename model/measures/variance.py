"""Where the variance of an outcome comes from: worlds, paraphrases, models, replies.

One condition is run on every combination of worlds (seeds), paraphrases of the prompt and models,
each combination several times (the same seed again, other replies). All factors are random and
crossed; replies are nested in the cell:

    outcome = mean + world + paraphrase + model + cell + reply

where `cell` holds all interactions together. For a balanced table the method of moments (equating
the analysis-of-variance mean squares with their expectations) gives the same estimates as REML
wherever those are positive (Searle, Casella & McCulloch 1992, ch. 4). Intervals are generalised
ones (Weerahandi 1993): the mean squares' chi-square distributions, simulated.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.measures.intervals import FloatArray

FEW_LEVELS: Final = 6


@dataclass(frozen=True, slots=True)
class Component:
    """The variance one source contributes.

    Attributes:
        source: a factor's name, `cell` (all interactions) or `reply`.
        variance: moment estimate; may be negative, which means "none seen".
        low: lower generalised limit, at least 0.
        high: upper generalised limit.
        share: of the total, with negative estimates counted as 0; NaN if all are.
        levels: of the source.
        flags: few levels, or what could not be separated.
    """

    source: str
    variance: float
    low: float
    high: float
    share: float
    levels: int
    flags: tuple[str, ...] = ()


def variance_components(
    outcomes: Sequence[float] | FloatArray,
    factors: Mapping[str, Sequence[Hashable]],
    *,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int = 0,
) -> tuple[Component, ...]:
    """Split the variance of one condition's outcomes.

    Args:
        outcomes: float[n], one a run; defined.
        factors: factor ("world", "paraphrase", "model") -> its level in each run. A factor with
            one level was not varied and is reported as NaN.
        level: nominal coverage of the generalised intervals.
        draws: of their simulation.
        seed: of their simulation.

    Returns:
        One component a factor in the order given, then `cell` (with two or more varied factors),
        then `reply`. With one run a cell, replies cannot be told from the cells: `reply` is NaN
        and the last remainder is named in the flags.

    Raises:
        ValueError: if an outcome is not finite, lengths differ, no factor is varied, or the table
            is not balanced (every combination equally often).
    """
    y = np.asarray(outcomes, dtype=np.float64)
    if y.ndim != 1 or not np.isfinite(y).all():
        raise ValueError("outcomes must be finite numbers, one a run: leave out undefined cells")
    codes = {name: _codes(name, labels, y.size) for name, labels in factors.items()}
    varied = {name: c for name, c in codes.items() if c.max(initial=0) > 0}
    if not varied:
        raise ValueError("no factor has two levels: there is nothing to split")
    sizes = [int(c.max()) + 1 for c in varied.values()]
    cell = np.ravel_multi_index(tuple(varied.values()), tuple(sizes))
    cells = int(np.prod(sizes))
    # Cells without a run count 0 (`minlength`), or an unbalanced plan would pass as balanced.
    counts = np.bincount(cell, minlength=cells)
    if np.ptp(counts) > 0:
        raise ValueError(
            f"unbalanced: combinations of {', '.join(varied)} ran {counts.min()} to "
            f"{counts.max()} times; run every combination equally often"
        )
    repeats = int(counts[0])
    squares, dfs = _mean_squares(y, varied, sizes, cell, cells, repeats)
    return _components(codes, varied, sizes, squares, dfs, repeats, level, draws, seed)


def _codes(
    name: str, labels: Sequence[Hashable], n: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if len(labels) != n:
        raise ValueError(f"factor {name!r} has {len(labels)} labels for {n} outcomes")
    index = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    return np.array([index[label] for label in labels], dtype=np.int64)


def _mean_squares(
    y: FloatArray,
    varied: Mapping[str, np.ndarray[tuple[int], np.dtype[np.int64]]],
    sizes: list[int],
    cell: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
    cells: int,
    repeats: int,
) -> tuple[dict[str, float], dict[str, int]]:
    """Mean squares and degrees of freedom of factors, `cell` and `reply` where they exist."""
    centred = y - y.mean()
    squares: dict[str, float] = {}
    dfs: dict[str, int] = {}
    explained = 0.0
    for (name, codes), size in zip(varied.items(), sizes, strict=True):
        # The mean of each level: sums by level over the equal number of runs in each.
        effect = np.bincount(codes, centred) / (y.size / size)
        total = float((effect**2).sum()) * y.size / size
        explained += total
        dfs[name] = size - 1
        squares[name] = total / (size - 1)
    # The mean of each cell: sums by cell over its equal number of runs.
    cell_means = np.bincount(cell, centred, minlength=cells) / repeats
    among = float((cell_means**2).sum()) * repeats
    rest = cells - 1 - sum(size - 1 for size in sizes)
    if rest > 0:
        dfs["cell"] = rest
        squares["cell"] = max(among - explained, 0.0) / rest
    if repeats > 1:
        dfs["reply"] = y.size - cells
        squares["reply"] = max(float((centred**2).sum()) - among, 0.0) / (y.size - cells)
    return squares, dfs


def _components(
    codes: Mapping[str, np.ndarray[tuple[int], np.dtype[np.int64]]],
    varied: Mapping[str, np.ndarray[tuple[int], np.dtype[np.int64]]],
    sizes: list[int],
    squares: Mapping[str, float],
    dfs: Mapping[str, int],
    repeats: int,
    level: float,
    draws: int,
    seed: int,
) -> tuple[Component, ...]:
    rng = np.random.default_rng(seed)
    simulated = {k: dfs[k] * squares[k] / rng.chisquare(dfs[k], draws) for k in squares}
    n = int(np.prod(sizes)) * repeats
    error = "cell" if "cell" in squares else "reply"
    # source -> (numerator, what is subtracted from it, divisor)
    plan: dict[str, tuple[str, str | None, float]] = {
        name: (name, error if error in squares else None, n / size)
        for name, size in zip(varied, sizes, strict=True)
    }
    if "cell" in squares:
        plan["cell"] = ("cell", "reply" if repeats > 1 else None, float(repeats))
    if repeats > 1:
        plan["reply"] = ("reply", None, 1.0)
    estimate = {k: (squares[a] - (squares[b] if b else 0.0)) / d for k, (a, b, d) in plan.items()}
    positive = sum(max(v, 0.0) for v in estimate.values())
    sources = [*codes, *(["cell"] if len(sizes) > 1 else []), "reply"]
    levels = {name: int(c.max(initial=0)) + 1 for name, c in codes.items()}
    levels |= {"cell": int(np.prod(sizes)), "reply": repeats}
    out = []
    for source in sources:
        flags: tuple[str, ...] = ()
        if source not in plan:
            why = "one run a cell" if source == "reply" else "not varied"
            out.append(Component(source, np.nan, np.nan, np.nan, np.nan, levels[source], (why,)))
            continue
        if source in varied and levels[source] < FEW_LEVELS:
            flags += (f"{levels[source]} levels: rough",)
        if repeats == 1 and (source == "cell" or (source in varied and "cell" not in squares)):
            flags += ("includes replies",)
        a, b, d = plan[source]
        sample = (simulated[a] - (simulated[b] if b else 0.0)) / d
        low, high = np.maximum(np.quantile(sample, [0.5 - level / 2, 0.5 + level / 2]), 0.0)
        share = max(estimate[source], 0.0) / positive if positive > 0 else np.nan
        out.append(
            Component(
                source,
                estimate[source],
                float(low),
                float(high),
                share,
                levels[source],
                flags,
            )
        )
    return tuple(out)
