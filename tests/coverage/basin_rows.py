"""How often the basin's intervals hold the truth, on systems whose roots are known.

`basin_rows(studies=500, resamples=200, seed=1)` returns one `BasinRow` a system and number of
runs a start. Every outcome is counted: a study without an interval, or refused because the
estimators disagree, stands in the row's `refused` and not in its coverage. 500 studies of a row
take about 15 s on an idle machine.

    python -m tests.coverage.basin_rows [STUDIES]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from model.measures import analytic
from model.measures.basin import BasinWidth, basin_width
from model.measures.sweep import plan_sweep

DAYS: Final = 40
TURNOVER: Final = 0.05
RUNS_A_START: Final = (5, 12)


def systems() -> tuple[analytic.System, ...]:
    """Three systems that are quick beside 40 days, and one whose threshold is slow to decide."""
    return (
        analytic.factory(rate=0.4),
        analytic.allee(r=0.4),
        analytic.harvest(r=0.4),
        analytic.grazing(r=1, k=30, s=3, h=6, rate=0.4),
    )


@dataclass(frozen=True)
class BasinRow:
    """Coverage on one system.

    Attributes:
        system: its name.
        runs: runs a start, of eight starts.
        studies: simulated.
        refused: share without a width: rules 1 to 6 found a reason.
        unstable: share of the others whose interval of N_u holds the truth; NaN without others.
        stable: the same of N_s.
        width: the same of the width N_s − N_u.
        wide: median length of the width's interval, residents.
        true_width: N_s − N_u.
    """

    system: str
    runs: int
    studies: int
    refused: float
    unstable: float
    stable: float
    width: float
    wide: float
    true_width: float

    def __str__(self) -> str:
        """One line of a table."""
        return (
            f"{self.system:8} {self.runs:2} runs a start  N_u {self.unstable:.3f}  "
            f"N_s {self.stable:.3f}  width {self.width:.3f}  refused {self.refused:.3f}  "
            f"length {self.wide:.2f} of {self.true_width:.1f}"
        )


def basin_rows(
    studies: int = 500,
    *,
    resamples: int = 200,
    seed: int = 1,
    runs: tuple[int, ...] = RUNS_A_START,
) -> Iterator[BasinRow]:
    """Simulate studies of every system and count how often the truth is held.

    Args:
        studies: a row.
        resamples: bootstrap resamples a study.
        seed: of the communities; the bootstrap of study k is seeded k.
        runs: runs a start, one row each.
    """
    for each in runs:
        for system in systems():
            yield _row(system, each, studies, resamples, seed)


def _row(system: analytic.System, each: int, studies: int, resamples: int, seed: int) -> BasinRow:
    starts = np.repeat(plan_sweep(system.unstable, system.stable).starts, each)
    paths = analytic.birth_death(
        system, np.tile(starts, studies), DAYS, turnover=TURNOVER, seed=seed
    ).reshape(studies, len(starts), DAYS + 1)
    found = [
        basin_width(_table(one), births=1, resamples=resamples, seed=k)
        for k, one in enumerate(paths)
    ]
    known = [one for one in found if np.isfinite(one.width_interval[0])]
    truth = (system.unstable, system.stable, system.width)
    held = np.array(
        [[_holds(i, t) for i, t in zip(_three(one), truth, strict=True)] for one in known]
    )
    share = held.mean(axis=0) if known else np.full(3, np.nan)
    lengths = [one.width_interval[1] - one.width_interval[0] for one in known]
    return BasinRow(
        system=system.name,
        runs=each,
        studies=studies,
        refused=1 - len(known) / studies,
        unstable=float(share[0]),
        stable=float(share[1]),
        width=float(share[2]),
        wide=float(np.median(lengths)) if lengths else float("nan"),
        true_width=system.width,
    )


def _three(found: BasinWidth) -> tuple[tuple[float, float], ...]:
    return found.unstable_interval, found.stable_interval, found.width_interval


def _holds(interval: tuple[float, float], truth: float) -> bool:
    return interval[0] <= truth <= interval[1]


def _table(paths: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> pd.DataFrame:
    runs, days = paths.shape
    return pd.DataFrame(
        {
            "run": np.repeat(np.arange(runs), days),
            "day": np.tile(np.arange(days), runs),
            "population": paths.ravel(),
        }
    )


if __name__ == "__main__":
    for line in basin_rows(int(sys.argv[1]) if len(sys.argv) > 1 else 500):
        print(line, flush=True)
