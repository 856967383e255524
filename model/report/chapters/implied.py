"""What the surrogate's table alone implies, beside what emerged; and the test of the pattern.

A single value's effect follows from the table by which the surrogate acts, so it is no finding.
What may be one is what a community makes of it: the table's day-1 choices are set beside the
outcome of whole runs, and the pattern over ten values is tested against shuffled labels.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from agents.minds.utilities import table as utilities
from agents.values import NAMES
from model.analysis.arms import Arm
from model.report.chapters.findings import pattern
from model.report.pictures import Picture
from model.report.section import Section
from model.report.study_material import Material, look_of
from model.report.style import CONTROL, canvas
from model.report.tables import Table
from model.run.first_day import first_day
from model.world.scenario_files import scenario_from

_SEEDS: Final = 2
_REPEATS: Final = 60


def implied(material: Material) -> Section | None:
    """The section; nothing where another mind decided, or no value was treated."""
    if material.minds != ("surrogate",) or not material.treated or material.control is None:
        return None
    frame = _numbers(material)
    words = [
        (
            "The surrogate acts by a table that was written by hand "
            f"(hash {utilities().hash}). That treated residents act as it says is no finding."
        ),
        _pattern_words(material),
        (
            "Whether signs survive when every entry of the table is moved by −1, 0 or 1 is "
            "measured by civa evidence pattern."
        ),
    ]
    caption = (
        f"Across: change of the probability of attack in a resident’s first plan ({_SEEDS} "
        f"communities, {_REPEATS} draws a resident). Up: change of attacks per resident-day over "
        "whole runs, at the highest prevalence; mean over runs, no interval. If a community only "
        "repeated its table, points would lie on a line. Of points that stand "
        "close together one is named; the file names all."
    )
    table = Table("implied", "The table and what emerged", frame)
    name = "What the table implies, and what emerged"
    picture = Picture("implied", name, caption, _draw(material, frame), table)
    return Section("Table and emergence", tuple(words), (picture,))


def _numbers(material: Material) -> pd.DataFrame:
    control = material.control
    if control is None:
        raise ValueError("without a control nothing can be compared")
    scenarios = {cell.label: cell.scenario for cell in material.study.manifest.cells}

    def choices(arm: Arm) -> dict[str, float]:
        return first_day(scenario_from(scenarios[arm.label], recorded=True), _SEEDS, _REPEATS)

    plain, base = choices(control), _rate(control)
    records = []
    for (value, mode), arms in material.treated.items():
        first = choices(arms[-1])
        records.append(
            {
                "value": value,
                "mode": mode,
                "cell": arms[-1].label,
                "day1_attack": first["attack"] - plain["attack"],
                "day1_gift": first["gift"] - plain["gift"],
                "attacks": _rate(arms[-1]) - base,
                "runs": len(arms[-1].runs),
            }
        )
    return pd.DataFrame(records)


def _rate(arm: Arm) -> float:
    return float(np.nanmean(list(arm.values("attacks").values())))


def _draw(material: Material, frame: pd.DataFrame) -> Figure:
    figure = canvas(9.6, 3.6)
    axis = figure.subplots()
    size = np.array([np.ptp(frame["day1_attack"]), 1000 * np.ptp(frame["attacks"])])
    named: list[tuple[float, float]] = []
    for (value, mode), arms in material.treated.items():
        row = frame[(frame["value"] == value) & (frame["mode"] == mode)].iloc[0]
        style = look_of(arms[-1])
        x, y = float(row["day1_attack"]), 1000 * float(row["attacks"])
        axis.plot(x, y, style.marker, color=style.colour, mfc=style.face, ms=6)
        if all(abs(x - a) > 0.06 * size[0] or abs(y - b) > 0.07 * size[1] for a, b in named):
            named.append((x, y))
            axis.annotate(
                f"{mode} {NAMES.get(value, value)}", (x, y), xytext=(6, 3),
                textcoords="offset points", fontsize=7.5, color=style.colour,
            )  # fmt: skip
    axis.axhline(0, color=CONTROL, lw=0.8)
    axis.axvline(0, color=CONTROL, lw=0.8)
    axis.set_xlabel("change of the probability of attack in the first plan")
    axis.set_ylabel("change of attacks\nper 1,000 resident-days")
    axis.margins(x=0.12, y=0.12)
    return figure


def _pattern_words(material: Material) -> str:
    found = pattern(material)
    if found is None or not found.used:
        return (
            "The pattern test against shuffled labellings needs all ten values, with and without: "
            "this study does not have them."
        )
    return (
        f"Pattern over the ten values: agreement with the {len(found.used)} published directions "
        f"that can be read here is {found.score:.2f} (−1 to 1); of 999 shuffled labellings "
        f"{found.p:.1%} agree as well or better (of all assignments of the named labels "
        f"{found.p_exact:.1%})."
    )
