"""Each condition against the control: the difference in nAUP, with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from model.analysis.effects import Effect
from model.report.chapters.effects import Comparisons
from model.report.conditions import Material
from model.report.figures.spread import runs_words
from model.report.pictures import Picture
from model.report.style import INK, canvas
from model.report.tables import Table, number

_MEASURE = "naup"


def effects(material: Material, found: Comparisons) -> Picture | None:
    """Differences in nAUP; None without a control."""
    shown = [effect for effect in found.effects if effect.measure.name == _MEASURE]
    if not shown or material.control is None:
        return None
    frame = pd.DataFrame(
        [
            {
                "condition": effect.arm,
                "difference": effect.found.comparison.difference.estimate,
                "low": effect.found.comparison.difference.low,
                "high": effect.found.comparison.difference.high,
                "corrected_p": effect.decision.adjusted,
                "runs": " v ".join(map(str, effect.found.comparison.difference.n)),
                "differences": " ".join(f"{point:.6g}" for point in effect.found.points),
            }
            for effect in shown
        ]
    )
    method = shown[0].found.comparison.difference.method
    test = shown[0].found.comparison.test.method
    small = "Small: the difference of each seed. " if shown[0].found.points else ""
    caption = (
        f"{runs_words(material.conditions)}. nAUP less that of “{material.control.label}”. {small}"
        f"Large: their mean with a 95 % interval ({method}); p of the {test} test, "
        "Benjamini–Hochberg within a treatment’s levels; exploratory."
    )
    return Picture(
        "effects_naup",
        "Effect on nAUP",
        caption,
        draw(material, shown),
        Table("effects_naup", "Effect on nAUP", frame),
    )


def draw(material: Material, shown: list[Effect]) -> Figure:
    """One row a condition, zero marked."""
    looks = {one.label: one.look for one in material.conditions}
    figure = canvas(9.6, 0.9 + 0.46 * len(shown))
    axis = figure.subplots()
    places = np.arange(len(shown))[::-1]
    rng = np.random.default_rng(0)
    axis.axvline(0, color=INK, lw=0.9)
    for y, effect in zip(places, shown, strict=True):
        drawn, difference = looks[effect.arm], effect.found.comparison.difference
        if effect.found.points:
            spread = y + rng.uniform(-0.2, 0.2, len(effect.found.points))
            axis.plot(
                effect.found.points, spread, "o", color=drawn.colour, alpha=0.45, ms=3.2, mew=0
            )
        if not difference.unreliable:
            axis.hlines(y, difference.low, difference.high, color=INK, lw=1.5, zorder=3)
        axis.plot(
            difference.estimate, y, drawn.marker, ms=7, zorder=4, mec=drawn.colour,
            mfc=drawn.colour if drawn.filled else "white",
        )  # fmt: skip
        axis.annotate(
            f"p = {number(effect.decision.adjusted, 3)}", xy=(1, y),
            xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
            va="center", fontsize=8.5, annotation_clip=False,
        )  # fmt: skip
    axis.set_yticks(places, [effect.arm for effect in shown])
    axis.set_ylim(-0.6, len(shown) - 0.4)
    axis.tick_params(axis="y", length=0)
    axis.grid(visible=False, axis="y")
    control = material.control.label if material.control else ""
    axis.set_xlabel(f"difference in nAUP (share of N₀·T), against {control}")
    return figure
