"""Figures of what was assessed and judged, in the language of the reports; each from one table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from model.measures.value_profiles import VALUES
from model.report.style import INK, QUIET, VALUE_COLOURS, canvas


def shift_figure(stated: pd.DataFrame, check: pd.DataFrame) -> Figure:
    """Every condition's shift of the ten values, in the order of the circle.

    Args:
        stated: of `manipulation.shifts`: small marks, one a run.
        check: of `manipulation.manipulation_check`: titles, with what did not take.
    """
    rows = check.to_dict("records")
    columns = min(2, max(len(rows), 1))
    lines = -(-max(len(rows), 1) // columns)
    figure = canvas(9.6, 0.6 + 2.3 * lines)
    axes = np.atleast_1d(figure.subplots(lines, columns, sharey=True, squeeze=False)).ravel()
    places = np.arange(len(VALUES))
    for axis, row in zip(axes, rows, strict=False):
        same = np.logical_and.reduce(
            [stated[k] == row[k] for k in ("mind", "family", "method", "value", "mode")]
        )
        mine = stated[same][list(VALUES)]
        axis.axhline(0, color=INK, lw=0.9)
        for k, value in enumerate(VALUES):
            runs = mine[value].to_numpy(float)
            axis.plot(np.full(len(runs), k), runs, "o", ms=3, mew=0, alpha=0.4, color=QUIET)
        means = mine.mean().to_numpy(float)
        axis.bar(places, means, color=[VALUE_COLOURS[v] for v in VALUES], width=0.6, alpha=0.85)
        k = VALUES.index(row["value"])
        axis.get_xaxis().set_ticks(
            places, [f"[{v}]" if i == k else v for i, v in enumerate(VALUES)]
        )
        axis.set_title(f"{row['mode']} {row['value']}, {row['method']}: {row['verdict']}")
    for axis in axes[len(rows) :]:
        axis.set_visible(False)
    axes[0].set_ylabel("shift of centred score")
    return figure


def agreement_figure(table: pd.DataFrame) -> Figure:
    """F1, κ and α of every label with their intervals.

    Args:
        table: of `statistics.agreement`.
    """
    figure = canvas(9.6, 0.9 + 0.5 * len(table))
    axis = figure.subplots()
    places = np.arange(len(table))[::-1].astype(float)
    axis.axvline(0.8, color=QUIET, lw=0.8, ls=":")
    for name, mark, up in (("f1", "o", 0.2), ("kappa", "s", 0.0), ("alpha", "D", -0.2)):
        y = places + up
        axis.hlines(y, table[f"{name}_low"], table[f"{name}_high"], color=QUIET, lw=1.4)
        axis.plot(table[name], y, mark, ms=5, color=INK, label={"f1": "F1"}.get(name, name))
    axis.set_yticks(places, [str(label).replace("_", " ") for label in table.index])
    axis.set_xlim(-0.25, 1.05)
    axis.grid(visible=False, axis="y")
    axis.legend(loc="lower left", ncols=3, bbox_to_anchor=(0, 1))
    axis.set_xlabel("agreement with the reference (dotted: α ≥ .80 is firm)")
    return figure


def drift_figure(table: pd.DataFrame, unit: str = "change of centred score") -> Figure:
    """How the ten values moved with the days, the mean over runs.

    Args:
        table: of `drift.stated_drift` or `drift.drift_of_blocks`.
        unit: of the vertical axis.
    """
    figure = canvas(9.6, 3.4)
    axis = figure.subplots()
    means = table.groupby("day")[list(VALUES)].mean()
    axis.axhline(0, color=INK, lw=0.9)
    for value in VALUES:
        axis.plot(means.index, means[value], "-o", ms=3, color=VALUE_COLOURS[value], label=value)
    axis.legend(ncols=1, bbox_to_anchor=(1.01, 1), loc="upper left")
    axis.set_xlabel("day")
    axis.set_ylabel(unit)
    return figure
