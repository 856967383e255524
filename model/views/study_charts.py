"""Pictures of a study: the outcome by prevalence, and residents over time in one cell's runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from agents.values import VALUES
from model.report.style import CONTROL, MODE_LINES, VALUE_COLOURS, label_ends
from model.report.text import shortened, visible
from model.views.charts import drawn

#: Lines of one picture at most: more cannot be told apart.
MOST: Final = 10


def dose_picture(
    lines: Mapping[str, Sequence[tuple[float, Sequence[float]]]], outcome: str, *, dark: bool
) -> str:
    """Every run as a dot, means joined."""

    def draw(axes: Axes) -> None:
        ends = []
        for name, points in list(lines.items())[:MOST]:
            colour, line = _look(name)
            means = [(x, float(np.mean(y))) for x, y in points if len(y)]
            for x, y in points:
                axes.plot([x] * len(y), y, ".", color=colour, alpha=0.45, markersize=4)
            axes.plot(*zip(*means, strict=True) if means else ([], []), line, color=colour)
            if means:
                ends.append((means[-1][1], shortened(visible(name), 18), colour))
        axes.autoscale(axis="y")
        axes.set_xlim(-0.03, 1.03)
        label_ends(axes, ends)
        axes.set_ylabel(outcome.replace("_", " "))

    return drawn(draw, 1, dark=dark, x="share of residents treated (ρ)")


def fan_picture(runs: Sequence[pd.DataFrame], *, dark: bool) -> str:
    """Residents by day: each run thin, their median thick."""
    last = max((int(days["day"].max()) for days in runs if len(days)), default=1)

    def draw(axes: Axes) -> None:
        table = np.full((len(runs), last + 1), np.nan)
        for row, days in zip(table, runs, strict=True):
            row[days["day"].to_numpy()] = days["population"].to_numpy(dtype=float)
            axes.plot(days["day"], days["population"], color=CONTROL, alpha=0.4, linewidth=0.8)
        known = ~np.isnan(table).all(axis=0)
        axes.plot(
            np.flatnonzero(known),
            np.nanmedian(table[:, known], axis=0),
            color=VALUE_COLOURS["BE"],
        )
        axes.set_ylim(bottom=0)
        axes.set_ylabel("residents")

    return drawn(draw, max(last, 1), dark=dark)


def _look(name: str) -> tuple[str, str]:
    words = name.split()
    code = next((word for word in words if word in VALUES), "")
    mode = next((word for word in words if word in MODE_LINES), "with")
    return (VALUE_COLOURS[code] if code else CONTROL), MODE_LINES[mode]
