"""Which parameters an outcome hangs on: Sobol' indices by SALib.

First-order indices say what share of the outcome's variance a parameter explains alone, total
indices what share it takes part in (Saltelli et al. 2010, Comput. Phys. Commun. 181:259). The
outcome of a point must be the mean of enough runs, or the noise between runs is counted as
interaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from SALib.analyze import sobol as sobol_analysis
from SALib.sample import sobol as sobol_sample

from model.measures.intervals import FloatArray


@dataclass(frozen=True, slots=True)
class SobolDesign:
    """The points at which to run the world.

    Attributes:
        bounds: parameter -> (lowest, highest).
        points: float64[n (parameters + 2), parameters], columns in the order of `bounds`.
        n: base sample size.
    """

    bounds: dict[str, tuple[float, float]]
    points: FloatArray
    n: int


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The indices of one parameter.

    Attributes:
        parameter: its name.
        first: first-order index.
        first_half_width: half-width of its bootstrap interval.
        total: total index.
        total_half_width: half-width of its bootstrap interval.
        n: base sample size.
    """

    parameter: str
    first: float
    first_half_width: float
    total: float
    total_half_width: float
    n: int


def sobol_design(
    bounds: Mapping[str, tuple[float, float]], n: int, *, seed: int = 0
) -> SobolDesign:
    """Lay out a Sobol' sensitivity design.

    Args:
        bounds: parameter -> (lowest, highest), uniform between.
        n: base sample size, a power of two.
        seed: of the scrambling.

    Returns:
        The design of n x (parameters + 2) points.

    Raises:
        ValueError: if n is not a power of two, or bounds are missing or empty.
    """
    if n < 2 or n & (n - 1):
        raise ValueError(f"n = {n}: Sobol' points keep their balance only at a power of two")
    if not bounds:
        raise ValueError("no parameter given: name at least one with its bounds")
    for name, (low, high) in bounds.items():
        if not low < high:
            raise ValueError(f"parameter {name!r}: bounds {low}..{high} are empty")
    points = sobol_sample.sample(_problem(bounds), n, calc_second_order=False, seed=seed)
    return SobolDesign(dict(bounds), np.asarray(points, dtype=np.float64), n)


def sobol_indices(
    design: SobolDesign,
    outcomes: Sequence[float] | FloatArray,
    *,
    level: float = 0.95,
    resamples: int = 200,
    seed: int = 0,
) -> tuple[Sensitivity, ...]:
    """Estimate the indices from the outcomes of a design.

    Args:
        design: as laid out.
        outcomes: float[points], in the design's order.
        level: of the bootstrap intervals.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        One row a parameter; indices NaN if all outcomes are equal.

    Raises:
        ValueError: if an outcome is missing or not finite: one undefined point breaks the design.
    """
    y = np.asarray(outcomes, dtype=np.float64)
    if y.shape != (design.points.shape[0],) or not np.isfinite(y).all():
        raise ValueError(
            f"{design.points.shape[0]} finite outcomes wanted, got shape {y.shape} with "
            f"{int((~np.isfinite(y)).sum())} undefined: run every point of the design"
        )
    nan = float("nan")
    if np.ptp(y) == 0.0:
        return tuple(Sensitivity(name, nan, nan, nan, nan, design.n) for name in design.bounds)
    found = sobol_analysis.analyze(  # type: ignore[no-untyped-call]  # SALib ships no types
        _problem(design.bounds),
        y,
        calc_second_order=False,
        num_resamples=resamples,
        conf_level=level,
        seed=seed,
    )
    return tuple(
        Sensitivity(
            name,
            float(found["S1"][i]),
            float(found["S1_conf"][i]),
            float(found["ST"][i]),
            float(found["ST_conf"][i]),
            design.n,
        )
        for i, name in enumerate(design.bounds)
    )


def _problem(bounds: Mapping[str, tuple[float, float]]) -> dict[str, object]:
    return {
        "num_vars": len(bounds),
        "names": list(bounds),
        "bounds": [list(pair) for pair in bounds.values()],
    }
