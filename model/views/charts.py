"""Numbers over time as pictures, from the table that the DataCollector collects.

Every figure has the same axes box, so that a page can lay the day it looks at over the picture
instead of drawing it again.
"""

from __future__ import annotations

import io
import math
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from model.measures.early_warning import MIN_LENGTH, early_warning, power_line
from model.measures.inequality import top_share_at_equality
from model.measures.population import collapse_threshold, collapsed_by_day
from model.report.style import ACT_COLOURS, CONTROL, INK, QUIET, VALUE_COLOURS, house, label_ends
from model.report.text import shortened, visible

Frame = pd.DataFrame
#: Left, bottom, right and top of the axes, as shares of the figure.
BOX: Final = (0.12, 0.17, 0.80, 0.87)
SIZE: Final = (5.6, 2.5)
_DPI: Final = 150
_INKS: Final[Mapping[bool, tuple[str, str]]] = {False: (INK, QUIET), True: ("#e6edf3", "#9da7b1")}
_BLUE, _RED, _GREEN, _OCHRE = (VALUE_COLOURS[code] for code in ("BE", "PO", "SD", "AC"))
#: matplotlib's settings are the process's own: one figure is drawn at a time.
_DRAWING: Final = threading.Lock()


@dataclass(frozen=True)
class Note:
    """Something that happened and is marked on the axis: its day, and a word."""

    day: int
    what: str


@dataclass(frozen=True)
class Chart:
    """One picture: what it is called, what it shows in words, and how it is drawn."""

    name: str
    title: str
    about: str
    draw: Callable[[Axes, Frame], None]


def picture(chart: Chart, days: Frame, notes: Sequence[Note], *, dark: bool) -> str:
    """A chart as a `data:` address of a PNG."""

    def draw(axes: Axes) -> None:
        chart.draw(axes, days)
        _mark(axes, notes, _INKS[dark][1])

    return drawn(draw, _last(days), dark=dark)


def between(chart: Chart, runs: Sequence[tuple[str, Frame]], *, dark: bool) -> str:
    """Residents of several runs in one picture, by name."""
    looks = (("-", _BLUE), ("--", _OCHRE), (":", _GREEN))

    def draw(axes: Axes) -> None:
        most = max((float(days["population"].max()) for _, days in runs), default=1.0)
        axes.set_ylim(0, max(1.0, 1.08 * most))
        ends = []
        for (name, days), (line, colour) in zip(runs, looks, strict=False):
            axes.plot(days["day"], days["population"], color=colour, linestyle=line)
            label = shortened(visible(name), 16)
            ends.append((float(days["population"].iloc[-1]), label, colour))
        label_ends(axes, ends)
        axes.set_ylabel(chart.title.lower())

    return drawn(draw, max(_last(days) for _, days in runs), dark=dark)


def drawn(draw: Callable[[Axes], None], last: int, *, dark: bool, x: str = "day") -> str:
    """A picture of the house's box, as a `data:` address of a PNG; x runs from 0 to `last`."""
    ink, quiet = _INKS[dark]
    ours: dict[Any, Any] = {
        "text.color": ink,
        "axes.labelcolor": ink,
        "xtick.color": ink,
        "ytick.color": ink,
        "axes.edgecolor": quiet,
        "font.size": 9.5,
    }
    with _DRAWING, house(), mpl.rc_context(ours):
        figure = Figure(figsize=SIZE)
        left, bottom, right, top = BOX
        axes = figure.add_axes((left, bottom, right - left, top - bottom))
        axes.set_xlim(0, last)
        if x == "day":
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        draw(axes)
        axes.set_xlabel(x, labelpad=1)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=_DPI)
    return "data:image/png;base64," + b64encode(buffer.getvalue()).decode("ascii")


def _last(days: Frame) -> int:
    return max(int(days["day"].max()), 1) if len(days) else 1


def across(day: int, last: int) -> float:
    """Where a day stands in every picture, as a share of its width."""
    left, _, right, _ = BOX
    return left + (right - left) * min(day / max(last, 1), 1.0)


