"""One measure by condition: every run a dot, the estimate and its interval beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from model.analysis.estimates import estimate
from model.analysis.measures import Measure, measure
from model.report.chapters.headline import record
from model.report.conditions import Material
from model.report.figures.spread import runs_words
from model.report.pictures import Picture
from model.report.style import INK, panels
from model.report.tables import Table

CAPACITIES = ("social_capital", "development", "communication", "competence")


def capacities(material: Material) -> Picture:
    """The four capacities of community resilience."""
    return dots(
        material,
        "capacities",
        "The four capacities",
        CAPACITIES,
        "Each run’s value is its mean over the days it lived: runs that collapsed early speak for "
        "few days.",
    )


def dots(
    material: Material, name: str, title: str, measures: Sequence[str], more: str = ""
) -> Picture:
    """Small multiples of such measures."""
    chosen = [measure(name) for name in measures]
    arms = [one.arm for one in material.conditions]
    frame = pd.DataFrame(
        [
            record(one.label, each, estimate(one.arm, each, arms))
            for each in chosen
            for one in material.conditions
        ]
    )
    caption = (
        f"{runs_words(material.conditions)}. Small: runs. Large: their mean with a 95 % interval "
        f"(bootstrap-t; Student’s t below 6 runs; none where all runs are equal). {more}"
    ).strip()
    return Picture(name, title, caption, draw(material, chosen), Table(name, title, frame))


def draw(material: Material, measures: Sequence[Measure]) -> Figure:
    """One panel a measure, one row a condition."""
    count = len(material.conditions)
    figure, axes = panels(
        len(measures), columns=2, height=max(1.0, 0.62 + 0.3 * count), share=False
    )
    rng = np.random.default_rng(0)
    arms = [one.arm for one in material.conditions]
    labels = [one.label for one in material.conditions]
    places = np.arange(count)[::-1]
    for at, (axis, shown) in enumerate(zip(axes, measures, strict=True)):
        for y, one in zip(places, material.conditions, strict=True):
            values = one.values(shown.name) * shown.scale
            jitter = y + rng.uniform(-0.17, 0.17, len(values))
            axis.plot(values, jitter, "o", color=one.look.colour, alpha=0.45, ms=3, mew=0)
            found = estimate(one.arm, shown, arms)
            if not found.unreliable:
                axis.hlines(
                    y, found.low * shown.scale, found.high * shown.scale, color=INK, lw=1.4,
                    zorder=3,
                )  # fmt: skip
            axis.plot(
                found.estimate * shown.scale, y, one.look.marker, ms=6.5, zorder=4,
                color=one.look.colour, mfc=one.look.colour if one.look.filled else "white",
                mec=one.look.colour if not one.look.filled else INK, mew=1.0,
            )  # fmt: skip
        axis.set_title(shown.title)
        axis.set_xlabel(shown.unit)
        axis.set_ylim(-0.6, count - 0.4)
        axis.grid(visible=False, axis="y")
        axis.set_yticks(places, labels if at % 2 == 0 else [""] * count)
        axis.tick_params(axis="y", length=0)
    return figure
