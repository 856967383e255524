"""Population by day, one panel a condition."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from model.report.conditions import Material
from model.report.figures.spread import WORDS, draw_spread, run_numbers, runs_words
from model.report.pictures import Picture
from model.report.style import QUIET, panels
from model.report.tables import Table


def population(material: Material) -> Picture:
    """Population with its spread over seeds."""
    numbers = Table("population", "Population by run and day", run_numbers(material, "population"))
    caption = f"{runs_words(material.conditions)}. {WORDS} Thin: each run. Dotted: N₀."
    return Picture("population", "Population", caption, draw(material), numbers)


def draw(material: Material) -> Figure:
    """One panel a condition, common axes."""
    figure, axes = panels(len(material.conditions))
    for place, (axis, one) in enumerate(zip(axes, material.conditions, strict=True)):
        draw_spread(axis, one.daily("population"), one.look)
        axis.axhline(float(one.scenario["residents"]), color=QUIET, lw=0.9, ls=":")
        axis.set_title(one.label, color=one.look.colour)
        gone = int(one.collapsed.sum())
        if gone:
            axis.text(
                0.02, 0.97, f"{gone} of {len(one.runs)} collapsed", transform=axis.transAxes,
                va="top", fontsize=8, color=QUIET,
            )  # fmt: skip
        axis.set_xlim(0, one.horizon)
        axis.set_xlabel("day")
        if place % 4 == 0:
            axis.set_ylabel("residents")
    highest = max(float(np.nanmax(one.daily("population"))) for one in material.conditions)
    axes[0].set_ylim(0, highest * 1.12)
    return figure
