"""Days and capacities by condition: fans of the population, and small multiples of four numbers."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from agents.values import NAMES
from model.analysis.arms import Arm
from model.analysis.estimates import estimate
from model.analysis.measures import measure
from model.measures.ensemble import MIN_RUNS, ensemble_ac1
from model.report.figures.dots import CAPACITIES
from model.report.figures.spread import WORDS, draw_spread, spread_of
from model.report.pictures import Picture
from model.report.study_material import Material, look_of
from model.report.style import CONTROL, INK, MODE_LINES, canvas, label_ends, look, panels
from model.report.tables import Table

_MOST: Final = 12


def fans(material: Material) -> Picture:
    """Population by day: the control beside each value's strongest treatments."""
    control = material.control
    groups: dict[str, list[Arm]] = {}
    for (value, _), series in material.treated.items():
        groups.setdefault(NAMES.get(value, value), []).append(series[-1])
    if not groups:
        groups = {arm.label: [arm] for arm in material.arms[:_MOST] if arm is not control}
        groups = groups or {material.arms[0].label: [material.arms[0]]}
    figure, axes = panels(len(groups), columns=5 if len(groups) > 8 else 4, height=1.9)
    frames = []
    for axis, (name, arms) in zip(axes, groups.items(), strict=True):
        axis.set_title(name)
        if control is not None:
            draw_spread(axis, material.population[control.label], look("", ""), runs=False)
        for arm in arms:
            draw_spread(axis, material.population[arm.label], look_of(arm), runs=False)
    axes[0].set_ylim(0, 1.08 * axes[0].get_ylim()[1])
    for axis in axes[-5:]:
        axis.set_xlabel("day")
    axes[0].set_ylabel("residents")
    modes = dict.fromkeys(mode for _, mode in material.treated)
    if control is not None and modes:
        handles = [Line2D([], [], color=CONTROL, label="control")]
        handles += [Line2D([], [], color=INK, ls=MODE_LINES[mode], label=mode) for mode in modes]
        figure.legend(handles=handles, loc="outside upper right", ncols=len(handles))
    shown = [arm for arms in groups.values() for arm in arms]
    for label in dict.fromkeys(arm.label for arm in [*([control] if control else []), *shown]):
        table = spread_of(material.population[label])
        table.insert(0, "cell", label)
        frames.append(table)
    beside = f", control {len(control.runs)}" if control else ""
    strongest = "at the highest prevalence" if material.treated else ""
    caption = (
        f"Residents by day {strongest}; grey: the control. {WORDS} Runs a cell: "
        f"{_counts(shown)}{beside}."
    )
    more = len(material.arms) - len(shown) - (control is not None)
    if not material.treated and more > 0:
        caption += f" {more} more cells stand in the study’s tables."
    frame = pd.concat(frames, ignore_index=True)
    return Picture("fans", "Population", caption, figure, Table("population", "Population", frame))


def capacities(material: Material) -> Picture:
    """Four capacities, at the highest prevalence of every treatment, with intervals."""
    control = material.control
    arms = [arms[-1] for arms in material.treated.values()] or [
        arm for arm in material.arms if arm is not control
    ][:_MOST]
    rows = [*([control] if control else []), *arms]
    figure, axes = panels(4, columns=4, height=0.9 + 0.2 * len(rows), share=False)
    records = []
    places = np.arange(len(rows))[::-1]
    for number, (axis, shown) in enumerate(zip(axes, map(measure, CAPACITIES), strict=True)):
        for y, arm in zip(places, rows, strict=True):
            found = estimate(arm, shown, rows)
            style = look_of(arm)
            runs = list(arm.values(shown.name).values())
            axis.plot(runs, [y] * len(runs), "o", color=style.colour, alpha=0.3, ms=2.5, mew=0)
            axis.hlines(y, found.low, found.high, color=INK, lw=1.2)
            axis.plot(found.estimate, y, style.marker, color=style.colour, mfc=style.face, ms=5)
            records.append(
                {
                    "capacity": shown.name,
                    "cell": arm.label,
                    "runs": len(arm.runs),
                    "mean": found.estimate,
                    "low": found.low,
                    "high": found.high,
                    "flags": "; ".join(found.flags),
                }
            )
        axis.set_title(shown.title, fontsize=8.5)
        axis.set_xlabel(shown.unit)
        axis.set_yticks(places, [arm.label for arm in rows] if number == 0 else [""] * len(rows))
        axis.tick_params(axis="y", length=0, labelsize=7.5)
        axis.set_ylim(-0.7, len(rows) - 0.3)
    beside = f", control {len(control.runs)}" if control else ""
    caption = (
        "Small: runs; large: their mean with a 95 % interval (none where it cannot be had). A "
        "run’s value is its mean over the days its community lived, so runs that died early speak "
        f"for few days. Runs a cell: {_counts(arms)}{beside}."
    )
    table = Table("capacities", "The four capacities", pd.DataFrame(records))
    return Picture("capacities", "The four capacities", caption, figure, table)


def ensemble(material: Material) -> Picture | str:
    """Autocorrelation across the runs of a cell, where there are enough; else the reason."""
    enough = [arm for arm in material.arms if len(arm.runs) >= MIN_RUNS]
    most = max(len(arm.runs) for arm in material.arms)
    if not enough:
        return (
            f"Early warning across runs needs {MIN_RUNS} runs of a cell; the largest has {most}. "
            "In single runs of this length it has no power and is not computed."
        )
    output = material.study.daily("output")
    figure = canvas(9.6, 3.0)
    axis = figure.subplots()
    records, ends = [], []
    for arm in enough:
        alive = material.population[arm.label][:, :-1] > 0
        values = output[arm.label][:, 1:]
        found = ensemble_ac1(values, alive & np.isfinite(values))
        days = np.arange(1, len(found.ac1) + 1)
        style = look_of(arm)
        axis.fill_between(days, found.low, found.high, color=style.colour, alpha=0.16, linewidth=0)
        axis.plot(days, found.ac1, style.line, color=style.colour)
        known = found.ac1[np.isfinite(found.ac1)]
        ends.append((float(known[-1]) if known.size else np.nan, arm.label, style.colour))
        records += [
            {"cell": arm.label, "day": day, "ac1": a, "low": b, "high": c, "runs": n}
            for day, a, b, c, n in zip(
                days, found.ac1, found.low, found.high, found.runs, strict=True
            )
        ]
    label_ends(axis, ends)
    axis.axhline(0, color=CONTROL, lw=0.8)
    axis.set_xlabel("day t")
    axis.set_ylabel("correlation of output, t with t + 1")
    caption = (
        f"Across runs alive on both days, in the cells with {MIN_RUNS} runs or more "
        f"({_counts(enough)}); band: 95 % by Fisher’s z. The other cells have too few runs."
    )
    table = Table("ensemble", "Ensemble autocorrelation", pd.DataFrame(records))
    return Picture("ensemble", "Early warning across runs", caption, figure, table)


def _counts(arms: list[Arm]) -> str:
    counts = sorted({len(arm.runs) for arm in arms})
    return " to ".join(map(str, dict.fromkeys((counts[0], counts[-1])))) if counts else "0"