def notes_of(days: Frame, founders: int) -> list[Note]:
    """Events of note: first betrayal, first child, collapse, and the end of the community."""
    found = []
    for column, what in (("betrayal", "first betrayal"), ("births", "first child")):
        hit = days.loc[days[column] > 0, "day"]
        if len(hit):
            found.append(Note(int(hit.iloc[0]), what))
    population = days["population"].to_numpy()
    if len(population) and founders > 0:
        fallen = np.flatnonzero(collapsed_by_day(population))
        if len(fallen):
            found.append(Note(int(days["day"].iloc[int(fallen[0])]), "collapse"))
    return sorted(found, key=lambda note: note.day)


def _mark(axes: Axes, notes: Sequence[Note], colour: str) -> None:
    for k, note in enumerate(notes):
        axes.axvline(note.day, color=colour, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        axes.annotate(
            note.what,
            xy=(note.day, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, 3 + 9 * (k % 2)),
            textcoords="offset points",
            fontsize=7.5,
            color=colour,
            annotation_clip=False,
        )


def _lines(axes: Axes, days: Frame, lines: Sequence[tuple[str, str, str, Any]]) -> None:
    """Lines with their names at their ends: (label, colour, line style, values)."""
    ends = []
    for label, colour, style, values in lines:
        y = np.asarray(values, dtype=float)
        one = np.isfinite(y).sum() == 1
        axes.plot(days["day"], y, color=colour, linestyle=style, marker="o" if one else "")
        known = y[np.isfinite(y)]
        ends.append((float(known[-1]) if len(known) else math.nan, label, colour))
    low, high = axes.get_ylim()
    axes.set_ylim(low, high if high > low else low + 1)
    label_ends(axes, ends)


def _population(axes: Axes, days: Frame) -> None:
    founders = float(days["population"].iloc[0]) if len(days) else 0.0
    axes.set_ylim(0, max(1.0, 1.08 * float(days["population"].max())))
    if founders:
        threshold = collapse_threshold(founders)
        axes.axhline(threshold, color=_RED, linewidth=1, linestyle=":")
        axes.annotate(
            "collapse", xy=(0.01, threshold), xycoords=("axes fraction", "data"),
            xytext=(0, 2), textcoords="offset points", fontsize=7.5, color=_RED,
        )  # fmt: skip
    _lines(
        axes,
        days,
        [
            ("residents", _BLUE, "-", days["population"]),
            ("founders", CONTROL, "--", days["founders"]),
        ],
    )
    axes.set_ylabel("residents")


def _conduct(axes: Axes, days: Frame) -> None:
    each = days["faultless"].where(days["faultless"] > 0)
    axes.set_ylim(bottom=0)
    _lines(
        axes,
        days,
        [
            ("cooperation", _GREEN, "-", days["cooperation"] / each),
            ("betrayal", _RED, "-", days["betrayal"] / each),
            ("attacks", _OCHRE, "--", days["attacks"] / each),
        ],
    )
    axes.set_ylim(bottom=0)
    axes.set_ylabel("per resident-day")


def _capacities(axes: Axes, days: Frame) -> None:
    axes.axhline(0, color=CONTROL, linewidth=0.6)
    _lines(
        axes,
        days,
        [
            ("social capital", _GREEN, "-", days["social_capital"]),
            ("development", _BLUE, "-", days["development"]),
            ("communication", _OCHRE, "-", days["communication"]),
        ],
    )
    axes.set_ylabel("index")


def _competence(axes: Axes, days: Frame) -> None:
    axes.axhline(10, color=CONTROL, linewidth=1, linestyle=":")
    axes.annotate(
        "a day's food", xy=(0.01, 10), xycoords=("axes fraction", "data"),
        xytext=(0, 2), textcoords="offset points", fontsize=7.5, color=CONTROL,
    )  # fmt: skip
    _lines(axes, days, [("competence", _BLUE, "-", days["competence"])])
    axes.set_ylim(bottom=0)
    axes.set_ylabel("units per head")


def _inequality(axes: Axes, days: Frame) -> None:
    equal = [top_share_at_equality(int(n)) if n > 0 else math.nan for n in days["population"]]
    axes.set_ylim(0, 1)
    _lines(
        axes,
        days,
        [
            ("Gini", _BLUE, "-", days["gini"]),
            ("richest tenth", _RED, "-", days["top_share"]),
            ("… if equal", CONTROL, ":", equal),
        ],
    )
    axes.set_ylim(0, 1)
    axes.set_ylabel("share of stock")


def _acts(axes: Axes, days: Frame) -> None:
    asked = days["asked"].where(days["asked"] > 0)
    names = ("work", "travel", "explore", "promote", "idle")
    shares = [(days[name] / asked).to_numpy(dtype=float)[1:] for name in names]
    axes.stackplot(
        days["day"].to_numpy()[1:],
        np.nan_to_num(np.array(shares)),
        colors=[ACT_COLOURS[n] for n in names],
        lw=0,
    )
    axes.set_ylim(0, 1)
    ends = np.cumsum([s[-1] if len(s) else math.nan for s in shares])
    middles = ends - np.array([s[-1] / 2 if len(s) else 0 for s in shares])
    label_ends(
        axes,
        [(float(y), name, ACT_COLOURS[name]) for y, name in zip(middles, names, strict=True)],
    )
    axes.set_ylabel("share of residents")


def _further(axes: Axes, days: Frame) -> None:
    each = days["faultless"].where(days["faultless"] > 0)
    _lines(
        axes,
        days,
        [
            ("gifts", ACT_COLOURS["gift"], "-", days["gifts"] / each),
            ("attacks", ACT_COLOURS["attack"], "-", days["attacks"] / each),
            ("merges", ACT_COLOURS["merge"], "-", days["merges"] / each),
            ("messages", CONTROL, ":", days["messages"] / each),
        ],
    )
    axes.set_ylim(bottom=0)
    axes.set_ylabel("per resident-day")


def _faults(axes: Axes, days: Frame) -> None:
    asked = days["verdicts"].where(days["verdicts"] > 0)
    _lines(axes, days, [("faults", INK, "-", days["faults"] / asked)])
    axes.set_ylim(0, max(0.05, axes.get_ylim()[1]))
    axes.set_ylabel("share of replies")


def _warning(axes: Axes, days: Frame) -> None:
    output = days["output"].to_numpy(dtype=float)[1:]
    found = early_warning(output, surrogates=199) if len(output) >= MIN_LENGTH else None
    if found is None or found.reason is not None:
        why = (
            f"{len(output)} of {MIN_LENGTH} days: too few to compute anything."
            if found is None
            else str(found.reason)
        )
        text = f"{why}\n\n{power_line(len(output))}"
        axes.text(0.02, 0.9, text, transform=axes.transAxes, va="top", fontsize=8.5, wrap=True)
        axes.set_yticks([])
        return
    at = np.arange(len(found.ac1)) + found.window
    axes.plot(at, found.ac1, color=_BLUE)
    axes.set_ylabel("lag-1 autocorrelation")
    axes.set_title(
        f"trend τ = {found.tau_ac1:.2f}, p = {found.p_ac1:.2f} ({found.power})",
        fontsize=7.5,
        fontweight="normal",
        pad=14,
    )


CHARTS: Final = (
    Chart("population", "Residents", "Residents at the end of each day.", _population),
    Chart(
        "conduct",
        "Cooperation and betrayal",
        "Actor-days and attacks per resident-day without a fault.",
        _conduct,
    ),
    Chart("acts", "What the day is spent on", "Main acts, shares of those asked.", _acts),
    Chart("further", "What passes between them", "Per resident-day without a fault.", _further),
    Chart(
        "capacities",
        "Capacities: social capital, development, communication",
        "Social capital lies between −1 and 1, the others between 0 and 1.",
        _capacities,
    ),
    Chart("competence", "Capacities: competence", "Output per head of the morning.", _competence),
    Chart("inequality", "Inequality", "Of stock per head.", _inequality),
    Chart(
        "warning",
        "Early warning",
        "Lag-1 autocorrelation of output in a window of half the days.",
        _warning,
    ),
    Chart("faults", "Reply faults", "Share of the replies that could not be used.", _faults),
)
