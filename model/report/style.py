"""One visual language for reports and screens: which colour and line mean what, everywhere.

*Values* have ten colours that follow the circle, so that neighbours are near in hue; lightness
alternates, so that any two stay apart for the three kinds of colour blindness (least distance .09
in OKLab after the simulation of Machado, Oliveira & Fernandes 2009, IEEE TVCG 15:1291).
*Conditions* take the colour of the treated value and the line of the mode; the untreated control
is grey. *Modes* have colours of their own where all values are pooled. Nothing in a picture is told
by colour alone.

A picture's text is never read as mathematics: what stands in a log is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from agents.values import VALUES
from model.report.text import wrapped

#: Text and axes. Pages put the reader's own text colour in its place.
INK: Final = "#1f2328"
QUIET: Final = "#737c86"
GRID: Final = "#8c959f"

VALUE_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SD": "#32ad8b",
        "ST": "#9fcc98",
        "HE": "#eab314",
        "AC": "#ce842e",
        "PO": "#ba4c3e",
        "SE": "#890064",
        "CO": "#7c43a6",
        "TR": "#9c93e7",
        "BE": "#4980a6",
        "UN": "#00d4f2",
    }
)
CONTROL: Final = "#747d87"
MODE_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "original": CONTROL,
        "with": "#0072b2",
        "without": "#d55e00",
        "middle": "#66c2a5",
        "against": "#5b1a6b",
    }
)
MODE_LINES: Final[Mapping[str, str]] = MappingProxyType(
    {"original": "-", "with": "-", "without": "--", "middle": "-.", "against": ":"}
)
MODE_MARKERS: Final[Mapping[str, str]] = MappingProxyType(
    {"original": "s", "with": "o", "without": "o", "middle": "D", "against": "v"}
)
#: Main and further acts, and being silent or at fault.
ACT_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "work": "#4980a6",
        "travel": "#9bc1d9",
        "explore": "#9fcc98",
        "promote": "#eab314",
        "idle": "#d0d7de",
        "fault": "#1f2328",
        "gift": "#32ad8b",
        "merge": "#9c93e7",
        "attack": "#ba4c3e",
    }
)
#: Colours for further differences between conditions, when treatments look alike.
_SPARE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
#: Any: matplotlib types its settings by the literal names of all of them.
_RC: Final[Mapping[Any, Any]] = MappingProxyType(
    {
        "text.parse_math": False,
        "font.family": "DejaVu Sans",
        "font.size": 9.0,
        "axes.titlesize": 10.0,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": 9.0,
        "axes.labelcolor": INK,
        "axes.edgecolor": GRID,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.alpha": 0.25,
        "grid.linewidth": 0.6,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "text.color": INK,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "svg.fonttype": "path",
        "svg.hashsalt": "civa",
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
    }
)


@dataclass(frozen=True)
class Look:
    """How a condition is drawn wherever it appears.

    Attributes:
        colour: of lines and markers.
        line: matplotlib's line style.
        marker: matplotlib's marker.
        filled: whether markers are filled; hollow where the value was taken away.
    """

    colour: str
    line: str = "-"
    marker: str = "o"
    filled: bool = True

    @property
    def face(self) -> str:
        """Colour inside a marker."""
        return self.colour if self.filled else "none"


def look(value: str, mode: str, prevalence: float = 1.0) -> Look:
    """The look of a condition: the value's colour, paler where fewer residents carry it.

    Args:
        value: code of the treated value; empty for the control.
        mode: how it is treated.
        prevalence: share of residents treated.
    """
    if not value or prevalence == 0:
        return Look(CONTROL, MODE_LINES["original"], MODE_MARKERS["original"])
    colour = mixed(VALUE_COLOURS[value], "#ffffff", 0.45 * (1 - prevalence))
    return Look(colour, MODE_LINES[mode], MODE_MARKERS[mode], mode not in {"without", "against"})


def looks(treatments: Sequence[tuple[str, str, float]]) -> list[Look]:
    """Looks of several conditions (value, mode, prevalence), no two alike while colours last."""
    found: list[Look] = []
    spare = iter(_SPARE)
    for treatment in treatments:
        one = look(*treatment)
        if one in found:
            one = replace(one, colour=next(spare, one.colour))
        found.append(one)
    return found


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another mixed in."""
    a, b = np.array(to_rgb(colour)), np.array(to_rgb(other))
    red, green, blue = ((1 - share) * a + share * b).tolist()
    return to_hex((red, green, blue))


@contextmanager
def house() -> Iterator[None]:
    """Draw in the house's style; every figure is made and saved inside it."""
    with mpl.rc_context(dict(_RC)):
        yield


def canvas(width: float = 9.6, height: float = 4.0) -> Figure:
    """An empty figure, inches; 9.6 wide fills a page at 1280 pixels."""
    return Figure(figsize=(width, height), layout="constrained")


def panels(
    count: int, *, columns: int = 4, width: float = 9.6, height: float = 2.6, share: bool = True
) -> tuple[Figure, list[Axes]]:
    """A figure of equal panels, row by row, with common axes unless told otherwise."""
    across = min(count, columns)
    down = -(-count // across)
    figure = canvas(width, 0.3 + height * down)
    grid = figure.subplots(down, across, squeeze=False, sharex=share, sharey=share)
    axes = [axis for row in grid for axis in row]
    for empty in axes[count:]:
        empty.set_axis_off()
    return figure, axes[:count]


def label_ends(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Name lines at their right end instead of in a legend, moved apart so that none overlap.

    Args:
        axes: with its limits set; the labels stand to its right.
        ends: (height, text, colour) of each line; lines that end nowhere (NaN) are left out.
    """
    known = sorted((end for end in ends if np.isfinite(end[0])), key=lambda end: end[0])
    if not known:
        return
    low, high = axes.get_ylim()
    figure = axes.get_figure(root=True)
    inches = figure.get_size_inches()[1] if figure is not None else 1.0
    gap = (high - low) * 0.15 / max(float(inches) * axes.get_position().height, 0.5)
    at = np.array([end[0] for end in known], dtype=float)
    for _ in range(200):
        near = np.flatnonzero(np.diff(at) < gap * 0.999)
        if not near.size:
            break
        for i in near:
            middle = (at[i] + at[i + 1]) / 2
            at[i], at[i + 1] = middle - gap / 2, middle + gap / 2
    at += max(0.0, low - at[0])
    at -= max(0.0, at[-1] - high)
    for y, (_, text, colour) in zip(at, known, strict=True):
        axes.annotate(
            wrapped(text),
            xy=(1, float(y)),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=8.5,
            fontweight="bold",
            annotation_clip=False,
        )


assert tuple(VALUE_COLOURS) == VALUES
