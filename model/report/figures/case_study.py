"""The case study as a strip: two residents, a column a day, what each planned, said and did."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.patches import Rectangle

from model.report.chapters.case import Case, case_table
from model.report.pictures import Picture
from model.report.style import ACT_COLOURS, INK, QUIET, canvas, mixed
from model.report.text import drawable, shortened

_ROWS = ("planned", "said", "did", "found")
_COLOUR = {"secure": "work"}
_HEIGHTS = {"planned": 1.0, "said": 1.25, "did": 1.0, "found": 1.05}
_LABELS = 3
#: Labels that do nobody harm.
_KIND = ("cooperation", "alliance", "altruism")


def case_study(case: Case) -> Picture:
    """Two residents side by side in time."""
    table = case_table(case)
    caption = (
        f"{case.condition.label}, seed {case.run.meta.seed}, days {case.days['day'].min()} to "
        f"{case.days['day'].max()}. Upper line of a cell: main act; lower: further "
        "act. A frame marks what is aimed at the other of the two. n = 1 run, two residents chosen "
        "by rule (below): no interval, and no claim beyond these days."
    )
    return Picture("case_study", "A case study", caption, draw(case), table)


def draw(case: Case) -> Figure:
    """Two blocks of rows, one a resident."""
    figure = canvas(9.6, 4.5)
    blocks = figure.subplots(2, 1, sharex=True)
    for axes, who in zip(blocks, (case.pair.first, case.pair.second), strict=True):
        _block(axes, case, who)
    blocks[1].set_xlabel("day")
    return figure


def _block(axes: Axes, case: Case, who: int) -> None:
    top = 0.0
    places = {}
    for row in _ROWS:
        places[row] = top
        top += _HEIGHTS[row]
    told = case.of(who)
    for column, one in enumerate(told):
        _act(axes, column, places["planned"], one["plan_main"], one["plan_further"],
             one["plan_aimed"])  # fmt: skip
        _said(axes, column, places["said"], one)
        _act(axes, column, places["did"], one["main"], one["further"], one["aimed"])
        if one["labels"]:
            shown = one["labels"][:_LABELS]
            for place, name in enumerate(shown):
                axes.text(
                    column + 0.5, places["found"] + 0.5 + 0.34 * (place - (len(shown) - 1) / 2),
                    name.replace("_", "-"), ha="center", va="center", fontsize=6.1,
                    color=ACT_COLOURS["gift" if name in _KIND else "attack"],
                )  # fmt: skip
    axes.set_xlim(0, len(told))
    axes.set_ylim(top, 0)
    axes.set_yticks([places[row] + _HEIGHTS[row] / 2 for row in _ROWS], list(_ROWS))
    axes.set_xticks(np.arange(len(told)) + 0.5, [str(one["day"]) for one in told])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title(f"R{who}")


def _act(axes: Axes, column: int, top: float, main: str, further: str, aimed: bool) -> None:
    colour = ACT_COLOURS[_COLOUR.get(main, main) or "fault"]
    axes.add_patch(
        Rectangle(
            (column + 0.04, top + 0.06), 0.92, 0.42, color=mixed(colour, "#ffffff", 0.45), lw=0
        )
    )
    axes.text(column + 0.5, top + 0.27, main or "fault", ha="center", va="center", fontsize=7,
              color="#1a1a1a")  # fmt: skip
    if further and further != "none":
        axes.add_patch(
            Rectangle(
                (column + 0.04, top + 0.5),
                0.92,
                0.42,
                lw=1.4 if aimed else 0,
                facecolor=mixed(ACT_COLOURS[further], "#ffffff", 0.25),
                edgecolor=INK if aimed else "none",
            )
        )
        axes.text(column + 0.5, top + 0.71, further, ha="center", va="center", fontsize=7,
                  color="#1a1a1a")  # fmt: skip


def _said(axes: Axes, column: int, top: float, told: dict[str, Any]) -> None:
    for place, (kind, to) in enumerate(told["to"][:3]):
        text = f"{kind} R{to}" if to else f"{kind} all"
        axes.text(
            column + 0.5, top + 0.25 + 0.38 * place,
            drawable(shortened(text, 13), _glyphs()), ha="center", va="center", fontsize=6.6,
            color=QUIET if not to else INK,
        )  # fmt: skip


@cache
def _glyphs() -> frozenset[int]:
    """Characters that the pictures' font can draw."""
    return frozenset(FT2Font(font_manager.findfont("DejaVu Sans")).get_charmap())
