"""Kaplan–Meier survival of residents by condition, with late entry."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from model.measures.survival import LEAST_RUNS, SurvivalCurve, kaplan_meier
from model.report.conditions import Condition, Material
from model.report.figures.spread import runs_words
from model.report.pictures import Picture
from model.report.style import canvas, label_ends
from model.report.tables import Table

_RESAMPLES = 500


def survival(material: Material) -> Picture:
    """Survival by condition."""
    curves = [curve_of(one) for one in material.conditions]
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "condition": one.label,
                    "day": curve.day,
                    "at_risk": curve.at_risk,
                    "removed": curve.removed,
                    "survival": curve.survival,
                    "low": curve.lower,
                    "high": curve.upper,
                }
            )
            for one, curve in zip(material.conditions, curves, strict=True)
        ],
        ignore_index=True,
    )
    few = any(not curve.reliable for curve in curves)
    doubt = f"; with fewer than {LEAST_RUNS} runs it covers less than that" if few else ""
    caption = (
        f"{runs_words(material.conditions)}. Kaplan–Meier in calendar time: newborns enter on the "
        "day of their birth, the end of a run censors. Band: nominal 95 %, percentiles of "
        f"{_RESAMPLES} resamples of runs{doubt}."
    )
    numbers = Table("survival", "Survival by day", frame)
    return Picture("survival", "Survival", caption, draw(material, curves), numbers)


def curve_of(condition: Condition) -> SurvivalCurve:
    """The curve of all residents of a condition's runs."""
    lives = pd.concat([run.lives.assign(run=i) for i, run in enumerate(condition.runs)])
    return kaplan_meier(
        lives["entered"],
        lives["left"],
        lives["removed"],
        lives["run"],
        rng=np.random.default_rng(0),
        resamples=_RESAMPLES,
    )


def draw(material: Material, curves: list[SurvivalCurve]) -> Figure:
    """All conditions in one panel."""
    figure = canvas(9.6, 3.8)
    axis = figure.subplots()
    ends = []
    for one, curve in zip(material.conditions, curves, strict=True):
        axis.fill_between(
            curve.day, curve.lower, curve.upper, step="post", color=one.look.colour, alpha=0.14,
            linewidth=0,
        )  # fmt: skip
        axis.step(curve.day, curve.survival, where="post", color=one.look.colour,
                  linestyle=one.look.line)  # fmt: skip
        known = curve.survival[~np.isnan(curve.survival)]
        ends.append((float(known[-1]), one.label, one.look.colour))
    axis.set_ylim(0, 1.02)
    axis.set_xlim(0, max(one.horizon for one in material.conditions))
    axis.set_xlabel("day")
    axis.set_ylabel("share of residents still alive, S(t)")
    label_ends(axis, ends)
    return figure
