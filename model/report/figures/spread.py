"""A quantity day by day: every run as a thin line, the median, and the middle of the runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from model.report.conditions import Condition, Material
from model.report.style import Look

Floats = npt.NDArray[np.float64]

LOW, HIGH = 0.1, 0.9
LEAST = 5
WORDS = (
    "Thick: median over the runs with a value that day; band: the middle 80 % of these runs "
    f"(their spread, no interval of the mean), from {LEAST} runs on."
)


def spread_of(daily: Floats) -> pd.DataFrame:
    """Median and band by day.

    Args:
        daily: runs × days 0 … T, NaN where undefined.

    Returns:
        day, runs (with a value), median, low, high (NaN below 5 runs).
    """
    known = ~np.isnan(daily)
    runs = known.sum(axis=0)
    table = pd.DataFrame({"day": np.arange(daily.shape[1]), "runs": runs})
    for name, at in (("median", 0.5), ("low", LOW), ("high", HIGH)):
        values = np.full(daily.shape[1], np.nan)
        enough = runs >= (1 if name == "median" else LEAST)
        if enough.any():
            values[enough] = np.nanquantile(daily[:, enough], at, axis=0)
        table[name] = values
    return table


def draw_spread(
    axes: Axes, daily: Floats, look: Look, *, runs: bool = True, band: bool = True
) -> float:
    """Draw it; returns the last defined median, where the line ends."""
    table = spread_of(daily)
    day = table["day"].to_numpy()
    if runs:
        axes.plot(day, daily.T, color=look.colour, alpha=0.35, lw=0.6)
    if band:
        axes.fill_between(
            day, table["low"], table["high"], color=look.colour, alpha=0.16, linewidth=0
        )
    axes.plot(day, table["median"], color=look.colour, linestyle=look.line, lw=2.0)
    known = table["median"].dropna()
    return float(known.iloc[-1]) if len(known) else float("nan")


def spread_numbers(material: Material, columns: Sequence[str]) -> pd.DataFrame:
    """The numbers behind such figures: one row a condition, quantity and day."""
    frames = []
    for one in material.conditions:
        for column in columns:
            table = spread_of(one.daily(column))
            table.insert(0, "quantity", column)
            table.insert(0, "condition", one.label)
            frames.append(table)
    return pd.concat(frames, ignore_index=True)


def run_numbers(material: Material, column: str) -> pd.DataFrame:
    """One row a run and day of one column of `days`."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "condition": one.label,
                    "seed": run.meta.seed,
                    "day": run.days["day"].to_numpy(),
                    column: run.days[column].to_numpy(),
                }
            )
            for one, run in material.runs
        ],
        ignore_index=True,
    )


def runs_words(conditions: Sequence[Condition]) -> str:
    """How many runs stand behind a picture: `n = 12 runs a condition`, or each by name."""
    counts = {len(one.runs) for one in conditions}
    if len(counts) == 1:
        n = counts.pop()
        return f"n = {n} run{'s' if n > 1 else ''}" + (
            " a condition" if len(conditions) > 1 else ""
        )
    return "n = " + ", ".join(f"{len(one.runs)} ({one.label})" for one in conditions) + " runs"
