"""What the basin estimators read from a table of runs: starts, steps, fates and late sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.measures.basin_fit import Steps, count_steps

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

COLLAPSE_DAYS: Final = 5
"""A run has collapsed when N < max(2, .1·N₀) on each of its last five days, or N = 0 at its end."""


@dataclass(frozen=True)
class Runs:
    """A set of runs reduced to what the estimators use; one entry a run unless said otherwise.

    `complete` is False for a run that broke off alive before the longest one's last day: its
    steps count, its fate is unknown. `late` is its median N over the last quarter of its days.
    """

    names: tuple[object, ...]
    starts: Floats
    days: Floats
    complete: Bools
    survived: Bools
    late: Floats
    steps: Steps

    @property
    def horizon(self) -> int:
        """Days of the longest run (0 for no runs)."""
        return int(self.days.max()) if len(self.days) else 0


def read_runs(table: pd.DataFrame) -> Runs:
    """Check a table of runs and reduce it.

    Args:
        table: One row a run and day with columns `run`, `day` and `population`; `n0` is each
            run's start, taken from its first row when the column is missing. Rows in any order.

    Returns:
        The runs, by name in the order of `run`.

    Raises:
        ValueError: If a column is missing, a population or day is not a number ≥ 0, a run has two
            rows for one day or more than one start, or a start is not positive.
    """
    missing = [c for c in ("run", "day", "population") if c not in table.columns]
    if missing:
        raise ValueError(f"the table of runs has no column {', '.join(missing)}")
    if table.duplicated(["run", "day"]).any():
        first = table.loc[table.duplicated(["run", "day"]), "run"].iloc[0]
        raise ValueError(f"run {first!r} has more than one row for a day: give daily closings only")
    # Steps are taken between neighbouring rows: out of order they would join different runs.
    rows = table.sort_values(["run", "day"], kind="stable")
    day, population = (rows[c].to_numpy(dtype=float) for c in ("day", "population"))
    for name, column in (("day", day), ("population", population)):
        if not (np.isfinite(column) & (column >= 0)).all():
            raise ValueError(f"column {name} must hold numbers ≥ 0 without gaps")
    code, names = pd.factorize(rows["run"])
    run = code.astype(np.int64)
    first = np.flatnonzero(np.diff(run, prepend=-1))
    starts = _starts(rows, run, population[first])
    last = np.append(first[1:], len(run)) - 1 if len(run) else first
    length = day[last] - day[first]
    ended = population[last] == 0
    horizon = length.max() if len(length) else 0.0
    spans = [slice(a, b + 1) for a, b in zip(first, last, strict=True)]
    return Runs(
        names=tuple(names),
        starts=starts,
        days=length,
        complete=ended | (length == horizon),
        survived=np.array(
            [_survived(population[s], n0) for s, n0 in zip(spans, starts, strict=True)], bool
        ),
        late=np.array([_late(day[s], population[s]) for s in spans], dtype=float),
        steps=count_steps(run, day, population, starts),
    )


def _starts(rows: pd.DataFrame, run: npt.NDArray[np.int64], first: Floats) -> Floats:
    starts = first
    if "n0" in rows.columns:
        given = rows["n0"].to_numpy(dtype=float)
        starts = np.empty(len(first))
        starts[run] = given
        if not (given == starts[run]).all():
            odd = rows["run"].iloc[int(np.argmax(given != starts[run]))]
            raise ValueError(f"run {odd!r} has more than one n0")
    if not (starts > 0).all():
        raise ValueError("every run must start with n0 > 0 residents")
    return starts


def _survived(population: Floats, start: float) -> bool:
    few = population[-COLLAPSE_DAYS:] < max(2.0, 0.1 * start)
    return bool(population[-1] > 0 and not few.all())


def _late(day: Floats, population: Floats) -> float:
    return float(np.median(population[day >= day[-1] - (day[-1] - day[0]) / 4]))
