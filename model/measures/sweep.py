"""What to run so that a basin width can be identified, and why.

A community at its stable size says nothing about its threshold: some runs must begin below it.
Two protocols do this. The sweep starts communities at eight sizes. The culling shock lets each
grow settled first (stores filled, places known) and then takes residents away, so it measures
the threshold of a grown community, where the sweep measures that of a founding one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

LADDER: Final[tuple[int, ...]] = (2, 4, 6, 8, 12, 18, 25, 32)
"""Starts for a threshold near 5 and a stable size near 25: two below, two above N_s."""
SEEDS: Final = 5
DAYS: Final = 40
"""30 days put N_s more than one resident too high in a free community."""

_MODEL_UNSTABLE: Final = 5.0
_MODEL_STABLE: Final = 25.3


@dataclass(frozen=True)
class SweepPlan:
    """Runs to make: every start × `seeds` seeds × `days` days, births on; `why` says what for."""

    starts: tuple[int, ...]
    seeds: int
    days: int
    why: tuple[str, ...]

    @property
    def runs(self) -> int:
        """Number of runs in the plan."""
        return len(self.starts) * self.seeds


@dataclass(frozen=True)
class CullingPlan:
    """Runs to make: settle, cull at the start of day `cull_day` to each size `left`, follow.

    Every size × `seeds` seeds; each run lasts cull_day − 1 + follow days, births on.
    """

    left: tuple[int, ...]
    cull_day: int
    follow: int
    seeds: int
    why: tuple[str, ...]


def plan_sweep(
    unstable: float | None = None,
    stable: float | None = None,
    *,
    seeds: int = SEEDS,
    days: int = DAYS,
) -> SweepPlan:
    """Eight starts, two of them below the threshold and the last above the stable size.

    Args:
        unstable: Expected N_u, from arithmetic (`fold.mean_field`) or an earlier sweep; None if
            nothing is known.
        stable: Expected N_s, likewise; both or neither.
        seeds: Seeds a start, at least 5.
        days: Days a run, at least 40.

    Raises:
        ValueError: If only one of the two is given, N_s ≤ N_u, or seeds or days are too few.
    """
    if seeds < SEEDS or days < DAYS:
        raise ValueError(
            f"{seeds} seeds × {days} days cannot identify a basin: at least {SEEDS} × {DAYS}"
        )
    starts = LADDER
    why = ["expected sizes unknown: repeat, scaled, if fewer than 2 starts lie below the estimate"]
    if unstable is not None and stable is not None:
        starts, why = _scaled(unstable, stable), [_sides(unstable, stable)]
        if sum(start < unstable for start in starts) < 2:
            why.append("fewer than 2 whole starts lie below N_u: expect no_threshold or refusal")
    elif unstable is not None or stable is not None:
        raise ValueError("give both expected sizes, unstable and stable, or neither")
    why.append(f"{seeds} runs a start bear a bootstrap within starts; 3 are the least")
    why.append(f"{days} days let large starts come down to N_s; 30 put it 1 to 2 residents high")
    return SweepPlan(starts, seeds, days, tuple(why))


def plan_culling(
    unstable: float, stable: float, *, settle: int = 30, seeds: int = SEEDS, follow: int = DAYS
) -> CullingPlan:
    """The sweep's starts below the stable size, reached by culling a settled community.

    Args:
        unstable: Expected N_u.
        stable: Expected N_s, where the community settles before the shock.
        settle: Days before the shock.
        seeds: Seeds a size, at least 5.
        follow: Days after the shock, at least 40.

    Raises:
        ValueError: As `plan_sweep`, or if fewer than two sizes between N_u and N_s remain.
    """
    sweep = plan_sweep(unstable, stable, seeds=seeds, days=follow)
    left = tuple(start for start in sweep.starts if start < stable)
    if sum(size > unstable for size in left) < 2:
        raise ValueError(
            f"between N_u {unstable:g} and N_s {stable:g} there is no room for two sizes:"
            " use a sweep, which can also start above N_s"
        )
    why = (
        f"{settle} days fill stores and spread knowledge, so that only numbers are shocked",
        "culling cannot start above N_s: N_s is approached from below alone",
        *sweep.why,
    )
    return CullingPlan(left, settle + 1, follow, seeds, why)


def after_cull(table: pd.DataFrame, culls: pd.DataFrame) -> pd.DataFrame:
    """Cut runs at their shock, so that each starts at what the shock left.

    Args:
        table: `run`, `day`, `population` (closing of the day), whole runs.
        culls: One row a run: `run`, `day` of the shock (at its morning) and `left`, the residents
            right after it.

    Returns:
        Rows for `basin.basin_width`: columns run, n0, day, population; day 0 is the shocked
        morning. The shock itself is no step of the community and is left out.

    Raises:
        ValueError: If a run of `culls` is not in the table, or is culled twice.
    """
    if culls["run"].duplicated().any():
        raise ValueError("a run may be culled once: cut later shocks off first")
    if unknown := sorted(set(culls["run"]) - set(table["run"]), key=str):
        raise ValueError(f"culled runs that are not in the table: {unknown}")
    shocks = culls.rename(columns={"day": "shock", "left": "n0"})[["run", "shock", "n0"]]
    after = table[["run", "day", "population"]].merge(shocks, on="run")
    after = after[after["day"] >= after["shock"]]
    after = after.assign(day=after["day"] - after["shock"] + 1)
    morning = shocks.assign(day=0, population=shocks["n0"])
    columns = ["run", "n0", "day", "population"]
    both = pd.concat([morning[columns], after[columns]], ignore_index=True)
    return both.sort_values(["run", "day"], ignore_index=True)


def _scaled(unstable: float, stable: float) -> tuple[int, ...]:
    """The ladder moved so that its place relative to N_u and N_s stays: linear in ln N."""
    if not 0 < unstable < stable:
        raise ValueError(f"expected sizes must satisfy 0 < N_u < N_s: got {unstable}, {stable}")
    low = [round(start * unstable / _MODEL_UNSTABLE) for start in LADDER[:2]]
    upper = np.log(np.array(LADDER[2:], dtype=float))
    ends = np.log([LADDER[2] * unstable / _MODEL_UNSTABLE, LADDER[-1] * stable / _MODEL_STABLE])
    high = np.exp(np.interp(upper, upper[[0, -1]], ends))
    starts: list[int] = []
    for start in [*low, *(round(float(v)) for v in high)]:
        starts.append(max(start, starts[-1] + 1 if starts else 1))
    return tuple(starts)


def _sides(unstable: float, stable: float) -> str:
    return (
        f"2 starts below the expected N_u {unstable:g}, the last above the expected N_s {stable:g}"
    )
